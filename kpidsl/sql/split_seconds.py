"""The time between two times where an engine counts whole seconds, and tells microseconds of a time alone.

    2026-03-01 10:00:00.250000 to 10:00:02.000100     2 seconds, 100 - 250000 microseconds

Both times are cut to the second first, so that it does not matter how the engine counts what is left of one.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.elapsed import Form
from kpidsl.sql.nodes import Node

_MICROSECONDS = 1_000_000
_OF_64_BITS = "decimal(20, 0)"
_SECONDS = "decimal(18, 6)"


def microseconds_between(
    cut: Callable[[Node], Node], seconds: Form, microseconds: Callable[[Node], Node]
) -> Form:
    """Return the form of the whole microseconds from a start to an end, whose order is that of `seconds`.

    `cut` gives a time's second, `seconds` the whole seconds between two of them, `microseconds` what a time
    has beyond its second.
    """

    def form(end: Node, start: Node) -> Node:
        whole = nodes.binary(exp.Mul, seconds(cut(end), cut(start)), nodes.integer(_MICROSECONDS))
        rest = nodes.binary(exp.Sub, microseconds(end.copy()), microseconds(start.copy()))
        return nodes.binary(exp.Add, whole, rest)

    return form


def as_seconds(between: Form) -> Form:
    """Return the form of the seconds between two times, with six digits, by their microseconds."""

    def form(end: Node, start: Node) -> Node:
        micros = nodes.cast(between(end, start), _OF_64_BITS)
        return nodes.cast(nodes.binary(exp.Mul, micros, exp.Literal.number("0.000001")), _SECONDS)

    return form


def as_whole_seconds(between: Form, whole_part: Form) -> Form:
    """Return the form of the whole seconds between two times, by their microseconds."""
    return lambda end, start: whole_part(between(end, start), nodes.integer(_MICROSECONDS))
