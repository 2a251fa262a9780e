"""The rows of a result: which members and buckets some aggregate has rows for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .aggregates import Leaf
from .contexts import Context, Others, Some, Tuple
from .interpreter import Interpreter
from .members import Member
from .moments import Moment, day_of
from .queries import Query
from .stretches import ends
from .values import time_of
from .windows import Comparable, During, Prior, Window

Standing = tuple[Leaf, Context]
"""An aggregate, and the context in which it stands, whose members are not known yet."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Finds the groups of one query's result."""

    query: Query
    interpreter: Interpreter

    def nothing(self) -> Context:
        query = self.query
        return Context((), None, query.conditions, query.windows[0][1], frozenset(query.by))

    def found(self, members: tuple[Member, ...], others: Others | None) -> Iterator[Context]:
        """Yield the contexts with a row in some aggregate that keeps every member of the group, once each.

        Without members there is one, rows or none.
        """
        if not members and others is None:
            yield self.nothing()
            return
        buckets = tuple(m for m in members if m.is_bucket)
        standing = [s for s in self._standing(members, others) if s[1].keeps(members, others)]
        for leaf, context in standing:
            # Whatever the rows, its dataset must tell every member and, where it is bounded, the time.
            self.interpreter.owes(leaf, context, tuple(m for m, _ in context.members))
        every: list[Tuple] | None = None
        found: dict[Context, None] = {}
        for leaf, context in standing:
            if not buckets and self.interpreter.reaches.is_open(context):
                tuples = self._of_open((), members, leaf, context)
            elif not buckets or not (context.is_changed or leaf.until):
                tuples = self._tuples(members, leaf, context)
            else:
                every = self._begun(buckets, self._ranging(standing, others)) if every is None else every
                tuples = (values for starts in every for values in self._at(starts, members, leaf, context))
            for values in tuples:
                own = replace(self.nothing(), members=tuple(zip(members, values, strict=True)), others=others)
                if not self.lies_ahead(own):
                    found[own] = None
        yield from found

    def _ranging(self, standing: list[Standing], others: Others | None) -> list[Standing]:
        """Return what tells the first and the last bucket: of the rest as of any member, the whole query's."""
        if others is None:
            return standing
        members = self.query.members
        return [s for s in self._standing(members, None) if s[1].keeps(members, None)]

    def _of_open(
        self, starts: Tuple, members: tuple[Member, ...], leaf: Leaf, context: Context
    ) -> Iterator[Tuple]:
        """Yield the members of groups with rows in one of the buckets that their own rows reach over."""
        buckets = {m.text for m in members if m.is_bucket}
        rest = tuple(m for m in members if not m.is_bucket)
        for own in dict.fromkeys(self.interpreter.anywhere(rest, leaf, context)):
            values = (*starts, *own)
            for one, there in self._standing(members, context.others, values):
                keeps = there.keeps(rest, context.others) and there.dropped.isdisjoint(buckets)
                if keeps and any(self.interpreter.rows_in(one, there)):
                    yield values
                    break

    def _standing(
        self, members: tuple[Member, ...], others: Others | None, values: Tuple | None = None
    ) -> list[Standing]:
        """Return the aggregates of what is asked; in the group of some values each entity's."""
        nothing = replace(self.nothing(), others=others, goes_through=values is not None)
        return [
            standing
            for asked in self.query.kpis
            for _, period in self.query.windows
            for standing in self.interpreter.leaves(
                asked.measure.formula,
                replace(nothing, period=period)
                .ripened(asked.measure.maturity)
                .joined(members, [Some.ANYTHING] * len(members) if values is None else values),
            )
        ]

    def _tuples(self, members: tuple[Member, ...], leaf: Leaf, context: Context) -> Iterator[Tuple]:
        """Yield the members of every row that the context holds."""
        for i, moment in self.interpreter.rows_in(leaf, context):
            yield self.interpreter.tuple_of(members, leaf, i, moment)

    def _at(
        self, starts: Tuple, members: tuple[Member, ...], leaf: Leaf, context: Context
    ) -> Iterator[Tuple]:
        """Yield the members of every row in the window that a bucket's is changed to."""
        buckets = tuple(m for m in members if m.is_bucket)
        rest = tuple(m for m in members if not m.is_bucket)
        there = _known(context, buckets, starts)
        if self.interpreter.reaches.is_open(there):
            yield from self._of_open(starts, members, leaf, there)
            return
        for i, moment in self.interpreter.rows_in(leaf, there):
            yield (*starts, *self.interpreter.tuple_of(rest, leaf, i, moment))

    # Buckets

    def buckets(self, members: tuple[Member, ...], standing: list[Standing]) -> list[Tuple]:
        """Return the period's buckets; without one those from the first to the last with rows.

        Where the period has an end alone they begin with the first with rows, and go on until the end.
        """
        whole = self.query.windows[0][1].whole
        grains = [m.grain or "" for m in members]
        if whole.start is not None and whole.end is not None:
            return list(self.interpreter.calendar.buckets(whole, grains))
        plain = [
            s for s in standing if not any(isinstance(c, Prior | Comparable | During) for c in s[1].changes)
        ]
        known = [starts for s in plain or standing for starts in self._own(members, *s)]
        there = self.between(known, grains)
        if not there or whole.end is None:
            return there
        begins = self.interpreter.calendar.beginning(
            [(grain, time_of(start)) for grain, start in zip(grains, there[0], strict=True)], whole
        )
        return list(self.interpreter.calendar.buckets(Window(begins, whole.end), grains))

    def _begun(self, members: tuple[Member, ...], standing: list[Standing]) -> list[Tuple]:
        """Leave out the buckets that lie ahead."""
        return [
            starts
            for starts in self.buckets(members, standing)
            if not self.lies_ahead(replace(self.nothing(), members=tuple(zip(members, starts, strict=True))))
        ]

    def between(self, known: list[Tuple], grains: list[str]) -> list[Tuple]:
        """Return the buckets from the first to the last of those given, which have no null part."""
        calendar = self.interpreter.calendar
        known = [starts for starts in known if starts and None not in starts]
        if not known:
            return []
        days = [day_of(time_of(start)) for starts in known for start in starts]
        zone = calendar.zone
        last = max(self._end(starts, grains) for starts in set(known))
        window = Window(Moment.midnight(min(days), zone), last)
        there: list[Tuple] = list(calendar.buckets(window, grains))
        places = [there.index(starts) for starts in known]
        return there[min(places) : max(places) + 1]

    def _end(self, starts: Tuple, grains: list[str]) -> Moment:
        """Return the end of a bucket, which is the part that several have in common."""
        calendar = self.interpreter.calendar
        ends = [calendar.interval(time_of(s), g).end for s, g in zip(starts, grains, strict=True)]
        return min(end for end in ends if end is not None)

    def _own(self, members: tuple[Member, ...], leaf: Leaf, context: Context) -> Iterator[Tuple]:
        """Yield the buckets of the leaf's rows themselves, unmoved."""
        interpreter = self.interpreter
        still = replace(context, changes=())
        for i, moment in interpreter.rows_in(replace(leaf, until=None), still):
            yield interpreter.tuple_of(members, leaf, i, moment)
            if leaf.until is not None and moment is not None:
                for end in ends(interpreter.rows, leaf, i, moment):
                    yield tuple(interpreter.calendar.bucket(end, m.grain or "") for m in members)

    def lies_ahead(self, context: Context) -> bool:
        """Tell whether a bucket begins at or after `as_of`."""
        as_of = self.query.as_of
        if as_of is None or not context.buckets:
            return False
        known = [
            (m.grain or "", time_of(v))
            for m, v in context.buckets
            if v is not None and not isinstance(v, Some)
        ]
        start = self.interpreter.calendar.beginning(known, context.period.whole)
        return start is not None and start >= as_of

    def stretch(self, context: Context) -> Window:
        """Return a row's bucket ∩ the period."""
        window = context.period.whole
        for member, value in context.buckets:
            if value is not None and not isinstance(value, Some):
                window = window.within(self.interpreter.calendar.interval(time_of(value), member.grain or ""))
        return window


def _known(context: Context, members: tuple[Member, ...], values: Tuple) -> Context:
    told = {m.text: v for m, v in zip(members, values, strict=True)}
    return replace(context, members=tuple((m, told.get(m.text, v)) for m, v in context.members))
