"""PostgreSQL, from version 14 on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme, like, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node
from kpidsl.sql.postgres_times import POSTGRES_TIME_ARITHMETIC, PostgresTimes, extracted, interval
from kpidsl.sql.semi_joins import as_exists


def _collated(x: Node, name: str) -> Node:
    return exp.Collate(this=nodes.atom(x), expression=exp.Identifier(this=name, quoted=True))


def _in_code_point_order(x: Node) -> Node:
    return _collated(x, "C")


def _in_one_case(function: str) -> Form:
    """Return the form of LOWER or UPPER: under "C" they would change the letters a to z alone.

    The database's own collation may be one under which they do, too: the connection refuses that.
    """

    def form(x: Node) -> Node:
        bare = x.this if isinstance(x, exp.Collate) else x
        return _in_code_point_order(nodes.call(function, _collated(bare, "default")))

    return form


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    if rule.name == "day":
        return nodes.cast(local, "date")
    unit = nodes.text(rule.name.removeprefix("fiscal_"))
    days = cut.days_after_week_start if rule.anchor == "week_start" else 0
    months = cut.month_of_anchor(rule) % rule.count
    if days:
        shifted = nodes.binary(exp.Add, local, interval(days, "DAY"))
        truncated = nodes.cast(nodes.call("DATE_TRUNC", unit, shifted), "date")
        return nodes.binary(exp.Sub, truncated, nodes.integer(days))
    if months:
        earlier = nodes.binary(exp.Sub, local, interval(months, "MONTH"))
        truncated = nodes.call("DATE_TRUNC", unit, earlier)
        return nodes.cast(nodes.binary(exp.Add, truncated, interval(months, "MONTH")), "date")
    return nodes.cast(nodes.call("DATE_TRUNC", unit, local), "date")


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    # Of a date, DATE_TRUNC would make an instant of the session's zone.
    return _bucket(rule, cut, day if rule.name == "day" else nodes.cast(day, "timestamp"))


def _series(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit != "DAY":
        return nodes.call("GENERATE_SERIES", first, last, interval(count, unit))
    ends = (nodes.cast(end, "timestamp") for end in (first, last))
    return nodes.cast(nodes.call("GENERATE_SERIES", *ends, interval(count, unit)), "date")


def _percentile(x: Node, fraction: Node) -> Node:
    order = exp.Order(expressions=[exp.Ordered(this=x, desc=False, nulls_first=False)])
    return exp.WithinGroup(this=nodes.call("PERCENTILE_CONT", fraction), expression=order)


def _first_of(*, descending: bool) -> Form:
    def form(x: Node, *order: Node) -> Node:
        by: Sequence[Node] = [exp.Ordered(this=o, desc=descending, nulls_first=descending) for o in order]
        return exp.ArrayAgg(this=exp.Order(this=x, expressions=by))

    return form


def _first_element(array: Node) -> Node:
    return exp.Bracket(this=exp.Paren(this=array), expressions=[nodes.integer(1)], offset=1)


def _part(name: str) -> Form:
    return lambda x: nodes.cast(extracted(name, x), "bigint")


POSTGRES = Dialect(
    name="postgres",
    times=PostgresTimes,
    arithmetic=POSTGRES_TIME_ARITHMETIC,
    aggregates={
        "percentile": _percentile,
        # Its STDDEV and VAR_SAMP find a spread among equal floats: they are made in two passes instead.
        "first": _first_of(descending=False),
        "last": _first_of(descending=True),
        "first_taken": _first_element,
        "last_taken": _first_element,
        "tuples": lambda *parts: exp.Count(this=exp.Distinct(expressions=[nodes.call("ROW", *parts)])),
    },
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=_series,
    in_code_point_order=_in_code_point_order,
    has_exact_text_equality=True,
    narrow=frozenset("*+-"),
    has_semi_joins=True,
    finished=as_exists,
    has_float_literals=False,
    has_boolean_extremes=False,
    other_types={
        Kind.DATE: ("time zone",),
        Kind.TIMESTAMP: ("with time zone",),
        # A collation is told where it takes different characters for equal.
        # Blanks at the end of a `char(n)` are there for `like` and in a result, and not for `=`.
        Kind.TEXT: ("citext", " COLLATE ", "character(", "bpchar"),
    },
    declared_instead={
        Kind.DATE: declared.AT_UTC,
        Kind.TIMESTAMP: declared.AT_UTC,
        Kind.TEXT: declared.BY_BYTES,
    },
    folds_names=True,
    name_bytes=63,
    forms=COMMON
    | {
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        "lower": _in_one_case("LOWER"),
        "upper": _in_one_case("UPPER"),
        "least": extreme("LEAST"),
        "greatest": extreme("GREATEST"),
        "round_float": round_float,
        "floor_float": lambda x: nodes.call("FLOOR", x),
        "ceil_float": lambda x: nodes.call("CEIL", x),
        "substring": lambda x, start, length: nodes.call("SUBSTRING", x, start, length),
        "starts_with": lambda x, part: nodes.call("STARTS_WITH", x, part),
        "contains": lambda x, part: nodes.compare(exp.GT, nodes.call("STRPOS", x, part), nodes.integer(0)),
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": lambda x: nodes.cast(x, "time"),
        "weekday": _part("ISODOW"),
        "day_of_year": _part("DOY"),
        "week_of_year": _part("WEEK"),
        "quarter": _part("QUARTER"),
        "like": like,
    },
)
