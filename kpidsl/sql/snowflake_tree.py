"""What Snowflake's SQL needs all over a statement, put into the finished tree.

- The session's parameters say how texts are read as times: constants are made from their parts.
- They say where nulls stand in an order, too: a key before says so, wherever no word does.
- Names without quotes are in capitals: a reserved word is quoted in capitals.
- The times of a series are counted by the elements of an array, in FROM.
- BOOL_OR and BOOL_AND have other names; what has a WHERE has a FROM.
"""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import is_reserved
from kpidsl.sql.refusals import Refusal, common_refusal
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.snowflake_times import between, moved

_SERIES = "SERIES"
_NUMBERS = "numbers"
_FLATTENED = ("SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS")
_SECONDS = {"HOUR": 3_600, "MINUTE": 60}
_NAMES = {"BOOL_OR": "BOOLOR_AGG", "BOOL_AND": "BOOLAND_AGG"}
_RESERVED = frozenset(
    (
        "account", "connect", "connection", "current", "database", "following", "gscluster", "increment",
        "issue", "minus", "of", "organization", "regexp", "revoke", "rlike", "sample", "schema", "start",
        "try_cast", "whenever",
    )
)  # fmt: skip
"""Its reserved words beyond those that are quoted on every engine."""


def series(first: Node, last: Node, count: int, unit: str) -> Node:
    """Return the times from one to another: none where one is null, or the last before the first."""
    if unit == "DAY":
        steps = between(last, first, unit)
    else:
        seconds = nodes.integer(_SECONDS[unit] * count)
        steps = nodes.call("FLOOR", nodes.binary(exp.Div, between(last, first, "SECOND"), seconds))
    times = nodes.binary(exp.Add, steps, nodes.integer(1))
    number: Node = nodes.cast(exp.Column(this=exp.Identifier(this="value", quoted=False)), "bigint")
    amount = number if count == 1 else nodes.binary(exp.Mul, number, nodes.integer(count))
    return nodes.call(_SERIES, moved(first.copy(), amount, unit), nodes.cast(times, "bigint"))


def spelled(tree: Node) -> Node:
    """Return a whole statement as Snowflake takes it; the tree is used up."""
    as_joins(tree)
    for node in list(tree.find_all(exp.Anonymous, exp.Cast, exp.Select, exp.Order, exp.Identifier)):
        match node:
            case exp.Anonymous() if node.name == _SERIES:
                _from_numbers(node)
            case exp.Anonymous() if node.name in _NAMES:
                node.set("this", _NAMES[node.name])
            case exp.Cast() if isinstance(node.this, exp.Literal):
                _from_parts(node)
            case exp.Select() if node.args.get("where") is not None and node.args.get("from_") is None:
                one = exp.Select(expressions=[nodes.alias(nodes.integer(1), "one")])
                node.set("from_", exp.From(this=nodes.subquery(one, "one_row")))
            case exp.Order():
                _place_nulls(node)
            case exp.Identifier() if is_reserved(node) or (
                not node.quoted and node.name.lower() in _RESERVED
            ):
                node.set("this", node.name.upper())
                node.set("quoted", True)
            case _:
                pass
    return tree


def refusal(tree: Node) -> Refusal | None:
    """Return what is refused: what the manual does not say that it takes."""
    for test in tree.find_all(exp.In, exp.Exists):
        asks = isinstance(test, exp.Exists) or test.args.get("query") is not None
        if asks and not isinstance(test.find_ancestor(exp.Where, exp.Join, exp.Select), exp.Where):
            return Refusal(
                "what is sought among rows outside a condition of the rows",
                "it takes IN and EXISTS with a select in a WHERE alone",
                "ask without comparable days, or ask another engine",
                test,
            )
    return common_refusal(tree)


def _from_numbers(call: exp.Anonymous) -> None:
    """Count the times of a series by the elements of an array, which stands in FROM."""
    query = call.find_ancestor(exp.Select)
    assert query is not None
    time, times = call.expressions
    numbers = nodes.call("ARRAY_GENERATE_RANGE", nodes.integer(0), times)
    flattened = nodes.call("FLATTEN", exp.Kwarg(this=exp.Var(this="INPUT"), expression=numbers))
    for value in time.find_all(exp.Column):
        if not value.table:
            value.set("table", exp.Identifier(this=_NUMBERS, quoted=False))
    call.replace(time)
    if query.args.get("from_") is None:
        rows: Node = exp.TableFromRows(this=flattened, alias=nodes.table_alias(_NUMBERS))
        query.set("from_", exp.From(this=rows))
        return
    alias = nodes.table_alias(_NUMBERS)
    alias.set("columns", [exp.Identifier(this=name, quoted=False) for name in _FLATTENED])
    query.append("joins", exp.Join(this=exp.Lateral(this=flattened, alias=alias)))


def _from_parts(cast: exp.Cast) -> None:
    """Make a constant date or time from numbers."""
    kind = cast.to.this
    if kind not in (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMPNTZ):
        return
    moment = datetime.fromisoformat(cast.this.name)
    parts = [moment.year, moment.month, moment.day]
    if kind is exp.DataType.Type.DATE:
        cast.replace(nodes.call("DATE_FROM_PARTS", *map(nodes.integer, parts)))
        return
    parts += [moment.hour, moment.minute, moment.second]
    if moment.microsecond:
        parts.append(moment.microsecond * 1000)
    cast.replace(nodes.call("TIMESTAMP_NTZ_FROM_PARTS", *map(nodes.integer, parts)))


def _place_nulls(order: exp.Order) -> None:
    """Say by a key of its own where nulls stand, wherever sqlglot writes no word for it."""
    keys: list[Node] = []
    for key in order.expressions:
        if isinstance(key, exp.Ordered) and not isinstance(key.this, exp.Is | exp.Literal):
            is_first, descending = bool(key.args.get("nulls_first")), bool(key.args.get("desc"))
            if is_first == descending:
                missing = nodes.is_null(key.this.copy())
                keys.append(exp.Ordered(this=missing, desc=is_first, nulls_first=is_first))
        keys.append(key)
    order.set("expressions", keys)
