"""Times of PostgreSQL: zones as DuckDB has them, and arithmetic with intervals."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.duckdb_times import DuckdbTimes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between
from kpidsl.sql.nodes import Node

_MICROSECONDS = 1_000_000


class PostgresTimes(DuckdbTimes):
    """Of a local time that exists twice, PostgreSQL too takes the later instant by itself."""

    converts_in_steps = True

    def first_minute(self, bucket: Node, utc: Node, is_same: Node, minute: Node) -> Node:
        series = exp.Alias(
            this=nodes.call("GENERATE_SERIES", bucket, utc, minute),
            alias=exp.TableAlias(
                this=exp.Identifier(this="minutes", quoted=False),
                columns=[exp.Identifier(this="m", quoted=False)],
            ),
        )
        m = exp.Column(this=exp.Identifier(this="m", quoted=False))
        first = exp.Select(
            expressions=[exp.Min(this=m)], from_=exp.From(this=series), where=exp.Where(this=is_same)
        )
        return exp.Subquery(this=first)


def interval(count: int, unit: str) -> Node:
    return exp.Interval(this=nodes.text(str(count)), unit=exp.Var(this=unit))


def extracted(name: str, x: Node) -> Node:
    return exp.Extract(this=exp.Var(this=name), expression=x)


def _times(amount: Node, unit: str) -> Node:
    """Return so many of a unit, as an interval."""
    if is_literal(amount):
        negative = isinstance(amount, exp.Neg)
        number = amount.this.name if negative else amount.name
        return exp.Interval(this=nodes.text(f"-{number}" if negative else number), unit=exp.Var(this=unit))
    return nodes.binary(exp.Mul, amount, interval(1, unit))


def _moved(time: Node, by: Node) -> Node:
    return nodes.binary(exp.Add, time, by)


def _add_days(time: Node, amount: Node, is_date: bool) -> Node:
    if is_date:
        return _moved(time, amount if is_literal(amount) else nodes.cast(amount, "int"))
    return _moved(time, _times(amount, "DAY"))


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    moved = _moved(time, _times(amount, "MONTH"))
    return nodes.cast(moved, "date") if is_date else moved


def _elapsed(end: Node, start: Node) -> Node:
    # Exact to the microsecond: of an interval, PostgreSQL gives the seconds as a NUMERIC.
    return extracted("EPOCH", nodes.binary(exp.Sub, end, start))


def _whole(value: Node, size: Node) -> Node:
    return nodes.cast(nodes.call("DIV", value, size), "bigint")


def _to_microseconds(seconds: Node, type: Type) -> Node:
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    return nodes.cast(scaled if type.kind is Kind.DECIMAL else nodes.call("ROUND", scaled), "bigint")


POSTGRES_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.binary(exp.Sub, end, start),
    months_between=months_between(
        lambda x: nodes.cast(extracted("MONTH", x), "bigint"),
        lambda x: nodes.cast(extracted("YEAR", x), "bigint"),
    ),
    elapsed=_elapsed,
    seconds_between=lambda end, start: nodes.cast(nodes.call("TRUNC", _elapsed(end, start)), "bigint"),
    add_days=_add_days,
    add_months=_add_months,
    add_microseconds=lambda time, amount: _moved(time, _times(amount, "MICROSECOND")),
    add_seconds=lambda time, amount: _moved(time, _times(amount, "SECOND")),
    microseconds=_to_microseconds,
    whole_part=_whole,
)
