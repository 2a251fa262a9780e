"""Contexts (group, filter, window) and the value of a formula in one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from kpidsl.syntax import tree as t

from .aggregates import Leaf, aggregated, leaf_of, percentile, weighted_average
from .buckets import Calendar, Window
from .compute import calendar_function, compute
from .definitions import AGGREGATES, Definitions, Measure
from .members import Member, member_of
from .moments import Time
from .rows import Rows
from .table import OracleRefuses, Value
from .values import arithmetic, compare, number

Tuple = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Others:
    """A member of the group: the rest, every tuple of `members` that a top does not show."""

    members: tuple[Member, ...]
    shown: frozenset[Tuple]


@dataclass(frozen=True, slots=True)
class Context:
    """`members` pairs each member of the group, buckets of the time too, with its value.

    `period` is the query's; a bucket's window is the bucket ∩ the period.
    """

    members: tuple[tuple[Member, Value], ...]
    others: Others | None
    conditions: tuple[t.Expr, ...]
    period: Window | None
    by: frozenset[str]
    """What the query groups by, whatever a `total` has removed since."""

    def narrowed(self, condition: t.Expr) -> Context:
        return replace(self, conditions=(*self.conditions, condition))

    def without(self, removed: frozenset[str] | None) -> Context:
        """Remove members; None removes every one except buckets, which go only if named."""
        return replace(
            self,
            members=tuple(
                (member, value)
                for member, value in self.members
                if (member.is_bucket if removed is None else member.text not in removed)
            ),
            others=self._others_without(removed),
        )

    def _others_without(self, removed: frozenset[str] | None) -> Others | None:
        """The rest is one member: it goes as a whole, unless what it gathers are buckets."""
        if self.others is None:
            return None
        if removed is None:
            return self.others if self.others.members[0].is_bucket else None
        gone = {m.text for m in self.others.members} & removed
        if gone and len(gone) < len(self.others.members):
            raise OracleRefuses(f"the rest of {[m.text for m in self.others.members]} without {sorted(gone)}")
        return None if gone else self.others


def across(call: t.Call) -> frozenset[str] | None:
    """Return the names after `across`, or None where there are none."""
    names = [name.text for m in call.modifiers if m.word == "across" for name in m.names]
    return frozenset(names) if names else None


class Interpreter:
    """The value of formulas in contexts, over one project's rows."""

    def __init__(self, definitions: Definitions, calendar: Calendar, rows: Rows) -> None:
        self.definitions = definitions
        self.calendar = calendar
        self.rows = rows
        self.units = rows.units

    def measured(self, measure: Measure, context: Context) -> Value:
        """Return the value of a metric or KPI in `context`, in the unit that it declares."""
        written = measure.formula
        if measure.empty_is_null and not (isinstance(written, t.Call) and written.function in AGGREGATES):
            raise OracleRefuses("`empty: null` belongs to a metric that is a single aggregate")
        formula = self.units.measure_formula(measure)
        return self.value(formula, context, empty_is_null=measure.empty_is_null)

    def value(self, formula: t.Expr, context: Context, *, empty_is_null: bool = False) -> Value:
        """Return the value of `formula`, whose conversions are spelled out, in `context`."""

        def atom(node: t.Expr) -> Any:
            match node:
                case t.Name(parts=(name,)) if name in self.definitions.measures:
                    return self.measured(self.definitions.measures[name], context)
                case t.Name(parts=(name,)):
                    return self.rows.parameter(name)
                case t.Where(operand=x, condition=c):
                    return self.value(x, context.narrowed(c))
                case t.Call(function="total", arguments=(x,)):
                    return self.value(x, context.without(across(node)))
                case t.Call(function="share", arguments=(x,)):
                    self._members_named(node, context)
                    whole = self.value(x, context.without(across(node)))
                    return arithmetic("/", self.value(x, context), whole)
                case t.Call(function=name) if name in AGGREGATES:
                    return self.aggregate(node, context, empty_is_null)
                case t.Call(function="date_trunc" | "date_diff"):
                    return calendar_function(node, atom, self.calendar)
                case _:
                    raise OracleRefuses(f"no value outside an aggregate: {node}")

        value: Value = compute(formula, atom)
        return value

    def _members_named(self, call: t.Call, context: Context) -> None:
        """A share across a member that is not in `by` is an error."""
        if missing := (across(call) or frozenset()) - context.by:
            raise OracleRefuses(f"a share across {sorted(missing)}, by which the query does not group")

    # Aggregates

    def aggregate(self, call: t.Call, context: Context, empty_is_null: bool) -> Value:
        leaf = leaf_of(call, self.definitions)
        self.owes(leaf, context, tuple(member for member, _ in context.members))
        inside = [
            (i, moment)
            for i, moment in self.rows_of(leaf, context.conditions)
            if self._inside(leaf, i, moment, context)
        ]
        if any(self.rows.lacks_required(x, leaf.home, i) for x in leaf.arguments for i, _ in inside):
            return None
        if not leaf.arguments:
            return None if empty_is_null and not inside else len(inside)
        found = [(i, moment, self._told(leaf, i)) for i, moment in inside]
        known = [(i, moment, values) for i, moment, values in found if None not in values]
        if leaf.function in ("first", "last"):
            return self._at_an_end(leaf, [(m, i, v[0]) for i, m, v in known if m is not None])
        tuples = [values for _, _, values in known]
        if not tuples and empty_is_null:
            return None
        if leaf.function == "weighted_avg":
            return weighted_average([(x, w) for x, w in tuples])
        if leaf.function == "percentile":
            return percentile([number(x) for (x,) in tuples], self._share(leaf))
        if leaf.function == "count_distinct":
            return len(set(tuples))
        return aggregated(leaf.function, [x for (x,) in tuples])

    def _told(self, leaf: Leaf, place: int) -> Tuple:
        return tuple(self.rows.in_row(x, leaf.home, place, time=leaf.time) for x in leaf.arguments)

    def _share(self, leaf: Leaf) -> float:
        def atom(node: t.Expr) -> Any:
            if isinstance(node, t.Name):
                return self.rows.parameter(node.text)
            raise OracleRefuses(f"a percentile is a constant, not {node}")

        return float(number(compute(leaf.share or t.Null(leaf.arguments[0].span), atom)))

    def _at_an_end(self, leaf: Leaf, found: list[tuple[Time, int, Value]]) -> Value:
        """Return the value at the earliest or latest time; of one time, that of the smallest or greatest key."""
        if not found:
            return None
        keys = self.definitions.datasets[leaf.home].key
        line = sorted(
            (moment, tuple(self.rows.column(leaf.home, i, key) for key in keys), i, value)
            for moment, i, value in found
        )
        return line[0 if leaf.function == "first" else -1][3]

    def rows_of(self, leaf: Leaf, conditions: tuple[t.Expr, ...]) -> Iterator[tuple[int, Time | None]]:
        """Yield the aggregate's rows under a filter, whatever the group and the window, with their times."""
        for i in self.rows.kept(leaf.home):
            moment = None if leaf.time is None else self.rows.moment(leaf.home, i, leaf.time)
            if leaf.has_at and moment is None:
                continue
            if not all(self.rows.holds_in_row(where, leaf.home, i, leaf.time) for where in leaf.wheres):
                continue
            if all(self.rows.meets(c, leaf.home, i, moment) for c in conditions):
                yield i, moment

    def _inside(self, leaf: Leaf, place: int, moment: Time | None, context: Context) -> bool:
        if not is_in(moment, context.period):
            return False
        if context.others is not None:
            own = self.tuple_of(context.others.members, leaf, place, moment)
            if own in context.others.shown:
                return False
        return all(
            same_member(self.rows.member(member, leaf.home, place, moment), value)
            for member, value in context.members
        )

    def tuple_of(self, members: tuple[Member, ...], leaf: Leaf, place: int, moment: Time | None) -> Tuple:
        return tuple(self.rows.member(m, leaf.home, place, moment) for m in members)

    def owes(self, leaf: Leaf, context: Context, members: tuple[Member, ...]) -> None:
        """Refuse, rows or none, what the leaf's dataset cannot tell: its time, a member out of reach."""
        asked = [*members, *(m for c in context.conditions for m in self._members_in(c))]
        if leaf.time is None and (context.period is not None or any(m.is_of_time for m in asked)):
            raise OracleRefuses(f"`{leaf.home}` has no time column, and a window is given")
        for member in asked:
            self.rows.reached(member, leaf.home)

    def _members_in(self, condition: t.Expr) -> Iterator[Member]:
        """Yield the members that a condition on a context names, through named filters too."""
        match condition:
            case t.Name(parts=(name,)) if name in self.definitions.filters:
                yield from self._members_in(self.definitions.filters[name])
            case t.Name(parts=(name,)) if name in self.rows.parameters:
                pass
            case t.Name():
                yield member_of(condition.text, self.definitions)
            case t.Call(function="date_trunc" | "date_diff", arguments=(_, *times)):
                for x in times:
                    yield from self._members_in(x)
            case _:
                for x in t.children(condition):
                    yield from self._members_in(x)

    # Leaves that make rows

    def grouping_leaves(
        self, formula: t.Expr, group: frozenset[str], conditions: tuple[t.Expr, ...]
    ) -> Iterator[tuple[Leaf, tuple[t.Expr, ...]]]:
        """Yield the aggregates that keep every member of the group, each with its filter."""
        match formula:
            case t.Name(parts=(name,)) if name in self.definitions.measures:
                yield from self.grouping_leaves(self.definitions.measures[name].formula, group, conditions)
            case t.Where(operand=x, condition=c):
                yield from self.grouping_leaves(x, group, (*conditions, c))
            case t.Call(function="total", arguments=(x,)):
                named = across(formula)
                removed = (group - self.definitions.grains) if named is None else (named & group)
                if not removed:
                    yield from self.grouping_leaves(x, group, conditions)
            case t.Call(function=name) if name in AGGREGATES:
                yield leaf_of(formula, self.definitions), conditions
            case _:
                for inner in t.children(formula):
                    yield from self.grouping_leaves(inner, group, conditions)


def is_in(moment: Time | None, window: Window | None) -> bool:
    """Return whether a time is in a window; no time is outside every bounded one."""
    return window is None or (moment is not None and window.holds(moment))


def same_member(a: Value, b: Value) -> bool:
    """Return whether two members are one: null is null's like."""
    return (a is None and b is None) or compare("=", a, b)
