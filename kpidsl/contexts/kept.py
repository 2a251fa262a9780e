"""The rows that `where` kept, among which `having` tests each value, wherever these are read.

`where` belongs to the count: its sets, `period_start` and `period_end` are those of the group in which the
values are counted, whatever window `having` reads rows in and whatever members it drops.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kpidsl.contexts.bounds import OPEN, Bounds
from kpidsl.contexts.contexts import Context, among_others
from kpidsl.contexts.sets import EntitySet, sets_in
from kpidsl.contexts.windows import InBucket
from kpidsl.semantics import entity_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Grain,
    InValues,
    Member,
    ValueSet,
    WindowEdge,
)
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.mapped import map_children
from kpidsl.semantics.walks import conjuncts

if TYPE_CHECKING:
    from kpidsl.contexts.counting import Counting


@dataclass(frozen=True, slots=True)
class _Asked:
    """How the rows in which values are looked for were asked before their sets were pushed, where, and for
    which values."""

    rows: Aggregate
    around: Context
    tested: tuple[Member, ...]


class Kept:
    """Says which rows `where` kept, to the aggregates that `having` makes of them."""

    def __init__(self, counting: Counting) -> None:
        self.counting = counting
        self._asked: dict[Aggregate, _Asked] = {}

    def by(self, asked: Aggregate, context: Context, tested: tuple[Member, ...]) -> Aggregate:
        """Return the rows in which values are looked for, with the sets of the context around these."""
        before = self.counting.sink.errors
        found = self._pushed(asked, context)
        if self.counting.sink.errors == before:
            self._asked[found] = _Asked(asked, context, tested)
        return found

    def around(
        self, aggregate: Aggregate, context: Context, time: Bound | None, *, is_moved: bool
    ) -> Aggregate | None:
        """Return an aggregate over the rows that `where` keeps in the groups around its own.

        None is returned after reporting a total over rows that are others in each group.
        """
        for among, asked in self._read_by(aggregate, context):
            there = _without_dropped(asked.around, context)
            drops = there != asked.around
            kept = self._of_all(asked, there, aggregate, context, time) if drops else asked.rows
            if kept is None:
                return None
            if is_moved and not there.is_moved and there.grains:
                # Not the sets of the rows' own buckets.
                edges = self.counting.placing.edges(there.grains, there.steps, there.window) or OPEN
                edged = self.counting.with_edges(kept, partial(_found, edges))
                pushed = self.counting.with_sets(edged, there, time, is_moved=True)
            elif drops:
                pushed = self._pushed(kept, there)
            else:
                continue
            aggregate = among_others(aggregate, among, pushed)
        return aggregate

    def in_own_buckets(self, found: Aggregate, context: Context, time: Bound) -> Aggregate:
        """Return an aggregate whose rows are looked for by sets of their own buckets, too."""
        read = replace(context, among=(*context.among, found))
        for among, asked in self._read_by(found, read):
            steps = tuple(step for step in asked.around.steps if isinstance(step.move, InBucket))
            there = _without_dropped(replace(asked.around, steps=steps), context)
            found = among_others(found, among, self.counting.in_buckets_of_rows(asked.rows, there, time))
        return found

    def _read_by(self, aggregate: Aggregate, context: Context) -> Iterator[tuple[Aggregate, _Asked]]:
        """Yield the rows that `where` kept of an aggregate's, and how they were asked."""
        for among in context.among:
            if among in self._asked and among.dataset == aggregate.dataset:
                yield among, self._asked[among]

    def _pushed(self, asked: Aggregate, context: Context) -> Aggregate:
        counted = self.counting.counted(asked, context)
        return replace(asked if counted is None else counted.aggregate, required=())

    def _of_all(
        self, asked: _Asked, there: Context, aggregate: Aggregate, context: Context, time: Bound | None
    ) -> Aggregate | None:
        """Return the rows that `where` keeps in every group that is dropped; what is left is `there`.

        What it asks of the value that is tested alone holds of all rows of the value, or else that is not
        counted: it needs no asking again. Any other condition that is another one in each of the groups makes
        no rows that a total could be of: None is returned after reporting that.
        """
        members = (m for m in (*there.group, *asked.tested) if m in context.group)
        fixed = tuple(member for member in members if not isinstance(member, Grain))
        told = {key.value for key in self.counting.on_rows.group(aggregate, fixed, time)}
        condition = asked.rows.condition
        parts: list[Bound] = []
        for part in () if condition is None else conjuncts(condition):
            dropped = self._asks_for(replace(asked.rows, condition=part), asked.around, there)
            if not dropped:
                parts.append(part)
            elif not _is_told_by(part, told):
                names = [member.text for member in dropped]
                wrong = entity_errors.total_of_kept(
                    aggregate.span, names, asked.rows.span, has_edges=_has_edges(part)
                )
                self.counting.sink.report(wrong)
                return None
        return replace(asked.rows, condition=conjunction(parts) if parts else None)

    def _asks_for(self, rows: Aggregate, around: Context, there: Context) -> tuple[Member, ...]:
        """Return the members that are dropped and without which a condition on rows cannot be asked."""
        dropped = [m for m in (*around.group, *around.gathered) if m not in (*there.group, *there.gathered)]
        found: set[Member] = set()
        if _has_edges(rows):
            found |= {member for member in dropped if isinstance(member, Grain)}
        for one in sets_in(self._pushed(rows, around)):
            found |= {*one.set.members}
            match one.set:
                case EntitySet(of=of) if of.is_gathered:
                    found |= {*around.gathered}
                case ValueSet(gathered=gathered) if gathered:
                    found |= {*around.gathered}
        return tuple(member for member in dropped if member in found)


def _without_dropped(around: Context, context: Context) -> Context:
    """Return the context around without the members that one inside it has no more."""
    group = tuple(member for member in around.group if member in context.group)
    gathered = tuple(member for member in around.gathered if member in context.gathered)
    steps = tuple(s for s in around.steps if not isinstance(s.move, InBucket) or s.move.grain in group)
    return replace(around, group=group, gathered=gathered, steps=steps)


def _has_edges(asked: Bound) -> bool:
    """Tell whether a row is asked about the ends of the window around; a set has a window of its own."""
    found: list[Bound] = []

    def at(bound: Bound) -> Bound:
        match bound:
            case WindowEdge(which="period_start" | "period_end"):
                found.append(bound)
            case InValues(operand=x):
                at(x)
            case _:
                map_children(bound, at)
        return bound

    at(asked)
    return bool(found)


def _is_told_by(condition: Bound, told: Collection[Bound]) -> bool:
    """Tell whether a condition rests on some values of a row alone, beside sets and ends of windows."""
    if condition in told:
        return True
    match condition:
        case Constant() | WindowEdge():
            return True
        case Apply(args=args):
            return all(_is_told_by(arg, told) for arg in args)
        case InValues(operand=x):
            return _is_told_by(x, told)
        case _:
            return False


def _found(edges: Bounds) -> Bounds:
    return edges
