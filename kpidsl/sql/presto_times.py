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
from kpidsl.sql import nodes
from kpidsl.sql.milliseconds import in_milliseconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.one_way_times import OneWayTimes
from kpidsl.sql.refusals import FRACTIONS, open_question
from kpidsl.sql.trino_times import TRINO_TIME_ARITHMETIC, between, moved

TIMESTAMP_TYPE = "timestamp"
_WITH_ZONE = "timestamptz"
_SHOWN = len("2026-01-01 00:00:00.000")


class PrestoTimes(OneWayTimes):
    timestamp_type = TIMESTAMP_TYPE

    def shown_in(self, instant: Node, zone: str) -> Node:
        there = nodes.call("AT_TIMEZONE", nodes.cast(instant, _WITH_ZONE), nodes.text(zone))
        text = nodes.call("SUBSTR", nodes.cast(there, "text"), nodes.integer(1), nodes.integer(_SHOWN))
        return nodes.cast(text, TIMESTAMP_TYPE)

    def later(self, time: Node, seconds: Node) -> Node:
        return moved(time, seconds, "second")

    def seconds(self, end: Node, start: Node) -> Node:
        return between(end, start, "second")

    def shown(self, instant: Node) -> Node:
        return nodes.cast(instant, _WITH_ZONE)


def in_utc(time: Node) -> Node:
    """Return a column of times, which makes the statement fail in a session that is not in UTC."""
    zone = nodes.call("CURRENT_TIMEZONE")
    told = nodes.call("CONCAT", nodes.text("session not in UTC: "), zone.copy())
    is_utc = nodes.compare(exp.EQ, zone, nodes.text("UTC"))
    return nodes.case([(is_utc, time)], nodes.cast(told, TIMESTAMP_TYPE))


def clock(time: Node) -> Node:
    """Return the time of day as text, with six digits of a second."""
    shown = nodes.call("SUBSTR", nodes.cast(time, "text"), nodes.integer(12))
    return nodes.call("CONCAT", shown, nodes.text("000"))


def _milliseconds(end: Node, start: Node) -> Node:
    return between(end, start, "millisecond")


def _elapsed(end: Node, start: Node) -> Node:
    microseconds = nodes.binary(exp.Mul, _milliseconds(end, start), nodes.integer(1000))
    return nodes.binary(exp.Mul, microseconds, exp.Literal.number("0.000001"))


def _add_between(time: Node, end: Node, start: Node) -> Node:
    return moved(time, _milliseconds(end, start), "millisecond")


def _seconds_between(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Div, _milliseconds(end, start), nodes.integer(1000))


def _microseconds(seconds: Node, type: Type) -> Node:  # noqa: ARG001
    return open_question(FRACTIONS)


PRESTO_TIME_ARITHMETIC = replace(
    TRINO_TIME_ARITHMETIC,
    elapsed=_elapsed,
    seconds_between=_seconds_between,
    add_microseconds=in_milliseconds(lambda time, count: moved(time, nodes.integer(count), "millisecond")),
    microseconds=_microseconds,
    add_between=_add_between,
)
