"""Conditions where a dialect has no truth values: a condition is no value, and no value is a condition.

What holds one is a number, 1 or 0: of a condition it is made by a CASE, and a condition asks whether it is 1.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node

_TESTS = (exp.Predicate, exp.Connector, exp.Not, exp.Escape)
_NEVER_NULL = (exp.Is, exp.Exists, exp.NullSafeEQ)


def without_truth_values(tree: Node) -> None:
    """Put numbers where conditions stand as values, and conditions where numbers stand as such."""
    for node in reversed(list(tree.walk(bfs=False))):
        if isinstance(node, exp.Paren) or node.parent is None or isinstance(node.parent, exp.Escape):
            continue
        if _is_what_is_tested_for(node) or _is_what_is_tested_for(node.parent):
            continue
        if _is_condition_at(node):
            if isinstance(node, exp.Boolean):
                wanted = exp.EQ(this=nodes.integer(1), expression=nodes.integer(1 if node.this else 0))
                node.replace(_wrapped(node, wanted))
            elif not _is_test(node):
                place = exp.Placeholder()
                node.replace(place)
                asked = exp.EQ(this=nodes.operand(node, 4), expression=nodes.integer(1))
                place.replace(_wrapped(place, asked))
        elif isinstance(node, exp.Boolean):
            node.replace(nodes.integer(1 if node.this else 0))
        elif _is_test(node):
            place = exp.Placeholder()
            node.replace(place)
            place.replace(_as_number(node))


def _is_test(node: Node) -> bool:
    if isinstance(node, exp.SubqueryPredicate):
        return isinstance(node, exp.Exists)
    return isinstance(node, _TESTS)


def _is_what_is_tested_for(node: Node) -> bool:
    """Tell whether a node is the NULL, or the NOT NULL, of an IS."""
    return isinstance(node.parent, exp.Is) and node.arg_key == "expression"


def _is_condition_at(node: Node) -> bool:
    """Tell whether a condition is asked for at the place of a node."""
    parent = node.parent
    while isinstance(parent, exp.Paren):
        node, parent = parent, parent.parent
    match parent:
        case exp.Where() | exp.Having() | exp.Connector() | exp.Not() | exp.Connect():
            return True
        case exp.If():
            return node.arg_key == "this" and not (isinstance(parent.parent, exp.Case) and parent.parent.this)
        case exp.Join():
            return node.arg_key == "on"
        case _:
            return False


def _wrapped(place: Node, condition: Node) -> Node:
    return exp.Paren(this=condition) if isinstance(place.parent, exp.Not) else condition


def _as_number(test: Node) -> Node:
    inner = test
    while isinstance(inner, exp.Not | exp.Paren):
        inner = inner.this
    branches = [(test, nodes.integer(1))]
    if isinstance(inner, _NEVER_NULL):
        return nodes.case(branches, nodes.integer(0))
    return nodes.case([*branches, (nodes.not_(test.copy()), nodes.integer(0))], None)
