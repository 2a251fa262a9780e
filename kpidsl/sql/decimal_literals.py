"""Written decimals whose type no setting changes, for engines where a session may take `1.05` for a float.

Trino and Presto have `parse_decimal_literals_as_double`, StarRocks `MODE_DOUBLE_LITERAL` in its `sql_mode`: a
session with it would compute amounts in floats. A float is written `1.05e0`, and has no such setting.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node


def with_typed_decimals(tree: Node, typed: Callable[[str], Node]) -> None:
    """Write every decimal of a statement as `typed` has it, which is given its digits and point."""
    for literal in list(tree.find_all(exp.Literal)):
        if not literal.is_string and "." in literal.name and "e" not in literal.name:
            literal.replace(typed(literal.name))


def as_literal(number: str) -> Node:
    """Return `DECIMAL '1.05'`."""
    return exp.Introducer(this=exp.Var(this="DECIMAL"), expression=nodes.text(number))


def as_cast(number: str) -> Node:
    """Return `CAST('1.05' AS DECIMAL(3, 2))`."""
    whole, _, fraction = number.partition(".")
    digits = len(whole.lstrip("0")) + len(fraction)
    return nodes.cast(nodes.text(number), f"decimal({digits}, {len(fraction)})")
