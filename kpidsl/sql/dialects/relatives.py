"""Materialize and RisingWave, which speak PostgreSQL's SQL. Nobody has run it there: decisions 0132 and 0133.

Both compare texts by their bytes, whatever the locale, and have no word for collations.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room
from kpidsl.sql.dialects.dialect import Form
from kpidsl.sql.dialects.postgres import POSTGRES
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import common_refusal, jumps_refusal
from kpidsl.sql.relatives_times import RELATIVES_TIME_ARITHMETIC, MaterializeTimes, RelativesTimes, moved
from kpidsl.sql.semi_joins import as_joins


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    if rule.name == "day":
        return nodes.cast(local, "date")
    unit = nodes.text(rule.name.removeprefix("fiscal_"))
    days = cut.days_after_week_start if rule.anchor == "week_start" else 0
    months = cut.month_of_anchor(rule) % rule.count
    count, step = (days, "DAY") if days else (-months, "MONTH")
    if not count:
        return nodes.cast(nodes.call("DATE_TRUNC", unit, local), "date")
    truncated = nodes.call("DATE_TRUNC", unit, moved(local, nodes.integer(count), step).this)
    return moved(truncated, nodes.integer(-count), step, is_date=True)


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    return day if rule.name == "day" else _bucket(rule, cut, nodes.cast(day, "timestamp"))


def _position(x: Node, part: Node) -> Node:
    return exp.StrPosition(this=x, substr=part)


def _starts_with(x: Node, part: Node) -> Node:
    start = nodes.call("SUBSTRING", x, nodes.integer(1), nodes.call("LENGTH", part.copy()))
    return nodes.compare(exp.EQ, start, part)


def _null_safe(a: Node, b: Node) -> Node:
    both = nodes.all_of([nodes.is_null(a.copy()), nodes.is_null(b.copy())])
    return exp.Paren(this=nodes.any_of([nodes.compare(exp.EQ, a, b), both]))


def _in_one_case(function: str) -> Form:
    return lambda x: nodes.call(function, x)


def _of_floats(function: str, type: Type) -> tuple[str, str] | None:
    reason = "it adds floats up as multiples of 2^-24"
    if function == "sum" and type.kind is Kind.FLOAT:
        return reason, "declare the columns as decimals, or ask another engine"
    if function in ("stddev", "variance"):
        return reason, "ask another engine"
    return None


_IN_UTC = (
    "`{column}: {{sql: \"{name} at time zone 'UTC'::text\", dialect: {dialect}, "
    "type: timestamp, timezone: UTC}}`"
)
_TAKEN = {"first", "last", "first_taken", "last_taken"}

MATERIALIZE = replace(
    POSTGRES,
    name="materialize",
    times=MaterializeTimes,
    arithmetic=RELATIVES_TIME_ARITHMETIC,
    # It has no quantiles, and is not said to count different rows.
    aggregates={name: form for name, form in POSTGRES.aggregates.items() if name in _TAKEN},
    inexact_aggregate=_of_floats,
    sums_floats=False,
    in_code_point_order=None,
    has_forced_ctes=False,
    name_bytes=255,
    other_types={Kind.DATE: ("time",), Kind.TIMESTAMP: ("with time zone",)},
    declared_instead=dict.fromkeys((Kind.DATE, Kind.TIMESTAMP), _IN_UTC),
    refuses=jumps_refusal,
    forms={
        **POSTGRES.forms,
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        "lower": _in_one_case("LOWER"),
        "upper": _in_one_case("UPPER"),
        "null_safe": _null_safe,
        "starts_with": _starts_with,
        "contains": lambda x, part: nodes.compare(exp.GT, _position(x, part), nodes.integer(0)),
    },
)


def _spelled(tree: Node) -> Node:
    """Return a whole statement as RisingWave takes it: no SEMI joins, decimals of no declared digits."""
    as_joins(tree)
    for type in tree.find_all(exp.DataType):
        if type.this is exp.DataType.Type.DECIMAL:
            type.set("expressions", [])
    return tree


RISINGWAVE = replace(
    MATERIALIZE,
    name="risingwave",
    times=RelativesTimes,
    inexact_aggregate=None,
    sums_floats=True,
    room=Room(most=28, rows=10**9),
    has_subqueries_in_joins=False,
    has_outer_names_in_depth=False,
    has_outer_names_in_from=False,
    has_selects_in_aggregates=False,
    has_selects_in_groups=False,
    has_correlated_selects=False,
    name_bytes=None,
    declared_instead=dict.fromkeys((Kind.DATE, Kind.TIMESTAMP), _IN_UTC.replace("::text", "")),
    finished=_spelled,
    refuses=common_refusal,
    forms={**MATERIALIZE.forms, "null_safe": POSTGRES.forms["null_safe"]},
)
