"""A project's plain mapping, short forms spelled out, formulas read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kpidsl.diagnostics import Sink
from kpidsl.source import SourceFile
from kpidsl.syntax import parse_formula
from kpidsl.syntax import tree as t

from .buckets import GRAINS
from .table import OracleRefuses
from .windows import Amount

ARITIES = {
    "sum": 1,
    "avg": 1,
    "min": 1,
    "max": 1,
    "count": 1,
    "count_distinct": None,
    "median": 1,
    "percentile": 2,
    "stddev": 1,
    "variance": 1,
    "weighted_avg": 2,
    "first": 1,
    "last": 1,
}
AGGREGATES = tuple(ARITIES)
"""The aggregates, and how many arguments they take."""


@lru_cache(maxsize=20_000)
def read_formula(text: str) -> t.Expr:
    """Return the tree of a formula; a formula that does not parse has no value."""
    sink = Sink()
    expr = parse_formula(SourceFile("formula", text), sink)
    if expr is None or sink.has_errors:
        raise OracleRefuses(f"`{text}` does not parse: {[d.message for d in sink.diagnostics()]}")
    return expr


@dataclass(frozen=True, slots=True)
class Column:
    """`physical` is the key in the rows; a derived column has `expr` instead."""

    name: str
    type: str
    physical: str
    zone: str | None
    expr: t.Expr | None
    required: bool = False
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """The target's row holds over [start, end), with `closed` over [start, end]; `at` is an own column."""

    start: str
    end: str
    at: tuple[str, ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class AsOf:
    """The target's row that is latest (or earliest) before or after an own time.

    `op` is how the target's time compares with the own one.
    """

    is_latest: bool
    op: str
    own: tuple[str, ...]
    within: Amount | None
    where: t.Expr | None


@dataclass(frozen=True, slots=True)
class Join:
    """`pairs` are the target's columns and the own ones; with an interval they are not its whole key."""

    name: str
    to: str
    pairs: tuple[tuple[str, str], ...]
    interval: Interval | None
    as_of: AsOf | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    key: tuple[str, ...]
    time: tuple[str, ...] | None
    where: t.Expr | None
    columns: Mapping[str, Column]
    joins: Mapping[str, Join]
    unit: str | None
    """What counting its rows gives."""
    until: str | None = None
    """The column at which a row ceases to hold, where the time is a stretch."""
    is_plan: bool = False
    known_at: tuple[str, ...] | None = None
    settles_after: Amount | None = None

    @property
    def lies_ahead(self) -> bool:
        """Tell whether windows over it are not cut at `as_of`."""
        return self.is_plan or self.known_at is not None


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric or a KPI. `empty_is_null`: a sum or count of nothing is null here."""

    formula: t.Expr
    empty_is_null: bool = False
    unit: str | None = None
    maturity: Amount | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    type: str
    is_list: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class DayTable:
    """A custom calendar: a table of days, and for each of its grains the column whose values are buckets.

    `comparable` is the column of the day a year ago with which a day compares.
    """

    day: str
    grains: Mapping[str, str]
    comparable: str | None = None


@dataclass(frozen=True, slots=True)
class Definitions:
    zone: str
    week_start: str
    fiscal_start: int
    datasets: Mapping[str, Dataset]
    dimensions: Mapping[str, Mapping[str, t.Expr]]
    dimension_types: Mapping[str, str]
    measures: Mapping[str, Measure]
    filters: Mapping[str, t.Expr]
    parameters: Mapping[str, Parameter]
    calendars: Mapping[str, DayTable]

    @classmethod
    def read(cls, project: Mapping[str, Any]) -> Definitions:
        raw = project.get("datasets") or {}
        keys = {name: _names(d.get("key")) for name, d in raw.items()}
        measures: dict[str, Measure] = {}
        for section in ("metrics", "kpis"):
            for name, body in (project.get(section) or {}).items():
                if name in measures:
                    raise OracleRefuses(f"`{name}` is defined twice")
                measures[name] = _measure(body)
        return cls(
            zone=project.get("timezone", "UTC"),
            week_start=project.get("week_start", "monday"),
            fiscal_start=int(project.get("fiscal_year_start", 1)),
            datasets={name: _dataset(name, d, keys) for name, d in raw.items()},
            dimensions={
                name: {home: read_formula(str(e)) for home, e in d["from"].items()}
                for name, d in (project.get("dimensions") or {}).items()
            },
            dimension_types={name: d["type"] for name, d in (project.get("dimensions") or {}).items()},
            measures=measures,
            filters={
                name: read_formula(str(f["condition"] if isinstance(f, Mapping) else f))
                for name, f in (project.get("filters") or {}).items()
            },
            parameters={name: _parameter(p) for name, p in (project.get("parameters") or {}).items()},
            calendars={name: _day_table(c) for name, c in (project.get("calendars") or {}).items()},
        )

    @property
    def grains(self) -> frozenset[str]:
        """The grains by which the default time is cut, those of custom calendars among them."""
        return frozenset(GRAINS).union(*(c.grains for c in self.calendars.values()))

    def column_of(self, parts: tuple[str, ...]) -> Column | None:
        """Return the column that a path `dataset.column` or `dataset.join.column` names."""
        dataset = self.datasets.get(parts[0])
        for name in parts[1:-1]:
            join = dataset.joins.get(name) if dataset else None
            dataset = self.datasets[join.to] if join else None
        return dataset.columns.get(parts[-1]) if dataset and len(parts) > 1 else None

    def paths(self, home: str, target: str) -> list[tuple[str, ...]]:
        """Return the ways from `home` to `target` by joins, no dataset twice on the way."""
        return list(self._paths(home, target, (home,)))

    def _paths(self, here: str, target: str, seen: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if here == target:
            yield ()
            return
        for join in self.datasets[here].joins.values():
            if join.to not in seen:
                for rest in self._paths(join.to, target, (*seen, join.to)):
                    yield (join.name, *rest)

    def one_path(self, home: str, target: str) -> tuple[str, ...]:
        """Return the only way from `home` to `target`."""
        found = self.paths(home, target)
        if len(found) != 1:
            raise OracleRefuses(f"`{home}` reaches `{target}` in {len(found)} ways: {found}")
        return found[0]

    def source_of(self, dimension: str, home: str) -> tuple[tuple[str, ...], str]:
        """Return the joins from `home` to the dataset whose expression gives the dimension, and that one.

        A dataset that `from` lists is its own source. Otherwise the search goes outward, level by
        level, and stops at listed datasets; the nearest is taken.
        """
        listed = self.dimensions[dimension]
        level: list[tuple[tuple[str, ...], str]] = [((), home)]
        for _ in range(len(self.datasets) + 1):
            found = [(path, at) for path, at in level if at in listed]
            if len(found) > 1:
                raise OracleRefuses(f"`{home}` reaches `{dimension}` in several ways: {found}")
            if found:
                return found[0]
            level = [
                ((*path, join.name), join.to)
                for path, at in level
                for join in self.datasets[at].joins.values()
            ]
        raise OracleRefuses(f"`{home}` does not reach the dimension `{dimension}`")


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _measure(body: Any) -> Measure:
    if not isinstance(body, Mapping):
        return Measure(read_formula(str(body)))
    return Measure(
        read_formula(str(body["formula"])),
        empty_is_null="empty" in body and body["empty"] in (None, "null"),
        unit=body.get("unit"),
        maturity=_amount(body.get("maturity")),
    )


def _amount(text: Any) -> Amount | None:
    return None if text is None else Amount.read(str(text))


def _parameter(body: Any) -> Parameter:
    default = body.get("default")
    return Parameter(
        body["type"], body.get("list") in (True, "true"), None if default is None else literal_text(default)
    )


def literal_text(value: Any) -> str:
    """Spell what YAML read as the language does."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(literal_text, value)) if isinstance(value, list | tuple) else str(value)


def _day_table(body: Mapping[str, Any]) -> DayTable:
    def physical(name: str) -> str:
        spec = body["columns"][name]
        return name if isinstance(spec, str) else str(spec.get("column", name))

    comparable = body.get("comparable")
    return DayTable(
        physical(body["day"]),
        {grain: physical(c) for grain, c in (body.get("grains") or {}).items()},
        None if comparable is None else physical(comparable),
    )


def _dataset(name: str, body: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]]) -> Dataset:
    where = body.get("where")
    when, until = body.get("time"), None
    if isinstance(when, list | tuple):
        when, until = when
    known_at = body.get("known_at")
    return Dataset(
        name=name,
        key=keys[name],
        time=None if when is None else tuple(when.split(".")),
        until=until,
        is_plan=body.get("plan") in (True, "true"),
        known_at=None if known_at is None else tuple(known_at.split(".")),
        settles_after=_amount(body.get("settles_after")),
        where=None if where is None else read_formula(str(where)),
        columns={c: _column(c, spec) for c, spec in (body.get("columns") or {}).items()},
        joins={j: _join(j, spec, keys) for j, spec in (body.get("joins") or {}).items()},
        unit=body.get("unit"),
    )


def _column(name: str, spec: Any) -> Column:
    if isinstance(spec, str):
        return Column(name, spec, name, None, None)
    if "sql" in spec:
        raise OracleRefuses(f"the oracle reads no SQL, as in the column `{name}`")
    expr = spec.get("expr")
    return Column(
        name,
        spec["type"],
        spec.get("column", name),
        spec.get("timezone"),
        None if expr is None else read_formula(str(expr)),
        spec.get("required") in (True, "true"),
        spec.get("unit"),
    )


def _join(name: str, spec: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]]) -> Join:
    using, to = spec["using"], spec["to"]
    pairs = dict(using) if isinstance(using, Mapping) else {c: c for c in _names(using)}
    interval = None
    if "between" in spec:
        start, end = spec["between"]
        interval = Interval(start, end, tuple(spec["at"].split(".")), spec.get("closed") in (True, "true"))
    as_of = _as_of(spec) if "match" in spec else None
    if as_of is None and {*pairs, *([interval.start] if interval else [])} != set(keys[to]):
        raise OracleRefuses(f"the join `{name}` is not on the whole key of `{to}`")
    return Join(name, to, tuple(pairs.items()), interval, as_of)


def _as_of(spec: Mapping[str, Any]) -> AsOf:
    words = {"before": "<", "at or before": "<=", "after": ">", "at or after": ">="}
    ((word, op),) = ((word, op) for word, op in words.items() if word in spec)
    where = spec.get("where")
    return AsOf(
        is_latest=spec["match"] == "latest",
        op=op,
        own=tuple(spec[word].split(".")),
        within=_amount(spec.get("within")),
        where=None if where is None else read_formula(str(where)),
    )
