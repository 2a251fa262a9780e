"""What StarRocks' SQL needs all over a statement, and what is refused where it shows only there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.decimal_literals import as_cast, with_typed_decimals
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal, asked_of, common_refusal
from kpidsl.sql.reserved import quote_words
from kpidsl.sql.semi_joins import as_joins

_RESERVED = frozenset(
    (
        "bitmap", "compaction", "current_role", "database", "databases", "deferred", "describe",
        "dual", "exclude", "force", "groups", "hll", "host", "ignore", "immediate", "infile",
        "json", "key", "keys", "kill", "lag", "largeint", "lateral", "lead", "load", "minus",
        "mod", "ntile", "over", "percentile", "qualify", "range", "rank", "read", "rename",
        "replace", "row_number", "schema", "schemas", "show", "system", "terminated", "text",
        "tinyint", "use", "varchar", "window", "write",
    )
)  # fmt: skip
"""Its reserved words beyond those that are quoted on every engine."""
SERIES = "GENERATE_SERIES"
_REACH = "reach"
QUESTIONS: Mapping[str, Refusal] = {
    "rounding": Refusal(
        "`round`, `floor` and `ceil`",
        "which way they round a half, and what they make of a large number, is not documented",
        "round what is shown by `format`",
    ),
    "fractions": Refusal(
        "a time that is moved by fractions of a second",
        "what becomes of its microseconds was not gone through",
        "move it by whole seconds",
    ),
    "clocks": Refusal(
        "comparable parts of days",
        "what it makes of the time of day is not documented",
        "ask as of a midnight",
    ),
}


def spelled(tree: Node) -> Node:
    """Return a whole statement as StarRocks takes it; the tree is used up."""
    as_joins(tree)
    with_typed_decimals(tree, as_cast)
    for call in list(tree.find_all(exp.Anonymous)):
        table = call.parent
        if call.name == SERIES and isinstance(table, exp.Table):
            _beside_a_row(table)
    quote_words(tree, _RESERVED)
    return tree


def _beside_a_row(series: exp.Table) -> None:
    """Let a series stand after the row that has its ends: of constants, the function has another form."""
    place = series.parent
    if isinstance(place, exp.Join):
        place.set("kind", None)
        return
    assert isinstance(place, exp.From)
    query = place.parent
    assert isinstance(query, exp.Select)
    ends = series.this.expressions
    names = ("low", "high")
    row = exp.Select(expressions=[nodes.alias(end, name) for end, name in zip(ends, names, strict=True)])
    series.this.set("expressions", [nodes.column(_REACH, name) for name in names])
    place.set("this", nodes.subquery(row, _REACH))
    query.append("joins", exp.Join(this=series))


def as_view(series: exp.Table, end: Node) -> Node | None:
    """Let a series from 0 on be a view of the row that has its end; that of one from 1 on is read less 1.

    Returns the column of that row where there was none, so that it had to be made.
    """
    place, call, alias = series.parent, series.this, series.args["alias"]
    assert place is not None
    query = place.parent
    assert isinstance(query, exp.Select)
    made: Node | None = None
    if isinstance(place, exp.From):
        row = exp.Select(expressions=[nodes.alias(end.copy(), "high")])
        place.set("this", nodes.subquery(row, _REACH))
        made = nodes.column(_REACH, "high")
    else:
        place.pop()
    query.append("laterals", exp.Lateral(this=call, view=True, outer=False, alias=alias))
    for column in list(query.find_all(exp.Column)):
        before = column.parent
        if column.table == alias.name and isinstance(before, exp.Sub):
            # The number less 1.
            before.replace(column)
    return made


def refusing(questions: Mapping[str, Refusal]) -> Callable[[Node], Refusal | None]:
    """Return what tells what of a statement is refused."""

    def refusal(tree: Node) -> Refusal | None:
        for call in tree.find_all(exp.Anonymous):
            topic = "rounding" if call.name in ("ROUND", "FLOOR", "CEIL") else asked_of(call)
            if topic is not None:
                return questions[topic].at(call)
        for like in tree.find_all(exp.Like):
            pattern = like.expression.name
            if "_" in pattern or "\\" in pattern:
                return Refusal(
                    "a pattern with `_` or a backslash",
                    "whether `_` is a character or a byte, and what a backslash escapes, is not documented",
                    "use `%`, `starts_with` or `contains`",
                    like,
                )
        return common_refusal(tree)

    return refusal


refusal = refusing(QUESTIONS)
"""What of a statement is refused."""
