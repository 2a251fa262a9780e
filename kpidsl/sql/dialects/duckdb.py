"""DuckDB, the reference: every case's SQL is shown in it."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme, like, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.duckdb_times import DuckdbTimes
from kpidsl.sql.duckdb_tree import spelled
from kpidsl.sql.elapsed import DUCKDB_TIME_ARITHMETIC
from kpidsl.sql.nodes import Node


def _months(count: int) -> Node:
    return exp.Interval(this=nodes.text(str(count)), unit=exp.Var(this="MONTH"))


def _duckdb_bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    if rule.name == "day" or rule.anchor == "week_start":
        return _duckdb_bucket_of_date(rule, cut, local)
    # A month is cut from a date in two thirds of the time.
    return _duckdb_bucket_of_date(rule, cut, nodes.cast(local, "date"))


def _duckdb_bucket_of_date(rule: GrainRule, cut: Cut, local: Node) -> Node:
    if rule.name == "day":
        return nodes.cast(local, "date")
    unit = nodes.text(rule.name.removeprefix("fiscal_"))
    days = cut.days_after_week_start if rule.anchor == "week_start" else 0
    months = cut.month_of_anchor(rule) % rule.count
    if days:
        shifted = nodes.binary(exp.Add, nodes.cast(local, "date"), nodes.integer(days))
        truncated = nodes.cast(nodes.call("DATE_TRUNC", unit, shifted), "date")
        return nodes.binary(exp.Sub, truncated, nodes.integer(days))
    if months:
        earlier = nodes.binary(exp.Sub, local, _months(months))
        truncated = nodes.call("DATE_TRUNC", unit, earlier)
        return nodes.cast(nodes.binary(exp.Add, truncated, _months(months)), "date")
    return nodes.cast(nodes.call("DATE_TRUNC", unit, local), "date")


def _duckdb_month_of_day(day: Node) -> Node:
    """Return the first day of a day's month: in half the time that truncating takes.

    An infinite day has no number in its month, and is its own month.
    """
    number = exp.Coalesce(this=nodes.call("DAY", day.copy()), expressions=[nodes.integer(1)])
    after = nodes.cast(nodes.binary(exp.Sub, number, nodes.integer(1)), "int")
    return nodes.binary(exp.Sub, day, after)


def _duckdb_part(name: str) -> Form:
    return lambda x: nodes.call(name, x)


def _series(first: Node, last: Node, count: int, unit: str) -> Node:
    step = exp.Interval(this=nodes.text(str(count)), unit=exp.Var(this=unit))
    every = nodes.call("UNNEST", nodes.call("GENERATE_SERIES", first, last, step))
    return nodes.cast(every, "date") if unit == "DAY" else every


def _by(name: str) -> Form:
    return lambda x, *order: nodes.call(name, x, nodes.call("ROW", *order))


_AGGREGATES: dict[str, Form] = {
    "percentile": lambda x, fraction: nodes.call("QUANTILE_CONT", x, fraction),
    "stddev": lambda x: nodes.call("STDDEV_SAMP", x),
    "variance": lambda x: nodes.call("VAR_SAMP", x),
    "first": _by("ARG_MIN"),
    "last": _by("ARG_MAX"),
    "tuples": lambda *parts: exp.Count(this=exp.Distinct(expressions=[nodes.call("ROW", *parts)])),
}


def _in_64_bits(node: Node, type: Type) -> Node:
    """Return an integer that has room for one that is rounded up: ROUND keeps the bits of what goes in."""
    return nodes.cast(node, "bigint") if type.kind is Kind.INTEGER else node


DUCKDB = Dialect(
    name="duckdb",
    times=DuckdbTimes,
    arithmetic=DUCKDB_TIME_ARITHMETIC,
    aggregates=_AGGREGATES,
    over_windows=frozenset(("sum", "min", "max", "count", "count_distinct", *_AGGREGATES)),
    series=_series,
    # Its binder's `max_expression_depth` is 1,000 unless a session sets more, and two it takes itself.
    most_inside=998,
    most_ctes=700,
    in_code_point_order=None,
    narrow=frozenset("*+-"),
    # An overflow is an error there, and no two counts or targets make one: their sums stay as one reads them.
    narrow_judged=frozenset("*"),
    narrow_decimals=frozenset("*"),
    roundable=_in_64_bits,
    has_semi_joins=True,
    packs_bits=True,
    has_asof_join=True,
    # Its `at time zone` takes a clock's time for an instant, and an instant for a clock's time.
    other_types={
        Kind.DATE: ("TIMESTAMP",),
        Kind.TIMESTAMP: ("WITH TIME ZONE",),
        # Members of an ENUM stand in the order in which they were listed.
        Kind.TEXT: ("with a collation", "ENUM("),
    },
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: declared.AT_UTC,
        Kind.TEXT: declared.BY_BYTES,
    },
    # DuckDB 2.0.1 gave two rows for `limit 1`; with an OFFSET it keeps what it is told.
    drops_limits=True,
    finished=spelled,
    forms=COMMON
    | {
        "bucket": _duckdb_bucket,
        "bucket_of_date": _duckdb_bucket_of_date,
        "month_of_day": _duckdb_month_of_day,
        # Rows that carry numbers of buckets are sorted a sixth faster so.
        "row_number": lambda number: nodes.cast(number, "int"),
        "lower": lambda x: nodes.call("LOWER", x),
        "upper": lambda x: nodes.call("UPPER", x),
        "least": extreme("LEAST"),
        "greatest": extreme("GREATEST"),
        "round_float": round_float,
        "floor_float": lambda x: nodes.call("FLOOR", x),
        "ceil_float": lambda x: nodes.call("CEIL", x),
        "substring": lambda x, start, length: nodes.call("SUBSTRING", x, start, length),
        "starts_with": lambda x, part: nodes.call("STARTS_WITH", x, part),
        "contains": lambda x, part: nodes.call("CONTAINS", x, part),
        "year": _duckdb_part("YEAR"),
        "month": _duckdb_part("MONTH"),
        "day": _duckdb_part("DAY"),
        "hour": _duckdb_part("HOUR"),
        "clock": lambda x: nodes.cast(x, "time"),
        "weekday": _duckdb_part("ISODOW"),
        "day_of_year": _duckdb_part("DAYOFYEAR"),
        "week_of_year": _duckdb_part("WEEKOFYEAR"),
        "quarter": _duckdb_part("QUARTER"),
        "like": like,
    },
)
