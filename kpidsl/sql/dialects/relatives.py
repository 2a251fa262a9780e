"""Materialize and RisingWave, which speak PostgreSQL's SQL. Nobody has run it there: decisions 0132 and 0133.

Both compare texts by their bytes, whatever the locale, and have no word for collations.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import FLOAT, Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.dialect import Form
from kpidsl.sql.dialects.postgres import POSTGRES
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import common_refusal, jumps_refusal
from kpidsl.sql.relatives_times import RELATIVES_TIME_ARITHMETIC, MaterializeTimes, RelativesTimes, moved
from kpidsl.sql.semi_joins import as_exists, as_joins
from kpidsl.sql.whole_numbers import with_whole_sums


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


def _wide_sum(x: Node, type: Type) -> Node:
    """Return floats that are added up as decimals: as floats they are cut to multiples of 2^-24."""
    return nodes.cast(x, "decimal") if type.kind is Kind.FLOAT else x


def _with_float_sums(tree: Node) -> Node:
    """Return a whole statement as Materialize takes it: what was added up as decimals is a float again."""
    for mean in tree.find_all(exp.Avg):
        # It is one of floats, as those over rows are made of a sum and a count.
        mean.set("this", _wide_sum(mean.this, FLOAT))
    for total in list(tree.find_all(exp.Sum, exp.Avg)):
        if _is_of_floats(total.this):
            nodes.rewrite(nodes.over_rows(total), lambda found: nodes.cast(found, "double"))
    return as_exists(tree)


def _is_of_floats(added_up: Node) -> bool:
    match added_up:
        case exp.Cast(to=exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=[])):
            return True
        case _:
            return False


_IN_UTC = declared.local(lambda x: exp.AtTimeZone(this=x, zone=nodes.cast(nodes.text("UTC"), "text")))
_TAKEN = {"first", "last", "first_taken", "last_taken"}

MATERIALIZE = replace(
    POSTGRES,
    name="materialize",
    times=MaterializeTimes,
    arithmetic=RELATIVES_TIME_ARITHMETIC,
    # It has no quantiles, and is not said to count different rows.
    aggregates={name: form for name, form in POSTGRES.aggregates.items() if name in _TAKEN},
    wide_sum=_wide_sum,
    in_code_point_order=None,
    has_forced_ctes=False,
    name_bytes=255,
    other_types={Kind.DATE: ("time",), Kind.TIMESTAMP: ("with time zone",)},
    declared_instead=dict.fromkeys((Kind.DATE, Kind.TIMESTAMP), _IN_UTC),
    finished=_with_float_sums,
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
    with_whole_sums(tree)
    for type in tree.find_all(exp.DataType):
        if type.this is exp.DataType.Type.DECIMAL:
            type.set("expressions", [])
    return tree


RISINGWAVE = replace(
    MATERIALIZE,
    name="risingwave",
    times=RelativesTimes,
    wide_sum=None,
    room=Room(most=28, rows=10**9, fails_of_whole_numbers=True),
    has_subqueries_in_joins=False,
    has_outer_names_in_depth=False,
    has_outer_names_in_from=False,
    has_selects_in_aggregates=False,
    has_selects_in_groups=False,
    has_correlated_selects=False,
    lookups="joins",
    name_bytes=None,
    declared_instead=dict.fromkeys((Kind.DATE, Kind.TIMESTAMP), declared.AT_UTC),
    finished=_spelled,
    refuses=common_refusal,
    forms={**MATERIALIZE.forms, "null_safe": POSTGRES.forms["null_safe"]},
)
