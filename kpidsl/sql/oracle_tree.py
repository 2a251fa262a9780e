"""What Oracle's SQL needs all over a statement, put into the finished tree.

- There are no truth values: see `truths`.
- What reads no table reads DUAL, and constants are its rows.
- A constant time is a literal: the session's own format and calendar may differ.
- What ranks rows has an order.
- What an outer join's condition looks up is joined.
- A list has 1,000 members at most (ORA-01795): a longer one is several.
- Version 19 has no EXCEPT: the rows are those for which there are none of the others.
- A text's bytes are of the type RAW.
- Names without quotes are in capitals: a reserved word is quoted in capitals.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.constant_rows import with_selected_constants
from kpidsl.sql.joined_lookups import with_joined_lookups
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import is_reserved
from kpidsl.sql.row_numbers import lacks_order
from kpidsl.sql.truths import without_truth_values
from kpidsl.sql.vendors_words import ORACLE_RESERVED

TO_BYTES, TO_CHARACTERS = "UTL_RAW.CAST_TO_RAW", "UTL_RAW.CAST_TO_VARCHAR2"

_Type = exp.DataType.Type
_MOST_MEMBERS = 1_000
_MOST_BYTES = exp.Literal.number(2000)
_LITERALS = {_Type.DATE: "DATE", _Type.TIMESTAMP: "TIMESTAMP"}
_CHANGED: tuple[type[Node], ...] = (
    exp.DataType,
    exp.Window,
    exp.Cast,
    exp.Select,
    exp.Identifier,
)


def spelled(tree: Node) -> Node:
    """Return a whole statement as Oracle takes it; the tree is used up."""
    with_joined_lookups(tree, in_outer_joins=True)
    without_truth_values(tree)
    for except_ in list(tree.find_all(exp.Except)):
        _without(except_)
    with_selected_constants(tree)
    for found in list(tree.find_all(exp.In)):
        if len(found.expressions) > _MOST_MEMBERS:
            _in_shorter_lists(found)
    for node in list(tree.find_all(*_CHANGED)):
        match node:
            case exp.Cast(this=exp.Literal(is_string=True) as text) if node.to.this in _LITERALS:
                kind = exp.Var(this=_LITERALS[node.to.this])
                node.replace(exp.Introducer(this=kind, expression=text))
            case exp.DataType(this=_Type.VARBINARY):
                node.set("this", _Type.USERDEFINED)
                node.set("kind", "RAW")
                node.set("expressions", [exp.DataTypeParam(this=_MOST_BYTES.copy())])
            case exp.DataType(this=_Type.BOOLEAN):
                node.set("this", _Type.BIGINT)
            case exp.Window() if lacks_order(node):
                node.set("order", exp.Order(expressions=[exp.Ordered(this=exp.Null(), nulls_first=False)]))
            case exp.Select() if node.args.get("from_") is None:
                node.set("from_", exp.From(this=_dual()))
            case exp.Identifier() if is_reserved(node) or (
                not node.quoted and node.name.lower() in ORACLE_RESERVED and not _is_level(node)
            ):
                node.set("this", node.name.upper())
                node.set("quoted", True)
            case _:
                pass
    return tree


def null_safe(a: Node, b: Node) -> Node:
    """Return the condition that two values are equal, or both null."""
    both = nodes.all_of([nodes.is_null(a.copy()), nodes.is_null(b.copy())])
    return exp.Paren(this=nodes.any_of([nodes.compare(exp.EQ, a, b), both]))


def _in_shorter_lists(node: exp.In) -> None:
    members = node.expressions
    parts = (members[start : start + _MOST_MEMBERS] for start in range(0, len(members), _MOST_MEMBERS))
    lists = [exp.In(this=node.this.copy(), expressions=part) for part in parts]
    whole = nodes.any_of(lists)
    node.replace(whole if isinstance(node.parent, exp.Paren) else exp.Paren(this=whole))


def _without(node: exp.Except) -> None:
    """Make of the difference of two selects a select with a condition; nulls are equal, as in EXCEPT."""
    query, others = node.this, node.expression
    assert isinstance(query, exp.Select)
    assert isinstance(others, exp.Select)
    pairs = zip(query.expressions, others.expressions, strict=True)
    same = [null_safe(own.unalias().copy(), other.unalias()) for own, other in pairs]
    others.set("expressions", [nodes.integer(1)])
    nodes.also_where(others, nodes.all_of(same))
    nodes.also_where(query, nodes.not_(exp.Exists(this=others)))
    query.set("distinct", exp.Distinct())
    node.replace(query)


def _dual() -> exp.Table:
    return exp.Table(this=exp.Identifier(this="DUAL", quoted=False))


def _is_level(node: exp.Identifier) -> bool:
    """Tell whether a name is the number of the row of a hierarchy, not a name."""
    select = node.find_ancestor(exp.Select)
    return node.name == "LEVEL" and select is not None and select.args.get("connect") is not None
