"""Snowflake. It was never executed: see decision 0135."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme_or_null, like, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node
from kpidsl.sql.snowflake_times import (
    SNOWFLAKE_TIME_ARITHMETIC,
    TIMESTAMP_TYPE,
    SnowflakeTimes,
    moved,
)
from kpidsl.sql.snowflake_tree import refusal, series, spelled

_MOST_SCALE = 12
"""The digits after the point that a product surely keeps."""


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return _bucket_of_date(rule, cut, nodes.cast(local, "date"))


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        later = (cut.days_after_week_start - 1) % 7
        since = nodes.call("DAYOFWEEKISO", day.copy())
        if later:
            since = nodes.binary(exp.Add, since, nodes.integer(later))
        since = nodes.binary(exp.Mod, since, nodes.integer(7))
        return moved(day, exp.Neg(this=exp.Paren(this=since)), "DAY")
    unit = nodes.text(rule.name.removeprefix("fiscal_").upper())
    months = cut.month_of_anchor(rule) % rule.count
    if not months:
        return nodes.call("DATE_TRUNC", unit, day)
    earlier = moved(day, nodes.integer(-months), "MONTH")
    return moved(nodes.call("DATE_TRUNC", unit, earlier), nodes.integer(months), "MONTH")


def _part(name: str) -> Form:
    return lambda x: nodes.call(name, x)


def _wider_product(product: Type) -> str | None:
    """Return the type that keeps all digits of a product; by itself it has twelve, or those of a factor."""
    is_cut = product.kind is Kind.DECIMAL and product.scale > _MOST_SCALE
    return f"decimal(38, {product.scale})" if is_cut else None


SNOWFLAKE = Dialect(
    name="snowflake",
    times=SnowflakeTimes,
    arithmetic=SNOWFLAKE_TIME_ARITHMETIC,
    # Its quantiles and first values have no conditions of their own, and the spread of floats may depend on
    # how they are split among machines: all of these are made from window functions.
    aggregates={"tuples": lambda *parts: exp.Count(this=exp.Distinct(expressions=list(parts)))},
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=series,
    in_code_point_order=None,
    timestamp_type=TIMESTAMP_TYPE,
    wider_product=_wider_product,
    has_float_literals=False,
    has_boolean_extremes=False,
    has_forced_ctes=False,
    has_filters=False,
    has_subqueries_in_joins=False,
    has_outer_names_in_depth=False,
    has_outer_names_in_from=False,
    has_selects_in_aggregates=False,
    has_selects_in_groups=False,
    has_correlated_selects=False,
    lookups="joins",
    other_types={
        Kind.DATE: ("timestamp",),
        Kind.TIMESTAMP: ("timestamp_ltz", "timestamp_tz"),
        Kind.TEXT: (" collate ",),
    },
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: declared.local(
            lambda x: nodes.cast(nodes.call("CONVERT_TIMEZONE", nodes.text("UTC"), x), "timestampntz")
        ),
        Kind.TEXT: declared.text(lambda x: nodes.call("COLLATE", x, nodes.text("utf8"))),
    },
    finished=spelled,
    refuses=refusal,
    name_bytes=255,
    forms=COMMON
    | {
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        "lower": lambda x: nodes.call("LOWER", x),
        "upper": lambda x: nodes.call("UPPER", x),
        "least": extreme_or_null("LEAST"),
        "greatest": extreme_or_null("GREATEST"),
        "round_float": round_float,
        "floor_float": lambda x: nodes.call("FLOOR", x),
        "ceil_float": lambda x: nodes.call("CEIL", x),
        "substring": lambda x, start, length: nodes.call("SUBSTRING", x, start, length),
        "starts_with": lambda x, part: nodes.call("STARTSWITH", x, part),
        "contains": lambda x, part: nodes.call("CONTAINS", x, part),
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": lambda x: nodes.call("TO_CHAR", x, nodes.text("HH24:MI:SS.FF6")),
        "weekday": _part("DAYOFWEEKISO"),
        "day_of_year": _part("DAYOFYEAR"),
        "week_of_year": _part("WEEKISO"),
        "quarter": _part("QUARTER"),
        "like": like,
    },
)
