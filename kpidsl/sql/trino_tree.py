"""What Trino's SQL needs all over a statement, put into the finished tree.

- The elements of an array come from FROM, not from the select list. SEQUENCE makes 10,000 elements at most: a
  longer series is made in blocks of so many.
- A calendar's map is made by MAP_AGG.
- A decimal says its type, as a session may take one for a float.
- Its own reserved words are quoted, which changes nothing else: names are told apart by no capitals.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.decimal_literals import as_literal, with_typed_decimals
from kpidsl.sql.nodes import Node
from kpidsl.sql.reserved import quote_words
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.trino_times import moved

_EVERY = "EVERY"
_BLOCK, _ELEMENT = "block", "element"
_MOST = 10_000
_RESERVED = frozenset(
    (
        "cube", "current_catalog", "current_path", "current_schema", "deallocate", "escape", "execute",
        "extract", "json_array", "json_exists", "json_object", "json_query", "json_table", "json_value",
        "listagg", "normalize", "prepare", "recursive", "rollup", "skip", "trim", "uescape", "unnest",
    )
)  # fmt: skip
"""Its reserved words beyond those that are quoted on every engine."""


Series = Callable[[Node, Node, int, str], Node]


def series_of(timestamp_type: str, checked: Callable[[Node], Node] | None = None) -> Series:
    """Return the form of the times from one to another: none where one is null, or the last before the first.

    `checked` is asked of the time that hours and minutes begin with.
    """

    def sequence(first: Node, last: Node, count: int, unit: str) -> Node:
        step = exp.Interval(this=nodes.text(str(count)), unit=exp.Var(this=unit))
        start = first if checked is None or unit == "DAY" else checked(first)
        return nodes.call("SEQUENCE", start, last, step)

    def series(first: Node, last: Node, count: int, unit: str) -> Node:
        length = _length(first, last, count, unit)
        if length is not None and length <= 0:
            of = "date" if unit == "DAY" else timestamp_type
            return nodes.call(_EVERY, nodes.cast(exp.Array(), f"array<{of}>"))
        if length is not None and length <= _MOST:
            return nodes.call(_EVERY, sequence(first, last, count, unit))
        is_some = nodes.compare(exp.LTE, first.copy(), last.copy())
        blocks = nodes.case([(is_some, sequence(first, last, count * _MOST, unit))], exp.Array())
        block = exp.Column(this=exp.Identifier(this=_BLOCK, quoted=False))
        end = nodes.call("LEAST", moved(block, nodes.integer(count * (_MOST - 1)), unit.lower()), last.copy())
        return nodes.call(_EVERY, sequence(block.copy(), end, count, unit), blocks)

    return series


def _length(first: Node, last: Node, count: int, unit: str) -> int | None:
    """Return how many times there are, where both ends are constants."""
    ends = [end.this for end in (first, last) if isinstance(end, exp.Cast)]
    if len(ends) < 2 or not all(isinstance(end, exp.Literal) for end in ends):
        return None
    start, end = (datetime.fromisoformat(found.name) for found in ends)
    seconds = {"DAY": 86_400, "HOUR": 3_600, "MINUTE": 60}[unit] * count
    return int((end - start).total_seconds() // seconds) + 1


def spelled(tree: Node) -> Node:
    """Return a whole statement as Trino takes it; the tree is used up."""
    as_joins(tree)
    with_typed_decimals(tree, as_literal)
    for call in list(tree.find_all(exp.Anonymous)):
        match call.name:
            case "EVERY":
                _from_arrays(call)
            case "MAP_FROM_ENTRIES":
                (pair,) = call.expressions[0].expressions
                call.replace(nodes.call("MAP_AGG", *pair.expressions))
            case "TRY_ELEMENT_AT":
                call.set("this", "ELEMENT_AT")
            case _:
                pass
    quote_words(tree, _RESERVED)
    return tree


def _from_arrays(call: exp.Anonymous) -> None:
    """Move arrays' elements from the select list into FROM: those of the last first, each beside the next."""
    query = call.find_ancestor(exp.Select)
    assert query is not None
    element, *blocks = call.expressions
    rows = [_unnested(array, _BLOCK) for array in blocks]
    rows.append(_unnested(element, _ELEMENT))
    call.replace(exp.Column(this=exp.Identifier(this=_ELEMENT, quoted=False)))
    if query.args.get("from_") is None:
        query.set("from_", exp.From(this=rows.pop(0)))
    for joined in rows:
        query.append("joins", exp.Join(this=joined, kind="CROSS"))


def _unnested(array: Node, name: str) -> exp.Unnest:
    """Return the elements of an array as rows of one column of that name."""
    alias = exp.TableAlias(
        this=exp.Identifier(this=f"{name}s", quoted=False),
        columns=[exp.Identifier(this=name, quoted=False)],
    )
    return exp.Unnest(expressions=[array], alias=alias)
