"""A query's table: which rows it has, their values, their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cmp_to_key
from itertools import combinations
from typing import Any

from kpidsl.syntax import tree as t

from .buckets import Calendar
from .compute import holds
from .contexts import Context, Others, Tuple
from .definitions import Definitions
from .flags import Flags
from .groups import Groups
from .interpreter import Interpreter
from .members import Member, is_text
from .moments import Moment
from .queries import Query, Top, column_of
from .reaches import Reaches
from .rows import Rows
from .table import OracleRefuses, Table, Value
from .unit_scopes import UnitScopes
from .units import Unit, in_units
from .values import compare

DETAIL, OTHERS, TOTAL = "detail", "others", "total"
SHOWN, NULL, GATHERED, DROPPED = range(4)
"""How a member of a row comes to be seen, in the order in which rows follow each other."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the result: its context but for the window, its level, its cells."""

    context: Context
    level: str
    cells: tuple[Value, ...] = ()


def evaluate(
    project: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]], query: Mapping[str, Any]
) -> Table:
    """Return the table that `query` must give over `rows`.

    `project` is as read from YAML; `rows` gives the rows of each dataset and custom calendar by
    physical column. Raises `OracleRefuses` where the language gives no number.
    """
    definitions = Definitions.read(project)
    calendar = calendar_of(definitions, rows)
    asked = Query.read(query, definitions, calendar)
    units = UnitScopes(definitions, asked.parameter_units, shows_hours=asked.shows_hours)
    data = Rows(definitions, calendar, rows, asked.parameters, units, asked.as_of)
    reaches = Reaches(
        calendar, asked.as_of, asked.partial, asked.one_period, asked.shows_hours, asked.parameter_units
    )
    return Answer(asked, Interpreter(definitions, calendar, data, reaches)).table()


def calendar_of(definitions: Definitions, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Calendar:
    """Return the project's calendar; a custom bucket is called by the first of its days."""
    custom: dict[str, dict[date, date]] = {}
    for name, table in definitions.calendars.items():
        for grain, column in table.grains.items():
            keys = {row[table.day]: row[column] for row in rows.get(name, ()) if row[column] is not None}
            firsts = {key: day for day, key in sorted(keys.items(), reverse=True)}
            custom[grain] = {day: firsts[key] for day, key in keys.items()}
    comparable = comparable_days(definitions, rows)
    return Calendar(definitions.zone, definitions.week_start, definitions.fiscal_start, custom, comparable)


def comparable_days(
    definitions: Definitions, rows: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[date, date] | None:
    """Return the day with which each day compares that has one; None where no calendar tells."""
    tables = {name: table for name, table in definitions.calendars.items() if table.comparable is not None}
    if not tables:
        return None
    if len(tables) > 1:
        raise OracleRefuses(f"several calendars of comparable days: {sorted(tables)}")
    ((name, table),) = tables.items()
    return {
        row[table.day]: row[table.comparable or ""]
        for row in rows.get(name, ())
        if row[table.comparable or ""] is not None
    }


class Answer:
    """Works one query out."""

    def __init__(self, query: Query, interpreter: Interpreter) -> None:
        self.query = query
        self.interpreter = interpreter
        self.definitions = interpreter.definitions
        self.groups = Groups(query, interpreter)
        self.flags = Flags(query, interpreter, self.groups)
        self.columns = (*query.columns, *self.flags.columns)

    def table(self) -> Table:
        lines = [replace(line, cells=self.cells(line)) for line in self.lines()]
        if self.query.partial == "drop":
            lines = [line for line in lines if not self.flags.is_cut_by_as_of(line.context)]
        if self.query.having is not None:
            self._owes_columns(self.query.having)
            lines = [line for line in lines if self._is_kept(line, self.query.having)]
        lines = self._ordered(lines)[: self.query.limit]
        return Table(self.columns, [self._shown(line) for line in lines])

    # Which rows

    def lines(self) -> Iterator[Line]:
        query = self.query
        everything = list(self.groups.found(query.members, None))
        details, gathered = everything, []
        if query.top is not None:
            self._owes_others(query.top)
            shown = self._best(query.top)
            details = [c for c in everything if self._ranked(c) in shown]
            # The rest may have rows where no member of it has: the values of several members are another set.
            has_rest = len(details) < len(everything) or not self._ranked_members()[0].is_bucket
            if query.top.others and has_rest:
                gathered = self._others(shown)
        filled = self._fill([*details, *gathered], query.members, [*details, *gathered])
        yield from (Line(c, OTHERS if c.others else DETAIL) for c in filled)
        for kept in self._levels():
            level = f"by {', '.join(m.text for m in kept)}" if kept else TOTAL
            filled = self._fill(list(self.groups.found(kept, None)), kept, [*details, *gathered])
            yield from (Line(c, level) for c in filled)

    # Top

    def _ranked_members(self) -> tuple[Member, ...]:
        """What a top ranks: every member but buckets; the buckets where there is nothing else."""
        return tuple(m for m in self.query.members if not m.is_bucket) or self.query.members

    def _ranked(self, context: Context) -> Tuple:
        members = self._ranked_members()
        return tuple(value for member, value in context.members if member in members)

    def _best(self, top: Top) -> frozenset[Tuple]:
        """Return the first members by the KPI that ranks, of those with a row in it, asked for or not."""
        alone = replace(self.query, kpis=(top.kpi,), windows=(("", top.window),))
        ranked = Groups(alone, self.interpreter).found(self._ranked_members(), None)
        worth: dict[Tuple, Value] = {}
        for context in ranked:
            there = replace(context, period=top.window)
            worth[self._ranked(context)] = self.interpreter.measured(top.kpi.measure, there)
        line = sorted(worth, key=cmp_to_key(tuples_follow))
        known = [r for r in line if worth[r] is not None]
        known.sort(key=lambda r: worth[r], reverse=not top.smallest_first)  # type: ignore[arg-type, return-value]
        return frozenset([*known, *(r for r in line if worth[r] is None)][: top.count])

    def _owes_others(self, top: Top) -> None:
        """Refuse the rest of the buckets where an aggregate reads what holds at a window's end: they are no window."""
        if not top.others or not self._ranked_members()[0].is_bucket:
            return
        nothing = self.groups.nothing()
        formulas = [asked.measure.formula for asked in self.query.kpis]
        if any(leaf.until for f in formulas for leaf, _ in self.interpreter.leaves(f, nothing)):
            raise OracleRefuses("what holds at the end of several buckets")

    def _others(self, shown: frozenset[Tuple]) -> list[Context]:
        members = self._ranked_members()
        others = Others(members, shown)
        return list(self.groups.found(() if members[0].is_bucket else self.query.buckets, others))

    # Totals

    def _levels(self) -> list[tuple[Member, ...]]:
        """Return the members that each level of totals keeps."""
        members = self.query.members
        match self.query.totals:
            case "rollup":
                return [members[:n] for n in range(len(members) - 1, -1, -1)]
            case "cube":
                return [kept for n in range(len(members) - 1, -1, -1) for kept in combinations(members, n)]
            case _:
                return []

    # Fill

    def _buckets(self, grains: tuple[Member, ...], result: list[Context]) -> list[Tuple]:
        """Return every bucket of the period, or from the first to the last of the result.

        Of several grains they are the tuples that some time has. A level has those of a query by its grains.
        """
        query, calendar = self.query, self.interpreter.calendar
        if not query.buckets or (query.top and len(query.buckets) == len(query.members)):
            raise OracleRefuses("there are no buckets to fill")
        names = [m.grain or "" for m in grains]
        whole = query.windows[0][1].whole
        if whole.is_bounded:
            return list(calendar.buckets(whole, names))
        # Of several grains some rows of totals have no bucket.
        totals = [kept for kept in self._levels() if set(grains) <= set(kept)]
        result = [*result, *(c for kept in totals for c in self.groups.found(kept, None))]
        found = [tuple(value for member, value in c.members if member in grains) for c in result]
        return self.groups.between(found, names)

    def _fill(
        self, contexts: list[Context], members: tuple[Member, ...], result: list[Context]
    ) -> list[Context]:
        """Add the empty buckets for every tuple of the other members."""
        if not self.query.fill:
            return contexts
        grains = tuple(m for m in members if m.is_bucket)
        buckets = self._buckets(grains, result)
        if not grains:
            return contexts
        rests = dict.fromkeys(
            replace(c, members=tuple((m, v) for m, v in c.members if not m.is_bucket)) for c in contexts
        )
        if len(grains) == len(members) and not rests:
            # The one tuple of no members.
            rests = {self.groups.nothing(): None}
        found = dict.fromkeys(contexts)
        for starts in buckets:
            own = dict(zip(grains, starts, strict=True))
            for rest in rests:
                context = replace(rest, members=(*((g, own[g]) for g in grains), *rest.members))
                if not self.groups.lies_ahead(context):
                    found[context] = None
        return list(found)

    # Values

    def cells(self, line: Line) -> tuple[Value, ...]:
        return tuple(
            self.interpreter.measured(asked.measure, replace(line.context, period=window))
            for asked in self.query.kpis
            for _, window in self.query.windows
        )

    # Having, order, what is shown

    def _row(self, line: Line) -> tuple[Value, ...]:
        level = (line.level,) if self.query.has_levels else ()
        flags = self.flags.of(line.context)
        return (*(value for _, value in self._members(line)), *level, *line.cells, *flags)

    def _members(self, line: Line) -> list[tuple[int, Value]]:
        """Return each member as shown: how it comes to be seen, and its value."""
        context = line.context
        values = {m.text: value for m, value in context.members}
        gathered = {m.text for m in context.others.members} if context.others else set()
        out: list[tuple[int, Value]] = []
        for name in self.query.by:
            if name in values:
                out.append((NULL if values[name] is None else SHOWN, values[name]))
            else:
                out.append((GATHERED if name in gathered else DROPPED, None))
        return out

    def _owes_columns(self, having: t.Expr) -> None:
        names = {node.text for node in t.walk(having) if isinstance(node, t.Name)}
        columns = set(self.query.columns) - {"_level"}
        if missing := names - columns - set(self.query.parameters):
            raise OracleRefuses(f"no columns of this query: {sorted(missing)}")

    def _is_kept(self, line: Line, having: t.Expr) -> bool:
        row = dict(zip(self.columns, self._row(line), strict=True))

        def atom(node: t.Expr) -> Any:
            if not isinstance(node, t.Name):
                raise OracleRefuses(f"not in a condition on result rows: {node}")
            return row[node.text] if node.text in row else self.query.parameters[node.text]

        return holds(in_units(having, self._known)[0], atom)

    def _known(self, node: t.Name | t.Call) -> tuple[Unit | None, str]:
        """Return the unit and type of a column of the result."""
        name = node.text if isinstance(node, t.Name) else ""
        for asked in self.query.kpis:
            if name in [column_of(asked, slug) for slug, _ in self.query.windows]:
                return self.interpreter.units.measure(asked.measure)
        return self.query.parameter_units.get(name), "other"

    def _ordered(self, lines: list[Line]) -> list[Line]:
        """Sort by members ascending, then, stably, by the order asked for; nulls always last."""
        columns = self.columns

        def follows(a: Line, b: Line) -> int:
            return _follows(self._members(a), self._members(b))

        lines = sorted(lines, key=cmp_to_key(follows))
        for name, descending in reversed(self.query.order):
            if name not in columns:
                raise OracleRefuses(f"`{name}` is no column to order by")
            at = columns.index(name)
            known = [line for line in lines if self._row(line)[at] is not None]
            unknown = [line for line in lines if self._row(line)[at] is None]
            known.sort(key=lambda line: self._row(line)[at], reverse=descending)  # type: ignore[arg-type, return-value]
            lines = [*known, *unknown]
        return lines

    def _shown(self, line: Line) -> tuple[Value, ...]:
        """Return a row's cells: labels in place of nulls, timestamps as clocks show them."""
        row = list(self._row(line))
        for at, member in enumerate(self.query.members):
            if member.grain in ("hour", "minute"):
                row[at] = value.aware if isinstance(value := row[at], Moment) else value
            elif (
                row[at] is None
                and self.query.null_label is not None
                and line.level == DETAIL
                and is_text(member, self.definitions)
            ):
                row[at] = self.query.null_label
        return tuple(value.civil if isinstance(value, Moment) else value for value in row)


def tuples_follow(a: Tuple, b: Tuple) -> int:
    """Compare tuples of members, nulls last."""
    return _follows(
        [(NULL if v is None else SHOWN, v) for v in a], [(NULL if v is None else SHOWN, v) for v in b]
    )


def _follows(a: Sequence[tuple[int, Value]], b: Sequence[tuple[int, Value]]) -> int:
    for (how, x), (other, y) in zip(a, b, strict=True):
        if how != other:
            return how - other
        if how == SHOWN and x != y:
            return -1 if compare("<", x, y) else 1
    return 0
