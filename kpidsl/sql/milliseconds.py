"""Times that are moved by no microseconds: by milliseconds, or by whole seconds alone.

What is finer is refused, but for the last instant before a time, where its day is asked, or in milliseconds
what is up to it: see `last_before`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.elapsed import is_literal
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import FRACTIONS, asked_of, last_before, last_millisecond_before, open_question

Moved = Callable[[Node, int], Node]
"""The form of a time so many of a unit later."""

_DIGITS = re.compile(r"\.\d{3}0*[1-9]")
"""A fraction of a second beyond the milliseconds."""
_PER_MILLISECOND = 1_000
_PER_SECOND = 1_000_000


def is_finer_than_milliseconds(node: Node) -> bool:
    """Tell whether a node is a time with microseconds."""
    match node:
        case exp.Cast(this=exp.Literal() as text) if node.to.this is exp.DataType.Type.TIMESTAMP:
            return _DIGITS.search(text.name) is not None
        case exp.Anonymous():
            return asked_of(node) == FRACTIONS
        case _:
            return False


def in_milliseconds(later: Moved) -> Callable[[Node, Node], Node]:
    """Return the form of a time that is moved by microseconds that are whole milliseconds."""
    return _moved(_PER_MILLISECOND, later, lambda time: last_millisecond_before(later(time, -1)))


def in_seconds(later: Moved, second: Callable[[Node], Node]) -> Callable[[Node, Node], Node]:
    """Return the form of a time that is moved by microseconds that are whole seconds.

    `second` is that in which a time is. The day of the last instant before a time is that of a second before,
    or that of the time itself where it is within a second.
    """

    def last(time: Node) -> Node:
        is_whole = nodes.compare(exp.EQ, time, second(time.copy()))
        return last_before(nodes.case([(is_whole, later(time.copy(), -1))], time.copy()))

    return _moved(_PER_SECOND, later, last)


def _moved(size: int, later: Moved, last: Callable[[Node], Node]) -> Callable[[Node, Node], Node]:
    def form(time: Node, amount: Node) -> Node:
        if not is_literal(amount):
            return open_question(FRACTIONS)
        is_back = isinstance(amount, exp.Neg)
        number = int((amount.this if is_back else amount).name)
        if is_back and number == 1:
            return last(time)
        count, rest = divmod(number, size)
        return open_question(FRACTIONS) if rest else later(time, -count if is_back else count)

    return form
