"""A query's table: which rows it has, their values, their order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpidsl.syntax import tree as t

from .buckets import GRAINS, Window, window_of
from .contexts import Bucket, Context, Interpreter, is_in
from .definitions import Definitions, read_formula
from .rows import Rows
from .table import OracleRefuses, Table, Value

_AD_HOC = re.compile(r"\s*([a-z_][a-z0-9_]*)\s*=\s*(.+)", re.DOTALL)

Group = tuple[Bucket | None, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Query:
    """A query, read: `kpis` pairs each column's name with its formula."""

    kpis: tuple[tuple[str, t.Expr, bool], ...]
    grain: str | None
    members: tuple[tuple[str, ...], ...]
    conditions: tuple[t.Expr, ...]
    period: Window | None
    order: tuple[tuple[str, bool], ...]
    limit: int | None

    @classmethod
    def read(cls, query: Mapping[str, Any], definitions: Definitions) -> Query:
        by: Sequence[str] = query.get("by") or ()
        grains = [b for b in by if b in GRAINS]
        if len(grains) > 1:
            raise OracleRefuses(f"two grains at once: {grains}")
        where, period = query.get("where"), query.get("period")
        return cls(
            kpis=tuple(_kpi(k, definitions) for k in query["kpis"]),
            grain=grains[0] if grains else None,
            members=tuple(tuple(b.split(".")) for b in by if b not in GRAINS),
            conditions=() if where is None else (read_formula(where),),
            period=None if period is None else window_of(str(period), definitions.week_start),
            order=tuple((o.lstrip("-"), o.startswith("-")) for o in query.get("order") or ()),
            limit=query.get("limit"),
        )

    @property
    def names(self) -> frozenset[str]:
        """The members of the group, the grain among them."""
        return frozenset(self.columns[: len(self.columns) - len(self.kpis)])

    @property
    def columns(self) -> tuple[str, ...]:
        """The bucket, then the members and the KPIs in the order asked for."""
        members = tuple(".".join(m) for m in self.members)
        return (*((self.grain,) if self.grain else ()), *members, *(name for name, _, _ in self.kpis))


def _kpi(text: str, definitions: Definitions) -> tuple[str, t.Expr, bool]:
    if text in definitions.measures:
        measure = definitions.measures[text]
        return text, measure.formula, measure.empty_is_null
    ad_hoc = _AD_HOC.fullmatch(text)
    if ad_hoc is None:
        raise OracleRefuses(f"`{text}` is no KPI")
    return ad_hoc[1], read_formula(ad_hoc[2]), False


def evaluate(
    project: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]], query: Mapping[str, Any]
) -> Table:
    """Return the table that `query` must give over `rows`.

    `project` is as read from YAML; `rows` gives each dataset's rows by physical column. Raises
    `OracleRefuses` where the language gives no number.
    """
    definitions = Definitions.read(project)
    asked = Query.read(query, definitions)
    interpreter = Interpreter(definitions, Rows(definitions, rows))
    lines = []
    for bucket, values in _groups(asked, interpreter):
        context = Context(
            tuple(zip(asked.members, values, strict=True)),
            bucket,
            asked.conditions,
            asked.period,
            asked.names,
        )
        cells = tuple(
            interpreter.value(formula, context, empty_is_null=empty) for _, formula, empty in asked.kpis
        )
        lines.append((*((bucket.start,) if bucket else ()), *values, *cells))
    return Table(asked.columns, _ordered(asked, lines)[: asked.limit])


def _groups(query: Query, interpreter: Interpreter) -> list[Group]:
    """Return the group tuples with a row in some aggregate that keeps every member; once each.

    Without `by` there is one group, rows or none.
    """
    if query.grain is None and not query.members:
        return [(None, ())]
    found: dict[Group, None] = {}
    for _, formula, _ in query.kpis:
        for leaf, conditions in interpreter.grouping_leaves(formula, query.names, query.conditions):
            bucket = None if query.grain is None else Bucket(query.grain, None)
            asked = Context((), bucket, conditions, query.period, query.names)
            interpreter.owes(leaf, asked, query.members)
            for place, moment in interpreter.rows_of(leaf, conditions):
                if not is_in(moment, query.period):
                    continue
                bucket = None
                if query.grain is not None:
                    bucket = Bucket(query.grain, interpreter.bucket(moment, query.grain))
                members = tuple(interpreter.rows.member(m, leaf.home, place) for m in query.members)
                found[bucket, members] = None
    return list(found)


def _ordered(query: Query, lines: list[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
    """Sort by bucket and members ascending, then, stably, by the order asked for; nulls always last."""
    columns = query.columns
    keys = [(name, False) for name in columns[: len(columns) - len(query.kpis)]]
    for name, descending in [*reversed(keys), *reversed(query.order)]:
        if name not in columns:
            raise OracleRefuses(f"`{name}` is no column to order by")
        at = columns.index(name)
        known = [line for line in lines if line[at] is not None]
        unknown = [line for line in lines if line[at] is None]
        known.sort(key=lambda line: line[at], reverse=descending)  # type: ignore[arg-type, return-value]
        lines = [*known, *unknown]
    return lines
