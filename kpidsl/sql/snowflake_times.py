"""Times of Snowflake: TIMESTAMP_NTZ throughout, whatever the session's zone and type mapping are.

DATE_TRUNC of a week and WEEK look at parameters of the session; what is used here looks at none.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.converted_times import ConvertedTimes
from kpidsl.sql.elapsed import TimeArithmetic, months_between, rounded_microseconds
from kpidsl.sql.nodes import Node

TIMESTAMP_TYPE = "timestamp_ntz"
_MICROSECONDS = 1_000_000


class SnowflakeTimes(ConvertedTimes):
    timestamp_type = TIMESTAMP_TYPE

    def converted(self, time: Node, held_in: str, to: str) -> Node:
        if held_in == to:
            return time
        return nodes.call("CONVERT_TIMEZONE", nodes.text(held_in), nodes.text(to), time)

    def later(self, time: Node, seconds: Node) -> Node:
        return moved(time, seconds, "SECOND")

    def seconds(self, end: Node, start: Node) -> Node:
        return between(end, start, "SECOND")

    def shown(self, instant: Node) -> Node:
        # It stays a time in UTC: as an instant it would be one of the session's zone.
        return instant


def moved(time: Node, amount: Node, unit: str) -> Node:
    """Return a time with so many of a unit added; a month's day is cut to the month's last."""
    return nodes.call("DATEADD", exp.Var(this=unit), amount, time)


def between(end: Node, start: Node, unit: str) -> Node:
    """Return how many boundaries of a unit lie between two times."""
    return nodes.call("DATEDIFF", exp.Var(this=unit), start, end)


def _elapsed(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Mul, between(end, start, "MICROSECOND"), exp.Literal.number("0.000001"))


def _whole(value: Node) -> Node:
    return nodes.cast(nodes.call("TRUNC", value), "bigint")


def whole_part(value: Node, size: Node) -> Node:
    """Return how many whole times a size of less than 1,000,000 is in a number.

    A quotient has six digits after the point: it is never rounded up to the next whole number.
    """
    return _whole(nodes.binary(exp.Div, value, size))


SNOWFLAKE_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: between(end, start, "DAY"),
    months_between=months_between(lambda x: nodes.call("MONTH", x), lambda x: nodes.call("YEAR", x)),
    elapsed=_elapsed,
    seconds_between=lambda end, start: _whole(_elapsed(end, start)),
    add_days=lambda time, amount, _: moved(time, amount, "DAY"),
    add_months=lambda time, amount, _: moved(time, amount, "MONTH"),
    add_microseconds=lambda time, amount: moved(time, amount, "MICROSECOND"),
    add_seconds=lambda time, amount: moved(time, amount, "SECOND"),
    microseconds=rounded_microseconds,
    whole_part=whole_part,
)
