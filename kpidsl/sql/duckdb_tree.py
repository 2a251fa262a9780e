"""What DuckDB's SQL needs all over a statement, put into the finished tree.

Where DuckDB 2.0 proves that the other side of an outer join is empty, it takes the join for one without
rows. Of all aggregates `SUM` alone asks how many rows there are at most: of none the sum can only be 0, so
that what compares it is decided beforehand, rows that are joined by it are lost, and 64 bits are enough to
add up in. Of a CASE without ELSE it knows neither the least value nor the greatest, and leaves the sum alone:

    SUM(sales.amount)                         SUM(CASE WHEN NOT sales.amount IS NULL THEN sales.amount END)
    SUM(sales.amount) FILTER(WHERE sales.ok)  SUM(CASE WHEN sales.ok THEN sales.amount END)
    SUM(2)                                    NULLIF(COUNT(*), 0) * 2

A sum without an outer join below it stays as it is, and is faster so. See docs/decisions/0259.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Paren, exp.Cast, exp.Coalesce)
"""Operations of which DuckDB knows nothing where it knows nothing of their first operand."""


def spelled(tree: Node) -> Node:
    """Return a whole statement as DuckDB takes it; the tree is used up."""
    if not any(isinstance(node, exp.Join) and node.side for node in _sources(tree, None)):
        return tree
    clause = tree.args.get("with_")
    ctes = () if clause is None else clause.expressions
    joined = _Joined(frozenset(cte.alias for cte in ctes))
    for cte in ctes:
        is_below = joined.is_below(cte.this)
        if is_below:
            _hide_sums(cte.this, joined)
        joined.add(cte.alias, cte.this, is_below=is_below)
    if joined.is_below(tree, clause):
        for part in list(tree.iter_expressions()):
            if part is not clause:
                _hide_sums(part, joined)
    return tree


@dataclass(frozen=True, slots=True)
class _Joined:
    """What is above an outer join that may be misjudged."""

    ctes: frozenset[str]
    """All CTEs of the statement."""
    hidden: dict[str, frozenset[str]] = field(default_factory=dict)
    """The CTEs that are, each with its columns of which DuckDB knows nothing."""
    series: set[str] = field(default_factory=set)
    """The CTEs that are of a series."""

    def is_below(self, query: Node, clause: Node | None = None) -> bool:
        """Tell whether a query beside a WITH clause has such a join, or reads a CTE that is above one."""
        found = list(_sources(query, clause))
        if any(isinstance(node, exp.Join) and self._may_be_misjudged(node) for node in found):
            return True
        return not self._is_of_a_series(query) and any(
            isinstance(node, exp.Table) and node.name in self.hidden for node in found
        )

    def _is_of_a_series(self, query: Node) -> bool:
        """Tell whether a select is of a series, whose length DuckDB never knows, or joined to one."""
        if not isinstance(query, exp.Select):
            return False
        calls = (call for column in query.expressions for call in column.find_all(exp.Anonymous, exp.Explode))
        if any(_is_unnest(call) and call.parent_select is query for call in calls):
            return True
        tables = (query.args["from_"], *query.args.get("joins", ())) if query.args.get("from_") else ()
        return any(part.this.name in self.series for part in tables if isinstance(part.this, exp.Table))

    def _may_be_misjudged(self, join: exp.Join) -> bool:
        """Tell whether DuckDB may prove that the other side of a join is empty, and the join is an outer one.

        It does not of a table that nothing filters: each condition of the join compares the two sides, and
        no other place of the query speaks of what the table's columns equal.
        """
        if not join.side:
            return False
        query, table, on = join.parent, join.this, join.args.get("on")
        if (
            join.side != "LEFT"
            or not isinstance(table, exp.Table)
            or table.name in self.ctes
            or query is None
            or on is None
            or nodes.holds(on, exp.Select)
        ):
            return True
        name = table.alias_or_name
        equal: set[Node] = set()
        for condition in on.flatten() if isinstance(on, exp.And) else (on,):
            columns = list(condition.find_all(exp.Column))
            others = [column for column in columns if column.table != name]
            if not others or len(others) == len(columns):
                return True
            equal.update(others)
        return any(column in equal for column in _columns_that_filter(query, join))

    def add(self, name: str, query: Node, *, is_below: bool) -> None:
        """Keep what a CTE is to those that read it."""
        if not is_below:
            if self._is_of_a_series(query):
                self.series.add(name)
        elif not (isinstance(query, exp.Select) and _is_one_row(query)):
            self.hidden[name] = frozenset(self._hidden_columns(query))

    def _hidden_columns(self, query: Node) -> set[str]:
        if isinstance(query, exp.Union):
            # One side of which nothing is known is enough.
            return self._hidden_columns(query.left) | self._hidden_columns(query.right)
        if not isinstance(query, exp.Select):
            return set()
        return {column.alias_or_name for column in query.expressions if self.is_hidden(column.unalias())}

    def is_hidden(self, value: Node) -> bool:
        """Tell whether DuckDB surely knows nothing of a value's least and greatest."""
        match value:
            case exp.Sum() | exp.Window():
                return True
            case exp.Case():
                conditions = [branch.this for branch in value.args["ifs"]]
                default = value.args.get("default")
                may_be_none = default is None and all(nodes.holds(c, exp.Column) for c in conditions)
                results = [branch.args["true"] for branch in value.args["ifs"]]
                return may_be_none or any(
                    self.is_hidden(result) for result in (*results, default) if result is not None
                )
            case exp.Add() | exp.Sub() | exp.Mul():
                return self.is_hidden(value.left) or self.is_hidden(value.right)
            case exp.Neg() | exp.Paren() | exp.Cast() | exp.Coalesce() | exp.Min() | exp.Max():
                return self.is_hidden(value.this)
            case exp.Column():
                return value.name in self.hidden.get(value.table, ())
            case _:
                return False


def _sources(query: Node, clause: Node | None) -> Iterator[exp.Join | exp.Table]:
    """Yield the joins and tables of a query beside a WITH clause, of queries inside it too."""
    pending = [query]
    while pending:
        node = pending.pop()
        if isinstance(node, (exp.Join, exp.Table)):
            yield node
        if node is not clause:
            pending.extend(nodes.branches(node))


def _is_unnest(call: Node) -> bool:
    return isinstance(call, exp.Explode) or call.name.upper() == "UNNEST"


def _columns_that_filter(query: Node, join: exp.Join) -> Iterator[exp.Column]:
    """Yield the columns of a select by which its rows, or the rows of who reads it, may be filtered."""
    for part in query.iter_expressions():
        if part is join:
            continue
        for column in part.find_all(exp.Column):
            if part.arg_key != "expressions" or column.find_ancestor(exp.AggFunc, exp.Select) is query:
                yield column


def _is_one_row(query: exp.Select) -> bool:
    """Tell whether a select adds up all its rows: DuckDB knows that this gives one row, whatever it reads."""
    return query.args.get("group") is None and any(
        nodes.holds(column, exp.AggFunc) and not nodes.holds(column, exp.Window)
        for column in query.expressions
    )


def _hide_sums(query: Node, joined: _Joined) -> None:
    for total in list(query.find_all(exp.Sum)):
        value, place = total.this, total.parent
        if joined.is_hidden(value):
            continue
        if isinstance(place, exp.Filter):
            total.set("this", nodes.case([(place.expression.this, value)], None))
            place.replace(total)
        elif nodes.holds(value, exp.Column):
            _hide(value)
        elif not isinstance(place, exp.Window):
            # A condition without a column would be decided beforehand, and the CASE with it.
            count = exp.Nullif(this=exp.Count(this=exp.Star()), expression=nodes.integer(0))
            total.replace(nodes.atom(nodes.binary(exp.Mul, count, value)))


def _hide(value: Node) -> None:
    """Put a CASE into a value that has columns, as deep inside as will do."""
    while isinstance(value, _ARITHMETIC):
        first = value.this
        value = first if nodes.holds(first, exp.Column) or not isinstance(value, exp.Binary) else value.right
    place = exp.Placeholder()
    value.replace(place)
    place.replace(nodes.case([(nodes.is_not_null(value.copy()), value)], None))
