"""Times of Amazon Redshift: timestamps without a zone, to the microsecond; zones go by CONVERT_TIMEZONE."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.converted_times import ConvertedTimes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between
from kpidsl.sql.nodes import Node

_MICROSECONDS = 1_000_000


class RedshiftTimes(ConvertedTimes):
    def converted(self, time: Node, held_in: str, to: str) -> Node:
        if held_in == to:
            return time
        return nodes.call("CONVERT_TIMEZONE", nodes.text(held_in), nodes.text(to), time)

    def later(self, time: Node, seconds: Node) -> Node:
        return moved(time, seconds, "SECOND")

    def seconds(self, end: Node, start: Node) -> Node:
        return between(end, start, "SECOND")


def moved(time: Node, amount: Node, unit: str) -> Node:
    """Return a time with so many of a unit added, as a timestamp; months to the first of a month."""
    whole = amount if is_literal(amount) else nodes.cast(amount, "int")
    return nodes.call("DATEADD", exp.Var(this=unit), whole, time)


def moved_date(day: Node, amount: Node, unit: str) -> Node:
    return nodes.cast(moved(day, amount, unit), "date")


def between(end: Node, start: Node, unit: str) -> Node:
    """Return how many ends of a unit lie between two times, as a BIGINT."""
    return nodes.call("DATEDIFF", exp.Var(this=unit), start, end)


def _months_later(time: Node, amount: Node, is_date: bool) -> Node:
    """Return the same day some months later, or the last of a month that is too short for it.

    ADD_MONTHS moves the last day of a month to the last day. That DATEADD does not is documented; what it
    makes of a day that the month does not have is not.
    """
    whole = amount if is_literal(amount) else nodes.cast(amount, "int")
    sticky = nodes.call("ADD_MONTHS", time.copy(), whole.copy())
    earlier = nodes.call("LEAST", moved(time, amount, "MONTH"), sticky)
    return nodes.cast(earlier, "date") if is_date else earlier


def extracted(name: str, x: Node) -> Node:
    return nodes.cast(exp.Extract(this=exp.Var(this=name), expression=x), "bigint")


def _elapsed(end: Node, start: Node) -> Node:
    whole = nodes.cast(between(end, start, "MICROSECOND"), "decimal(20, 0)")
    return nodes.binary(exp.Mul, whole, exp.Literal.number("0.000001"))


def _whole(value: Node, size: Node) -> Node:
    # Between integers it cuts the rest away.
    return nodes.binary(exp.Div, value, size)


def _add_microseconds(time: Node, amount: Node) -> Node:
    """Add seconds and what is left of them: together they may have more than 32 bits."""
    if is_literal(amount):
        number = int((amount.this if isinstance(amount, exp.Neg) else amount).name)
        seconds, rest = divmod(-number if isinstance(amount, exp.Neg) else number, _MICROSECONDS)
        later = moved(time, nodes.integer(seconds), "SECOND")
        return moved(later, nodes.integer(rest), "MICROSECOND") if rest else later
    size = nodes.integer(_MICROSECONDS)
    later = moved(time, _whole(amount, size), "SECOND")
    return moved(later, nodes.binary(exp.Mod, amount.copy(), size.copy()), "MICROSECOND")


def rounded(number: Node, scale: int, digits: int) -> Node:
    """Return a decimal of so many digits after the point rounded half away from zero to fewer.

    Which way ROUND takes a half is not documented, nor on which side of a negative number TRUNC finds the
    "previous" one; whether a cast to fewer digits rounds or cuts, the session says.
    """
    if digits >= scale:
        return number
    half = exp.Literal.number(f"{Decimal(5).scaleb(-digits - 1):f}")

    def nearest(size: Node) -> Node:
        return nodes.call("TRUNC", nodes.binary(exp.Add, size, half.copy()), nodes.integer(digits))

    below = nodes.compare(exp.LT, number.copy(), nodes.integer(0))
    return nodes.case([(below, exp.Neg(this=nearest(nodes.call("ABS", number.copy()))))], nearest(number))


def _to_microseconds(seconds: Node, type: Type) -> Node:
    if type.kind is Kind.DECIMAL:
        exact = nodes.cast(rounded(seconds, type.scale, 6), "decimal(24, 6)")
        return nodes.cast(nodes.binary(exp.Mul, exact, nodes.integer(_MICROSECONDS)), "bigint")
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    half_up = nodes.binary(exp.Add, scaled, nodes.cast(exp.Literal.number("0.5"), "double"))
    return nodes.cast(nodes.call("FLOOR", half_up), "bigint")


REDSHIFT_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: between(end, start, "DAY"),
    months_between=months_between(lambda x: extracted("MONTH", x), lambda x: extracted("YEAR", x)),
    elapsed=_elapsed,
    seconds_between=lambda end, start: _whole(
        between(end, start, "MICROSECOND"), nodes.integer(_MICROSECONDS)
    ),
    add_days=lambda time, amount, is_date: (moved_date if is_date else moved)(time, amount, "DAY"),
    add_months=_months_later,
    add_microseconds=_add_microseconds,
    add_seconds=lambda time, amount: moved(time, amount, "SECOND"),
    microseconds=_to_microseconds,
    whole_part=_whole,
)
