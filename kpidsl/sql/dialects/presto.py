"""Presto: what it has of Trino, and times in milliseconds. It was never executed: see decision 0281."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.model.types import Kind
from kpidsl.sql import nodes
from kpidsl.sql.dialects.trino import TRINO, at_utc
from kpidsl.sql.milliseconds import is_finer_than_milliseconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.presto_times import (
    PRESTO_TIME_ARITHMETIC,
    TIMESTAMP_TYPE,
    PrestoTimes,
    clock,
    in_utc,
)
from kpidsl.sql.refusals import Refusal, common_refusal
from kpidsl.sql.trino_tree import series_of

_MILLISECONDS = Refusal(
    "microseconds of a time of day",
    "its timestamps have milliseconds",
    "write times and durations with three digits of a second at most, or ask Trino",
)


def _refusal(tree: Node) -> Refusal | None:
    for node in tree.find_all(exp.Cast, exp.Anonymous):
        if is_finer_than_milliseconds(node):
            return _MILLISECONDS.at(node)
    return common_refusal(tree)


def _starts_with(x: Node, part: Node) -> Node:
    beginning = nodes.call("SUBSTR", x, nodes.integer(1), nodes.call("LENGTH", part))
    return nodes.compare(exp.EQ, beginning, part.copy())


PRESTO = replace(
    TRINO,
    name="presto",
    times=PrestoTimes,
    arithmetic=PRESTO_TIME_ARITHMETIC,
    series=series_of(TIMESTAMP_TYPE, in_utc),
    timestamp_type=TIMESTAMP_TYPE,
    columns={Kind.TIMESTAMP: in_utc},
    declared_instead={**TRINO.declared_instead, Kind.TIMESTAMP: at_utc(TIMESTAMP_TYPE)},
    refuses=_refusal,
    # Its manual has no TRIM of a named character.
    forms={name: form for name, form in TRINO.forms.items() if name != "trim"}
    | {"starts_with": _starts_with, "clock": clock},
)
