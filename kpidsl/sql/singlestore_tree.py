"""What SingleStore's SQL needs all over a statement, and what is refused where it shows only there.

Its cast is an operator that binds more tightly than others, and stands in parentheses beside them.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql.counted import SERIES, by_digits, with_counted
from kpidsl.sql.nodes import Node
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.starrocks_tree import QUESTIONS, refusing

_ALONE = (exp.Column, exp.Literal, exp.Null, exp.Paren, exp.Anonymous, exp.AggFunc, exp.Boolean)
_BESIDE = (exp.Binary, exp.Unary, exp.In, exp.Cast)


def spelled(tree: Node) -> Node:
    """Return a whole statement as SingleStore takes it; the tree is used up."""
    as_joins(tree)
    with_counted(tree, ("digits", "counted"), by_digits)
    for cast in list(tree.find_all(exp.Cast)):
        if not isinstance(cast.this, _ALONE):
            cast.set("this", exp.Paren(this=cast.this))
        parent = cast.parent
        if isinstance(parent, _BESIDE) and not isinstance(parent, exp.Paren):
            place = exp.Placeholder()
            cast.replace(place)
            place.replace(exp.Paren(this=cast))
    return tree


refusal = refusing({**QUESTIONS, "series": SERIES})
"""What of a statement is refused."""
