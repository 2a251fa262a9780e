"""What BigQuery's SQL needs all over a statement, put into the finished tree.

- Aggregates have no FILTER: what they take is null where the condition is not true.
- A number with a point is a float there, and one of many digits too large: it is said to be NUMERIC or
  BIGNUMERIC.
- A decimal type is one of these two, by the digits that it has room for.
- The elements of an array come from FROM, not from the select list.
- A semi join is an EXISTS.
- What has a WHERE has a FROM, and a null that is computed with has a type.
- A result's column has letters, digits and underscores in its name; it is read by its place.
- ROUND makes a float of an integer, so an integer is rounded as a BIGNUMERIC.
- Inside a window nulls are small, and no word says otherwise: a key before says where they stand.
"""

from __future__ import annotations

import re

from sqlglot import exp

from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.bigquery_times import unnested
from kpidsl.sql.nodes import Node
from kpidsl.sql.semi_joins import as_exists

_SCALE, _WHOLE = 9, 29
"""The digits of a NUMERIC after the point, and before it."""
_INTEGER_DIGITS = 18

ELEMENT = "element"
_CHANGED: tuple[type[Node], ...] = (
    exp.Filter,
    exp.DataType,
    exp.Literal,
    exp.Anonymous,
    exp.Window,
    exp.Select,
    exp.Null,
)
_TAKE_NULLS = (exp.Is, exp.Connector)
_NOT_IN_NAMES = re.compile(r"\W")


def is_numeric(precision: int, scale: int) -> bool:
    """Tell whether decimals of so many digits fit into a NUMERIC."""
    return scale <= _SCALE and precision - scale <= _WHOLE


def wider_product(product: Type) -> str | None:
    """Return the type that makes a product exact; None where a NUMERIC holds all its digits.

    The factors' types do not tell what they are: a sum has more digits than its NUMERIC has room for.
    """
    is_cut = product.kind is Kind.DECIMAL and product.scale > _SCALE
    return "decimal(38, 38)" if is_cut else None


def spelled(tree: Node) -> Node:
    """Return a whole statement as BigQuery takes it; the tree is used up."""
    as_exists(tree)
    for node in list(tree.find_all(*_CHANGED)):
        match node:
            case exp.Filter():
                node.replace(_conditional(node))
            case exp.DataType() if node.this is exp.DataType.Type.DECIMAL and node.expressions:
                node.replace(_decimal_type(node))
            case exp.Literal(is_string=False) if _is_decimal(node.name):
                node.replace(_exact(node))
            case exp.Anonymous() if node.name == "UNNEST":
                _from_array(node)
            case exp.Anonymous() if node.name == "ROUND" and isinstance(node.expressions[-1], exp.Neg):
                value, digits = node.expressions
                wide = exp.DataType(this=exp.DataType.Type.BIGDECIMAL)
                node.set("expressions", [exp.Cast(this=value, to=wide), digits])
            case exp.Select() if node.args.get("where") is not None and node.args.get("from_") is None:
                one = exp.Select(expressions=[nodes.alias(nodes.integer(1), "one")])
                node.set("from_", exp.From(this=nodes.subquery(one, "one_row")))
            case exp.Null(parent=exp.Binary() as computed) if not isinstance(computed, _TAKE_NULLS):
                _typed_null(computed)
            case exp.Window() if node.args.get("order") is not None:
                _place_nulls(node.args["order"])
            case _:
                pass
    if isinstance(tree, exp.Select):
        name_plainly(tree, _NOT_IN_NAMES)
    return tree


def _conditional(node: exp.Filter) -> Node:
    """Return an aggregate over what it takes where the condition is true, and nulls elsewhere."""
    aggregate: Node = node.this
    condition = node.expression.this
    if isinstance(aggregate, exp.Count) and isinstance(aggregate.this, exp.Star):
        return nodes.call("COUNTIF", condition)
    place = aggregate
    while isinstance(place.this, exp.Distinct | exp.IgnoreNulls | exp.Order | exp.Limit | exp.ArrayAgg):
        place = place.this
    if isinstance(place, exp.Distinct):
        (value,) = place.expressions
        place.set("expressions", [nodes.call("IF", condition, value, exp.Null())])
    else:
        place.set("this", nodes.call("IF", condition, place.this, exp.Null()))
    return aggregate


def _decimal_type(node: exp.DataType) -> exp.DataType:
    precision, scale = (int(size.this.name) for size in node.expressions)
    narrow, wide = exp.DataType.Type.DECIMAL, exp.DataType.Type.BIGDECIMAL
    return exp.DataType(this=narrow if is_numeric(precision, scale) else wide)


def _typed_null(computed: exp.Binary) -> None:
    """Put a null of its own type in place of what is computed with a null."""
    if isinstance(computed, exp.Predicate):
        kind = "boolean"
    else:
        kind = "text" if isinstance(computed, exp.DPipe) else "bigint"
    computed.replace(nodes.cast(exp.Null(), kind))


def _is_decimal(number: str) -> bool:
    return "e" not in number.lower() and ("." in number or len(number) > _INTEGER_DIGITS)


def _exact(node: exp.Literal) -> Node:
    whole, _, fraction = node.name.partition(".")
    size = f"decimal({len(whole) + len(fraction)}, {len(fraction)})"
    cast = nodes.cast(nodes.text(node.name), size)
    kind = cast.args["to"]
    kind.replace(_decimal_type(kind))
    return cast


def _from_array(node: exp.Anonymous) -> None:
    """Move an array's elements from the select list into FROM."""
    query = node.find_ancestor(exp.Select)
    assert query is not None
    rows = unnested(node.expressions[0], ELEMENT)
    node.replace(exp.Column(this=exp.Identifier(this=ELEMENT, quoted=False)))
    if query.args.get("from_") is None:
        query.set("from_", exp.From(this=rows))
    else:
        query.append("joins", exp.Join(this=rows, kind="CROSS"))


def name_plainly(query: exp.Select, not_in_names: re.Pattern[str]) -> None:
    """Give a result's columns names that an engine takes to which small and capital letters are the same."""
    taken: set[str] = set()
    for column in query.expressions:
        name = column.args.get("alias")
        if name is not None:
            stem = plain = not_in_names.sub("_", name.name)
            while plain.lower() in taken:
                plain = f"{stem}_{len(taken)}"
            taken.add(plain.lower())
            name.set("this", plain)


def _place_nulls(order: exp.Order) -> None:
    """Say by a key of its own where nulls stand, unless it is where they stand by themselves."""
    keys: list[Node] = []
    for key in order.expressions:
        if isinstance(key, exp.Ordered):
            is_first, descending = bool(key.args.get("nulls_first")), bool(key.args.get("desc"))
            if is_first == descending and not isinstance(key.this, exp.Is):
                keys.append(
                    exp.Ordered(this=nodes.is_null(key.this.copy()), desc=is_first, nulls_first=not is_first)
                )
            key.set("nulls_first", not descending)
        keys.append(key)
    order.set("expressions", keys)
