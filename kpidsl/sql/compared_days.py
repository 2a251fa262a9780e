"""Windows of comparable days as CTEs: the days on which each bucket reads rows, met by the rows' own days.

    windows (month, value_1), comparable_days (day, comparable)  ->  days_compared (month, comparable)

A day is there once in each bucket, however many days of the window name it, so rows cannot become more.
Beside rows the days would be sought for each pair of a row and a bucket. Where a day's rows count in part
(`as_of` is no midnight), columns tell which conditions on its rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from kpidsl.plan.nodes import Slot
from kpidsl.semantics.bound import Apply, Bound, Constant, KeyValue, children
from kpidsl.semantics.conditions import conjunction, disjunction
from kpidsl.sql import nodes
from kpidsl.sql.buckets import COMPARABLE
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope, named, select_of, slot_of, union


@dataclass(frozen=True, slots=True)
class DaysCompared:
    """A condition on a row and a bucket by the days on which the bucket reads rows.

    `own` is the row's day; of each part the days, and the conditions on rows of these days.
    """

    own: Bound
    parts: tuple[tuple[Bound, tuple[Bound, ...]], ...]

    def days(self, lowered: Callable[[Bound], Node]) -> list[Node]:
        """Return for each part the condition on its days."""
        return [lowered(days) for days, _ in self.parts]

    def join(
        self, scope: Scope, buckets: str, members: Sequence[Slot], days: Sequence[Node], table: str
    ) -> str:
        """Add the CTE with the days of each bucket and return its name."""
        columns = [slot_of(buckets, slot) for slot in members] + [nodes.column(table, COMPARABLE)]
        selects: list[exp.Select] = []
        for number, day in enumerate(days):
            query = select_of(buckets, [column.copy() for column in columns])
            query.set("joins", [exp.Join(this=named(table), on=day)])
            selects.append(query)
            if len(days) == 1:
                query.set("distinct", exp.Distinct())
                return _added(scope, "days_compared", query)
            for other in range(len(days)):
                is_of = nodes.integer(1 if other == number else 0)
                query.append("expressions", nodes.alias(is_of, part_of(other)))
        parts = _added(scope, "parts_of_days", union(selects))
        keys = [nodes.column(parts, column.name) for column in columns]
        flags = [
            nodes.alias(exp.Max(this=nodes.column(parts, part_of(number))), part_of(number))
            for number in range(len(days))
        ]
        query = select_of(parts, [*keys, *flags])
        query.set("group", exp.Group(expressions=[key.copy() for key in keys]))
        return _added(scope, "days_compared", query)

    def on(self, name: str, expressions: Expressions) -> Node:
        """Return when a row meets a row of the CTE."""
        is_read = nodes.compare(
            exp.EQ, nodes.column(name, COMPARABLE), nodes.operand(expressions.value(self.own), 4)
        )
        parts = []
        for number, (_, rest) in enumerate(self.parts):
            conditions = [] if len(self.parts) == 1 else [is_part(name, number)]
            conditions.extend(expressions.holds(condition) for condition in rest)
            if conditions:
                parts.append(nodes.all_of(conditions))
        return nodes.all_of([is_read, nodes.any_of(parts)]) if parts else is_read


def part_of(number: int) -> str:
    """Return the column that tells which conditions there are on rows."""
    return f"part_{number + 1}"


def is_part(name: str, number: int) -> Node:
    """Return that a row of a CTE has the conditions of a part."""
    return nodes.compare(exp.EQ, nodes.column(name, part_of(number)), nodes.integer(1))


def _added(scope: Scope, wanted: str, query: exp.Query) -> str:
    """Return the name of a CTE; those that are equal are one."""
    known = scope.staged.setdefault((wanted, query), [])
    if not known:
        known.append(scope.add(wanted, query))
    return known[0]


def days_compared(condition: Bound) -> DaysCompared | None:
    """Return a condition by comparable days, or None where it is not one of these alone."""
    found = alternatives(condition)
    if not found:
        return None
    own = found[0].own
    if any(one.own != own or one.there is not None for one in found):
        return None
    by_rest: dict[tuple[Bound, ...], list[Bound]] = {}
    for one in found:
        by_rest.setdefault(one.rest, []).append(conjunction(one.days))
    return DaysCompared(own, tuple((disjunction(days), rest) for rest, days in by_rest.items()))


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the ways for a row to be read in a bucket.

    `days` asks of the day or time at which it is read, and of the bucket, `rest` of the row alone. `there` is
    the row's time on that day, where that is asked for.
    """

    own: Bound
    days: tuple[Bound, ...]
    rest: tuple[Bound, ...]
    there: Bound | None = None


def alternatives(condition: Bound) -> tuple[Alternative, ...]:
    """Return of which alternatives a condition is made, or none where one asks for no comparable day."""
    if not isinstance(condition, Apply):
        return ()
    match condition.op:
        case "compared":
            own, inside = condition.args
            return (Alternative(own, (inside,), ()),)
        case "compared_at":
            own, there, inside = condition.args
            return (Alternative(own, (inside,), (), there),)
        case "or":
            found = [alternatives(arg) for arg in condition.args]
            return tuple(one for some in found for one in some) if all(found) else ()
        case "and":
            asking = [found for found in map(alternatives, condition.args) if found]
            if len(asking) != 1:
                return ()
            others = [arg for arg in condition.args if not alternatives(arg)]
            days = tuple(other for other in others if _is_of_buckets(other))
            rest = tuple(other for other in others if not _is_of_buckets(other))
            return tuple(replace(one, days=(*days, *one.days), rest=(*rest, *one.rest)) for one in asking[0])
        case _:
            return ()


def _is_of_buckets(value: Bound) -> bool:
    """Tell whether a value rests on buckets alone, and on nothing of a row."""
    inner = children(value)
    return all(map(_is_of_buckets, inner)) if inner else isinstance(value, KeyValue | Constant)
