"""Oracle Database from version 19 on, with a database of characters in UTF-8. Nobody has run it there.

The empty text is null there: a table holds none, so none may be written in a formula, nor come of one. What
texts are compared by hangs on the session (`NLS_COMP`, `NLS_SORT`): so a text is brought to its bytes, which
compare by nothing else, and is shown as a text again.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.dialects.common import COMMON, extreme, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node
from kpidsl.sql.oracle_times import (
    ORACLE_NUMBERS,
    ORACLE_TIME_ARITHMETIC,
    OracleTimes,
    bucket,
    bucket_of_date,
    extracted,
)
from kpidsl.sql.oracle_tree import TO_BYTES, TO_CHARACTERS, null_safe, spelled


def _exact(x: Node) -> Node:
    return nodes.call(TO_BYTES, x)


def _characters(x: Node) -> Node:
    if isinstance(x, exp.Anonymous) and x.name == TO_BYTES:
        bare: Node = x.expressions[0]
        return bare
    return nodes.call(TO_CHARACTERS, x)


def _literal(text: str) -> Node:
    return _exact(nodes.text(text))


def _in_one_case(function: str) -> Form:
    return lambda x: _exact(nodes.call(function, _characters(x)))


def _concat(*args: Node) -> Node:
    # A null would be an empty text.
    missing = nodes.any_of([nodes.is_null(arg.copy()) for arg in args])
    whole, *others = map(_characters, args)
    for part in others:
        whole = nodes.binary(exp.DPipe, whole, part)
    return nodes.case([(missing, exp.Null())], _exact(whole))


def _starts_with(x: Node, part: Node) -> Node:
    length = nodes.call("LENGTH", _characters(part.copy()))
    start = nodes.call("SUBSTR", _characters(x), nodes.integer(1), length)
    return nodes.compare(exp.EQ, _exact(start), part)


def _day_of_year(x: Node) -> Node:
    # TO_CHAR would tell it in the session's calendar.
    first = nodes.call("TRUNC", x.copy(), nodes.text("YYYY"))
    return nodes.binary(exp.Add, nodes.binary(exp.Sub, nodes.call("TRUNC", x), first), nodes.integer(1))


def _week_of_year(x: Node) -> Node:
    # A week belongs to the year of its Thursday.
    monday = nodes.call("TRUNC", x, nodes.text("IW"))
    thursday = nodes.binary(exp.Add, monday, nodes.integer(3))
    first = nodes.call("TRUNC", thursday.copy(), nodes.text("YYYY"))
    weeks = nodes.binary(exp.Div, nodes.binary(exp.Sub, thursday, first), nodes.integer(7))
    return nodes.binary(exp.Add, nodes.call("FLOOR", weeks), nodes.integer(1))


def _quarter(x: Node) -> Node:
    return nodes.call("CEIL", nodes.binary(exp.Div, extracted("MONTH", x), nodes.integer(3)))


def _weekday(x: Node) -> Node:
    # What TO_CHAR(…, 'D') says hangs on the session's territory.
    days = nodes.binary(exp.Sub, nodes.call("TRUNC", x), nodes.call("TRUNC", x.copy(), nodes.text("IW")))
    return nodes.binary(exp.Add, days, nodes.integer(1))


def _part(name: str) -> Form:
    return lambda x: extracted(name, x)


def _call(name: str) -> Callable[..., Node]:
    return lambda *args: nodes.call(name, *args)


_EMPTY = "the empty text, which may come of it, is null there"
_SESSION = "what it takes for equal hangs on the session"

ORACLE = Dialect(
    name="oracle",
    times=OracleTimes,
    arithmetic=ORACLE_TIME_ARITHMETIC,
    aggregates={},
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=None,
    numbers=ORACLE_NUMBERS,
    in_code_point_order=_exact,
    keys_as_values=True,
    text_literal=_literal,
    shown_text=_characters,
    text_type="varbinary",
    finished=spelled,
    lacks={
        "trim": (_EMPTY, "use a column that holds the text without spaces"),
        "substring": (_EMPTY, "use a column that holds the part"),
        "like": (_SESSION, "use `starts_with`, or `in (…)`"),
        "contains": (_SESSION, "use `starts_with`, or a column that tells it"),
    },
    has_empty_texts=False,
    has_filters=False,
    # ORA-01799: a column may not be outer-joined to a subquery.
    has_subqueries_in_joins=False,
    has_selects_in_aggregates=False,
    has_selects_in_groups=False,
    has_places_in_groups=False,
    has_forced_ctes=False,
    columns={
        Kind.DATE: lambda x: nodes.call("TRUNC", x),
        Kind.TIMESTAMP: lambda x: nodes.cast(x, "timestamp"),
    },
    forms={name: form for name, form in COMMON.items() if name != "trim"}
    | {
        "bucket": bucket,
        "bucket_of_date": bucket_of_date,
        "null_safe": null_safe,
        "length": lambda x: nodes.call("LENGTH", _characters(x)),
        "concat": _concat,
        "lower": _in_one_case("LOWER"),
        "upper": _in_one_case("UPPER"),
        "least": extreme("LEAST"),
        "greatest": extreme("GREATEST"),
        "round_float": round_float,
        "floor_float": _call("FLOOR"),
        "ceil_float": _call("CEIL"),
        "starts_with": _starts_with,
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": lambda x: _exact(nodes.call("TO_CHAR", x, nodes.text("HH24:MI:SS.FF6"))),
        "weekday": _weekday,
        "day_of_year": _day_of_year,
        "week_of_year": _week_of_year,
        "quarter": _quarter,
    },
)
