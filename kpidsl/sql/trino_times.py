"""Times of Trino: timestamps without a zone, to the microsecond; zones go by `timestamp with time zone`.

Its intervals and DATE_DIFF count milliseconds at best: whole seconds are counted apart from the fraction.
TO_UNIXTIME is a double: Velox, which has Presto's functions, makes a decimal of its first fifteen digits.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.converted_times import ConvertedTimes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between, rounded_microseconds
from kpidsl.sql.nodes import Node

TIMESTAMP_TYPE = "timestamp(6)"
_MICROSECONDS = 1_000_000


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


def _fraction(time: Node) -> Node:
    """Return the microseconds of a time's second: no function counts them, so they are read from its text."""
    written = nodes.cast(nodes.cast(time.copy(), TIMESTAMP_TYPE), "text")
    return nodes.cast(nodes.call("SUBSTR", written, nodes.integer(21)), "bigint")


def _second(time: Node) -> Node:
    return nodes.call("DATE_TRUNC", nodes.text("second"), nodes.cast(time, TIMESTAMP_TYPE))


def _microseconds(end: Node, start: Node) -> Node:
    """Return the microseconds between two times; DATE_DIFF cuts both to milliseconds before it counts."""
    whole = between(_second(end), _second(start), "second")
    scaled = nodes.binary(exp.Mul, whole, nodes.integer(_MICROSECONDS))
    return nodes.binary(exp.Sub, nodes.binary(exp.Add, scaled, _fraction(end)), _fraction(start))


def _elapsed(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Mul, _microseconds(end, start), exp.Literal.number("0.000001"))


def _seconds_between(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Div, _microseconds(end, start), nodes.integer(_MICROSECONDS))


def _add_microseconds(time: Node, amount: Node) -> Node:
    if is_literal(amount):
        number = int((amount.this if isinstance(amount, exp.Neg) else amount).name)
        seconds, rest = divmod(-number if isinstance(amount, exp.Neg) else number, _MICROSECONDS)
        milliseconds, rest = divmod(rest, 1000)
        if not rest:
            later = moved(time, nodes.integer(seconds), "second")
            return moved(later, nodes.integer(milliseconds), "millisecond") if milliseconds else later
    first = nodes.cast(nodes.text("1970-01-01 00:00:00"), TIMESTAMP_TYPE)
    since = nodes.binary(exp.Mul, between(_second(time), first, "second"), nodes.integer(_MICROSECONDS))
    sum_ = nodes.binary(exp.Add, nodes.binary(exp.Add, since, _fraction(time)), amount)
    nanoseconds = nodes.binary(exp.Mul, sum_, nodes.integer(1000))
    return _at(nodes.call("FROM_UNIXTIME_NANOS", nanoseconds), "UTC")


TRINO_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: between(end, start, "day"),
    months_between=months_between(lambda x: nodes.call("MONTH", x), lambda x: nodes.call("YEAR", x)),
    elapsed=_elapsed,
    seconds_between=_seconds_between,
    add_days=lambda time, amount, _: moved(time, amount, "day"),
    add_months=lambda time, amount, _: moved(time, amount, "month"),
    add_microseconds=_add_microseconds,
    add_seconds=lambda time, amount: moved(time, amount, "second"),
    microseconds=rounded_microseconds,
    whole_part=lambda value, size: nodes.binary(exp.Div, value, size),
)
