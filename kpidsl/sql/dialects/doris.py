"""Apache Doris, from version 2.1 on: a relative of StarRocks. Nobody has run it there: see decision 0151.

How many digits after the point a product keeps that has more than 38 hangs on the session there, and a sum
has 38 from the start: products of sums are refused.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.types import MOST_DIGITS
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room, on_doris
from kpidsl.sql.dialects.starrocks import STARROCKS
from kpidsl.sql.nodes import Node
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.series import Numbers
from kpidsl.sql.split_seconds import microseconds_between
from kpidsl.sql.starrocks_times import (
    STARROCKS_NUMBERS,
    STARROCKS_TIME_ARITHMETIC,
    StarrocksTimes,
    cut_to_second,
    seconds_between,
    with_microseconds,
)
from kpidsl.sql.starrocks_tree import as_view

_SERIES = "EXPLODE_NUMBERS"
_TIMESTAMP = "datetime(6)"


class DorisTimes(StarrocksTimes):
    timestamp_type = _TIMESTAMP


def _numbers(steps: Node, name: str, column: str) -> Node:
    """Return the numbers from 0 to the number of steps; for null none."""
    count = nodes.cast(nodes.binary(exp.Add, steps.copy(), nodes.integer(1)), "int")
    alias = nodes.table_alias(name)
    alias.set("columns", [exp.Identifier(this=column, quoted=False)])
    return exp.Table(this=nodes.call(_SERIES, count), alias=alias)


def _week_of_year(x: Node) -> Node:
    # The third mode is that of ISO 8601.
    return nodes.cast(nodes.call("WEEK", x, nodes.integer(3)), "bigint")


def _microseconds(x: Node) -> Node:
    # A DATETIME that is declared without digits has none to ask for.
    return nodes.cast(nodes.call("MICROSECOND", nodes.cast(x, _TIMESTAMP)), "bigint")


def _spelled(tree: Node) -> Node:
    """Return a whole statement as Doris takes it; the tree is used up."""
    as_joins(tree)
    for call in list(tree.find_all(exp.Anonymous)):
        series = call.parent
        if call.name == _SERIES and isinstance(series, exp.Table):
            high = as_view(series, call.expressions[0])
            if high is not None:
                call.set("expressions", [high])
        elif call.name == "DATE_TRUNC":
            call.set("expressions", call.expressions[::-1])
    return tree


DORIS = replace(
    STARROCKS,
    name="doris",
    times=DorisTimes,
    timestamp_type=_TIMESTAMP,
    arithmetic=with_microseconds(
        STARROCKS_TIME_ARITHMETIC, microseconds_between(cut_to_second, seconds_between, _microseconds)
    ),
    numbers=Numbers(STARROCKS_NUMBERS.steps, STARROCKS_NUMBERS.after, _numbers),
    room=Room(on_doris, computed_integers=MOST_DIGITS),
    finished=_spelled,
    forms={**STARROCKS.forms, "week_of_year": _week_of_year},
)
