"""Sets in which rows' values are sought: the different values of other rows, found once for all of them.

A set whose window is another one in each bucket is made for each bucket, or, in the fast plan, for the
buckets of its own rows where these tell which values are in a window:

    in prior(values(…), 1 month)     values by month                  at the row's month - 1 month
    in cumulative(values(…))         values with their first time     that is before the row's month ends
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from kpidsl.contexts.sets import EntitySet, sets_in, with_buckets
from kpidsl.plan.nodes import (
    EntityValues,
    InWindows,
    KeySlot,
    RowSource,
    RowsOutside,
    Slot,
    SoughtIn,
    Source,
    Spine,
    Top,
    Values,
    WindowSpine,
)
from kpidsl.plan.reading import Reading
from kpidsl.semantics.bound import Bound, Grain, InSet, Member, Sought, ValueSet

OWN_BUCKET = "k_bucket"
"""The key of a set that is made by the buckets of its own rows."""


class Sets:
    """Makes the sets of one plan; the same set is one node."""

    def __init__(
        self,
        reading: Reading,
        key_of: Mapping[Member, Slot],
        spine: Callable[[tuple[Grain, ...]], Spine | WindowSpine],
        entities: Callable[[EntitySet, Top | None], EntityValues],
        *,
        by_own: bool,
    ) -> None:
        self.reading = reading
        self.key_of = key_of
        self.spine = spine
        self.entities = entities
        self.by_own = by_own
        self._made: dict[object, Values] = {}
        self._of_entities: dict[EntitySet, EntityValues] = {}

    def sought_in(self, read: Iterable[Bound], top: Top | None) -> tuple[SoughtIn, ...]:
        """Return the sets that rows are asked of; `top` is the ranking whose members are left out of some."""
        found = dict.fromkeys(one for bound in read for one in sets_in(bound))
        return tuple(self._sought(one, top) for one in found)

    def _how(self, own: ValueSet) -> Sought | None:
        """Return how a set is found by the buckets of its own rows, where it is."""
        return own.sought if self.by_own else None

    def _sought(self, found: InSet, top: Top | None) -> SoughtIn:
        own = found.set
        members = tuple(zip(own.members, found.at, strict=True))
        if isinstance(own, EntitySet):
            if own not in self._of_entities:
                self._of_entities[own] = self.entities(own, top)
            return SoughtIn(found, self._of_entities[own], tuple((at, False) for at in found.at), None)
        assert isinstance(own, ValueSet)
        how = self._how(own)
        if how is None:
            return SoughtIn(
                found, self._values(own, top), tuple((value, False) for _, value in members), None
            )
        buckets = dict(members)
        rest = [(value, False) for member, value in members if not isinstance(member, Grain)]
        if how.start is not None:
            rest.append((with_buckets(how.start, buckets), True))
        until = None if how.until is None else with_buckets(how.until, buckets)
        return SoughtIn(found, self._values(own, top), tuple(rest), until)

    def _values(self, own: ValueSet, top: Top | None) -> Values:
        if own not in self._made:
            how = self._how(own)
            conditions = own.conditions if how is None else (*own.conditions, *how.within)
            spine, in_each = self._buckets(own), None
            if spine is not None and own.window is not None:
                conditions, in_each = self.reading.in_window(conditions, own.window, spine)
            own_rows = self.reading.rows(own.dataset, own.read, conditions)
            rows: RowSource | RowsOutside = own_rows
            if own.gathered and top is not None:
                rows = RowsOutside(own_rows, own.gathered, top)
            source: Source = rows
            if spine is not None and in_each is not None:
                source = InWindows(rows, spine, in_each)
            self._made[own] = Values(
                source,
                own.dataset,
                tuple(self._keys(own)),
                KeySlot(Slot("v_value", own.type), own.value),
                own.includes_null,
                self._first(own),
                self.sought_in(own.read, top),
            )
        return self._made[own]

    def _buckets(self, own: ValueSet) -> Spine | WindowSpine | None:
        """Return the buckets for each of which a set is made, if it is."""
        if own.window is None or self._how(own) is not None:
            return None
        return self.spine(tuple(member for member in own.members if isinstance(member, Grain)))

    def _keys(self, own: ValueSet) -> Iterator[KeySlot]:
        how = self._how(own)
        for member, value in own.keys:
            if how is None or not isinstance(member, Grain):
                yield KeySlot(self.key_of[member], value)
        if how is not None and how.bucket is not None:
            yield KeySlot(Slot(OWN_BUCKET, how.bucket.type), how.bucket)

    def _first(self, own: ValueSet) -> KeySlot | None:
        how = self._how(own)
        if how is None or how.until is None:
            return None
        return KeySlot(Slot("first_time", how.time.type), how.time)
