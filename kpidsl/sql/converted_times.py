"""Times of an engine that has zones, of which only this is taken for granted.

A local time that exists gives one of the instants at which clocks show it, and an instant gives the time
that they show.

Which of two instants an engine takes, and what it makes of a local time that does not exist, its manual may
not say; so the language's own rule is written out.
"""

from __future__ import annotations

from abc import abstractmethod

from sqlglot import exp

from kpidsl.model.grains import GrainRule
from kpidsl.model.zones import changes, is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.duckdb_times import MOST_BRANCHES, DuckdbTimes
from kpidsl.sql.nodes import Node
from kpidsl.sql.written_zones import are_cut_in_utc

WITHIN_AN_HOUR = "CLOCKS_THAT_JUMP_WITHIN_AN_HOUR"
"""Stands for what is refused: buckets that begin at a jump of clocks, of which there are many."""

_TRUSTED = (1970, 2100)


class ConvertedTimes(DuckdbTimes):
    @abstractmethod
    def converted(self, time: Node, held_in: str, to: str) -> Node:
        """Return the local time of another zone, both without a zone."""

    @abstractmethod
    def later(self, time: Node, seconds: Node) -> Node:
        """Return a time some whole seconds later."""

    @abstractmethod
    def seconds(self, end: Node, start: Node) -> Node:
        """Return the seconds between two times that have the same fraction of a second."""

    def local(self, time: Node, zone: str, _days: Window | None) -> Node:
        return self.converted(self.utc(time, zone), "UTC", self.cut.zone)

    def utc(self, time: Node, zone: str) -> Node:
        """Return the earlier instant of a local time that exists twice; one that does not shifts forward.

        Seen from a day before, the distance to UTC is that before a change. What it gives is right where it
        leads back to the same local time; it is right, too, where no instant does.
        """
        if is_utc(zone):
            return time
        usual = self.converted(time, zone, "UTC")
        if not changes(zone, *_TRUSTED):
            return usual
        day = 24 * 60 * 60
        before = self.converted(self.later(time.copy(), nodes.integer(-day)), zone, "UTC")
        earlier = self.later(before, nodes.integer(day))
        leads_back = [
            nodes.compare(exp.EQ, self.converted(found.copy(), "UTC", zone), time.copy())
            for found in (earlier, usual)
        ]
        return nodes.case([(leads_back[0], earlier), (leads_back[1], usual)], earlier.copy())

    def instant_bucket(self, rule: GrainRule, time: Node, zone: str | None, days: Window | None) -> Node:
        utc = self.utc(time, zone or self.cut.zone)
        found = self._pieces(rule, days)
        if is_utc(self.cut.zone) or (days is not None and are_cut_in_utc(found)):
            return self.truncated(rule.name, utc)
        local = self.converted(utc.copy(), "UTC", self.cut.zone)
        bucket = self.later(self.truncated(rule.name, local), self.seconds(utc.copy(), local.copy()))
        jumps = [piece for piece in found if piece.begins is not None]
        if not jumps:
            return bucket
        if days is None or len(jumps) > MOST_BRANCHES:
            return nodes.call(WITHIN_AN_HOUR)
        return nodes.case([self.first_part(utc, piece, rule) for piece in jumps], bucket)
