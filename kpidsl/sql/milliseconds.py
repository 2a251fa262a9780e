"""Times of an engine that has milliseconds: what is finer is refused, but for the last instant before a time.

The day of that is all that is asked of it there:

    CAST(LAST_BEFORE(t) AS DATE)     a microsecond before `t` is on the day of a millisecond before it
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.elapsed import is_literal
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import asked_of, open_question

Moved = Callable[[Node, Node], Node]
"""The form of a time so many milliseconds later."""

FRACTIONS = "fractions"
"""The open question of what is finer than the engine's own times, or of how they are moved."""

_LAST_BEFORE = "LAST_BEFORE"
_DIGITS = re.compile(r"\.\d{3}0*[1-9]")
"""A fraction of a second beyond the milliseconds."""
_PER_MILLISECOND = 1000
_OF_ONE_TIME = frozenset(("SUBSTR", "AT_TIMEZONE"))
"""Functions that tell no more of a time than a zone's clocks do."""


def is_finer_than_milliseconds(node: Node) -> bool:
    """Tell whether a node is a time with microseconds, in a tree that has not been finished."""
    match node:
        case exp.Cast(this=exp.Literal() as text) if node.to.this is exp.DataType.Type.TIMESTAMP:
            return _DIGITS.search(text.name) is not None
        case exp.Anonymous(name=name) if name == _LAST_BEFORE:
            return not _is_asked_by_day(node)
        case exp.Anonymous():
            return asked_of(node) == FRACTIONS
        case _:
            return False


def add_microseconds(later: Moved) -> Moved:
    """Return the form of a time that is moved by microseconds: by whole milliseconds alone."""

    def form(time: Node, amount: Node) -> Node:
        if not is_literal(amount):
            return open_question(FRACTIONS)
        is_back = isinstance(amount, exp.Neg)
        number = int((amount.this if is_back else amount).name)
        if is_back and number == 1:
            return nodes.call(_LAST_BEFORE, time)
        milliseconds, rest = divmod(-number if is_back else number, _PER_MILLISECOND)
        return open_question(FRACTIONS) if rest else later(time, nodes.integer(milliseconds))

    return form


def with_last_before(tree: Node, form: Callable[[Node], Node]) -> None:
    """Write what is on the day of the last instant before a time."""
    for call in reversed(list(tree.find_all(exp.Anonymous))):
        if call.name == _LAST_BEFORE:
            call.replace(form(call.expressions[0]))


def _is_asked_by_day(time: Node) -> bool:
    around = time.parent
    while around is not None:
        if isinstance(around, exp.Cast) and around.to.this is exp.DataType.Type.DATE:
            return True
        is_of_one = isinstance(around, exp.Anonymous) and around.name in _OF_ONE_TIME
        if not is_of_one and not isinstance(around, exp.Cast | exp.AtTimeZone):
            return False
        around = around.parent
    return False
