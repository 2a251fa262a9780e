"""BigQuery, as its language GoogleSQL has it: executed on that language's reference implementation."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.grains import WEEKDAYS, Cut, GrainRule
from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.bigquery_times import BIGQUERY_TIME_ARITHMETIC, BigqueryTimes, moved, part
from kpidsl.sql.bigquery_tree import spelled, wider_product
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, asked_in_where, extreme_or_null, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.joined_lookups import asked_in_outer_join, with_joined_lookups
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return _bucket_of_date(rule, cut, nodes.cast(local, "date"))


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        week = nodes.call("WEEK", exp.Var(this=WEEKDAYS[-cut.days_after_week_start % 7].upper()))
        return nodes.call("DATE_TRUNC", day, week)
    unit = exp.Var(this=rule.name.removeprefix("fiscal_").upper())
    months = cut.month_of_anchor(rule) % rule.count
    if not months:
        return nodes.call("DATE_TRUNC", day, unit)
    earlier = nodes.call("DATE_TRUNC", moved("DATE_SUB", day, months, "MONTH"), unit)
    return moved("DATE_ADD", earlier, months, "MONTH")


def _series(first: Node, last: Node, count: int, unit: str) -> Node:
    step = exp.Interval(this=nodes.integer(count), unit=exp.Var(this=unit))
    if unit == "DAY":
        return nodes.call("UNNEST", nodes.call("GENERATE_DATE_ARRAY", first, last, step))
    ends = (nodes.call("TIMESTAMP", end, nodes.text("UTC")) for end in (first, last))
    every = nodes.call("UNNEST", nodes.call("GENERATE_TIMESTAMP_ARRAY", *ends, step))
    return nodes.call("DATETIME", every, nodes.text("UTC"))


def _first_of(*, descending: bool) -> Form:
    def form(x: Node, *order: Node) -> Node:
        # No null is among what it is ordered by, except in a key's later columns.
        by = [exp.Ordered(this=o, desc=descending, nulls_first=not descending) for o in order]
        ordered = exp.Order(this=exp.IgnoreNulls(this=x), expressions=by)
        return exp.ArrayAgg(this=exp.Limit(this=ordered, expression=nodes.integer(1)))

    return form


def _first_element(array: Node) -> Node:
    return exp.Bracket(this=array, expressions=[nodes.call("SAFE_OFFSET", nodes.integer(0))])


def _tuples(*parts: Node) -> Node:
    # DISTINCT takes no structs.
    whole = nodes.call("TO_JSON_STRING", nodes.call("STRUCT", *parts))
    return exp.Count(this=exp.Distinct(expressions=[whole]))


def _null_safe(a: Node, b: Node) -> Node:
    """Return that two values are the same, as an equality: outer joins ask for one."""
    return nodes.compare(exp.EQ, nodes.call("TO_JSON_STRING", a), nodes.call("TO_JSON_STRING", b))


def _weekday(x: Node) -> Node:
    """Return Monday as 1 … Sunday as 7; DAYOFWEEK says 1 for Sunday."""
    since_monday = nodes.binary(exp.Add, part("DAYOFWEEK", x), nodes.integer(5))
    return nodes.binary(exp.Add, nodes.call("MOD", since_monday, nodes.integer(7)), nodes.integer(1))


def _like(x: Node, pattern: str) -> Node:
    # The backslash escapes by itself.
    return exp.Like(this=nodes.operand(x, 4), expression=nodes.text(pattern))


def _float_key(x: Node) -> Node:
    """Return a float as text: by itself it is no key of a window. Adding a zero makes both zeros one."""
    return nodes.call("TO_JSON_STRING", nodes.binary(exp.Add, x, exp.Literal.number("0e0")))


def _finished(query: Node) -> Node:
    """Put what the condition of a join reads in a table of its own into WHERE or a join, and spell it all."""
    with_joined_lookups(query, in_outer_joins=True)
    asked_in_where(query, _reads_a_table)
    return spelled(query)


def _reads_a_table(condition: Node) -> bool:
    return any(nodes.holds(query, exp.Table) for query in condition.find_all(exp.Select))


def _refusal(tree: Node) -> Refusal | None:
    asked = asked_in_outer_join(tree)
    if asked is None:
        return None
    return Refusal(
        "what is looked up while rows are left out or sought in a set",
        "it takes no query in the condition of an outer join",
        "ask without `others`, or by a grain that no calendar tells",
        asked,
    )


def _part(name: str) -> Form:
    return lambda x: part(name, x)


BIGQUERY = Dialect(
    name="bigquery",
    times=BigqueryTimes,
    arithmetic=BIGQUERY_TIME_ARITHMETIC,
    aggregates={
        # Its quantiles are only over windows, and its STDDEV finds a spread among equal floats.
        "first": _first_of(descending=False),
        "last": _first_of(descending=True),
        "first_taken": _first_element,
        "last_taken": _first_element,
        "tuples": _tuples,
    },
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=_series,
    in_code_point_order=None,
    wider_product=wider_product,
    has_semi_joins=True,
    float_key=_float_key,
    has_forced_ctes=False,
    has_subqueries_in_joins=False,
    other_types={
        Kind.DATE: ("timestamp", "datetime"),
        Kind.TIMESTAMP: ("timestamp",),
        Kind.TEXT: (" collate ",),
    },
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: declared.local(lambda x: nodes.call("DATETIME", x, nodes.text("UTC"))),
        Kind.TEXT: declared.text(lambda x: nodes.call("COLLATE", x, nodes.text(""))),
    },
    name_bytes=300,
    finished=_finished,
    refuses=_refusal,
    forms=COMMON
    | {
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        # By itself it takes every kind of white space away.
        "trim": lambda x: nodes.call("TRIM", x, nodes.text(" ")),
        "null_safe": _null_safe,
        "lower": lambda x: nodes.call("LOWER", x),
        "upper": lambda x: nodes.call("UPPER", x),
        "least": extreme_or_null("LEAST"),
        "greatest": extreme_or_null("GREATEST"),
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
        "clock": lambda x: nodes.cast(x, "time"),
        "weekday": _weekday,
        "day_of_year": _part("DAYOFYEAR"),
        "week_of_year": _part("ISOWEEK"),
        "quarter": _part("QUARTER"),
        "like": _like,
    },
)
