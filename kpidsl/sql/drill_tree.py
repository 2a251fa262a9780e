"""What Drill's SQL needs all over a statement, and what is refused where it shows only there.

Tables are joined by `=`: other joins are planned only with an option off, and a LEFT JOIN has nothing beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.decimal_literals import as_cast, with_typed_decimals
from kpidsl.sql.dremio_tree import WORDS
from kpidsl.sql.joined_lookups import read_around
from kpidsl.sql.milliseconds import is_finer_than_milliseconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal
from kpidsl.sql.reserved import quote_words
from kpidsl.sql.row_numbers import order_all_anyhow
from kpidsl.sql.semi_joins import as_joins
from kpidsl.sql.starrocks_tree import QUESTIONS, refusing

TEXT_TYPE = "varchar(65535)"
"""The longest text: without a length it may be one character."""
_ONE_OF_SEVERAL = (exp.In, exp.If, exp.Case, exp.Coalesce, exp.Alias, exp.Tuple)
"""What a text is one of several in."""
_FRACTIONS = Refusal(
    "fractions of a second of a time of day",
    "its timestamps have milliseconds",
    "write times and durations in milliseconds at most",
)
_PLANNED = "it plans joins by `=` alone, unless an option is off"
_RANGES = Refusal(
    "rows that are joined by more or less than, as those of windows are",
    _PLANNED,
    "ask for each bucket's own rows, or ask another engine",
)
_SERIES = Refusal(
    "a series of days or hours, of which windows and filled buckets are made",
    "it has none, and puts every row beside every other only with an option off",
    "ask for the buckets that have rows, without windows, or ask another engine",
)
_BESIDE = Refusal(
    "a condition of a LEFT JOIN beside its keys",
    _PLANNED,
    "declare the condition as a column of the joined table, or ask another engine",
)
_EVERY = Refusal(
    "every row of one table beside every row of another",
    _PLANNED,
    "ask without groups beside others and windows, or ask another engine",
)
_EARLIER = Refusal(
    "the value of a row that is not the next one",
    "its `LAG` and `LEAD` take no other number than 1",
    "take the value before twice, in two columns",
)
_refused = refusing({**QUESTIONS, "fractions": _FRACTIONS, "series": _SERIES})


def spelled(tree: Node) -> Node:
    """Return a whole statement as Drill takes it; the tree is used up."""
    as_joins(tree)
    with_typed_decimals(tree, as_cast)
    _with_typed_texts(tree)
    order_all_anyhow(tree)
    quote_words(tree, WORDS)
    for order in tree.find_all(exp.Order):
        order.set("expressions", list(_nulls_last(order.expressions)))
    return tree


def _with_typed_texts(tree: Node) -> None:
    """Let written texts beside others have no length: the shorter ones may be filled up with blanks."""
    for literal in list(tree.find_all(exp.Literal)):
        if literal.is_string and isinstance(literal.parent, _ONE_OF_SEVERAL):
            literal.replace(nodes.cast(literal.copy(), TEXT_TYPE))


def _nulls_last(order: Sequence[exp.Ordered]) -> Iterator[Node]:
    """Yield an order's keys; before one that descends, one says where its nulls stand, which are the most."""
    for key in order:
        if key.args.get("desc"):
            missing = nodes.case([(nodes.is_null(key.this.copy()), nodes.integer(1))], nodes.integer(0))
            yield exp.Ordered(this=missing, desc=False, nulls_first=False)
        key.set("nulls_first", False)
        yield key


def refusal(tree: Node) -> Refusal | None:
    """Return what of a statement is refused."""
    for time in tree.find_all(exp.Cast):
        if is_finer_than_milliseconds(time):
            return _FRACTIONS.at(time)
    for window in tree.find_all(exp.Window):
        told = _of_window(window)
        if told is not None:
            return told
    return _refused(tree) or _unplanned(tree)


def _of_window(window: exp.Window) -> Refusal | None:
    """Return what of a window is not documented."""
    match window.this:
        case exp.Anonymous(name="LAG" | "LEAD", expressions=[_, exp.Literal(this=rows), *_]) if rows != "1":
            return _EARLIER.at(window)
        case _:
            return None


def _unplanned(tree: Node) -> Refusal | None:
    """Return the first join that Drill does not plan by itself."""
    clause = tree.args.get("with_")
    steps = {} if clause is None else {cte.alias: cte.this for cte in clause.expressions}
    for query in tree.find_all(exp.Select):
        source = query.args.get("from_")
        has_one_row = source is not None and _is_one_row(source.this, steps)
        for join in query.args.get("joins") or ():
            told = None if _is_one_row(join.this, steps) else _told(join, has_one_row)
            if told is not None:
                return told
            has_one_row = has_one_row and _is_one_row(join.this, steps)
    return None


def _told(join: exp.Join, beside_one_row: bool) -> Refusal | None:
    on, own = join.args.get("on"), join.alias_or_name
    if on is None:
        return None if beside_one_row else _EVERY.at(join.this)
    tests = [test.unnest() for test in nodes.conjuncts(on)]
    keys = [test for test in tests if _is_key(test, own)]
    others = [test for test in tests if not _is_key(test, own)]
    if not keys:
        return _RANGES.at(on)
    # Of an inner join the other conditions are a filter; what reads the joined table alone is asked before.
    beside = next((test for test in others if read_around(test) != {own}), None)
    return _BESIDE.at(beside) if join.side and beside is not None else None


def _is_key(test: Node, own: str) -> bool:
    """Tell whether a condition is that a value of the joined table equals one of those before it."""
    if not isinstance(test, exp.EQ | exp.NullSafeEQ):
        return False
    sides = [read_around(side) for side in (test.left, test.right)]
    return any(one == {own} and other and own not in other for one, other in (sides, sides[::-1]))


def _is_one_row(source: Node, steps: dict[str, Node]) -> bool:
    """Tell whether a table is made of aggregates without groups, of which Drill knows that it has one row."""
    query = source.this if isinstance(source, exp.Subquery) else steps.get(source.name)
    if not isinstance(query, exp.Select) or query.args.get("group") or query.args.get("having"):
        return False
    return any(isinstance(part, exp.AggFunc) and not _is_over(part) for part in _parts(query))


def _parts(query: exp.Select) -> Iterator[Node]:
    stack = list(query.expressions)
    while stack:
        part = stack.pop()
        yield part
        if not isinstance(part, exp.Query):
            stack.extend(nodes.branches(part))


def _is_over(aggregate: Node) -> bool:
    return isinstance(aggregate.parent, exp.Window)
