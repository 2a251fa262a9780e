"""What Redshift's SQL needs all over a statement, and what is refused where it shows only there."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal, common_refusal
from kpidsl.sql.semi_joins import as_joins

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_WITHOUT_FRAME = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead)
_NAMES_WITHOUT_FRAME = ("ROW_NUMBER", "RANK", "DENSE_RANK", "LAG", "LEAD")
_RESERVED = "encrypt"
"""The reserved word that sqlglot does not know to quote."""


def spelled(tree: Node) -> Node:
    """Return a whole statement as Redshift takes it; the tree is used up.

    The columns of a CTE that reads itself are named, no join is a SEMI join, windows that have an order
    have a frame, a text of a formula stands bare beside one that says how it compares, and reserved words are
    quoted.
    """
    as_joins(tree)
    for window in tree.find_all(exp.Window):
        _framed(window)
    for comparison in list(tree.find_all(*_COMPARISONS)):
        if _bare(comparison.left) is comparison.left:
            comparison.set("expression", _bare(comparison.right))
    for among in list(tree.find_all(exp.In)):
        if _bare(among.this) is among.this:
            among.set("expressions", [_bare(one) for one in among.expressions])
    for cte in tree.find_all(exp.CTE):
        if any(table.name == cte.alias for table in cte.this.find_all(exp.Table)):
            first = cte.this.find(exp.Select)
            assert first is not None
            names = [exp.Identifier(this=column.alias_or_name, quoted=False) for column in first.expressions]
            cte.args["alias"].set("columns", names)
    for name in tree.find_all(exp.Identifier):
        if name.name.lower() == _RESERVED:
            name.set("quoted", True)
    return tree


def _framed(window: exp.Window) -> None:
    """Give a window that has an order the frame that it has elsewhere by itself.

    Rows instead of a range: what is added up in an order has no two rows of one place there, and the first
    row is the same in either.
    """
    ranks = isinstance(window.this, _WITHOUT_FRAME) or (
        isinstance(window.this, exp.Anonymous) and window.this.name in _NAMES_WITHOUT_FRAME
    )
    if ranks or window.args.get("order") is None or window.args.get("spec") is not None:
        return
    frame = {"start": "UNBOUNDED", "start_side": "PRECEDING", "end": "CURRENT ROW"}
    window.set("spec", exp.WindowSpec(kind="ROWS", **frame))


def _bare(text: Node) -> Node:
    """Return a text of a formula without its collation; anything else as it is."""
    if isinstance(text, exp.Anonymous) and text.name == "COLLATE":
        marked = text.expressions[0]
        if isinstance(marked, exp.DPipe) and isinstance(marked.this, exp.Literal):
            return marked
    return text


def refusal(tree: Node) -> Refusal | None:
    """Return what of a statement is refused: what is not documented to the character."""
    for literal in tree.find_all(exp.Literal):
        if literal.is_string and "\\" in literal.name:
            return Refusal(
                "texts with a backslash",
                "whether it begins an escape there depends on the place",
                "use a condition without it",
                literal,
            )
    return common_refusal(tree)
