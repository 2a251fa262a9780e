"""Times of an engine whose own time zones are not trusted: the changes of a zone are written out.

Over a period they are few and stand in a CASE; where they are many, an engine looks them up or refuses them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from kpidsl.model.grains import GrainRule, bucket_seconds
from kpidsl.model.zones import is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import Times
from kpidsl.sql.written_zones import Piece, are_cut_in_utc, pieces, reach, same_buckets, same_local

_MOST_BRANCHES = 6


@dataclass(frozen=True, slots=True)
class Shifts:
    """What a piece adds, as nodes: constants, or columns of a lookup table."""

    to_local: Node | None
    to_utc: Node | None
    begins: Node | None


class WrittenTimes(Times):
    """Local times and buckets by the changes of zones; a subclass says how times are moved and compared."""

    converts_in_steps = True

    def whole(self, time: Node) -> Node:
        """Return a time without its fraction of a second, where what is done with it needs that."""
        return time.copy()

    def with_fraction(self, moved: Node, time: Node) -> Node:  # noqa: ARG002
        """Return what was made of a whole time with the fraction that the time has."""
        return moved

    def shift(self, seconds: int) -> Node:
        """Return a number of seconds as times are shifted by it."""
        return nodes.integer(seconds)

    @abstractmethod
    def shifted(self, time: Node, shift: Node) -> Node:
        """Return a time that is moved."""

    @abstractmethod
    def moment(self, moment: datetime) -> Node:
        """Return a known time."""

    @abstractmethod
    def floor(self, rule: GrainRule, time: Node) -> Node:
        """Return where the hour or minute of a time begins."""

    @abstractmethod
    def later(self, left: Node, right: Node) -> Node:
        """Return the later of two times."""

    @abstractmethod
    def outside(self, time: Node) -> Node:
        """Return what stands for an instant before or after the changes that are written."""

    @abstractmethod
    def of_many(
        self,
        time: Node,
        found: tuple[Piece, ...],
        days: Window | None,
        wanted: str,
        shift: Callable[[Shifts], Node],
        form: Callable[[Node], Node],
    ) -> Node:
        """Return the form of a shifted time where the pieces are too many for a CASE.

        `wanted` names what they tell; without days, the time may lie outside of them.
        """

    def local(self, time: Node, zone: str, days: Window | None) -> Node:
        time = self.once(time)
        return self.with_fraction(self.of_local(time, zone, days, lambda local: local), time)

    def utc(self, time: Node, zone: str) -> Node:
        time = self.once(time)
        found = same_local(pieces(zone, "UTC", *self._range(zone, None)))
        whole = self._by_piece(
            time,
            found,
            None,
            f"utc_of_{zone}",
            lambda shifts: self._moved(self.whole(time), shifts.to_local),
            lambda moment: moment,
        )
        return self.with_fraction(whole, time)

    def of_local(
        self, time: Node, zone: str | None, days: Window | None, form: Callable[[Node], Node]
    ) -> Node:
        if zone is None:
            return form(self.whole(time))
        time = self.once(time)
        found = same_local(pieces(zone, self.cut.zone, *self._range(zone, days)))
        return self._by_piece(
            time,
            found,
            days,
            f"local_time_of_{zone}",
            lambda s: self._moved(self.whole(time), s.to_local),
            form,
        )

    def instant_bucket(self, rule: GrainRule, time: Node, zone: str | None, days: Window | None) -> Node:
        held_in = zone or self.cut.zone
        if is_utc(held_in) and is_utc(self.cut.zone):
            return self.floor(rule, self.whole(time))
        unbroken = pieces(held_in, self.cut.zone, *self._range(held_in, days))
        found = same_buckets(unbroken, bucket_seconds(rule))
        time = self.once(time)
        in_utc = are_cut_in_utc(found)

        def cut(shifts: Shifts) -> Node:
            floor = self.floor(rule, self._moved(self.whole(time), shifts.to_local))
            bucket = floor if in_utc else self._moved(floor, shifts.to_utc)
            return bucket if shifts.begins is None else self.later(bucket, shifts.begins)

        return self._by_piece(time, found, days, f"{rule.name}s_of_{held_in}", cut, lambda bucket: bucket)

    def _range(self, zone: str, days: Window | None) -> tuple[datetime, datetime]:
        if days is not None and days.start is not None and days.end is not None:
            return reach(zone, self.cut.zone, days.start, days.end)
        first, last = self.cut.zone_years
        return datetime(first, 1, 1), datetime(last + 1, 1, 1)

    def _moved(self, time: Node, shift: Node | None) -> Node:
        return time if shift is None else self.shifted(time, shift.copy())

    def _by_piece(
        self,
        time: Node,
        found: tuple[Piece, ...],
        days: Window | None,
        wanted: str,
        shift: Callable[[Shifts], Node],
        form: Callable[[Node], Node],
    ) -> Node:
        if len(found) > _MOST_BRANCHES:
            return self.of_many(time, found, days, wanted, shift, form)
        branches = [(self._before(time, piece.until), shift(self._constants(piece))) for piece in found]
        if days is None:
            branches.insert(0, (self._before(time, found[0].since), self.outside(time)))
            return form(nodes.case(branches, self.outside(time)))
        last = branches.pop()[1]
        return form(nodes.case(branches, last) if branches else last)

    def _before(self, time: Node, moment: datetime) -> Node:
        return nodes.compare(exp.LT, time.copy(), self.moment(moment))

    def _constants(self, piece: Piece) -> Shifts:
        back = piece.to_utc - piece.to_local
        return Shifts(
            self.shift(piece.to_local) if piece.to_local else None,
            self.shift(back) if back else None,
            None if piece.begins is None else self.moment(piece.begins),
        )
