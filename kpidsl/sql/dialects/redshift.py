"""Amazon Redshift, by its documentation: nobody has run it there. See decision 0131.

Whatever the collation, Redshift takes a text with blanks at its end and one without for equal. So a text
is compared with a mark after its last character, under the collation that tells small from capital letters,
and is shown without the mark.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node
from kpidsl.sql.redshift_times import (
    REDSHIFT_TIME_ARITHMETIC,
    RedshiftTimes,
    extracted,
    moved,
    moved_date,
    rounded,
)
from kpidsl.sql.redshift_tree import refusal, spelled

_MOST_DIGITS = 19
_MARK = 1
"""A character below all others that texts have: the order of texts stays."""


def _mark() -> Node:
    return nodes.call("CHR", nodes.integer(_MARK))


def _marked(bare: Node) -> Node:
    return nodes.binary(exp.DPipe, bare, _mark())


def _exact(bare: Node) -> Node:
    return nodes.call("COLLATE", _marked(bare), nodes.text("case_sensitive"))


def _bare(x: Node) -> Node:
    """Return a text without the mark after its last character."""
    marked = x.expressions[0] if isinstance(x, exp.Anonymous) and x.name == "COLLATE" else x
    if isinstance(marked, exp.DPipe) and marked.expression == _mark():
        found: Node = marked.this
        return found
    return nodes.call("LEFT", x, nodes.binary(exp.Sub, nodes.call("LEN", x.copy()), nodes.integer(1)))


def _of_bare(function: str) -> Form:
    return lambda x: _exact(nodes.call(function, _bare(x)))


def _without_room(function: str, type: Type) -> tuple[str, str] | None:
    """Return why a sum has no room: where its nothing is 0, and beside others of a UNION, it has 19."""
    if function != "sum" or type.kind is not Kind.DECIMAL or type.scale < _MOST_DIGITS:
        return None
    return (
        f"its COALESCE and UNION keep {_MOST_DIGITS} digits, and {type.scale} stand after the point",
        "declare the columns with no more digits than they have, or round the factors",
    )


def _rounded(number: Node, type: Type, digits: int) -> Node:
    if type.kind is Kind.INTEGER:
        # An integer might be cut as a float.
        return rounded(nodes.cast(number, "decimal(19, 0)"), 0, digits)
    return rounded(number, type.scale, digits)


def _length(x: Node) -> Node:
    counted = nodes.binary(exp.Sub, nodes.call("LEN", x), nodes.integer(1))
    return nodes.cast(exp.Paren(this=counted), "bigint")


def _concat(*args: Node) -> Node:
    first, *others = map(_bare, args)
    whole = first
    for part in others:
        whole = nodes.binary(exp.DPipe, whole, part)
    return _exact(whole)


def _starts_with(x: Node, part: Node) -> Node:
    length = nodes.binary(exp.Sub, nodes.call("LEN", part.copy()), nodes.integer(1))
    return nodes.compare(exp.EQ, _exact(nodes.call("LEFT", _bare(x), length)), part)


def _contains(x: Node, part: Node) -> Node:
    exact = nodes.call("COLLATE", _bare(x), nodes.text("case_sensitive"))
    found = nodes.call("STRPOS", exact, _bare(part))
    is_in = nodes.compare(exp.GT, found, nodes.integer(0))
    # Whether the empty text is found is not documented.
    is_empty = nodes.compare(exp.EQ, nodes.call("LEN", part.copy()), nodes.integer(1))
    return nodes.any_of([is_in, nodes.all_of([is_empty, nodes.is_not_null(x.copy())])])


def _like(x: Node, pattern: str) -> Node:
    return exp.Like(this=nodes.operand(x, 4), expression=_marked(nodes.text(pattern)))


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    unit = nodes.text(rule.name.removeprefix("fiscal_"))
    days = cut.days_after_week_start if rule.anchor == "week_start" else 0
    months = cut.month_of_anchor(rule) % rule.count
    if days:
        truncated = nodes.call("DATE_TRUNC", unit, moved(day, nodes.integer(days), "DAY"))
        return moved_date(truncated, nodes.integer(-days), "DAY")
    if months:
        first = nodes.call("DATE_TRUNC", nodes.text("month"), nodes.cast(day, "timestamp"))
        truncated = nodes.call("DATE_TRUNC", unit, moved(first, nodes.integer(-months), "MONTH"))
        return moved_date(truncated, nodes.integer(months), "MONTH")
    return nodes.cast(nodes.call("DATE_TRUNC", unit, nodes.cast(day, "timestamp")), "date")


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return _bucket_of_date(rule, cut, nodes.cast(local, "date"))


def _part(name: str) -> Form:
    return lambda x: extracted(name, x)


def _weekday(x: Node) -> Node:
    # Sunday is 0.
    before = nodes.binary(exp.Add, extracted("DOW", x), nodes.integer(6))
    return nodes.binary(exp.Add, nodes.binary(exp.Mod, before, nodes.integer(7)), nodes.integer(1))


def _week_of_year(x: Node) -> Node:
    """Return the number of a week: that of its Thursday among the Thursdays of the year."""
    monday = nodes.call("DATE_TRUNC", nodes.text("week"), nodes.cast(x, "timestamp"))
    before = nodes.binary(exp.Sub, extracted("DOY", moved(monday, nodes.integer(3), "DAY")), nodes.integer(1))
    return nodes.binary(exp.Add, nodes.binary(exp.Div, before, nodes.integer(7)), nodes.integer(1))


def _null_safe(a: Node, b: Node) -> Node:
    both = nodes.all_of([nodes.is_null(a.copy()), nodes.is_null(b.copy())])
    return exp.Paren(this=nodes.any_of([nodes.compare(exp.EQ, a, b), both]))


def _following(time: Node, count: int, unit: str) -> Node:
    return (moved_date if unit == "DAY" else moved)(time, nodes.integer(count), unit)


REDSHIFT = Dialect(
    name="redshift",
    times=RedshiftTimes,
    arithmetic=REDSHIFT_TIME_ARITHMETIC,
    # Its quantiles of a statement must all have one order; it has no arrays of rows.
    aggregates={},
    inexact_aggregate=_without_room,
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=None,
    in_code_point_order=_exact,
    keys_as_values=True,
    text_literal=lambda text: _exact(nodes.text(text)),
    shown_text=_bare,
    text_type="varchar",
    narrow=frozenset("*+-"),
    rounded=_rounded,
    has_float_literals=False,
    has_boolean_extremes=False,
    has_filters=False,
    has_forced_ctes=False,
    has_subqueries_in_joins=False,
    has_outer_names_in_depth=False,
    has_outer_names_in_from=False,
    has_selects_in_aggregates=False,
    has_correlated_selects=False,
    lookups="joins",
    folds_names=True,
    name_bytes=127,
    other_types={Kind.DATE: ("timestamp",), Kind.TIMESTAMP: ("with time zone",)},
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: declared.AT_UTC,
    },
    finished=spelled,
    refuses=refusal,
    forms=COMMON
    | {
        "following": _following,
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        "trim": _of_bare("BTRIM"),
        "length": _length,
        "concat": _concat,
        "null_safe": _null_safe,
        "lower": _of_bare("LOWER"),
        "upper": _of_bare("UPPER"),
        "least": extreme("LEAST"),
        "greatest": extreme("GREATEST"),
        "round_float": round_float,
        "floor_float": lambda x: nodes.call("FLOOR", x),
        "ceil_float": lambda x: nodes.call("CEIL", x),
        "substring": lambda x, start, length: _exact(nodes.call("SUBSTRING", _bare(x), start, length)),
        "starts_with": _starts_with,
        "contains": _contains,
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": lambda x: _exact(nodes.call("TO_CHAR", x, nodes.text("HH24:MI:SS.US"))),
        "weekday": _weekday,
        "day_of_year": _part("DOY"),
        "week_of_year": _week_of_year,
        "quarter": _part("QUARTER"),
        "like": _like,
    },
)
