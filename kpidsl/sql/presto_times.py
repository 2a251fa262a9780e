"""Times of Presto: they have milliseconds, and show what the session's zone makes of them, which must be UTC.

Its TIMESTAMP is an instant shown in the session's zone, or by another setting a time without a zone: in a
session in UTC both are the same. So each column of times that is read asks for the session's zone, and makes
the statement fail where that is another one.

What AT_TIMEZONE makes of a time must not be cast to TIMESTAMP, which may bring the instant back: its text is
read, which is the time that the clocks of its zone show.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.types import Type
from kpidsl.model.zones import changes, is_utc
from kpidsl.sql import nodes
from kpidsl.sql.milliseconds import add_microseconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import open_question
from kpidsl.sql.trino_times import TRINO_TIME_ARITHMETIC, TrinoTimes, between, moved

TIMESTAMP_TYPE = "timestamp"
_WITH_ZONE = "timestamptz"
_SHOWN = len("2026-01-01 00:00:00.000")
_DAY = 24 * 60 * 60


class PrestoTimes(TrinoTimes):
    timestamp_type = TIMESTAMP_TYPE

    def converted(self, time: Node, held_in: str, to: str) -> Node:
        return time if held_in == to else _shown_in(self.utc(time, held_in), to)

    def utc(self, time: Node, zone: str) -> Node:
        """Return the earlier instant of a local time that exists twice; one that does not shifts forward.

        Clocks are never more than a day ahead of UTC or behind it, and no zone changes twice in two days: a
        day before the time read as UTC they are as far from it as before a change, a day after as after it.
        """
        if is_utc(zone):
            return time
        if not changes(zone, 1900, 2100):
            return self._back(time, time.copy(), zone)
        before, after = (
            self._back(time.copy(), self.later(time.copy(), nodes.integer(days * _DAY)), zone)
            for days in (-1, 1)
        )
        leads_back = [
            nodes.compare(exp.EQ, _shown_in(found.copy(), zone), time.copy()) for found in (before, after)
        ]
        return nodes.case([(leads_back[0], before), (leads_back[1], after)], before.copy())

    def _back(self, time: Node, instant: Node, zone: str) -> Node:
        """Return a local time as an instant, by how far the zone's clocks are from UTC at an instant."""
        return self.later(time, self.seconds(instant, _shown_in(instant.copy(), zone)))

    def shown(self, instant: Node) -> Node:
        return nodes.cast(instant, _WITH_ZONE)


def in_utc(time: Node) -> Node:
    """Return a column of times, which makes the statement fail in a session that is not in UTC."""
    zone = nodes.call("CURRENT_TIMEZONE")
    told = nodes.call("CONCAT", nodes.text("session not in UTC: "), zone.copy())
    is_utc = nodes.compare(exp.EQ, zone, nodes.text("UTC"))
    return nodes.case([(is_utc, time)], nodes.cast(told, TIMESTAMP_TYPE))


def milliseconds_later(time: Node, amount: Node) -> Node:
    return moved(time, amount, "millisecond")


def clock(time: Node) -> Node:
    """Return the time of day as text, with six digits of a second."""
    shown = nodes.call("SUBSTR", nodes.cast(time, "text"), nodes.integer(12))
    return nodes.call("CONCAT", shown, nodes.text("000"))


def _shown_in(instant: Node, zone: str) -> Node:
    """Return the time that the clocks of a zone show."""
    there = nodes.call("AT_TIMEZONE", nodes.cast(instant, _WITH_ZONE), nodes.text(zone))
    shown = nodes.call("SUBSTR", nodes.cast(there, "text"), nodes.integer(1), nodes.integer(_SHOWN))
    return nodes.cast(shown, TIMESTAMP_TYPE)


def _milliseconds(end: Node, start: Node) -> Node:
    return between(end, start, "millisecond")


def _elapsed(end: Node, start: Node) -> Node:
    microseconds = nodes.binary(exp.Mul, _milliseconds(end, start), nodes.integer(1000))
    return nodes.binary(exp.Mul, microseconds, exp.Literal.number("0.000001"))


def _seconds_between(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Div, _milliseconds(end, start), nodes.integer(1000))


def _microseconds(seconds: Node, type: Type) -> Node:  # noqa: ARG001
    return open_question("fractions")


PRESTO_TIME_ARITHMETIC = replace(
    TRINO_TIME_ARITHMETIC,
    elapsed=_elapsed,
    seconds_between=_seconds_between,
    add_microseconds=add_microseconds(milliseconds_later),
    microseconds=_microseconds,
)
