"""What Dremio's SQL needs all over a statement, and what is refused where it shows only there.

Where nulls stand in an order is said by a key before the other: sqlglot would not write that they are last.
Words of SQL are quoted where they are names, which changes no name there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.counted import SERIES, by_digits, with_counted
from kpidsl.sql.milliseconds import is_finer_than_milliseconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal, asked_of, common_refusal
from kpidsl.sql.reserved import quote_words
from kpidsl.sql.row_numbers import order_all_anyhow
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.starrocks_tree import QUESTIONS
from kpidsl.sql.vendors_words import CALCITE_RESERVED, ORACLE_RESERVED, TERADATA_RESERVED, TSQL_RESERVED

WORDS = CALCITE_RESERVED | ORACLE_RESERVED | TERADATA_RESERVED | TSQL_RESERVED
_FRACTIONS = Refusal(
    "fractions of a second of a time of day",
    "its timestamps have milliseconds, and are moved by whole seconds",
    "write times and durations in whole seconds",
)
_QUESTIONS = {**QUESTIONS, "fractions": _FRACTIONS, "series": SERIES}
_PRODUCT = Refusal(
    "a product of more than two integers",
    "one of more than 38 digits is 0",
    "multiply in two columns, or declare one of them as a decimal of few digits",
)


def spelled(tree: Node) -> Node:
    """Return a whole statement as Dremio takes it; the tree is used up."""
    as_joins(tree)
    with_counted(tree, ("digits", "counted"), by_digits)
    for added in tree.find_all(exp.DateAdd):
        if isinstance(added.expression, exp.Paren):
            added.set("expression", added.expression.this)
    order_all_anyhow(tree)
    quote_words(tree, WORDS)
    for order in tree.find_all(exp.Order):
        order.set("expressions", list(_nulls_last(order.expressions)))
    return tree


def _nulls_last(order: Sequence[exp.Ordered]) -> Iterator[Node]:
    """Yield the keys of an order, each with one before it that says where its nulls stand, if it has any."""
    before: Node | None = None
    for key in order:
        is_missing = nodes.is_null(key.this.copy())
        if not isinstance(key.this, exp.Is) and before != is_missing:
            missing = nodes.case([(is_missing, nodes.integer(1))], nodes.integer(0))
            yield exp.Ordered(this=missing, desc=False, nulls_first=False)
        key.set("nulls_first", False)
        yield key
        before = key.this


def refusal(tree: Node) -> Refusal | None:
    """Return what of a statement is refused."""
    for node in tree.find_all(exp.Anonymous, exp.Cast, exp.Mul):
        match node:
            case exp.Cast() if is_finer_than_milliseconds(node):
                return _FRACTIONS.at(node)
            case exp.Mul() if not isinstance(node.parent, exp.Mul) and _is_long(node):
                return _PRODUCT.at(node)
            case exp.Anonymous():
                if is_finer_than_milliseconds(node):
                    return _FRACTIONS.at(node)
                topic = "rounding" if node.name in ("ROUND", "FLOOR", "CEIL") else asked_of(node)
                if topic is not None:
                    return _QUESTIONS[topic].at(node)
            case _:
                pass
    return common_refusal(tree)


def _is_long(product: Node) -> bool:
    """Tell whether a product that was made wide for its integers has more than two of them."""
    factors = list(_factors(product))
    wide = [one for one in factors if isinstance(one, exp.Cast) and isinstance(one.this, exp.Literal)]
    others = [one for one in factors if not isinstance(one, exp.Literal)]
    return bool(wide) and len(others) - len(wide) > 2


def _factors(node: Node) -> Iterator[Node]:
    if isinstance(node, exp.Mul):
        yield from _factors(node.left)
        yield from _factors(node.right)
    elif isinstance(node, exp.Paren):
        yield from _factors(node.this)
    else:
        yield node
