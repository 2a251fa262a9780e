"""What Teradata's SQL needs all over a statement, and what is refused where it shows only there.

- There are no truth values: see `truths`.
- A column of times asks for the session's zone: see `session_zones`. A constant time has six digits.
- A constant date is a literal: the session's own format may differ.
- The first select of a UNION says the type of all, and cuts what is longer without a word: a text that meets
  others is made as wide as they may be, and fails where it is longer. A select of it reads some table.
- A window with an order has all rows of its partition where no frame is said: it is refused. Rows that are
  numbered have an order.
- TOP stands in no CTE: rows are numbered instead.
- Words of Teradata are quoted where they are names, which changes no name there.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.constant_rows import with_selected_constants
from kpidsl.sql.counted import MOST, SERIES, with_counted
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import FRACTIONS, Refusal, asked_of, common_refusal
from kpidsl.sql.row_numbers import lacks_order, order_anyhow
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.session_zones import asked_for_utc
from kpidsl.sql.truths import without_truth_values
from kpidsl.sql.vendors_words import TERADATA_RESERVED

_Type = exp.DataType.Type
_MOMENT = len("2026-01-01 00:00:00.000000")
_WIDEST = 2_000
"""How many characters a text that meets others may have, with its digits before it."""
_TEXTS = frozenset(("TRIM", "SUBSTR", "CHAR2HEXINT"))
_FIRST_ARGUMENT = frozenset(("FIRST_VALUE", "LAG", "LEAD"))
_CLOCK = Refusal(
    "`clock`",
    "how it writes a time as a text hangs on the format of the session",
    "ask for the hour",
)
_ROUNDING = Refusal(
    "`round`, `floor` and `ceil`",
    "they are user-defined functions there, of which none may stand in a WITH",
    "round what is shown by `format`",
)
_RUNNING = Refusal(
    "running totals over rows of one place",
    "its frames count rows, not places in an order",
    "ask for less in one query, or ask another engine",
)
_UNORDERED = Refusal(
    "some rows of a step",
    "TOP stands in no WITH, and rows without an order have no numbers",
    "order the rows",
)


_FRACTIONS = Refusal(
    "fractions of a second of this duration",
    "how it rounds more than six digits is not documented",
    "declare the duration as a decimal of six digits after the point",
)
_QUESTIONS = {
    "rounding": _ROUNDING,
    "clock": _CLOCK,
    "series": SERIES,
    FRACTIONS: _FRACTIONS,
}


def spelled(tree: Node) -> Node:
    """Return a whole statement as Teradata takes it; the tree is used up."""
    as_joins(tree)
    with_counted(tree, ("counted",), lambda _: [_counted()])
    with_selected_constants(tree)
    without_truth_values(tree)
    _widened(tree)
    for select in list(tree.find_all(exp.Select)):
        if select.args.get("limit") is not None and select.find_ancestor(exp.CTE) is not None:
            _numbered(select)
    asked_for_utc(tree, *_calendar())
    for node in list(tree.find_all(exp.Cast, exp.Window, exp.Identifier)):
        match node:
            case exp.Cast(this=exp.Literal(is_string=True) as text) if node.to.this is _Type.TIMESTAMP:
                digits = text.name if "." in text.name else f"{text.name}."
                moment = nodes.text(digits.ljust(_MOMENT, "0"))
                node.replace(exp.Introducer(this=exp.Var(this="TIMESTAMP"), expression=moment))
            case exp.Cast(this=exp.Literal(is_string=True) as text) if node.to.this is _Type.DATE:
                node.replace(exp.Introducer(this=exp.Var(this="DATE"), expression=text))
            case exp.Window() if lacks_order(node):
                order_anyhow(node, nulls_first=True)
            case exp.Identifier() if not node.quoted and node.name.lower() in TERADATA_RESERVED:
                node.set("quoted", True)
            case _:
                pass
    for type in tree.find_all(exp.DataType):
        if type.this is _Type.BOOLEAN:
            type.set("this", _Type.BIGINT)
    return tree


def _counted() -> exp.Query:
    """Return the numbers below 2,000: as many days of its calendar, counted from the first of them."""
    first = nodes.cast(nodes.text("1900-01-01"), "date")
    calendar, day = _calendar()
    number = nodes.binary(exp.Sub, day, first)
    return exp.Select(
        expressions=[nodes.alias(number, "number")],
        from_=exp.From(this=calendar),
        where=exp.Where(this=nodes.compare(exp.LT, number.copy(), nodes.integer(MOST))),
    )


def _calendar() -> tuple[exp.Table, Node]:
    """Return its calendar, which has the days of the years 1900 to 2100, and a day of it."""
    calendar = exp.Table(
        this=exp.Identifier(this="CALENDAR", quoted=True),
        db=exp.Identifier(this="Sys_Calendar", quoted=False),
        alias=nodes.table_alias("days"),
    )
    return calendar, nodes.column("days", "calendar_date")


def _numbered(select: exp.Select) -> None:
    """Let a select keep its first rows by their numbers; without an order it is refused."""
    limit, order = select.args["limit"], select.args.get("order")
    if order is None:
        return
    number = exp.Window(this=exp.RowNumber(), order=order.copy())
    select.set("qualify", exp.Qualify(this=nodes.compare(exp.LTE, number, limit.expression.copy())))
    for clause in ("limit", "order", "offset"):
        select.set(clause, None)


_Texts = Mapping[str, set[str]]
"""By the names of what is read, which of its columns are texts."""


def _widened(tree: Node) -> None:
    """Make texts and written integers wide that meet in set operations, and let the selects read a table."""
    known: dict[str, set[str]] = {}
    for cte in tree.find_all(exp.CTE):
        known[cte.alias] = _of_query(cte.this, known)
    _of_query(tree, known)


def _of_query(query: Node, known: _Texts) -> set[str]:
    """Return which columns of a query are texts."""
    selects = list(_selects(query))
    kinds = [
        [_is_text(one.unalias(), _read(select, known)) for one in select.expressions] for select in selects
    ]
    texts = [any(column) for column in zip(*kinds, strict=True)]
    names = [one.alias_or_name for one in selects[0].expressions]
    if len(selects) > 1:
        for select in selects:
            _wide_select(select, texts)
    return {name for name, is_text in zip(names, texts, strict=True) if is_text}


def _selects(query: Node) -> list[exp.Select]:
    if isinstance(query, exp.SetOperation):
        return [*_selects(query.this), *_selects(query.expression)]
    if isinstance(query, exp.Subquery):
        return _selects(query.this)
    assert isinstance(query, exp.Select)
    return [query]


def _read(select: exp.Select, known: _Texts) -> _Texts:
    """Return the texts of what a select reads, by the names that these have in it."""
    found = dict(known)
    sources = [select.args["from_"].this] if select.args.get("from_") is not None else []
    sources += [join.this for join in select.args.get("joins") or ()]
    for source in sources:
        if isinstance(source, exp.Subquery):
            found[source.alias] = _of_query(source.this, known)
        elif source.name in known:
            found[source.alias_or_name] = known[source.name]
    return found


def _is_text(node: Node, read: _Texts) -> bool:
    match node:
        case exp.Literal(is_string=True) | exp.DPipe():
            return True
        case exp.Column():
            return node.name in read.get(node.table, ())
        case exp.Cast():
            return node.to.this in (_Type.VARCHAR, _Type.TEXT)
        case exp.Case():
            values = [branch.args["true"] for branch in node.args["ifs"]]
            return any(
                _is_text(value, read) for value in (*values, node.args.get("default")) if value is not None
            )
        case exp.Coalesce():
            return any(_is_text(value, read) for value in (node.this, *node.expressions))
        case exp.Max() | exp.Min() | exp.Window() | exp.Paren() | exp.Lag() | exp.Lead() | exp.FirstValue():
            return _is_text(node.this, read)
        case exp.Anonymous() if node.name in _TEXTS:
            return True
        case exp.Anonymous() if node.name in _FIRST_ARGUMENT:
            return _is_text(node.expressions[0], read)
        case _:
            return False


def _wide_select(select: exp.Select, texts: list[bool]) -> None:
    for one, is_text in zip(select.expressions, texts, strict=True):
        name, value = one.alias_or_name, one.unalias()
        if is_text:
            wide = _wide(value.copy())
        elif isinstance(value, exp.Literal) and value.is_int:
            wide = nodes.cast(value.copy(), "bigint")
        else:
            continue
        if one is value:
            one.replace(nodes.alias(wide, name))
        else:
            value.replace(wide)
    if select.args.get("from_") is None:
        one_row = exp.Select(expressions=[nodes.alias(nodes.integer(1), "one")])
        select.set("from_", exp.From(this=nodes.subquery(one_row, "one_row")))


def _wide(text: Node) -> Node:
    """Return a text of a type that holds so many characters; a longer one divides by nothing, and fails."""
    unicode = nodes.text("")
    if isinstance(text, exp.Cast) and isinstance(text.this, exp.Null):
        return nodes.binary(exp.DPipe, text, unicode)
    room = nodes.cast(nodes.text(""), f"varchar({_WIDEST})")
    if isinstance(text, exp.Literal):
        return nodes.binary(exp.DPipe, text, room)
    length = nodes.call("CHARACTER_LENGTH", text.copy())
    is_too_long = nodes.compare(exp.GT, length, nodes.integer(_WIDEST))
    start = nodes.case([(is_too_long, nodes.integer(0))], nodes.integer(1))
    whole = nodes.call("SUBSTR", text, nodes.binary(exp.Div, nodes.integer(1), start))
    return nodes.binary(exp.DPipe, nodes.binary(exp.DPipe, whole, room), unicode)


def refusal(tree: Node) -> Refusal | None:
    """Return what of a statement is refused."""
    for node in tree.find_all(exp.Anonymous, exp.Window):
        match node:
            case exp.Window() if _is_running(node):
                return _RUNNING.at(node)
            case exp.Anonymous():
                topic = "rounding" if node.name in ("ROUND", "FLOOR", "CEIL") else asked_of(node)
                if topic is not None:
                    return _QUESTIONS[topic].at(node)
            case _:
                pass
    for select in tree.find_all(exp.Select):
        if select.args.get("limit") is not None and select.args.get("order") is None:
            return _UNORDERED.at(select)
    return common_refusal(tree)


def _is_running(window: exp.Window) -> bool:
    return (
        isinstance(window.this, exp.Sum | exp.Count | exp.Min | exp.Max | exp.Avg)
        and window.args.get("order") is not None
        and window.args.get("spec") is None
    )
