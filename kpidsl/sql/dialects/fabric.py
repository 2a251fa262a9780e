"""The warehouse of Fabric: T-SQL with texts in UTF-8. Nobody has run it there: see decision 0145."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.dialects.tsql import TSQL, without_mark
from kpidsl.sql.nodes import Node
from kpidsl.sql.tsql_tree import spelled

_Type = exp.DataType.Type
_CHANGED = (exp.National, exp.Anonymous, exp.Collate, exp.DataType)


def _starts_with(x: Node, part: Node) -> Node:
    # How many characters LEFT would have to take is not told by the bytes of UTF-8.
    whole, start = without_mark(x), without_mark(part)
    begins = nodes.compare(exp.EQ, nodes.call("CHARINDEX", start, whole), nodes.integer(1))
    # The empty text is found nowhere.
    is_empty = nodes.compare(exp.EQ, nodes.call("DATALENGTH", start.copy()), nodes.integer(0))
    return nodes.any_of([begins, nodes.all_of([is_empty, nodes.is_not_null(x.copy())])])


def _spelled(tree: Node) -> Node:
    """Return a whole statement as Fabric takes it: with VARCHAR, in UTF-8, where T-SQL has NVARCHAR."""
    tree = spelled(tree)
    for node in list(tree.find_all(*_CHANGED)):
        match node:
            case exp.National():
                node.replace(nodes.text(node.name))
            case exp.Anonymous() if node.name == "NCHAR":
                node.set("this", "CHAR")
            case exp.Collate():
                node.set("expression", exp.Var(this=f"{node.expression.name}_UTF8"))
            case exp.DataType(this=_Type.NVARCHAR):
                node.set("this", _Type.VARCHAR)
            case _:
                pass
    return tree


FABRIC = replace(
    TSQL,
    name="fabric",
    finished=_spelled,
    forms={**TSQL.forms, "starts_with": _starts_with},
)
