"""Trino, Athena and DuneSQL. None of them was executed: see decision 0134."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme, like, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import common_refusal
from kpidsl.sql.trino_times import TIMESTAMP_TYPE, TRINO_TIME_ARITHMETIC, TrinoTimes, moved
from kpidsl.sql.trino_tree import series_of, spelled


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return _bucket_of_date(rule, cut, nodes.cast(local, "date"))


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    unit = nodes.text(rule.name.removeprefix("fiscal_"))
    days = cut.days_after_week_start if rule.anchor == "week_start" else 0
    months = cut.month_of_anchor(rule) % rule.count
    for count, by in ((days, "day"), (-months, "month")):
        if count:
            truncated = nodes.call("DATE_TRUNC", unit, moved(day, nodes.integer(count), by))
            return moved(truncated, nodes.integer(-count), by)
    return nodes.call("DATE_TRUNC", unit, day)


def _part(name: str) -> Form:
    return lambda x: nodes.call(name, x)


def _trim(x: Node) -> Node:
    """Take blanks away: without them named, it would take every kind of white space."""
    return exp.Trim(this=x, expression=nodes.text(" "), position="BOTH")


def _clock(x: Node) -> Node:
    """Return the time of day as text, with six digits of a second."""
    written = nodes.cast(nodes.cast(x, TIMESTAMP_TYPE), "text")
    return nodes.call("SUBSTR", written, nodes.integer(12))


def at_utc(type: str) -> declared.Declared:
    """Return how an instant is read as a time of a type."""
    return declared.local(lambda x: nodes.cast(nodes.call("AT_TIMEZONE", x, nodes.text("UTC")), type))


TRINO = Dialect(
    name="trino",
    times=TrinoTimes,
    arithmetic=TRINO_TIME_ARITHMETIC,
    # Its quantiles are approximate; MIN_BY of rows fails at a null in one of them; the spread of floats may
    # depend on how they are split among machines. All of these are made from window functions.
    aggregates={
        "tuples": lambda *parts: exp.Count(this=exp.Distinct(expressions=[nodes.call("ROW", *parts)]))
    },
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=series_of(TIMESTAMP_TYPE),
    in_code_point_order=None,
    timestamp_type=TIMESTAMP_TYPE,
    narrow=frozenset("*+-"),
    has_boolean_extremes=False,
    has_forced_ctes=False,
    has_subqueries_in_joins=False,
    has_outer_names_in_depth=False,
    has_outer_names_in_from=False,
    has_selects_in_aggregates=False,
    has_selects_in_groups=False,
    has_correlated_selects=False,
    lookups="maps",
    other_types={
        Kind.DATE: ("timestamp",),
        Kind.TIMESTAMP: ("with time zone",),
        # As long as it is declared, whatever stands in it.
        Kind.TEXT: ("padded ",),
    },
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: at_utc("timestamp(6)"),
        Kind.TEXT: declared.text(lambda x: nodes.call("RTRIM", nodes.cast(x, "varchar"))),
    },
    finished=spelled,
    refuses=common_refusal,
    forms=COMMON
    | {
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        "trim": _trim,
        "lower": lambda x: nodes.call("LOWER", x),
        "upper": lambda x: nodes.call("UPPER", x),
        "least": extreme("LEAST"),
        "greatest": extreme("GREATEST"),
        "round_float": round_float,
        "floor_float": lambda x: nodes.call("FLOOR", x),
        "ceil_float": lambda x: nodes.call("CEIL", x),
        "substring": lambda x, start, length: nodes.call("SUBSTR", x, start, length),
        "starts_with": lambda x, part: nodes.call("STARTS_WITH", x, part),
        "contains": lambda x, part: nodes.compare(exp.GT, nodes.call("STRPOS", x, part), nodes.integer(0)),
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": _clock,
        "weekday": _part("DAY_OF_WEEK"),
        "day_of_year": _part("DAY_OF_YEAR"),
        "week_of_year": _part("WEEK_OF_YEAR"),
        "quarter": _part("QUARTER"),
        "like": like,
    },
)

ATHENA = replace(TRINO, name="athena")
"""Of its engine version 3, which is a Trino."""

DUNE = replace(TRINO, name="dune")
"""DuneSQL, a Trino with types of its own, which no column is declared to have."""
