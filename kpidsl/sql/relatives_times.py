"""Times of Materialize and RisingWave, which have PostgreSQL's types and not all of its operators.

A date and an interval make a timestamp on both, and intervals are multiplied by doubles. Whether a date less
a date is days or an interval differs: days are told from seconds.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.converted_times import ConvertedTimes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between
from kpidsl.sql.nodes import Node
from kpidsl.sql.postgres_times import extracted

_MICROSECONDS = 1_000_000
_DAY = 86_400


class RelativesTimes(ConvertedTimes):
    def zone(self, name: str) -> Node:
        """Return the name of a zone."""
        return nodes.text(name)

    def converted(self, time: Node, held_in: str, to: str) -> Node:
        for name in () if held_in == to else (held_in, to):
            time = exp.AtTimeZone(this=nodes.atom(time), zone=self.zone(name))
        return time

    def later(self, time: Node, seconds: Node) -> Node:
        return _moved(time, seconds, "SECOND")

    def seconds(self, end: Node, start: Node) -> Node:
        return _elapsed(end, start)


class MaterializeTimes(RelativesTimes):
    def zone(self, name: str) -> Node:
        # It asks for its type.
        return nodes.cast(nodes.text(name), "text")


def _moved(time: Node, amount: Node, unit: str) -> Node:
    if is_literal(amount):
        negative = isinstance(amount, exp.Neg)
        number = amount.this.name if negative else amount.name
        step: Node = exp.Interval(
            this=nodes.text(f"-{number}" if negative else number), unit=exp.Var(this=unit)
        )
    else:
        one = exp.Interval(this=nodes.text("1"), unit=exp.Var(this=unit))
        step = nodes.binary(exp.Mul, one, nodes.cast(amount, "double"))
    return exp.Paren(this=nodes.binary(exp.Add, time, step))


def moved(time: Node, amount: Node, unit: str, is_date: bool = False) -> Node:
    """Return a time with so many of a unit added; a month's day is cut to the month's last."""
    later = _moved(time, amount, unit)
    return nodes.cast(later.this, "date") if is_date else later


def _elapsed(end: Node, start: Node) -> Node:
    # Exact to the microsecond: the seconds of an interval are a NUMERIC.
    return extracted("EPOCH", nodes.binary(exp.Sub, end, start))


def _days_between(end: Node, start: Node) -> Node:
    seconds = _elapsed(*(nodes.cast(day, "timestamp") for day in (end, start)))
    return nodes.binary(exp.Div, nodes.cast(seconds, "bigint"), nodes.integer(_DAY))


def _seconds_between(end: Node, start: Node) -> Node:
    microseconds = nodes.binary(exp.Mul, _elapsed(end, start), nodes.integer(_MICROSECONDS))
    return nodes.binary(exp.Div, nodes.cast(microseconds, "bigint"), nodes.integer(_MICROSECONDS))


def _to_microseconds(seconds: Node, type: Type) -> Node:
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    if type.kind is Kind.DECIMAL:
        return nodes.cast(scaled if type.scale <= 6 else nodes.call("ROUND", scaled), "bigint")
    half = nodes.cast(exp.Literal.number("0.5"), "double")
    return nodes.cast(nodes.call("FLOOR", nodes.binary(exp.Add, scaled, half)), "bigint")


RELATIVES_TIME_ARITHMETIC = TimeArithmetic(
    days_between=_days_between,
    months_between=months_between(
        lambda x: nodes.cast(extracted("MONTH", x), "bigint"),
        lambda x: nodes.cast(extracted("YEAR", x), "bigint"),
    ),
    elapsed=_elapsed,
    seconds_between=_seconds_between,
    add_days=lambda time, amount, is_date: moved(time, amount, "DAY", is_date),
    add_months=lambda time, amount, is_date: moved(time, amount, "MONTH", is_date),
    add_microseconds=lambda time, amount: moved(time, amount, "MICROSECOND"),
    add_seconds=lambda time, amount: moved(time, amount, "SECOND"),
    microseconds=_to_microseconds,
    # Between integers it cuts the rest away.
    whole_part=lambda value, size: nodes.binary(exp.Div, value, size),
)
