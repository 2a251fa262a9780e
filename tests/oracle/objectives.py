"""An objective's table: which periods and members are judged, and by which target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, cmp_to_key, partial
from typing import Any

from kpidsl.syntax import tree as t

from .allocated import Allocate, Days
from .contexts import Context, Some
from .definitions import Definitions, Measure, literal_text, read_formula
from .evaluate import calendar_of, tuples_follow
from .groups import Groups
from .guardrails import Guard, compared, condition, of_objective, outcome
from .interpreter import Interpreter
from .judge import Bands, Kind, Number, Promise, Standing, Way, judge, status
from .levels import budget_left, level
from .maintained import cut_part, parts_between, table_of
from .milestones import Due, attained, status_of
from .moments import Moment, day_of, is_midnight
from .parities import Parities
from .periods import as_of_given, window_of
from .queries import Asked, Query
from .ranks import Place, Rival, places, share_of_all
from .reaches import Reaches
from .rivals import Rivals
from .rows import Rows
from .samples import sample_of
from .shared_targets import SharedTargets, with_sums
from .signals import Charts
from .table import OracleRefuses, Table, Value
from .trajectories import Trajectory, year_before_days
from .unit_scopes import UnitScopes
from .values import arithmetic, number, time_of
from .windows import During, Reach, Window, shifted

SIGNS = {
    "at_least": 1,
    "more_than": 1,
    "at_most": -1,
    "less_than": -1,
    "within": 0,
    "on_target": 0,
    "steady": 0,
    "parity": 0,
    "no_signal": 0,
}
EVER = Window()
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
    "value_now",
    "rank",
    "members",
    "overall",
    "share",
    "threshold",
    "stretch",
    "level",
    "budget_left",
    "expected_to_date",
    "pace",
    "forecast",
    "guardrail",
    "status",
    "reason",
    "data_through",
    "as_of",
)


@dataclass(slots=True)
class Line:
    """A row while it is judged: `compared` is what is held against the target, its value, rank or share."""

    context: Context
    value: Number | None
    sample: int | None
    promise: Promise
    standing: Standing
    compared: Number | None
    now: Number | None = None
    way: Way | None = None
    place: Place | None = None
    overall: Number | None = None
    share: Number | None = None


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

    grain, period = body.get("period"), asked.get("period")
    # The part that the first day cuts is none, but its days tell that the period has begun.
    parts = [*cut_part(first, bucket), *parts_between(first, until, bucket)]
    if grain is not None and period is not None:
        # The period that is asked for chooses periods, and cuts none.
        window = window_of(str(period), calendar, as_of_given(asked["as_of"], definitions.zone))
        touched = {start for (start,) in calendar.buckets(window, [grain])}
        parts = [part for part in parts if _period_of(part, grain, calendar) in touched]
    if not parts:
        raise OracleRefuses("no parts")
    days = {"from": max(first, parts[0][0]), "until": parts[-1][1]}
    of_part = {
        key: value for key, value in body.items() if key not in ("each", "times", "missing", "error_budget")
    }
    inner = {**of_part, "period": body["each"], "effective": days}
    changed = {**project, "objectives": {**project["objectives"], name: inner}}
    without_period = {key: value for key, value in asked.items() if key != "period"}
    objective = objective_of(name, changed, rows, without_period, definitions, calendar)
    return table_of(objective, contexts_of([objective]), body, first, until)


def _period_of(part: tuple[date, date], grain: str, calendar: Any) -> Value:
    """Return the period in which a part's last day lies."""
    found: Value = calendar.bucket(Moment.midnight(part[1] - timedelta(days=1), calendar.zone), grain)
    return found


def objective_of(
    name: str,
    project: Mapping[str, Any],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    asked: Mapping[str, Any],
    definitions: Definitions,
    calendar: Any,
    within: Window = EVER,
) -> Objective:
    """Return an objective of a project with the guards of it; `within` are days on which others hold beside it."""
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
    assert query.as_of is not None
    effective = days_of(body, definitions.zone)
    window = effective.within(within)
    if body["kind"] == "milestone":
        window = Window(effective.start, query.as_of)
    given = EVER
    if asked.get("period") is not None and grain is not None:
        given = window_of(str(asked["period"]), calendar, query.as_of)
        if grain not in calendar.custom:
            window = window.within(whole_buckets(given, grain, calendar))
    if window == EVER and grain is not None and grain not in calendar.custom:
        # What has no time lies before no end.
        window = Window(None, calendar.interval(bucket_before(query.as_of, grain, calendar), grain).end)
    query = replace(query, windows=(("", Reach(window, window.cut(query.as_of))),))
    units = UnitScopes(definitions, query.parameter_units, shows_hours=query.shows_hours)
    data = Rows(definitions, calendar, rows, query.parameters, units, query.as_of)
    reaches = Reaches(calendar, query.as_of, query.partial, query.one_period, False, query.parameter_units)
    direction = project["kpis"][body["kpi"]].get("direction")
    found = Objective(body, direction, query, Interpreter(definitions, calendar, data, reaches), given)
    for text in body.get("guardrails") or []:
        if text in project["objectives"]:
            guard = objective_of(text, project, rows, asked, definitions, calendar, within)
            found.guards[text] = guard
        else:
            found.guards[text] = read_formula(text)
    return found


def days_of(body: Mapping[str, Any], zone: str) -> Window:
    """Return the days on which an objective holds; a milestone until its due day is over."""
    effective = body.get("effective") or {}
    start, end = (effective.get(key) for key in ("from", "until"))
    if "due" in body:
        end = _day(body["due"]) + timedelta(days=1)
    return Window(*(None if x is None else Moment.midnight(_day(x), zone) for x in (start, end)))


def contexts_of(objectives: Sequence[Objective]) -> Iterator[Context]:
    """Yield every period that has begun, with every member that has rows or is named in some of the objectives."""
    first = objectives[0]
    everything = [context for one in objectives for context in one.everything()]
    buckets = [m for m in first.query.members if m.is_bucket]
    rest = [m for m in first.query.members if not m.is_bucket]
    tuples = dict.fromkeys(tuple(v for m, v in c.members if not m.is_bucket) for c in everything)
    tuples |= dict.fromkeys(named for one in objectives for named in one.named())
    if not rest:
        tuples = {(): None}
    ordered = sorted(tuples, key=cmp_to_key(tuples_follow))
    for starts in first.buckets(everything) if buckets else [()]:
        for values in ordered:
            members = (*zip(buckets, starts, strict=True), *zip(rest, values, strict=True))
            own = replace(first.groups.nothing(), members=members)
            if not first.groups.lies_ahead(own) and first.is_asked(own):
                yield own


def whole_buckets(days: Window, grain: str, calendar: Any) -> Window:
    """Return the stretch of the buckets that hold some days."""
    assert days.start is not None
    assert days.end is not None
    first = calendar.interval(calendar.bucket(days.start, grain), grain)
    last = calendar.interval(calendar.bucket(days.end.later(timedelta(microseconds=-1)), grain), grain)
    return Window(first.start, last.end)


def bucket_before(moment: Moment, grain: str, calendar: Any) -> Value:
    """Return the last bucket that has begun before a moment."""
    found: Value = calendar.bucket(moment.later(timedelta(microseconds=-1)), grain)
    return found


def shown(context: Context) -> tuple[Value, ...]:
    """Return a group as the table has it."""
    return tuple(v.civil if isinstance(v, Moment) else v for _, v in context.members)  # type: ignore[misc]


class Objective:
    """Works one objective out."""

    columns = COLUMNS

    def __init__(
        self,
        body: Mapping[str, Any],
        direction: str,
        query: Query,
        interpreter: Interpreter,
        given: Window = EVER,
    ) -> None:
        self.given = given
        """The days of which the buckets are asked for."""
        self.rows: Sequence[Context] | None = None
        """All rows that are judged, those of others beside it too."""
        self.body = body
        self.query = query
        self.interpreter = interpreter
        self.kind: Kind = body["kind"]
        self.direction = direction
        self.has_shares = self.kind == "rank" and body.get("target") is None
        self.sign = SIGNS.get(self.kind, 1 if direction == "up" else -1)
        if self.kind == "rank":
            self.sign = 1 if self.has_shares else -1
        self.trajectory = Trajectory.read(body)
        self.due = self._until_due(query, interpreter) if self.kind == "milestone" else None
        self.kpi = query.kpis[0].measure
        self.is_fraction = self.kpi.unit == "percent"
        self.allocate = Allocate.read(body.get("allocate"))
        against = body.get("against")
        written = f"prior({body['kpi']}, {against})" if against else body.get("baseline")
        self.baseline = None if written is None else read_formula(str(written))
        self.targets = sorted(self._shared(self._targets()), key=lambda row: row.rank, reverse=True)
        self.groups = Groups(query, interpreter)
        self.shared = SharedTargets(self.allocate, body, self.kpi, interpreter, self._value)
        self.rivals = self._rivals(direction == "down")
        names = tuple(m.text for m in query.members if not m.is_bucket)
        self.parity = Parities(
            body,
            names,
            direction == "down",
            self.kpi,
            interpreter,
            self._value,
            lambda: contexts_of([self]) if self.rows is None else iter(self.rows),
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

    def _until_due(self, query: Query, interpreter: Interpreter) -> Reach:
        """Return the days of a milestone, as far as they are over."""
        days = days_of(self.body, interpreter.definitions.zone)
        return Reach(days, days.cut(query.as_of))

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
        own = _formula(self.body.get("share" if self.has_shares else "target"))
        if self.kind == "steady":
            own = self.baseline
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
        contexts = [c for c in contexts_of([self]) if not c.members or self.is_shown(c)]
        rows = zip(contexts, self.judged(contexts), strict=True)
        return Table((*self.query.by, *COLUMNS), [(*shown(c), *row.values()) for c, row in rows])

    def everything(self) -> Iterator[Context]:
        """Yield every group in which something is asked, of the guards too."""
        yield from self._found(self._formulas())
        for guard in self.guards.values():
            if isinstance(guard, Objective):
                yield from guard.everything()
            else:
                yield from self._found(list(compared(guard)))

    def named(self) -> Iterator[tuple[Value, ...]]:
        """Yield the members that rows of targets name, of the guards too."""
        rest = [m for m in self.query.members if not m.is_bucket]
        for row in self.targets:
            if rest and len(row.named) == len(rest):
                yield tuple(row.named[m.text] for m in rest)
        for guard in self.guards.values():
            if isinstance(guard, Objective):
                yield from guard.named()

    def is_shown(self, context: Context) -> bool:
        """Tell whether a group has rows of data or a target, here or of what guards it.

        What is promised of what was needs no base: where there is none, the target is missing and the group there.
        """
        if (
            self.kind in ("parity", "no_signal")
            or self._is_of_what_was
            or self._key(context) in self._own
            or self._is_guarded(context)
        ):
            return True
        return self._promise(context).has_target

    @property
    def _is_of_what_was(self) -> bool:
        own = next(row for row in self.targets if not row.named and row.days is None)
        return self.kind in ("change", "steady") and own.target is not None

    def is_asked(self, context: Context) -> bool:
        """Tell whether some day of a bucket is asked for."""
        if self.given == EVER:
            return True
        stretch = self.groups.stretch(context).within(self.given)
        return stretch.start is None or stretch.end is None or stretch.start < stretch.end

    def _is_guarded(self, context: Context) -> bool:
        for guard in self.guards.values():
            if isinstance(guard, Objective):
                if guard.is_shown(guard.there(context)):
                    return True
            elif any(
                self._key(c) == self._key(context) for c in self._found(list(compared(guard)), alone=True)
            ):
                return True
        return False

    def there(self, context: Context) -> Context:
        """Return the same group as it is for this objective, under its own conditions."""
        return replace(self.groups.nothing(), members=context.members)

    @cached_property
    def _own(self) -> frozenset[tuple[Value | Some, ...]]:
        """The groups in which the KPI itself has rows."""
        return frozenset(map(self._key, self._found([])))

    @property
    def _is_by_last_year(self) -> bool:
        return self.trajectory is not None and self.trajectory.shape == "last_year"

    @staticmethod
    def _key(context: Context) -> tuple[Value | Some, ...]:
        return tuple(value for _, value in context.members)

    def _found(self, formulas: list[t.Expr], *, alone: bool = False) -> Iterator[Context]:
        asked = tuple(Asked(f"f{n}", Measure(formula)) for n, formula in enumerate(formulas))
        query = replace(self.query, kpis=(*(() if alone else self.query.kpis), *asked))
        yield from Groups(query, self.interpreter).found(query.members, None)

    def _formulas(self) -> list[t.Expr]:
        written = [x for row in self.targets for x in (row.target, *(row.ends or ())) if x is not None]
        if self.allocate is not None and self.allocate.across:
            written.clear()  # the targets of all together are of no member
        if self._is_by_last_year or self.body.get("forecast") == "last_year":
            written.append(self._year_before(self._under_way()))
        forecast = str(self.body.get("forecast", "pace"))
        if forecast == "last_year":
            written.append(self._year_before(self._last_begun()))
        elif forecast != "pace":
            count = int(forecast.split()[1])
            written.append(self._recent(count))
            start = self.query.windows[0][1].whole.start
            if start is not None:  # what the first day of all periods looks back on
                before = start.day - timedelta(days=count)
                written.append(read_formula(f"during({self.body['kpi']}, {before}, {start.day})"))
        if self.allocate is not None and self.allocate.is_by_last_year:
            written.append(self._year_before(days_of(self.body, self.interpreter.definitions.zone)))
        if self.kind == "no_signal":
            written.extend(self._charts().reads())
        return [*written, *([self.baseline] if self.baseline is not None else [])]

    def _under_way(self) -> Window:
        """Return the days of the buckets that have begun; of one period all of its days."""
        days = self.query.windows[0][1].whole
        if not self.query.buckets:
            return days
        assert self.query.as_of is not None
        before = self.query.as_of.later(timedelta(microseconds=-1))
        grain = self.query.buckets[0].grain or ""
        calendar = self.interpreter.calendar
        bucket = calendar.bucket(before, grain)
        assert bucket is not None
        return days.within(Window(None, calendar.interval(bucket, grain).end))

    def _last_begun(self) -> Window:
        """Return the days of the last bucket that has begun, where it is not over."""
        days = self._under_way()
        assert self.query.as_of is not None
        if days.end is None or days.end <= self.query.as_of:
            return Window(days.end, days.end)
        if self.query.buckets:
            before = self.query.as_of.later(timedelta(microseconds=-1))
            grain = self.query.buckets[0].grain or ""
            bucket = self.interpreter.calendar.bucket(before, grain)
            assert bucket is not None
            return days.within(self.interpreter.calendar.interval(bucket, grain))
        return days

    def _recent(self, count: int) -> t.Expr:
        return read_formula(f"rolling({self.body['kpi']}, {count} days)")

    def _year_before(self, days: Window) -> t.Expr:
        """Return the KPI of all days a year before some days."""
        start = date(2000, 1, 1) if days.start is None else days.start.day
        end = self._today + timedelta(days=366) if days.end is None else days.end.day
        first, until = year_before_days(start, end)
        return read_formula(f"during({self.body['kpi']}, {first}, {until})")

    def buckets(self, found: list[Context]) -> list[tuple[Value, ...]]:
        grains = [m.grain or "" for m in self.query.buckets]
        whole = self.query.windows[0][1].whole
        if whole.start is not None and whole.end is not None:
            return list(self.interpreter.calendar.buckets(whole, grains))
        starts = [tuple(v for m, v in c.members if m.is_bucket) for c in found]
        known = [s for s in starts if None not in s]
        first = None if whole.start is None else self.interpreter.calendar.bucket(whole.start, grains[0])
        known.extend([] if first is None else [(first,)])
        if known:  # all that have begun, with rows or without
            assert self.query.as_of is not None
            # A window without bounds is not cut, and its buckets go on until the instant too.
            end = whole.cut(self.query.as_of).end or self.query.as_of
            last = bucket_before(end, grains[0], self.interpreter.calendar)
            known.extend([] if last is None else [(last,)])
        return self.groups.between(known, grains)  # type: ignore[arg-type]

    # Lines

    def judged(self, contexts: Sequence[Context]) -> list[dict[str, Value]]:
        """Return the columns of each group; those that are compared with each other are all there."""
        self.rows = contexts
        found = self._judged_alone(contexts)
        guards: dict[str, list[dict[str, Value]] | t.Expr] = {
            name: guard.judged([guard.there(c) for c in contexts]) if isinstance(guard, Objective) else guard
            for name, guard in self.guards.items()
        }
        for n, (context, row) in enumerate(zip(contexts, found, strict=True)):
            told = [
                of_objective(name, guard[n])
                if isinstance(guard, list)
                else Guard(name, condition(guard, partial(self._measure, context)))
                for name, guard in guards.items()
            ]
            row |= outcome(row, told)
        return found

    def _judged_alone(self, contexts: Sequence[Context]) -> list[dict[str, Value]]:
        if self.kind == "no_signal":
            return [self._signals(context) for context in contexts]
        found = [self._looked_at(context) for context in contexts]
        if self.kind == "rank":
            self._rank(found)
        return [self._told(one) for one in found]

    def _looked_at(self, context: Context) -> Line:
        there = context if self.due is None else replace(context, period=self.due)
        own = self.parity.own(there) if self.kind == "parity" else there
        value = self._measure(own, self.kpi)
        sample = sample_of(self.kpi.formula, own.ripened(self.kpi.maturity), self.interpreter)
        promise = self._promise(there)
        line = Line(context, value, sample, promise, self.standing(there), compared=value)
        if self.due is not None:
            line.now = self._measure(context, self.kpi)
        if self.trajectory is not None:
            line.way = self.trajectory.way(
                self._days(there),
                self._today,
                value,
                promise,
                partial(self._last_year, there),
                lambda count: self._value(self._recent(count), there),
            )
        return line

    def _charts(self) -> Charts:
        datasets = self.interpreter.definitions.datasets
        return Charts(
            self.body,
            self.direction,
            self.kpi,
            self.interpreter,
            {home: ".".join(time) for home in self._homes() if (time := datasets[home].time) is not None},
            lambda day: self._stands(Window(None, self._midnight(day))).has_settled,
            lambda day: self._stands(Window(None, self._midnight(day))).is_loaded,
        )

    def _signals(self, context: Context) -> dict[str, Value]:
        """Return the columns of a row of which signals are told."""
        sample = sample_of(self.kpi.formula, context.ripened(self.kpi.maturity), self.interpreter)
        value = self._measure(context, self.kpi)
        told = self._charts().told(context, value, sample, self.standing(context), self._min_sample())
        return dict.fromkeys(COLUMNS) | {
            "value": told.value,
            "sample": sample,
            "center": told.center,
            "lower": told.low,
            "upper": told.high,
            "points": told.points,
            "signal": told.signal,
            "met": told.met,
            "gap": told.gap,
            "status": told.status,
            "reason": told.reason,
            "data_through": self.data_through(),
            "as_of": self.as_of,
        }

    def _rank(self, lines: Sequence[Line]) -> None:
        """Compare the rows of one group; of ranks less is better, of shares more."""
        among = self._among()
        least = self._min_sample()
        rivals = [
            Rival(
                tuple(v for m, v in line.context.members if m.text not in among),
                line.value,
                least is None or (line.sample or 0) >= least,
            )
            for line in lines
        ]
        for line, place in zip(lines, places(rivals, 1 if self.direction == "up" else -1), strict=True):
            line.place = place
            line.compared = place.rank
            if self.has_shares:
                line.overall = self._measure(line.context.without(among), self.kpi)
                line.share = share_of_all(line.value, line.overall)
                line.compared = line.share

    def _told(self, line: Line) -> dict[str, Value]:
        row: dict[str, Value] = dict.fromkeys(COLUMNS)
        promise, verdict = line.promise, judge(line.compared, line.promise)
        row |= {
            "value": line.value,
            "sample": line.sample,
            "reference_sample": promise.reference_sample,
            "target": promise.target,
            "lower": promise.low,
            "upper": promise.high,
            "baseline": promise.baseline,
            "met": verdict.met,
            "gap": verdict.gap,
            "gap_relative": verdict.gap_relative,
            "attainment": verdict.attainment,
            "data_through": self.data_through(),
            "as_of": self.as_of,
        }
        if self.rivals is not None:
            row |= {
                "rivals": self.rivals.count(line.context),
                "benchmark_age": self.rivals.age(line.context),
            }
        if line.place is not None:
            row |= {"rank": line.place.rank, "members": line.place.members}
            row |= {"overall": line.overall, "share": line.share}
        if line.way is not None:
            row |= {
                "expected_to_date": line.way.expected,
                "pace": line.way.pace,
                "forecast": line.way.forecast,
            }
        if promise.threshold is not None:
            row |= {"threshold": promise.threshold, "stretch": promise.stretch}
            row |= {"level": level(line.value, promise)}
        if self.body.get("error_budget"):
            row["budget_left"] = budget_left(line.value, promise)
        if self.due is not None:
            due = Due(line.value, line.now, line.sample)
            row |= {
                "value_now": line.now,
                "attainment": attained(due, promise, is_over=line.standing.is_over),
            }
            told = status_of(due, promise, line.standing, self._min_sample())
        else:
            told = status(
                line.compared if self.has_shares else line.value,
                line.sample,
                promise,
                line.standing,
                self._bands(),
                self._min_sample(),
                line.way,
                verdict,
            )
        row["status"], row["reason"] = told
        return row

    def _is_of_nothing(self, line: Line) -> bool:
        return self.has_shares and (line.overall is None or line.overall <= 0)

    def _measure(self, context: Context, formula: t.Expr | Measure) -> Number | None:
        measure = formula if isinstance(formula, Measure) else Measure(formula)
        found = self.interpreter.measured(measure, context)
        return None if found is None else number(found)

    def _among(self) -> frozenset[str]:
        given = self.body.get("among") or [m.text for m in self.query.members if not m.is_bucket]
        return frozenset([given] if isinstance(given, str) else given)

    # Days

    @property
    def as_of(self) -> Value:
        """The instant as it is asked for: a day, or a time."""
        as_of = self.query.as_of
        assert as_of is not None
        return as_of.day if is_midnight(as_of) else as_of.civil

    def _days(self, context: Context) -> Days:
        stretch = self.groups.stretch(context)
        if stretch.start is None or stretch.end is None:
            raise OracleRefuses("a way without a beginning or an end")
        return day_of(stretch.start), day_of(stretch.end)

    @property
    def _today(self) -> date:
        assert self.query.as_of is not None
        return self.query.as_of.day

    def _last_year(self, context: Context, start: date, end: date) -> Number | None:
        """Return the KPI a year before some days."""
        window = Window.of_days(*year_before_days(start, end), self.interpreter.definitions.zone)
        return self._measure(context.changed(During(window)), self.kpi)

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
        if self.kind in ("on_target", "steady"):
            return self._near(target, context)
        levels = self.body.get("levels") or {}
        told = {name: self._value(read_formula(str(text)), context) for name, text in levels.items()}
        return replace(plain, target=target, has_baseline=self.baseline is not None, baseline=base, **told)

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

    def _near(self, target: Number | None, context: Context) -> Promise:
        written = read_formula(str(self.body["tolerance"]))
        tolerance = self._value(written, context)
        plain = Promise(self.kind, 0, target, fade=self._fade(context))
        if target is None or tolerance is None:
            return plain
        if _suffix(written) == "%" and not self.is_fraction:
            if self.kind == "steady" and target == 0:
                return replace(plain, target=None)
            tolerance = _number(arithmetic("*", tolerance, abs(target)))
        low, high = (_number(arithmetic(op, target, tolerance)) for op in "-+")
        return replace(plain, low=low, high=high)

    def _fade(self, context: Context) -> Number | None:
        fade = self.body.get("fade")
        return None if fade is None else self._value(read_formula(str(fade)), context)

    # Status

    def standing(self, context: Context) -> Standing:
        if self.due is not None:
            context = replace(context, period=self.due)
        return self._stands(self.groups.stretch(context))

    def _midnight(self, day: date) -> Moment:
        return Moment.midnight(day, self.interpreter.definitions.zone)

    def _stands(self, stretch: Window) -> Standing:
        as_of = self.query.as_of
        assert as_of is not None
        if stretch.end is None:
            raise OracleRefuses("a period without an end")
        begins = stretch.start
        waits = self._waits()
        last = (stretch.end.later(timedelta(microseconds=-1))).day
        loaded = all(
            through is not None
            and (self._instant(through) >= stretch.end if is_known else day_of(through) >= last)
            for through, is_known in self._throughs()
        )
        return Standing(
            has_begun=begins is None or begins < as_of,
            is_over=stretch.end <= as_of,
            is_loaded=loaded,
            has_settled=stretch.end <= as_of
            and all(shifted(stretch.end, wait, 1) <= as_of for wait in waits),
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
        """Return the latest time in each dataset of the KPI that has one, since the query's days begin, whatever the members.

        Where a dataset says when its rows are known, it is the latest of these times, and true stands beside it.
        """
        found: list[tuple[Value, bool]] = []
        begins = self.query.windows[0][1].whole.start
        for home in self._homes():
            dataset = self.interpreter.definitions.datasets[home]
            time = dataset.known_at or dataset.time
            if time is None or dataset.is_plan or dataset.until is not None:
                continue  # rows that hold over a stretch tell not how far they are loaded
            rows = self.interpreter.rows
            times = [rows.moment(home, i, time) for i in rows.kept(home)]
            there = [x for x in times if x is not None and (begins is None or self._instant(x) >= begins)]
            found.append((max(there, default=None), dataset.known_at is not None))  # type: ignore[type-var]
        return found

    def data_through(self) -> Value:
        found = [through for through, _ in self._throughs()]
        if not found or None in found:
            return None
        earliest = min(found, key=self._instant)
        return earliest.civil if isinstance(earliest, Moment) else earliest

    def _instant(self, value: Value) -> Moment:
        at = time_of(value)
        return at if isinstance(at, Moment) else Moment.midnight(at, self.interpreter.calendar.zone)

    def _bands(self) -> Bands:
        given = self.body.get("status") or {}
        axis = given.get("of", "attainment" if self.trajectory is None else "pace")
        plain = Bands(axis, at_risk=Decimal("0.5") if "levels" in self.body else Decimal("0.9"))
        own = {key: self._border(given[key]) for key in ("on_track", "at_risk") if key in given}
        return replace(plain, **own)

    def _border(self, text: Any) -> Number:
        found = self._value(read_formula(str(text)), self.groups.nothing())
        assert found is not None
        return found

    def _min_sample(self) -> int | None:
        given = self.body.get("min_sample")
        return None if given is None else int(given)


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
