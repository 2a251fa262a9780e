"""MySQL, from version 8.0.31 on, and MariaDB, from 10.6 on: what both have, and mean alike.

Their texts compare by a collation, which as a rule takes small and capital letters, and a text with spaces at
its end and one without, for equal. So a text is brought to the bytes of UTF-8, which are in the order of its
characters, and shown as a text again in the result.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, like, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.mysql_times import MYSQL_NUMBERS, MYSQL_TIME_ARITHMETIC, MysqlTimes, bucket
from kpidsl.sql.nodes import Node

_CHARSET = "utf8mb4"
_AS_CHARACTERS = exp.DataType(this=exp.DataType.Type.CHARACTER_SET, kind=exp.Var(this=_CHARSET))
_LETTERS = "utf8mb4_unicode_520_ci"
"""A collation that both have: the letters that it pairs do not change with the version."""


def _literal(text: str) -> Node:
    return exp.Introducer(this=exp.Var(this="_binary"), expression=nodes.text(text))


def _characters(x: Node) -> Node:
    """Return a text as characters, of one character set whatever the column's own is."""
    if isinstance(x, exp.Introducer):
        return _plain(x)
    inner: Node = x.this
    if isinstance(x, exp.Cast) and isinstance(inner, exp.Cast) and inner.to == _AS_CHARACTERS:
        return inner
    return exp.Cast(this=x, to=_AS_CHARACTERS.copy())


def _exact(x: Node) -> Node:
    return nodes.cast(x, "binary")


def _plain(x: Node) -> Node:
    written: Node = x.expression if isinstance(x, exp.Introducer) else x
    return written


def _collated(x: Node, name: str) -> Node:
    return exp.Collate(this=_characters(x), expression=exp.Var(this=name))


def _in_one_case(function: str) -> Form:
    return lambda x: _exact(nodes.call(function, _collated(x, _LETTERS)))


def _like(x: Node, pattern: str) -> Node:
    # Of bytes `_` would be one, not a character.
    return like(_collated(x, f"{_CHARSET}_bin"), pattern)


def _starts_with(x: Node, part: Node) -> Node:
    start = nodes.call("LEFT", x, nodes.call("LENGTH", _plain(part)))
    return nodes.compare(exp.EQ, start, _plain(part.copy()))


def _contains(x: Node, part: Node) -> Node:
    return nodes.compare(exp.GT, nodes.call("INSTR", x, _plain(part)), nodes.integer(0))


def _call(name: str) -> Callable[..., Node]:
    return lambda *args: nodes.call(name, *args)


def _as_number(x: Node) -> Node:
    return nodes.binary(exp.Add, x, nodes.integer(0))


MYSQL = Dialect(
    name="mysql",
    times=MysqlTimes,
    arithmetic=MYSQL_TIME_ARITHMETIC,
    # Its VAR_SAMP finds a spread among equal floats: it is made in two passes instead.
    aggregates={"tuples": lambda *parts: exp.Count(this=exp.Distinct(expressions=list(parts)))},
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=None,
    numbers=MYSQL_NUMBERS,
    in_code_point_order=lambda x: _exact(_characters(x)),
    keys_as_values=True,
    text_literal=_literal,
    shown_text=_characters,
    text_type="binary",
    timestamp_type="datetime(6)",
    cast_digits=65,
    has_filters=False,
    # MariaDB takes an aggregate in the select's own tables for one of the aggregate around it.
    has_selects_in_aggregates=False,
    has_null_order=False,
    groups_by_place=True,
    # MariaDB numbers the elements of each WITH by the bits of one number.
    most_ctes=64,
    has_no_more_ctes=True,
    has_forced_ctes=False,
    has_outer_names_in_from=False,
    tells_capitals=True,
    other_types={
        Kind.DATE: ("datetime", "timestamp"),
        # An instant, which is shown in the session's zone: that of a connection is UTC.
        Kind.TIMESTAMP: ("timestamp",),
        Kind.BOOLEAN: ("bit(",),
        # Beside a number of two digits it is another year.
        Kind.INTEGER: ("year",),
    },
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: declared.Declared("timestamp", timezone="UTC"),
        Kind.BOOLEAN: declared.Declared("boolean", _as_number),
        Kind.INTEGER: declared.Declared("integer", _as_number),
    },
    times_are_instants=True,
    forms=COMMON
    | {
        "bucket": bucket,
        "bucket_of_date": lambda rule, cut, day: day if rule.name == "day" else bucket(rule, cut, day),
        "length": lambda x: nodes.call("CHAR_LENGTH", _characters(x)),
        "concat": _call("CONCAT"),
        "lower": _in_one_case("LOWER"),
        "upper": _in_one_case("UPPER"),
        "least": _call("LEAST"),
        "greatest": _call("GREATEST"),
        "round_float": round_float,
        "floor_float": _call("FLOOR"),
        "ceil_float": _call("CEIL"),
        "substring": lambda x, start, length: _exact(nodes.call("SUBSTRING", _characters(x), start, length)),
        "starts_with": _starts_with,
        "contains": _contains,
        "year": _call("YEAR"),
        "month": _call("MONTH"),
        "day": _call("DAYOFMONTH"),
        "hour": _call("HOUR"),
        "clock": _call("TIME"),
        "weekday": lambda x: nodes.binary(exp.Add, nodes.call("WEEKDAY", x), nodes.integer(1)),
        "day_of_year": _call("DAYOFYEAR"),
        "week_of_year": lambda x: nodes.call("WEEK", x, nodes.integer(3)),
        "quarter": _call("QUARTER"),
        "like": _like,
    },
)
