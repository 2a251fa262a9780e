"""ClickHouse, as of version 26.9."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.clickhouse_times import (
    CLICKHOUSE_TIME_ARITHMETIC,
    ClickhouseTimes,
    number,
    wide_date,
    wide_moment,
)
from kpidsl.sql.clickhouse_tree import spelled, wide_decimal
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node

_MOST_DIGITS = 38
_DIGITS_OF_MANY_ROWS = 10


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    day = wide_date(local)
    if rule.name == "day":
        return day
    unit = nodes.text(rule.name.removeprefix("fiscal_"))
    days = cut.days_after_week_start if rule.anchor == "week_start" else 0
    months = cut.month_of_anchor(rule) % rule.count
    for count, add in ((days, "addDays"), (-months, "addMonths")):
        if count:
            truncated = nodes.call("dateTrunc", unit, nodes.call(add, day, nodes.integer(count)))
            return nodes.call(add, truncated, nodes.integer(-count))
    return nodes.call("dateTrunc", unit, day)


def _series(first: Node, last: Node, count: int, unit: str) -> Node:
    """Return all times from one to another: none where one of them is null, or the last before the first."""
    step = exp.Identifier(this="step", quoted=False)
    unit_name = unit.lower()
    # `dateDiff` counts the full hours of UTC that are passed, not how many hours there are between.
    counts = "dateDiff" if unit_name == "day" else "age"
    between = nodes.call(counts, nodes.text(unit_name), first, last)
    steps = between if count == 1 else nodes.call("intDiv", between, nodes.integer(count))
    ends: Node = nodes.binary(exp.Add, steps, nodes.integer(1))
    if counts == "age":
        reaches = nodes.compare(exp.LTE, first.copy(), last.copy())
        ends = nodes.call("if", reaches, ends, nodes.integer(0))
    some = nodes.call("greatest", nodes.call("ifNull", ends, nodes.integer(0)), nodes.integer(0))
    amount: Node = exp.Column(this=step.copy())
    if count != 1:
        amount = nodes.binary(exp.Mul, amount, nodes.integer(count))
    add = f"add{unit_name.capitalize()}s"
    start = nodes.call("assumeNotNull", first.copy())
    each = exp.Lambda(this=nodes.call(add, start, amount), expressions=[step])
    return nodes.call("arrayJoin", nodes.call("arrayMap", each, nodes.call("range", some)))


def _percentile(x: Node, fraction: Node) -> Node:
    function = exp.Identifier(this="quantileExactInclusive", quoted=False)
    return exp.ParameterizedAgg(this=function, expressions=[fraction], params=[x])


def _by(name: str) -> Form:
    return lambda x, *order: nodes.call(name, x, nodes.call("tuple", *order))


def _wide_sum(value: Node, type: Type) -> Node:
    """Return what is added up, in so many digits that the sum of any table's rows fits: sums wrap around."""
    if type.kind is Kind.INTEGER:
        return wide_decimal(value, nodes.integer(0))
    if type.kind is Kind.DECIMAL:
        return nodes.call("toDecimal256", value, nodes.integer(type.scale))
    return value


def _like(x: Node, pattern: str) -> Node:
    # The backslash is its own escape character.
    return exp.Like(this=nodes.operand(x, 4), expression=nodes.text(pattern))


_AGGREGATES: dict[str, Form] = {
    "percentile": _percentile,
    # Its stddevSamp and varSamp lose digits: they are made in two passes instead.
    "first": _by("argMin"),
    "last": _by("argMax"),
    "tuples": lambda *parts: exp.Count(this=exp.Distinct(expressions=[nodes.call("tuple", *parts)])),
}

CLICKHOUSE = Dialect(
    name="clickhouse",
    times=ClickhouseTimes,
    arithmetic=CLICKHOUSE_TIME_ARITHMETIC,
    aggregates=_AGGREGATES,
    over_windows=frozenset(("sum", "min", "max", "count", "count_distinct", *_AGGREGATES)),
    series=_series,
    in_code_point_order=None,
    narrow=frozenset("*+-"),
    narrow_decimals=frozenset("*+-"),
    narrow_digits=9,
    narrow_digits_compared=18,
    integers_wrap=True,
    has_decimal_literals=False,
    has_semi_joins=True,
    has_forced_ctes=False,
    has_correlated_selects=False,
    wide_sum=_wide_sum,
    columns={Kind.DATE: wide_date, Kind.TIMESTAMP: wide_moment},
    other_types={
        # Times are instants; a zone of its own is named only where it is not UTC.
        Kind.TIMESTAMP: ("'",),
        Kind.TEXT: ("Enum", "FixedString", "UUID", "IPv"),
    },
    declared_instead={
        # It is an instant, and read in UTC.
        Kind.TIMESTAMP: declared.Declared("timestamp", timezone="UTC"),
        Kind.TEXT: declared.text(lambda x: nodes.call("toString", x)),
    },
    times_are_instants=True,
    tells_capitals=True,
    finished=spelled,
    forms=COMMON
    | {
        "bucket": _bucket,
        # By itself it is unsigned, and has no type in common with what is below 0.
        "abs_integer": number("abs"),
        "lower": lambda x: nodes.call("lowerUTF8", x),
        "upper": lambda x: nodes.call("upperUTF8", x),
        "length": lambda x: nodes.call("toInt64", nodes.call("lengthUTF8", x)),
        "least": extreme("least"),
        "greatest": extreme("greatest"),
        "round_float": round_float,
        "floor_float": lambda x: nodes.call("floor", x),
        "ceil_float": lambda x: nodes.call("ceil", x),
        "substring": lambda x, start, length: nodes.call("substringUTF8", x, start, length),
        "starts_with": lambda x, part: nodes.call("startsWith", x, part),
        "contains": lambda x, part: nodes.compare(exp.GT, nodes.call("position", x, part), nodes.integer(0)),
        "year": number("toYear"),
        "month": number("toMonth"),
        "day": number("toDayOfMonth"),
        "hour": number("toHour"),
        "clock": lambda x: nodes.call("substring", nodes.call("toString", wide_moment(x)), nodes.integer(12)),
        "weekday": number("toDayOfWeek"),
        "day_of_year": number("toDayOfYear"),
        "week_of_year": number("toISOWeek"),
        "quarter": number("toQuarter"),
        "like": _like,
    },
)
