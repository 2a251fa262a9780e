"""A query, read: what it asks for, by what, in which windows, and how its rows are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from kpidsl.syntax import tree as t

from .buckets import HOURS, Calendar
from .compute import compute
from .definitions import Definitions, Measure, literal_text, read_formula
from .members import Member, member_of
from .moments import Moment
from .periods import as_of_given, length_of, slug_of, window_of
from .table import OracleRefuses, Value
from .units import Unit, unit_of_quantity
from .windows import Amount, Reach, Window

_AD_HOC = re.compile(r"\s*([a-z_][a-z0-9_]*)\s*=\s*(.+)", re.DOTALL)
_SHORTEST_FIRST = (
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "fiscal_quarter",
    "year",
    "fiscal_year",
)
_TOP = re.compile(r"\s*(\d+)\s+by\s+(-?)([a-z_][a-z0-9_]*)(\s+others)?\s*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A KPI of the query, and under which name."""

    name: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Top:
    count: int
    kpi: Asked
    window: Reach
    smallest_first: bool
    others: bool


@dataclass(frozen=True, slots=True)
class Query:
    """`windows` pairs what a period adds to a KPI's column with its days: one without a name, or several."""

    kpis: tuple[Asked, ...]
    members: tuple[Member, ...]
    conditions: tuple[t.Expr, ...]
    windows: tuple[tuple[str, Reach], ...]
    as_of: Moment | None
    partial: str
    having: t.Expr | None
    order: tuple[tuple[str, bool], ...]
    limit: int | None
    top: Top | None
    totals: Literal["rollup", "cube"] | None
    fill: bool
    null_label: str | None
    parameters: Mapping[str, Any]
    parameter_units: Mapping[str, Unit]

    @classmethod
    def read(cls, query: Mapping[str, Any], definitions: Definitions, calendar: Calendar) -> Query:
        by = [member_of(text, definitions) for text in query.get("by") or ()]
        grains = [m for m in by if m.is_bucket]
        as_of = as_of_given(query.get("as_of"), definitions.zone)
        windows = _windows(query.get("period"), calendar, as_of)
        partial = query.get("partial") or "same_elapsed"
        if partial not in ("same_elapsed", "whole", "drop"):
            raise OracleRefuses(f"`{partial}` is no way to treat what is unfinished")
        if len(windows) > 1 and grains:
            raise OracleRefuses("several periods side by side, and a time grain")
        kpis = tuple(_kpi(k, definitions) for k in query["kpis"])
        values, units = _parameters(query.get("parameters") or {}, definitions)
        where, having, totals = query.get("where"), query.get("having"), query.get("totals")
        if totals not in (None, False, True, "rollup", "cube"):
            raise OracleRefuses(f"`{totals}` is no kind of totals")
        return cls(
            kpis=kpis,
            members=(*grains, *(m for m in by if not m.is_bucket)),
            conditions=() if where is None else (read_formula(where),),
            windows=windows,
            as_of=as_of,
            partial=partial,
            having=None if having is None else read_formula(having),
            order=tuple((o.lstrip("-"), o.startswith("-")) for o in query.get("order") or ()),
            limit=query.get("limit"),
            top=_top(query["top"], kpis, windows, definitions) if query.get("top") else None,
            totals="cube" if totals == "cube" else "rollup" if totals else None,
            fill=bool(query.get("fill")),
            null_label=query.get("null_label"),
            parameters=values,
            parameter_units=units,
        )

    @property
    def by(self) -> tuple[str, ...]:
        """The members of the group as shown: buckets, then the others, both in the order asked for."""
        return tuple(m.text for m in self.members)

    @property
    def buckets(self) -> tuple[Member, ...]:
        return tuple(m for m in self.members if m.is_bucket)

    @property
    def shows_hours(self) -> bool:
        """Tell whether there are buckets of hours or less."""
        return any(m.grain in HOURS for m in self.buckets)

    @property
    def one_period(self) -> Amount | None:
        """What `1 period` is: a bucket of the shortest grain, without any the length of the period.

        None too where a calendar's grain may be the shortest of several.
        """
        grains = [m.grain or "" for m in self.buckets]
        known = sorted((g for g in grains if g in _SHORTEST_FIRST), key=_SHORTEST_FIRST.index)
        if len(grains) == 1 or len(known) == len(grains) > 0 or known[:1] in (["minute"], ["hour"], ["day"]):
            shortest = known[0] if known else grains[0]
            steps = {"fiscal_quarter": Amount(3, "month"), "fiscal_year": Amount(12, "month")}
            return steps.get(shortest, Amount(1, shortest))
        whole = self.windows[0][1].whole
        if grains or len(self.windows) > 1 or not whole.is_bounded:
            return None
        return length_of(whole)

    @property
    def has_levels(self) -> bool:
        return self.totals is not None or bool(self.top and self.top.others)

    @property
    def columns(self) -> tuple[str, ...]:
        level = ("_level",) if self.has_levels else ()
        names = (column_of(kpi, slug) for kpi in self.kpis for slug, _ in self.windows)
        return (*self.by, *level, *names)


def column_of(kpi: Asked, slug: str) -> str:
    return f"{kpi.name}_{slug}" if slug else kpi.name


def _windows(period: Any, calendar: Calendar, as_of: Moment | None) -> tuple[tuple[str, Reach], ...]:
    if period is None:
        return (("", Reach(Window(), Window())),)
    texts = [str(p) for p in period] if isinstance(period, list | tuple) else [str(period)]
    windows = [window_of(text, calendar, as_of) for text in texts]
    reaches = [Reach(window, window.cut(as_of)) for window in windows]
    if len(texts) == 1:
        return (("", reaches[0]),)
    return tuple(zip(map(slug_of, texts), reaches, strict=True))


def _kpi(text: str, definitions: Definitions) -> Asked:
    if text in definitions.measures:
        return Asked(text, definitions.measures[text])
    ad_hoc = _AD_HOC.fullmatch(text)
    if ad_hoc is None:
        raise OracleRefuses(f"`{text}` is no KPI")
    return Asked(ad_hoc[1], Measure(read_formula(ad_hoc[2])))


def _top(
    text: str,
    kpis: Sequence[Asked],
    windows: Sequence[tuple[str, Reach]],
    definitions: Definitions,
) -> Top:
    found = _TOP.fullmatch(text)
    if found is None:
        raise OracleRefuses(f"`{text}` is no top")
    count, minus, name, others = found.groups()
    for kpi in kpis:
        for slug, window in windows:
            if name == column_of(kpi, slug):
                return Top(int(count), kpi, window, bool(minus), bool(others))
    if len(windows) > 1:
        raise OracleRefuses(f"`{name}` is no column to rank by")
    return Top(int(count), _kpi(name, definitions), windows[0][1], bool(minus), bool(others))


# Parameters


def _parameters(given: Mapping[str, Any], definitions: Definitions) -> tuple[dict[str, Any], dict[str, Unit]]:
    """Return the value of every parameter that has one, and the units of durations."""
    if unknown := set(given) - set(definitions.parameters):
        raise OracleRefuses(f"no parameters: {sorted(unknown)}")
    values: dict[str, Any] = {}
    units: dict[str, Unit] = {}
    for name, parameter in definitions.parameters.items():
        text = literal_text(given[name]) if name in given else parameter.default
        if text is None:
            continue
        texts = re.findall(r"(?:'(?:[^']|'')*'|[^,'])+", text) if parameter.is_list else [text]
        literals = [_literal(one.strip(), parameter.type) for one in texts]
        found = tuple(_typed(literal, parameter.type, definitions.zone) for literal in literals)
        values[name] = found if parameter.is_list else found[0]
        for literal in literals:
            if isinstance(literal, t.Quantity):
                units[name] = unit_of_quantity(literal.unit)
    return values, units


def _literal(text: str, type_text: str) -> t.Expr | str:
    """Read a value in the language's own spelling; a text may come without quotes."""
    if type_text in ("text", "timestamp") and not text.startswith("'"):
        return text
    return read_formula(text)


def _typed(literal: t.Expr | str, type_text: str, zone: str) -> Value:
    def atom(node: t.Expr) -> Value:
        raise OracleRefuses(f"no literal: {node}")

    if isinstance(literal, t.Quantity):
        return literal.value
    value: Value = literal if isinstance(literal, str) else compute(literal, atom)
    if type_text == "float" and isinstance(value, int | Decimal):
        return float(value)
    if type_text == "timestamp" and isinstance(value, str):
        return Moment.of(datetime.fromisoformat(value), zone, zone)
    return value
