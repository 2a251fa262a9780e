"""Contexts (group, filter, window) and the value of a formula in one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from kpidsl.syntax import tree as t

from .buckets import GRAINS, Window, bucket_of
from .definitions import Definitions
from .rows import Rows
from .table import OracleRefuses, Value
from .values import arithmetic, compare, compute, exact_sum, number

AGGREGATES = ("sum", "avg", "min", "max", "count", "count_distinct")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A member of the group that is a stretch of time. Without a start: the rows without a time."""

    grain: str
    start: date | None


@dataclass(frozen=True, slots=True)
class Context:
    """`members` pairs a dimension or path with its value; `period` is the query's."""

    members: tuple[tuple[tuple[str, ...], Value], ...]
    bucket: Bucket | None
    conditions: tuple[t.Expr, ...]
    period: Window | None
    by: frozenset[str]
    """What the query groups by, whatever a `total` has removed since."""

    def narrowed(self, condition: t.Expr) -> Context:
        return replace(self, conditions=(*self.conditions, condition))

    def without(self, removed: frozenset[str] | None) -> Context:
        """Remove members; None removes every one except the bucket, which goes only if named."""
        return replace(
            self,
            members=()
            if removed is None
            else tuple(m for m in self.members if ".".join(m[0]) not in removed),
            bucket=None if removed and self.bucket and self.bucket.grain in removed else self.bucket,
        )


def across(call: t.Call) -> frozenset[str] | None:
    """Return the names after `across`, or None where there are none."""
    names = [name.text for m in call.modifiers if m.word == "across" for name in m.names]
    return frozenset(names) if names else None


@dataclass(frozen=True, slots=True)
class Leaf:
    """An aggregate, taken apart: its home, what it aggregates (None: rows), its `where`, its time."""

    function: str
    home: str
    argument: t.Expr | None
    where: t.Expr | None
    time: tuple[str, ...] | None
    has_at: bool


def leaf_of(call: t.Call, definitions: Definitions) -> Leaf:
    """Take an aggregate apart. Its home is the first dataset that its argument names."""
    if len(call.arguments) != 1:
        raise OracleRefuses(f"`{call.function}` takes one argument")
    argument: t.Expr | None = call.arguments[0]
    where: t.Expr | None = None
    home = _home(call, definitions)
    if isinstance(argument, t.Where):
        where = argument.condition
        argument = argument.operand
    if isinstance(argument, t.Name) and len(argument.parts) == 1 and call.function == "count":
        argument = None
    at = [name.parts for m in call.modifiers if m.word == "at" for name in m.names]
    time = at[0] if at else definitions.datasets[home].time
    return Leaf(call.function, home, argument, where, time, bool(at))


def _home(call: t.Call, definitions: Definitions) -> str:
    for node in t.walk(call.arguments[0]):
        if not isinstance(node, t.Name) or node.parts[0] not in definitions.datasets:
            continue
        if len(node.parts) > 1 or call.function == "count":
            return node.parts[0]
    raise OracleRefuses(f"`{call.function}` names no dataset")


class Interpreter:
    """The value of formulas in contexts, over one project's rows."""

    def __init__(self, definitions: Definitions, rows: Rows) -> None:
        self.definitions = definitions
        self.rows = rows

    def value(self, formula: t.Expr, context: Context, *, empty_is_null: bool = False) -> Value:
        """Return the value of `formula` in `context`."""
        if empty_is_null and not (isinstance(formula, t.Call) and formula.function in AGGREGATES):
            raise OracleRefuses("`empty: null` belongs to a metric that is a single aggregate")

        def atom(node: t.Expr) -> Value:
            match node:
                case t.Name(parts=(name,)) if name in self.definitions.measures:
                    measure = self.definitions.measures[name]
                    return self.value(measure.formula, context, empty_is_null=measure.empty_is_null)
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
            raise OracleRefuses(f"no value outside an aggregate: {node}")

        return compute(formula, atom)

    def _members_named(self, call: t.Call, context: Context) -> None:
        """A share across a member that is not in `by` is an error."""
        if missing := (across(call) or frozenset()) - context.by:
            raise OracleRefuses(f"a share across {sorted(missing)}, by which the query does not group")

    # Aggregates

    def aggregate(self, call: t.Call, context: Context, empty_is_null: bool) -> Value:
        leaf = leaf_of(call, self.definitions)
        self.owes(leaf, context, tuple(parts for parts, _ in context.members))
        places = [
            i
            for i, moment in self.rows_of(leaf, context.conditions)
            if self._inside(leaf, i, moment, context)
        ]
        if leaf.argument is None:
            count = len(places)
            return None if empty_is_null and not count else count
        found = [self.rows.in_row(leaf.argument, leaf.home, i) for i in places]
        values: list[Value] = [v for v in found if v is not None]
        if not values and empty_is_null:
            return None
        return _aggregated(leaf.function, values)

    def rows_of(self, leaf: Leaf, conditions: tuple[t.Expr, ...]) -> Iterator[tuple[int, datetime | None]]:
        """Yield the aggregate's rows under a filter, whatever the group and the window, with their times."""
        for i in self.rows.kept(leaf.home):
            moment = None if leaf.time is None else self.rows.moment(leaf.home, i, leaf.time)
            if leaf.has_at and moment is None:
                continue
            if leaf.where is not None and not self.rows.holds_in_row(leaf.where, leaf.home, i):
                continue
            if all(self.rows.meets(c, leaf.home, i, moment) for c in conditions):
                yield i, moment

    def _inside(self, leaf: Leaf, place: int, moment: datetime | None, context: Context) -> bool:
        if context.bucket is not None:
            bucket = self.bucket(moment, context.bucket.grain)
            if bucket != context.bucket.start:
                return False
        if not is_in(moment, context.period):
            return False
        return all(
            same_member(self.rows.member(parts, leaf.home, place), value) for parts, value in context.members
        )

    def bucket(self, moment: datetime | None, grain: str) -> date | None:
        return None if moment is None else bucket_of(moment, grain, self.definitions.week_start)

    def owes(self, leaf: Leaf, context: Context, members: tuple[tuple[str, ...], ...]) -> None:
        """Refuse, rows or none, what the leaf's dataset cannot tell: its time, a member out of reach."""
        asked = {name.parts for c in context.conditions for name in t.walk(c) if isinstance(name, t.Name)}
        grains = {parts for parts in asked if parts[0] in GRAINS and len(parts) == 1}
        if leaf.time is None and (context.bucket is not None or context.period is not None or grains):
            raise OracleRefuses(f"`{leaf.home}` has no time column, and a window is given")
        for parts in (*members, *sorted(asked - grains)):
            self.rows.reached(parts, leaf.home)

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
                removed = (group - frozenset(GRAINS)) if named is None else (named & group)
                if not removed:
                    yield from self.grouping_leaves(x, group, conditions)
            case t.Call(function=name) if name in AGGREGATES:
                yield leaf_of(formula, self.definitions), conditions
            case _:
                for inner in t.children(formula):
                    yield from self.grouping_leaves(inner, group, conditions)


def is_in(moment: datetime | None, window: Window | None) -> bool:
    """Return whether a time is in a window; no time is outside every bounded one."""
    return window is None or (moment is not None and window.holds(moment))


def same_member(a: Value, b: Value) -> bool:
    """Return whether two members are one: null is null's like."""
    return (a is None and b is None) or compare("=", a, b)


def _aggregated(function: str, values: list[Value]) -> Value:
    """Aggregate values that are not null; a sum or count of nothing is 0, all else of nothing null."""
    if function == "count":
        return len(values)
    if function == "count_distinct":
        return len(set(values))
    if function == "sum":
        return exact_sum([number(v) for v in values])
    if not values:
        return None
    if function == "avg":
        return float(exact_sum([number(v) for v in values])) / len(values)
    best = values[0]
    for v in values[1:]:
        if compare("<" if function == "min" else ">", v, best):
            best = v
    return best
