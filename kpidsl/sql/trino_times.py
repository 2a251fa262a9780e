"""Times of Trino: timestamps without a zone, to the microsecond; zones go by `timestamp with time zone`.

Its intervals and DATE_DIFF count milliseconds at best, so that seconds with a fraction are counted from 1970
as decimals. TO_UNIXTIME is a double, which is exact to the microsecond until the year 2106.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.converted_times import ConvertedTimes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between
from kpidsl.sql.nodes import Node

TIMESTAMP_TYPE = "timestamp(6)"
_MICROSECONDS = 1_000_000
_SECONDS = "decimal(20, 6)"


class TrinoTimes(ConvertedTimes):
    timestamp_type = TIMESTAMP_TYPE

    def converted(self, time: Node, held_in: str, to: str) -> Node:
        return time if held_in == to else _at(nodes.call("WITH_TIMEZONE", time, nodes.text(held_in)), to)

    def later(self, time: Node, seconds: Node) -> Node:
        return moved(time, seconds, "second")

    def seconds(self, end: Node, start: Node) -> Node:
        return between(end, start, "second")

    def shown(self, instant: Node) -> Node:
        return nodes.call("WITH_TIMEZONE", instant, nodes.text("UTC"))


def _at(instant: Node, zone: str) -> Node:
    return nodes.cast(nodes.call("AT_TIMEZONE", instant, nodes.text(zone)), TIMESTAMP_TYPE)


def moved(time: Node, amount: Node, unit: str) -> Node:
    """Return a time with so many of a unit added; a month's day is cut to the month's last."""
    return nodes.call("DATE_ADD", nodes.text(unit), amount, time)


def between(end: Node, start: Node, unit: str) -> Node:
    return nodes.call("DATE_DIFF", nodes.text(unit), start, end)


def _since_1970(time: Node) -> Node:
    """Return the seconds from 1970 to a time in UTC, to the microsecond."""
    instant = nodes.call("WITH_TIMEZONE", time, nodes.text("UTC"))
    return nodes.cast(nodes.call("TO_UNIXTIME", instant), _SECONDS)


def _elapsed(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Sub, _since_1970(end), _since_1970(start))


def _seconds_between(end: Node, start: Node) -> Node:
    """Return whole seconds; DATE_DIFF would cut both times to milliseconds before."""
    seconds = _elapsed(end, start)
    whole = nodes.call("FLOOR", nodes.call("ABS", seconds))
    signed = nodes.binary(exp.Mul, nodes.call("SIGN", seconds.copy()), whole)
    return nodes.cast(signed, "bigint")


def _add_microseconds(time: Node, amount: Node) -> Node:
    if is_literal(amount):
        number = int((amount.this if isinstance(amount, exp.Neg) else amount).name)
        seconds, rest = divmod(-number if isinstance(amount, exp.Neg) else number, _MICROSECONDS)
        milliseconds, rest = divmod(rest, 1000)
        if not rest:
            later = moved(time, nodes.integer(seconds), "second")
            return moved(later, nodes.integer(milliseconds), "millisecond") if milliseconds else later
    since = nodes.binary(exp.Mul, _since_1970(time), nodes.integer(_MICROSECONDS))
    sum_ = nodes.binary(exp.Add, nodes.cast(since, "bigint"), amount)
    nanoseconds = nodes.binary(exp.Mul, sum_, nodes.integer(1000))
    return _at(nodes.call("FROM_UNIXTIME_NANOS", nanoseconds), "UTC")


def _to_microseconds(seconds: Node, type: Type) -> Node:
    if type.kind is Kind.DECIMAL:
        scaled = nodes.binary(exp.Mul, nodes.cast(seconds, "decimal(24, 6)"), nodes.integer(_MICROSECONDS))
        return nodes.cast(scaled, "bigint")
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    return nodes.cast(nodes.call("ROUND", scaled), "bigint")


TRINO_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: between(end, start, "day"),
    months_between=months_between(lambda x: nodes.call("MONTH", x), lambda x: nodes.call("YEAR", x)),
    elapsed=_elapsed,
    seconds_between=_seconds_between,
    add_days=lambda time, amount, _: moved(time, amount, "day"),
    add_months=lambda time, amount, _: moved(time, amount, "month"),
    add_microseconds=_add_microseconds,
    add_seconds=lambda time, amount: moved(time, amount, "second"),
    microseconds=_to_microseconds,
    whole_part=lambda value, size: nodes.binary(exp.Div, value, size),
)
