"""What T-SQL needs all over a statement, put into the finished tree.

- There are no truth values: see `truths`. What a table holds as such is a number, 1 or 0.
- Rows of constants stand in FROM alone.
- What ranks rows has an order, and an order has each of its keys once.
- COUNT has 32 bits, and fails beyond; COUNT_BIG has 64.
- `DATETIME2` has seven digits of a second where its type does not say six; a time is written with a T, as
  without it the session's date format might be asked. Letters beyond ASCII stand in N'…'.
- A text beside one that says how it compares need not say it again.
- Words of T-SQL are quoted where they are names, which changes no name there.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.row_numbers import lacks_order
from kpidsl.sql.truths import without_truth_values
from kpidsl.sql.vendors_words import TSQL_RESERVED

_Type = exp.DataType.Type
_MICROSECONDS = exp.Literal.number(6)
_CHANGED: tuple[type[Node], ...] = (
    exp.DataType,
    exp.Anonymous,
    exp.Window,
    exp.Order,
    exp.Count,
    exp.CTE,
    exp.Cast,
    exp.In,
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.Join,
    exp.Identifier,
    exp.Literal,
)
BY_CHARACTERS = "Latin1_General_100_BIN2"
"""The collation under which texts compare by the numbers of their characters."""
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_RENAMED = {"CEIL": "CEILING"}


def spelled(tree: Node) -> Node:
    """Return a whole statement as T-SQL takes it; the tree is used up."""
    without_truth_values(tree)
    for node in list(tree.find_all(*_CHANGED)):
        match node:
            case exp.Identifier() if not node.quoted and node.name.lower() in TSQL_RESERVED:
                node.set("quoted", True)
            case exp.DataType():
                _full_type(node)
            case exp.Anonymous() if node.name in _RENAMED:
                node.set("this", _RENAMED[node.name])
            case exp.Window() if lacks_order(node):
                anything = exp.Subquery(this=exp.Select(expressions=[exp.Null()]))
                node.set("order", exp.Order(expressions=[exp.Ordered(this=anything, nulls_first=True)]))
            case exp.Order():
                keys = [key.this for key in node.expressions]
                once = [key for place, key in enumerate(node.expressions) if key.this not in keys[:place]]
                node.set("expressions", once)
            case exp.Count():
                node.set("big_int", True)
            case exp.CTE(this=exp.Values() as rows):
                _from_constants(node, rows)
            case exp.Cast(this=exp.Literal(is_string=True) as text) if node.to.this is _Type.TIMESTAMP:
                text.set("this", text.name.replace(" ", "T"))
            case exp.Literal(is_string=True) if not node.name.isascii():
                node.replace(exp.National(this=node.name))
            case exp.Cast(this=exp.Null()) if node.to.this is _Type.NVARCHAR:
                _collated_null(node)
            case exp.In() if node.expressions:
                node.set("expressions", [_bare(item) for item in node.expressions])
            case exp.Join(kind="CROSS", this=exp.Subquery(this=exp.Select())) if _is_of_outer(node.this):
                _apply(node)
            case _ if isinstance(node, _COMPARISONS):
                _compared(node)
            case _:
                pass
    return tree


def _full_type(node: exp.DataType) -> None:
    if node.this is _Type.TIMESTAMP:
        node.set("this", _Type.DATETIME2)
        node.set("expressions", [exp.DataTypeParam(this=_MICROSECONDS.copy())])
    elif node.this is _Type.BOOLEAN:
        node.set("this", _Type.BIGINT)


def _from_constants(cte: exp.CTE, rows: exp.Values) -> None:
    alias = cte.args["alias"]
    headers = alias.columns
    name = f"{alias.name}_constants"
    columns = [nodes.column(name, header.name) for header in headers]
    rows.set(
        "alias",
        exp.TableAlias(
            this=exp.Identifier(this=name, quoted=False), columns=[header.copy() for header in headers]
        ),
    )
    for literal in rows.find_all(exp.Literal):
        if literal.is_string:
            literal.replace(exp.National(this=literal.name))
    cte.set("this", exp.Select(expressions=columns, from_=exp.From(this=rows)))
    alias.set("columns", None)


def _collated_null(node: exp.Cast) -> None:
    """Let a null of a text compare as the texts do; else a column of it might compare in another way."""
    if isinstance(node.parent, exp.Collate):
        return
    place = exp.Placeholder()
    node.replace(place)
    place.replace(exp.Collate(this=node, expression=exp.Var(this=BY_CHARACTERS)))


def _compared(node: exp.Binary) -> None:
    if _bare(node.left) is node.left:
        node.set("expression", _bare(node.right))


def _bare(text: Node) -> Node:
    """Return a written text as it stands beside one that says how it compares."""
    if not isinstance(text, exp.Add):
        return text
    collated = text.this
    if isinstance(collated, exp.Collate) and isinstance(collated.this, exp.National):
        return exp.Add(this=collated.this, expression=text.expression)
    return text


def _is_of_outer(rows: exp.Subquery) -> bool:
    """Tell whether a subquery in FROM reads what stands before it there."""
    return any(source.name == "GENERATE_SERIES" for source in rows.find_all(exp.Anonymous))


def _apply(join: exp.Join) -> None:
    rows = join.this
    alias = rows.args["alias"]
    rows.set("alias", None)
    join.set("kind", None)
    join.set("this", exp.Lateral(this=rows, cross_apply=True, alias=alias))
