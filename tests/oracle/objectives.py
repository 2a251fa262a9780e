"""An objective's table: which periods and members are judged, and by which target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cmp_to_key
from typing import Any

from kpidsl.syntax import tree as t

from .allocated import Allocate
from .contexts import Context
from .definitions import Definitions, Measure, literal_text, read_formula
from .evaluate import calendar_of, tuples_follow
from .groups import Groups
from .guardrails import Guard, condition, of_objective, outcome
from .interpreter import Interpreter
from .judge import Bands, Kind, Number, Promise, Standing, Verdict, judge, status
from .maintained import parts_between, table_of
from .moments import Moment, day_of
from .parities import Parities
from .periods import window_of
from .queries import Asked, Query
from .reaches import Reaches
from .rivals import Rivals
from .rows import Rows
from .samples import sample_of
from .shared_targets import SharedTargets, with_sums
from .signals import Charts, first_row
from .table import OracleRefuses, Table, Value
from .unit_scopes import UnitScopes
from .values import arithmetic, number, time_of
from .windows import Reach, Window, shifted

SIGNS = {
    "at_least": 1,
    "more_than": 1,
    "at_most": -1,
    "less_than": -1,
    "within": 0,
    "on_target": 0,
    "parity": 0,
    "no_signal": 0,
}
COLUMNS = (
    "value",
    "sample",
    "reference_sample",
    "rivals",
    "benchmark_age",
    "target",
    "center",
    "lower",
    "upper",
    "points",
    "signal",
    "baseline",
    "met",
    "gap",
    "gap_relative",
    "attainment",
    "guardrail",
    "status",
    "reason",
    "data_through",
)


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target for some members and maybe some days; `named` are those of `by` that the row tells."""

    named: Mapping[str, Value]
    days: Window | None
    target: t.Expr | None
    ends: tuple[t.Expr, t.Expr] | None
    weight: int | None = None
    """The row of weights that it is the part of."""

    @property
    def rank(self) -> tuple[int, bool]:
        return len(self.named), self.days is not None


def evaluate_objective(
    project: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]], asked: Mapping[str, Any]
) -> Table:
    """Return the table of an objective, as `evaluate` does that of a query.

    `asked` has `objective`, `as_of` and perhaps `period`.
    """
    definitions = Definitions.read(project)
    calendar = calendar_of(definitions, rows)
    if "each" in project["objectives"][asked["objective"]]:
        return _part_by_part(project, rows, asked, definitions, calendar)
    found = objective_of(asked["objective"], project, rows, asked, definitions, calendar)
    if "reconcile" not in found.body:
        return found.table()
    whole = evaluate_objective(project, rows, {**asked, "objective": found.body["reconcile"]["with"]})
    return with_sums(found.table(), whole, found.body)


def _part_by_part(
    project: Mapping[str, Any],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    asked: Mapping[str, Any],
    definitions: Definitions,
    calendar: Any,
) -> Table:
    """Return the table of an objective with `each`, whose parts are judged as periods of another one."""
    name = asked["objective"]
    body = project["objectives"][name]
    effective = body.get("effective") or {}
    if "from" not in effective or "until" not in effective:
        raise OracleRefuses("parts without a beginning or an end")
    first, until = _day(effective["from"]), _day(effective["until"])

    def bucket(day: date) -> date:
        found = calendar.bucket(Moment.midnight(day, definitions.zone), body["each"])
        assert isinstance(found, date)
        return found

    parts = parts_between(first, until, bucket)
    if not parts:
        raise OracleRefuses("no parts")
    days = {"from": parts[0][0], "until": parts[-1][1]}
    of_part = {
        key: value for key, value in body.items() if key not in ("each", "times", "missing", "error_budget")
    }
    inner = {**of_part, "period": body["each"], "effective": days}
    changed = {**project, "objectives": {**project["objectives"], name: inner}}
    without_period = {key: value for key, value in asked.items() if key != "period"}
    objective = objective_of(name, changed, rows, without_period, definitions, calendar)
    table = table_of(objective, body, first, until)
    grain = body.get("period")
    if asked.get("period") is None or grain is None:
        return table
    window = window_of(str(asked["period"]), calendar, objective.query.as_of)
    touched = {start for (start,) in calendar.buckets(window, [grain])}
    return Table(table.columns, [row for row in table.rows if row[0] in touched])


def objective_of(
    name: str,
    project: Mapping[str, Any],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    asked: Mapping[str, Any],
    definitions: Definitions,
    calendar: Any,
) -> Objective:
    """Return an objective of a project with the guards of it."""
    body = project["objectives"][name]
    grain = body.get("period")
    by = body.get("by") or []
    by = [by] if isinstance(by, str) else by
    query = Query.read(
        {
            "kpis": [body["kpi"]],
            "by": [*([grain] if grain else []), *by],
            "where": body.get("where"),
            "as_of": asked["as_of"],
        },
        definitions,
        calendar,
    )
    effective = body.get("effective") or {}
    start, end = (effective.get(key) for key in ("from", "until"))
    zone = definitions.zone
    window = Window(*(None if x is None else Moment.midnight(_day(x), zone) for x in (start, end)))
    if asked.get("period") is not None:
        window = window.within(window_of(str(asked["period"]), calendar, query.as_of))
    query = replace(query, windows=(("", Reach(window, window.cut(query.as_of))),))
    units = UnitScopes(definitions, query.parameter_units, shows_hours=query.shows_hours)
    data = Rows(definitions, calendar, rows, query.parameters, units, query.as_of)
    reaches = Reaches(calendar, query.as_of, query.partial, query.one_period, False, query.parameter_units)
    direction = project["kpis"][body["kpi"]].get("direction")
    found = Objective(body, direction, query, Interpreter(definitions, calendar, data, reaches))
    for text in body.get("guardrails") or []:
        if text in project["objectives"]:
            guard = objective_of(text, project, rows, asked, definitions, calendar)
            found.guards[text] = guard
        else:
            found.guards[text] = read_formula(text)
    return found


class Objective:
    """Works one objective out."""

    columns = COLUMNS

    def __init__(
        self, body: Mapping[str, Any], direction: str, query: Query, interpreter: Interpreter
    ) -> None:
        self.body = body
        self.query = query
        self.interpreter = interpreter
        self.kind: Kind = body["kind"]
        self.sign = SIGNS.get(self.kind, 1 if direction == "up" else -1)
        self.direction = direction
        self.kpi = query.kpis[0].measure
        self.is_fraction = self.kpi.unit == "percent"
        self.allocate = Allocate.read(body.get("allocate"))
        self.targets = sorted(self._shared(self._targets()), key=lambda row: row.rank, reverse=True)
        against = body.get("against")
        written = f"prior({body['kpi']}, {against})" if against else body.get("baseline")
        self.baseline = None if written is None else read_formula(str(written))
        self.groups = Groups(query, interpreter)
        self.shared = SharedTargets(self.allocate, body, self.kpi, interpreter, self._value)
        self.rivals = self._rivals(direction == "down")
        names = tuple(m.text for m in query.members if not m.is_bucket)
        self.parity = Parities(
            body, names, direction == "down", self.kpi, interpreter, self._value, self.contexts
        )
        self.guards: dict[str, Objective | t.Expr] = {}

    def _rivals(self, is_less_better: bool) -> Rivals | None:
        table = self.body.get("target_from") or {}
        if "take" not in table:
            return None
        time = self.interpreter.definitions.datasets[table["dataset"]].time
        as_of = self.query.as_of
        assert time is not None
        assert as_of is not None
        return Rivals(
            self.body, is_less_better, ".".join(time), as_of, self.groups, self.interpreter, self._value
        )

    # What is written

    def _targets(self) -> Iterator[TargetRow]:
        by = [m.text for m in self.query.members if not m.is_bucket]
        for row in self.body.get("targets") or []:
            named = {name: value for name, value in row.items() if name in by}
            days = row.get("period")
            window = None if days is None else window_of(str(days), self.interpreter.calendar, None)
            if "from" in row or "until" in row:
                ends = (row.get("from"), row.get("until"))
                zone = self.interpreter.definitions.zone
                window = Window(*(None if x is None else Moment.midnight(_day(x), zone) for x in ends))
            yield TargetRow(named, window, _formula(row.get("target")), _ends(row.get("range")))
        own = _formula(self.body.get("target"))
        if (table := self.body.get("target_from")) is not None:
            own = read_formula(f"sum({table['dataset']}.{table['value']})")
        yield TargetRow({}, None, own, _ends(self.body.get("range")))

    def _shared(self, rows: Iterator[TargetRow]) -> Iterator[TargetRow]:
        """Yield each row, or one for each row of weights."""
        weights = None if self.allocate is None else self.allocate.weights
        for row in rows:
            if weights is None or row.target is None:
                yield row
                continue
            for n, weight in enumerate(weights):
                named = {name: value for name, value in weight.items() if name != "weight"}
                yield replace(row, named={**row.named, **named}, weight=n)
        if weights is not None:
            yield TargetRow({}, None, None, None)

    def _value(self, formula: t.Expr, context: Context) -> Number | None:
        """Return a formula's value in the KPI's unit."""
        unit = None if self.is_fraction or _suffix(formula) else self.kpi.unit
        is_table = "target_from" in self.body and self.rivals is None and isinstance(formula, t.Call)
        measure = Measure(formula, empty_is_null=is_table, unit=unit)
        found = self.interpreter.measured(measure, context)
        return None if found is None else number(found)

    # Which rows

    def table(self) -> Table:
        query = self.query
        columns = (*query.by, *COLUMNS)
        lines = [self._line(context) for context in self.contexts()]
        return Table(columns, [line for line in lines if line is not None])

    def contexts(self) -> Iterator[Context]:
        """Yield every period that has begun, with every member that has rows or is named."""
        everything = list(self._everything())
        buckets = [m for m in self.query.members if m.is_bucket]
        rest = [m for m in self.query.members if not m.is_bucket]
        tuples = dict.fromkeys(tuple(v for m, v in c.members if not m.is_bucket) for c in everything)
        for row in self.targets:
            if rest and len(row.named) == len(rest):
                tuples[tuple(row.named[m.text] for m in rest)] = None
        if not rest:
            tuples = {(): None}
        ordered = sorted(tuples, key=cmp_to_key(tuples_follow))
        for starts in self._buckets(everything) if buckets else [()]:
            for values in ordered:
                members = (*zip(buckets, starts, strict=True), *zip(rest, values, strict=True))
                own = replace(self.groups.nothing(), members=members)
                if not self.groups.lies_ahead(own):
                    yield own

    def _everything(self) -> Iterator[Context]:
        """Yield every group in which something is asked, of the guards too."""
        yield from self._found(self._formulas())
        for guard in self.guards.values():
            if isinstance(guard, Objective):
                yield from guard._everything()

    def _found(self, formulas: list[t.Expr]) -> Iterator[Context]:
        asked = tuple(Asked(f"f{n}", Measure(formula)) for n, formula in enumerate(formulas))
        query = replace(self.query, kpis=(*self.query.kpis, *asked))
        yield from Groups(query, self.interpreter).found(query.members, None)

    def _formulas(self) -> list[t.Expr]:
        written = [x for row in self.targets for x in (row.target, *(row.ends or ())) if x is not None]
        if self.allocate is not None and self.allocate.across:
            written.clear()  # the targets of all together are of no member
        if self.allocate is not None and self.allocate.is_by_last_year:
            written.append(read_formula(f"prior({self.body['kpi']}, 1 year)"))
        return [*written, *([self.baseline] if self.baseline is not None else [])]

    def _buckets(self, found: list[Context]) -> list[tuple[Value, ...]]:
        grains = [m.grain or "" for m in self.query.buckets]
        whole = self.query.windows[0][1].whole
        if whole.start is not None and whole.end is not None:
            return list(self.interpreter.calendar.buckets(whole, grains))
        starts = [tuple(v for m, v in c.members if m.is_bucket) for c in found]
        known = [s for s in starts if None not in s]
        if whole.start is not None and known:
            known.append((self.interpreter.calendar.bucket(whole.start, grains[0]),))
        return self.groups.between(known, grains)  # type: ignore[arg-type]

    # Lines

    def _signals(self, context: Context) -> tuple[Value, ...]:
        """Return the line of a row of which signals are told."""
        sample = sample_of(self.kpi.formula, context.ripened(self.kpi.maturity), self.interpreter)
        found = self.interpreter.measured(self.kpi, context)
        datasets, grain = self.interpreter.definitions.datasets, self.body["period"]
        homes = {home: ".".join(time) for home in self._homes() if (time := datasets[home].time) is not None}
        charts = Charts(
            self.body,
            self.direction,
            self.kpi,
            self.interpreter,
            lambda there: first_row(there, homes, grain, self.interpreter),
        )
        value = None if found is None else number(found)
        told = charts.told(context, value, sample, self._standing(context), self._min_sample())
        beside = outcome(
            told.met, told.status, told.reason, [self._guard(name, context) for name in self.guards]
        )
        cells: dict[str, Value] = dict.fromkeys(COLUMNS)
        cells |= {
            "value": told.value,
            "sample": sample,
            "center": told.center,
            "lower": told.low,
            "upper": told.high,
            "points": told.points,
            "signal": told.signal,
            "met": beside.met,
            "gap": told.gap,
            "guardrail": beside.guardrail,
            "status": beside.status,
            "reason": beside.reason,
            "data_through": self._data_through(),
        }
        members = tuple(v.civil if isinstance(v, Moment) else v for _, v in context.members)
        return (*members, *cells.values())  # type: ignore[return-value]

    def _line(self, context: Context) -> tuple[Value, ...] | None:
        if self.kind == "no_signal":
            return self._signals(context)
        promise = self._promise(context)
        own = self.parity.own(context)
        there = own.ripened(self.kpi.maturity)
        sample = sample_of(self.kpi.formula, there, self.interpreter)
        has_rows = sample != 0 and (sample is not None or self._has_rows(context))
        has_target = promise.low is not None if self.kind == "within" else promise.target is not None
        is_left_out = not has_rows and not has_target and self.kind != "parity"
        if self.query.members and is_left_out:
            return None
        found = self.interpreter.measured(self.kpi, own)
        value = None if found is None else number(found)
        verdict = judge(value, promise)
        told = status(value, sample, promise, self._standing(context), self._bands(), self._min_sample())
        found = outcome(verdict.met, *told, [self._guard(name, context) for name in self.guards])
        cells = self._cells(context, value, sample, promise, replace(verdict, met=found.met))
        members = tuple(v.civil if isinstance(v, Moment) else v for _, v in context.members)
        ends = (found.guardrail, found.status, found.reason, self._data_through())
        return (*members, *cells, *ends)  # type: ignore[return-value]

    def _guard(self, name: str, context: Context) -> Guard:
        """Return what guards the row, in the same group."""
        guard = self.guards[name]
        if not isinstance(guard, Objective):
            return Guard(name, condition(guard, lambda x: self._plain(x, context)))
        own = replace(guard.groups.nothing(), members=context.members)
        line = guard._line(own)
        if line is None:
            return Guard(name, None)
        cells = dict(zip((*(m.text for m in guard.query.members), *COLUMNS), line, strict=True))
        return of_objective(name, cells["met"], cells["status"], cells["guardrail"])  # type: ignore[arg-type]

    def _plain(self, formula: t.Expr, context: Context) -> Number | None:
        found = self.interpreter.measured(Measure(formula), context)
        return None if found is None else number(found)

    def _cells(
        self, context: Context, value: Number | None, sample: int | None, promise: Promise, verdict: Verdict
    ) -> tuple[Value, ...]:
        counted = (None, None)
        if self.rivals is not None:
            counted = (self.rivals.count(context), self.rivals.age(context))
        return (
            value,
            sample,
            promise.reference_sample,
            *counted,
            promise.target,
            None,
            promise.low,
            promise.high,
            None,
            None,
            promise.baseline,
            verdict.met,
            verdict.gap,
            verdict.gap_relative,
            verdict.attainment,
        )

    def _has_rows(self, context: Context) -> bool:
        """Tell whether the KPI itself has rows there."""
        return context in self._own

    @property
    def _own(self) -> frozenset[Context]:
        found = getattr(self, "_own_contexts", None)
        if found is None:
            found = frozenset(Groups(self.query, self.interpreter).found(self.query.members, None))
            self._own_contexts = found
        return found

    # Targets

    def _row(self, context: Context) -> TargetRow:
        values = {m.text: v for m, v in context.members}
        begins = self.groups.stretch(context).start
        for row in self.targets:
            in_days = row.days is None or (begins is not None and row.days.holds(begins))
            if in_days and all(_is_member(values[name], v) for name, v in row.named.items()):
                return row
        raise AssertionError("the objective's own target is for everybody")

    def _promise(self, context: Context) -> Promise:
        if self.kind == "parity":
            return self.parity.promise(context)
        row = self._row(context)
        plain = Promise(self.kind, self.sign)
        base = None if self.baseline is None else self._value(self.baseline, context)
        if row.ends is not None:
            low, high = (self._value(x, context) for x in row.ends)
            return replace(plain, low=low, high=high, fade=self._fade(context))
        if row.target is None:
            return replace(plain, has_baseline=self.baseline is not None, baseline=base)
        if self.kind == "change":
            target = self._changed(row.target, base, context)
            return replace(plain, target=target, has_baseline=True, baseline=base)
        if self.rivals is not None and not row.named and row.days is None:
            target = self.rivals.target(context)
            plain = replace(plain, has_few_rivals=target is None)
        else:
            target = self.shared.target(row.target, row.weight, context)
        if self.kind == "on_target":
            return self._on_target(target, context)
        return replace(plain, target=target, has_baseline=self.baseline is not None, baseline=base)

    def _changed(self, change: t.Expr, base: Number | None, context: Context) -> Number | None:
        """Return the target that follows from a base: a part more of it, or so much more."""
        by = self._value(change, context)
        if base is None or by is None:
            return None
        is_part = _suffix(change) == "%" and (
            not self.is_fraction or self.body.get("relative") in (True, "true")
        )
        if not is_part:
            return _number(arithmetic("+", base, by))
        if self.body.get("base") == "abs":
            return _number(arithmetic("+", base, arithmetic("*", by, abs(base))))
        if base <= 0:
            return None
        return _number(arithmetic("*", base, arithmetic("+", 1, by)))

    def _on_target(self, target: Number | None, context: Context) -> Promise:
        written = read_formula(str(self.body["tolerance"]))
        tolerance = self._value(written, context)
        plain = Promise("on_target", 0, target, fade=self._fade(context))
        if target is None or tolerance is None:
            return plain
        if _suffix(written) == "%" and not self.is_fraction:
            tolerance = _number(arithmetic("*", tolerance, abs(target)))
        low, high = (_number(arithmetic(op, target, tolerance)) for op in "-+")
        return replace(plain, low=low, high=high)

    def _fade(self, context: Context) -> Number | None:
        fade = self.body.get("fade")
        return None if fade is None else self._value(read_formula(str(fade)), context)

    # Status

    def _standing(self, context: Context) -> Standing:
        stretch, as_of = self.groups.stretch(context), self.query.as_of
        assert as_of is not None
        if stretch.end is None:
            raise OracleRefuses("a period without an end")
        begins = stretch.start
        waits = self._waits()
        last = (stretch.end.later(timedelta(microseconds=-1))).day
        loaded = all(
            through is not None
            and (_instant(through, self.interpreter) >= stretch.end if is_known else day_of(through) >= last)
            for through, is_known in self._throughs()
        )
        return Standing(
            has_begun=begins is None or begins <= as_of,
            is_over=stretch.end <= as_of,
            is_loaded=loaded,
            has_settled=all(shifted(stretch.end, wait, 1) <= as_of for wait in waits),
        )

    def _homes(self) -> list[str]:
        nothing = self.groups.nothing().ripened(self.kpi.maturity)
        return sorted({leaf.home for leaf, _ in self.interpreter.leaves(self.kpi.formula, nothing)})

    def _waits(self) -> list[Any]:
        nothing = self.groups.nothing().ripened(self.kpi.maturity)
        of_kpis = [m for _, c in self.interpreter.leaves(self.kpi.formula, nothing) for m in c.maturities]
        datasets = self.interpreter.definitions.datasets
        return [*of_kpis, *(s for home in self._homes() if (s := datasets[home].settles_after) is not None)]

    def _throughs(self) -> list[tuple[Value, bool]]:
        """Return the latest time in each dataset of the KPI that has one, whatever the members.

        Where a dataset says when its rows are known, it is the latest of these times, and true stands beside it.
        """
        found: list[tuple[Value, bool]] = []
        for home in self._homes():
            dataset = self.interpreter.definitions.datasets[home]
            time = dataset.known_at or dataset.time
            if time is None or dataset.is_plan or dataset.until is not None:
                continue  # rows that hold over a stretch tell not how far they are loaded
            rows = self.interpreter.rows
            times = [rows.moment(home, i, time) for i in rows.kept(home)]
            latest = max((x for x in times if x is not None), default=None)  # type: ignore[type-var]
            found.append((latest, dataset.known_at is not None))
        return found

    def _data_through(self) -> Value:
        found = [x for x, _ in self._throughs() if x is not None]
        earliest = min(found, default=None, key=lambda x: _instant(x, self.interpreter))  # type: ignore[arg-type]
        return earliest.civil if isinstance(earliest, Moment) else earliest

    def _bands(self) -> Bands:
        given = self.body.get("status") or {}
        axis = given.get("of", "attainment")
        plain = Bands(axis)
        own = {key: self._border(given[key]) for key in ("on_track", "at_risk") if key in given}
        return replace(plain, **own)

    def _border(self, text: Any) -> Number:
        found = self._value(read_formula(str(text)), self.groups.nothing())
        assert found is not None
        return found

    def _min_sample(self) -> int | None:
        given = self.body.get("min_sample")
        return None if given is None else int(given)


def _instant(value: Value, interpreter: Interpreter) -> Moment:
    at = time_of(value)
    return at if isinstance(at, Moment) else Moment.midnight(at, interpreter.calendar.zone)


def _formula(text: Any) -> t.Expr | None:
    return None if text is None else read_formula(literal_text(text))


def _ends(given: Any) -> tuple[t.Expr, t.Expr] | None:
    if given is None:
        return None
    low, high = given
    return read_formula(literal_text(low)), read_formula(literal_text(high))


def _suffix(formula: t.Expr) -> str:
    match formula:
        case t.Number(suffix=suffix):
            return suffix
        case t.Negative(operand=x):
            return _suffix(x)
        case _:
            return ""


def _number(value: Value) -> Number:
    return number(value)


def _is_member(value: Value, given: Value) -> bool:
    """Tell whether a member is the one that a row names, whose values are texts in a case."""
    if value is None or given is None:
        return value is None and given is None
    if isinstance(value, bool):
        return str(value).lower() == str(given).lower()
    return value == given or str(value) == str(given)


def _day(text: Any) -> date:
    return text if isinstance(text, date) else date.fromisoformat(str(text))
