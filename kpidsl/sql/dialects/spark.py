"""Spark SQL from version 4 on, with ANSI mode on; Databricks speaks it too."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room, on_spark
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, asked_in_where, extreme, like
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node
from kpidsl.sql.spark_times import (
    SPARK_TIME_ARITHMETIC,
    TIMESTAMP_TYPE,
    SparkTimes,
    extracted,
    series,
)

_WHOLE_FROM = "1e15"
"""Floats have no fraction from here on."""


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    if rule.name == "day":
        return nodes.cast(local, "date")
    unit = nodes.text(rule.name.removeprefix("fiscal_").upper())
    days = cut.days_after_week_start if rule.anchor == "week_start" else 0
    months = cut.month_of_anchor(rule) % rule.count
    if days:
        shifted = nodes.call("DATE_ADD", nodes.cast(local, "date"), nodes.integer(days))
        return nodes.call("DATE_SUB", nodes.call("TRUNC", shifted, unit), nodes.integer(days))
    if months:
        earlier = nodes.call("ADD_MONTHS", nodes.cast(local, "date"), nodes.integer(-months))
        return nodes.call("ADD_MONTHS", nodes.call("TRUNC", earlier, unit), nodes.integer(months))
    return nodes.call("TRUNC", local, unit)


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    return day if rule.name == "day" else _bucket(rule, cut, day)


def _by(name: str) -> Form:
    return lambda x, *order: nodes.call(name, x, nodes.call("STRUCT", *order))


def _whole(name: str) -> Form:
    """Return the form of FLOOR or CEIL: of a float, Spark makes an integer of 64 bits."""

    def form(x: Node) -> Node:
        is_small = nodes.compare(exp.LT, nodes.call("ABS", x.copy()), exp.Literal.number(_WHOLE_FROM))
        return nodes.case([(is_small, nodes.cast(nodes.call(name, x), "double"))], x.copy())

    return form


def _round_float(x: Node, digits: int) -> Node:
    factor = exp.Literal.number(f"1e{digits}")
    scaled = nodes.binary(exp.Mul, nodes.call("ABS", x), factor)
    half_up = _whole("FLOOR")(nodes.binary(exp.Add, scaled, exp.Literal.number("5e-1")))
    signed = nodes.binary(exp.Mul, nodes.call("SIGN", x.copy()), half_up)
    return nodes.binary(exp.Div, signed, factor.copy())


def _extreme(name: str) -> Form:
    def form(*args: Node) -> Node:
        return extreme(name)(*args) if len(args) > 1 else args[0]

    return form


def _part(name: str) -> Form:
    return lambda x: nodes.cast(nodes.call(name, x), "bigint")


def _clock(x: Node) -> Node:
    """Return the time of day as text, with no digits of a second that are 0 at its end."""
    return nodes.call("SUBSTRING", nodes.cast(x, "text"), nodes.integer(12))


def _finished(query: Node) -> Node:
    """Put what the condition of a join asks of another query into WHERE, where Spark can answer it."""
    asked_in_where(query, lambda on: any(map(_asks, on.find_all(exp.In, exp.Exists))))
    return query


def _asks(test: Node) -> bool:
    return isinstance(test, exp.Exists) or test.args.get("query") is not None


_IN_UTC = declared.local(lambda x: nodes.cast(x, TIMESTAMP_TYPE))

SPARK = Dialect(
    name="spark",
    times=SparkTimes,
    arithmetic=SPARK_TIME_ARITHMETIC,
    aggregates={
        "percentile": lambda x, fraction: nodes.call("PERCENTILE", x, fraction),
        "stddev": lambda x: nodes.call("STDDEV_SAMP", x),
        "variance": lambda x: nodes.call("VAR_SAMP", x),
        "first": _by("MIN_BY"),
        "last": _by("MAX_BY"),
        "tuples": lambda *parts: exp.Count(this=exp.Distinct(expressions=list(parts))),
    },
    over_windows=frozenset(
        ("sum", "min", "max", "count", "percentile", "stddev", "variance", "first", "last")
    ),
    series=series,
    in_code_point_order=None,
    timestamp_type=TIMESTAMP_TYPE,
    narrow=frozenset("*+-"),
    room_to_compare=Room(fails=True),
    # With the 1 GB that a session has by default, 1,438 are answered after minutes, and 1,760 end it.
    most_readings=1_500,
    has_semi_joins=True,
    has_forced_ctes=False,
    has_subqueries_in_joins=False,
    has_outer_names_in_depth=False,
    lookups="maps",
    finished=_finished,
    other_types={
        Kind.DATE: ("timestamp",),
        # An instant, which is shown in the session's zone: that of a connection is UTC.
        Kind.TIMESTAMP: ("timestamp_ltz",),
        # A collation that may take different characters for equal.
        Kind.TEXT: (" collate ",),
    },
    times_are_instants=True,
    declared_instead={
        Kind.DATE: _IN_UTC,
        Kind.TIMESTAMP: _IN_UTC,
        Kind.TEXT: declared.text(lambda x: nodes.call("COLLATE", x, nodes.text("UTF8_BINARY"))),
    },
    forms=COMMON
    | {
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        "lower": lambda x: nodes.call("LOWER", x),
        "upper": lambda x: nodes.call("UPPER", x),
        "least": _extreme("LEAST"),
        "greatest": _extreme("GREATEST"),
        "round_float": _round_float,
        "floor_float": _whole("FLOOR"),
        "ceil_float": _whole("CEIL"),
        "substring": lambda x, start, length: nodes.call("SUBSTRING", x, start, length),
        "starts_with": lambda x, part: nodes.call("STARTSWITH", x, part),
        "contains": lambda x, part: nodes.call("CONTAINS", x, part),
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": _clock,
        "weekday": lambda x: nodes.cast(extracted("DAYOFWEEK_ISO", x), "bigint"),
        "day_of_year": _part("DAYOFYEAR"),
        "week_of_year": _part("WEEKOFYEAR"),
        "quarter": _part("QUARTER"),
        "like": like,
    },
)

DATABRICKS = replace(SPARK, name="databricks", room=Room(on_spark, fails=True), most_readings=None)
"""Never executed on Databricks itself: its statements are those of Spark, which are.

How much memory a warehouse has for plans nobody measured: a statement that is too large fails there.
A connection to Spark has decimals of too many digits fail; a SQL warehouse of Databricks always rounds them.
"""
