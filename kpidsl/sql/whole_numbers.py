"""Decimals of an engine that rounds digits after the point where it has no room, and fails of a whole number.

So what may have too many digits is computed in whole numbers, and the point is put back at the end: the
number is exact, or the statement fails.

    SUM(x)     SUM(x * 100) * 0.01
    a * b      a * 100 * (b * 10000) * 0.000001
    a - b      (a * 100 - b * 100) * 0.01
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from sqlglot import exp

from kpidsl.contexts.magnitudes import Largest
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import is_in_whole_numbers
from kpidsl.sql.dialects.dialect import Dialect
from kpidsl.sql.nodes import Node

_MARK = "IN_WHOLE_NUMBERS"


def as_whole(node: Node, digits: int) -> Node:
    """Return a number with its point so many digits to the right."""
    if not digits:
        return node
    if isinstance(node, exp.Mul) and node.expression == _power(-digits):
        whole: Node = node.this
        return whole
    return nodes.binary(exp.Mul, node, _power(digits))


def with_point(node: Node, digits: int) -> Node:
    """Return a whole number with its point so many digits to the left."""
    return nodes.binary(exp.Mul, node, _power(-digits)) if digits else node


def _power(exponent: int) -> Node:
    return exp.Literal.number(f"{Decimal(10) ** exponent:f}")


def combined(kind: type[exp.Binary], left: Node, right: Node, shifts: tuple[int, int]) -> Node:
    """Return a sum, a difference or a product of numbers whose points go so many digits to the right."""
    whole = nodes.binary(kind, *map(as_whole, (left, right), shifts))
    return with_point(whole, sum(shifts) if kind is exp.Mul else shifts[0])


def added_up(node: Node, due: Largest | None, dialect: Dialect) -> Node:
    """Return what is added up, marked for `with_whole_sums` where the sum may have too many digits."""
    room = dialect.room
    if due is None or room is None or not is_in_whole_numbers(due, room) or not due.scale:
        return node
    return nodes.call(_MARK, node, nodes.integer(due.scale))


def with_whole_sums(tree: Node) -> None:
    """Add up in whole numbers what is marked, and put the point back outside of the sum's window."""
    for mark in reversed(nodes.inside(tree)):
        if not isinstance(mark, exp.Anonymous) or mark.name != _MARK:
            continue
        added_up, digits = mark.expressions[0], int(mark.expressions[1].name)
        total = mark.find_ancestor(exp.Sum)
        assert total is not None
        mark.replace(as_whole(added_up, digits))
        nodes.rewrite(nodes.over_rows(total), partial(with_point, digits=digits))
