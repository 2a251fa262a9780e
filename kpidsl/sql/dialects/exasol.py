"""Exasol, by its documentation: nobody has run it there. See decision 0150.

The empty text is null there, as on Oracle: none may be written in a formula, nor come of one. Texts
compare by their characters.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import DIGITS_OF_EXASOL, Room, on_exasol
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.exasol_times import (
    EXASOL_NUMBERS,
    EXASOL_TIME_ARITHMETIC,
    ExasolTimes,
    bucket,
    bucket_of_date,
    days_between,
    days_since_monday,
    extracted,
)
from kpidsl.sql.exasol_tree import refusal, spelled
from kpidsl.sql.nodes import Node
from kpidsl.sql.oracle_tree import null_safe


def _concat(*args: Node) -> Node:
    # A null would be an empty text.
    missing = nodes.any_of([nodes.is_null(arg.copy()) for arg in args])
    whole, *others = args
    for part in others:
        whole = nodes.binary(exp.DPipe, whole, part)
    return nodes.case([(missing, exp.Null())], whole)


def _starts_with(x: Node, part: Node) -> Node:
    return nodes.compare(exp.EQ, nodes.call("LEFT", x, nodes.call("LENGTH", part.copy())), part)


def _like(x: Node, pattern: str) -> Node:
    # Where none is named, the session's DEFAULT_LIKE_ESCAPE_CHARACTER escapes.
    like = exp.Like(this=nodes.operand(x, 4), expression=nodes.text(pattern))
    return exp.Escape(this=like, expression=nodes.text("\\"))


def _part(name: str) -> Form:
    return lambda x: extracted(name, x)


def _weekday(x: Node) -> Node:
    return nodes.binary(exp.Add, days_since_monday(nodes.cast(x, "date")), nodes.integer(1))


def _day_of_year(x: Node) -> Node:
    first = nodes.cast(nodes.call("DATE_TRUNC", nodes.text("year"), x.copy()), "date")
    return nodes.binary(exp.Add, days_between(nodes.cast(x, "date"), first), nodes.integer(1))


def _quarter(x: Node) -> Node:
    months = nodes.binary(exp.Add, extracted("MONTH", x), nodes.integer(2))
    return nodes.call("DIV", months, nodes.integer(3))


_EMPTY = "the empty text, which may come of it, is null there"

EXASOL = Dialect(
    name="exasol",
    times=ExasolTimes,
    arithmetic=EXASOL_TIME_ARITHMETIC,
    # Quantiles, spreads, first values and tuples are made from window functions.
    aggregates={},
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=None,
    numbers=EXASOL_NUMBERS,
    in_code_point_order=None,
    text_type="varchar(2000000)",
    cast_digits=DIGITS_OF_EXASOL,
    room=Room(on_exasol, DIGITS_OF_EXASOL, fails=True, has_silent_sums=True),
    has_empty_texts=False,
    has_filters=False,
    has_null_order=False,
    has_forced_ctes=False,
    has_subqueries_in_joins=False,
    has_outer_names_in_depth=False,
    has_outer_names_in_from=False,
    has_selects_in_aggregates=False,
    has_selects_in_groups=False,
    has_places_in_groups=False,
    has_correlated_selects=False,
    lookups="joins",
    other_types={Kind.DATE: ("timestamp",), Kind.TIMESTAMP: ("with local time zone",)},
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: declared.Declared("timestamp", lambda x: nodes.cast(x, "timestamp")),
    },
    lacks={
        "trim": (_EMPTY, "use a column that holds the text without spaces"),
        "substring": (_EMPTY, "use a column that holds the part"),
    },
    finished=spelled,
    refuses=refusal,
    forms={name: form for name, form in COMMON.items() if name != "trim"}
    | {
        "bucket": bucket,
        "bucket_of_date": bucket_of_date,
        "null_safe": null_safe,
        "concat": _concat,
        "lower": lambda x: nodes.call("LOWER", x),
        "upper": lambda x: nodes.call("UPPER", x),
        "least": extreme("LEAST"),
        "greatest": extreme("GREATEST"),
        "round_float": round_float,
        "floor_float": lambda x: nodes.call("FLOOR", x),
        "ceil_float": lambda x: nodes.call("CEIL", x),
        "starts_with": _starts_with,
        "contains": lambda x, part: nodes.compare(exp.GT, nodes.call("INSTR", x, part), nodes.integer(0)),
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": lambda x: nodes.call("TO_CHAR", x, nodes.text("HH24:MI:SS.FF6")),
        "weekday": _weekday,
        "day_of_year": _day_of_year,
        "week_of_year": lambda x: nodes.call("WEEK", x),
        "quarter": _quarter,
        "like": _like,
    },
)
