"""Rounding of decimals that are held as integers."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node


def scaled_rounding(node: Node, op: str, scale: int, digits: int) -> Node:
    """Return rounding of a scaled integer by integer arithmetic; `/` on integers drops the rest."""
    if op == "round":
        if digits >= scale:
            return node
        unit, half = nodes.integer(10 ** (scale - digits)), nodes.integer(10 ** (scale - digits) // 2)

        def nearest(value: Node) -> Node:
            units = nodes.binary(exp.Div, nodes.binary(exp.Add, value, half.copy()), unit.copy())
            return units if digits >= 0 else nodes.binary(exp.Mul, units, nodes.integer(10**-digits))

        negative = nodes.compare(exp.LT, node, nodes.integer(0))
        below = exp.Neg(this=exp.Paren(this=nearest(exp.Neg(this=nodes.atom(node.copy())))))
        return nodes.case([(negative, below)], nearest(node.copy()))
    if scale == 0:
        return node
    unit = nodes.integer(10**scale)
    whole = nodes.binary(exp.Div, node, unit)
    rest = nodes.binary(exp.Mod, node.copy(), unit.copy())
    if op == "floor":
        cut = nodes.compare(exp.LT, rest, nodes.integer(0))
        return nodes.case([(cut, nodes.binary(exp.Sub, whole.copy(), nodes.integer(1)))], whole)
    cut = nodes.compare(exp.GT, rest, nodes.integer(0))
    return nodes.case([(cut, nodes.binary(exp.Add, whole.copy(), nodes.integer(1)))], whole)
