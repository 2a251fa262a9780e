"""What Redshift's SQL needs all over a statement, and what is refused where it shows only there."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal, common_refusal
from kpidsl.sql.semi_joins import as_joins


def spelled(tree: Node) -> Node:
    """Name the columns of a CTE that reads itself, and join without SEMI; the tree is used up."""
    as_joins(tree)
    for cte in tree.find_all(exp.CTE):
        if any(table.name == cte.alias for table in cte.this.find_all(exp.Table)):
            first = cte.this.find(exp.Select)
            assert first is not None
            names = [exp.Identifier(this=column.alias_or_name, quoted=False) for column in first.expressions]
            cte.args["alias"].set("columns", names)
    return tree


def refusal(tree: Node) -> Refusal | None:
    """Return what of a statement is refused: what is not documented to the digit and the character."""
    for call in tree.find_all(exp.Anonymous):
        if call.name == "ROUND":
            return Refusal(
                "`round` of decimals",
                "which way it rounds a half is not documented",
                "use `floor` or `ceil`, or round what is shown by `format`",
            )
    for literal in tree.find_all(exp.Literal):
        if literal.is_string and "\\" in literal.name:
            return Refusal(
                "texts with a backslash",
                "whether it begins an escape there depends on the place",
                "use a condition without it",
            )
    return common_refusal(tree)
