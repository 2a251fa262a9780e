"""Times of an engine of which only this is taken for granted: what the clocks of a zone show at an instant.

The way back is made from that.
"""

from __future__ import annotations

from abc import abstractmethod

from sqlglot import exp

from kpidsl.model.zones import changes, is_utc
from kpidsl.sql import nodes
from kpidsl.sql.converted_times import ConvertedTimes
from kpidsl.sql.nodes import Node

_DAY = 24 * 60 * 60
_YEARS = (1900, 2100)


class OneWayTimes(ConvertedTimes):
    @abstractmethod
    def shown_in(self, instant: Node, zone: str) -> Node:
        """Return the time that the clocks of a zone show."""

    def converted(self, time: Node, held_in: str, to: str) -> Node:
        return time if held_in == to else self.shown_in(self.utc(time, held_in), to)

    def utc(self, time: Node, zone: str) -> Node:
        """Return the earlier instant of a local time that exists twice; one that does not shifts forward.

        Clocks are never more than a day ahead of UTC or behind it, and no zone changes twice in two days: a
        day before the time read as UTC they are as far from it as before a change, a day after as after it.
        """
        if is_utc(zone):
            return time
        if not changes(zone, *_YEARS):
            return self._back(time, time.copy(), zone)
        before, after = (
            self._back(time.copy(), self.later(time.copy(), nodes.integer(days * _DAY)), zone)
            for days in (-1, 1)
        )
        leads_back = [
            nodes.compare(exp.EQ, self.shown_in(found.copy(), zone), time.copy()) for found in (before, after)
        ]
        return nodes.case([(leads_back[0], before), (leads_back[1], after)], before.copy())

    def behind(self, instant: Node, zone: str) -> Node:
        """Return how many seconds the clocks of a zone are behind UTC."""
        return self.seconds(instant, self.shown_in(instant.copy(), zone))

    def _back(self, time: Node, instant: Node, zone: str) -> Node:
        """Return a local time as an instant, by how far the zone's clocks are from UTC at an instant."""
        return self.later(time, self.behind(instant, zone))
