"""Times of Spark: timestamps without a zone throughout, whatever the session's own zone is.

Of a local time that exists twice CONVERT_TIMEZONE takes the earlier instant, and it shifts one that does
not exist forward: as the language has it. DATE_TRUNC would make an instant of the session's zone.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.duckdb_times import DuckdbTimes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between, rounded_microseconds
from kpidsl.sql.nodes import Node

TIMESTAMP_TYPE = "timestamp_ntz"
_MICROSECONDS = 1_000_000
_SECOND_DIGITS = "decimal(18, 6)"


class SparkTimes(DuckdbTimes):
    timestamp_type = TIMESTAMP_TYPE

    def local(self, time: Node, zone: str, _days: Window | None) -> Node:
        return _converted(time, zone, self.cut.zone)

    def utc(self, time: Node, zone: str) -> Node:
        return _converted(time, zone, "UTC")

    def shown(self, instant: Node) -> Node:
        # It stays a time in UTC: as an instant it would be one of the session's zone.
        return instant

    def truncated(self, unit: str, time: Node) -> Node:
        day = nodes.cast(nodes.cast(time, "date"), TIMESTAMP_TYPE)
        parts = [nodes.integer(0), nodes.call("HOUR", time.copy())]
        if unit == "minute":
            parts.append(nodes.call("MINUTE", time.copy()))
        return nodes.binary(exp.Add, day, nodes.call("MAKE_DT_INTERVAL", *parts))

    def first_minute(self, bucket: Node, utc: Node, is_same: Node, minute: Node) -> Node:
        same = exp.Lambda(this=is_same, expressions=[exp.Identifier(this="m", quoted=False)])
        minutes = nodes.call("SEQUENCE", bucket, utc, minute)
        return nodes.call("GET", nodes.call("FILTER", minutes, same), nodes.integer(0))


def _converted(time: Node, zone: str, to: str) -> Node:
    return nodes.call("CONVERT_TIMEZONE", nodes.text(zone), nodes.text(to), time)


def interval(count: str, unit: str) -> Node:
    return exp.Interval(this=nodes.text(count), unit=exp.Var(this=unit))


def series(first: Node, last: Node, count: int, unit: str) -> Node:
    """Return the times from one to another; SEQUENCE would refuse to go backwards."""
    is_some = nodes.compare(exp.LTE, first.copy(), last.copy())
    every = nodes.call("SEQUENCE", first, last, interval(str(count), unit))
    return nodes.call("EXPLODE", nodes.case([(is_some, every)], None))


def extracted(name: str, x: Node) -> Node:
    return exp.Extract(this=exp.Var(this=name), expression=x)


def _written(amount: Node) -> str | None:
    """Return a whole number as it is written, or None where it is none."""
    if not is_literal(amount):
        return None
    return f"-{amount.this.name}" if isinstance(amount, exp.Neg) else amount.name


def _add_days(time: Node, amount: Node, is_date: bool) -> Node:
    written = _written(amount)
    narrow = amount if written is not None else nodes.cast(amount, "int")
    if is_date:
        return nodes.call("DATE_ADD", time, narrow)
    by = nodes.call("MAKE_DT_INTERVAL", narrow) if written is None else interval(written, "DAY")
    return nodes.binary(exp.Add, time, by)


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    written = _written(amount)
    narrow = amount if written is not None else nodes.cast(amount, "int")
    if is_date:
        return nodes.call("ADD_MONTHS", time, narrow)
    by = (
        nodes.call("MAKE_YM_INTERVAL", nodes.integer(0), narrow)
        if written is None
        else interval(written, "MONTH")
    )
    return nodes.binary(exp.Add, time, by)


def _later(time: Node, seconds: Node) -> Node:
    zeros = (nodes.integer(0) for _ in range(3))
    return nodes.binary(exp.Add, time, nodes.call("MAKE_DT_INTERVAL", *zeros, seconds))


def _add_seconds(time: Node, amount: Node) -> Node:
    written = _written(amount)
    if written is not None:
        return nodes.binary(exp.Add, time, interval(written, "SECOND"))
    return _later(time, nodes.cast(amount, _SECOND_DIGITS))


def _add_microseconds(time: Node, amount: Node) -> Node:
    written = _written(amount)
    if written is not None:
        sign, digits = ("-", written[1:]) if written.startswith("-") else ("", written)
        whole, rest = divmod(int(digits), _MICROSECONDS)
        fraction = f".{rest:06d}".rstrip("0") if rest else ""
        return nodes.binary(exp.Add, time, interval(f"{sign}{whole}{fraction}", "SECOND"))
    seconds = nodes.binary(exp.Mul, amount, exp.Literal.number("0.000001"))
    return _later(time, nodes.cast(seconds, _SECOND_DIGITS))


def _elapsed(end: Node, start: Node) -> Node:
    """Return exact seconds: TIMESTAMPDIFF would read both times in the session's zone."""
    seconds = exp.Cast(
        this=nodes.binary(exp.Sub, end, start),
        to=exp.DataType(this=exp.Interval(unit=exp.Var(this="SECOND"))),
    )
    return nodes.cast(seconds, "decimal(20, 6)")


SPARK_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.cast(nodes.call("DATEDIFF", end, start), "bigint"),
    months_between=months_between(
        lambda x: nodes.cast(nodes.call("MONTH", x), "bigint"),
        lambda x: nodes.cast(nodes.call("YEAR", x), "bigint"),
    ),
    elapsed=_elapsed,
    seconds_between=lambda end, start: nodes.cast(_elapsed(end, start), "bigint"),
    add_days=_add_days,
    add_months=_add_months,
    add_microseconds=_add_microseconds,
    add_seconds=_add_seconds,
    microseconds=rounded_microseconds,
    whole_part=lambda value, size: nodes.binary(exp.IntDiv, value, size),
)
