"""What Exasol's SQL needs all over a statement, and what is refused where it shows only there."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.generators.exasol import ExasolGenerator

from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import is_reserved
from kpidsl.sql.refusals import Refusal, asked_of, common_refusal
from kpidsl.sql.row_numbers import lacks_order, order_anyhow
from kpidsl.sql.semi_joins import as_joins

_Type = exp.DataType.Type
_LITERALS = {_Type.DATE: "DATE", _Type.TIMESTAMP: "TIMESTAMP"}
_WORDS = frozenset(word.lower() for word in ExasolGenerator.RESERVED_KEYWORDS)
_QUESTIONS: Mapping[str, Refusal] = {
    "fractions": Refusal(
        "a time that is moved by fractions of a second",
        "whether it keeps microseconds is not documented",
        "move it by whole seconds",
    ),
    "rounding": Refusal(
        "`round` of decimals",
        "which way it rounds a half is not documented",
        "use `floor` or `ceil`, or round what is shown by `format`",
    ),
}


def spelled(tree: Node) -> Node:
    """Return a whole statement as Exasol takes it; the tree is used up.

    Written times hang on no format of the session, ranks have an order, and words of its own are quoted, in
    the capitals that names without quotes have there.
    """
    as_joins(tree)
    for node in list(tree.find_all(exp.Cast, exp.Select, exp.Window, exp.Identifier)):
        match node:
            case exp.Cast(this=exp.Literal(is_string=True) as text) if node.to.this in _LITERALS:
                kind = exp.Var(this=_LITERALS[node.to.this])
                node.replace(exp.Introducer(this=kind, expression=text))
            case exp.Window() if lacks_order(node):
                order_anyhow(node)
            case exp.Select() if node.args.get("connect") is not None:
                _from_dual(node)
            case exp.Identifier() if is_reserved(node) or (not node.quoted and node.name.lower() in _WORDS):
                node.set("this", node.name.upper())
                node.set("quoted", True)
            case _:
                pass
    return tree


def _from_dual(levels: exp.Select) -> None:
    """Let the levels of a hierarchy be those of one row; their number is no name, so that none is quoted."""
    for column in list(levels.find_all(exp.Column)):
        if column.name == "LEVEL" and not column.table:
            column.replace(exp.Var(this="LEVEL"))
    levels.set("from_", exp.From(this=exp.Table(this=exp.Identifier(this="DUAL", quoted=False))))


def refusal(tree: Node) -> Refusal | None:
    """Return what of a statement is refused."""
    for call in tree.find_all(exp.Anonymous):
        topic = "rounding" if call.name == "ROUND" else asked_of(call)
        if topic is not None:
            return _QUESTIONS[topic].at(call)
    return common_refusal(tree)
