"""Selects that read the row they stand beside, as lookups in arrays: ClickHouse has no others.

    (SELECT days.bucket FROM days WHERE days.day = orders.day)

becomes

    transform(orders.day, tupleElement(…, 1), tupleElement(…, 2), NULL)

over `(SELECT tuple(groupArray(days.day), groupArray(days.bucket)) FROM days)`, which reads nothing from
outside: it is computed once for the statement, and its rows are found by their hash. What asks for more than
one equal column goes through an array of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node


def without_correlation(tree: Node) -> Node:
    """Return the tree with every select that reads from outside it put as a lookup."""
    number = 0
    while True:
        found = [select for select in tree.find_all(exp.Select, bfs=False) if _is_lookup(select)]
        if not found:
            return tree
        number += 1
        # The last one stands in no other's way: what is inside another comes after it.
        _put(found[-1], "each" if number == 1 else f"each_{number}")


def _is_lookup(select: exp.Select) -> bool:
    """Tell whether a select reads a column of what stands around it."""
    if not isinstance(select.parent, exp.Subquery | exp.Exists | exp.In):
        return False
    own = {table.alias_or_name for table in select.find_all(exp.Table, exp.Subquery)}
    return any(column.table and column.table not in own for column in select.find_all(exp.Column))


def _put(select: exp.Select, each: str) -> None:
    """Put a lookup in the place of a select in an expression."""
    outer = select.parent
    assert outer is not None
    rows = _Rows(select, each)
    if isinstance(outer, exp.Exists):
        outer.replace(rows.exists([]))
        return
    assert isinstance(outer, exp.Subquery)
    sought = outer.parent
    if isinstance(sought, exp.In) and sought.args.get("query") is outer:
        value = select.expressions[0]
        sought.replace(rows.exists([nodes.compare(exp.EQ, value.copy(), sought.this.copy())]))
        return
    outer.replace(rows.scalar(select.expressions[0]))


class _Rows:
    """The rows of a select, as an array of tuples that is computed once."""

    def __init__(self, select: exp.Select, each: str) -> None:
        self.each = exp.Identifier(this=each, quoted=False)
        source = select.args["from_"].this
        where = select.args.get("where")
        self.conditions = [] if where is None else _conditions(where)
        self.inner: dict[str, Node] = {}
        if isinstance(source, exp.Subquery):
            within = source.this
            self.inner = {column.alias_or_name: column for column in within.expressions}
            self.conditions += _conditions(within.args["where"])
            source = within.args["from_"].this
        self.table: exp.Table = source
        self.name = source.alias_or_name
        self.columns: list[str] = []

    def exists(self, more: Sequence[Node]) -> Node:
        return nodes.call("arrayExists", self._lambda(nodes.all_of([*self.conditions, *more])), self._array())

    def scalar(self, value: Node) -> Node:
        key = self._only_key()
        if isinstance(value, exp.Column) and key is not None:
            return self._found(*key, value)
        found = self._lambda(nodes.all_of(self.conditions)), self._lambda(self._element(value))
        kept = nodes.call("arrayFilter", found[0], self._array())
        values_ = nodes.call("arrayMap", found[1], kept)
        if isinstance(value, exp.Max):
            values_ = nodes.call("arrayReverseSort", values_)
        return nodes.call("arrayElementOrNull", values_, nodes.integer(1))

    def _element(self, value: Node) -> Node:
        return value.this if isinstance(value, exp.Max) else value

    def _only_key(self) -> tuple[Node, Node] | None:
        """Return the one column that must equal something from outside, and this."""
        if len(self.conditions) != 1 or not isinstance(self.conditions[0], exp.EQ):
            return None
        left, right = self.conditions[0].left, self.conditions[0].right
        if not isinstance(left, exp.Column) or left.table != self.name or _columns_of(self.name, right):
            return None
        return left, right.unnest().copy()

    def _found(self, key: Node, sought: Node, value: Node) -> Node:
        """Return the value of the one row whose key is what is sought, or null."""
        arrays = nodes.call("tuple", *(nodes.call("groupArray", x.copy()) for x in (key, value)))
        present = nodes.all_of([nodes.is_not_null(x.copy()) for x in (key, value)])
        rows = exp.Select(
            expressions=[arrays], from_=exp.From(this=self.table.copy()), where=exp.Where(this=present)
        )
        parts = (nodes.call("tupleElement", exp.Subquery(this=rows.copy()), nodes.integer(n)) for n in (1, 2))
        return nodes.call("transform", sought, *parts, exp.Null())

    def _lambda(self, body: Node) -> Node:
        """Return a function of a row: columns of the table are parts of it."""
        body = exp.Paren(this=body.copy())
        for column in _columns_of(self.name, body):
            found = self.inner.get(column.name)
            if found is not None:
                column.replace((found.this if isinstance(found, exp.Alias) else found).copy())
        for column in _columns_of(self.name, body):
            column.replace(self._part(column.name))
        return exp.Lambda(this=body.this, expressions=[self.each.copy()])

    def _part(self, name: str) -> Node:
        if name not in self.columns:
            self.columns.append(name)
        return exp.Dot(
            this=exp.Column(this=self.each.copy()),
            expression=exp.Literal.number(self.columns.index(name) + 1),
        )

    def _array(self) -> Node:
        parts = [nodes.column(self.name, name) for name in self.columns]
        rows = nodes.call("arraySort", nodes.call("groupArray", nodes.call("tuple", *parts)))
        return exp.Subquery(this=exp.Select(expressions=[rows], from_=exp.From(this=self.table.copy())))


def _columns_of(table: str, node: Node) -> list[exp.Column]:
    """Return the columns of a table in an expression, without those in selects that read the table too."""

    def is_here(column: exp.Column) -> bool:
        select = column.find_ancestor(exp.Select)
        while select is not None and any(above is node for above in _above(select)):
            if any(source.alias_or_name == table for source in select.find_all(exp.Table)):
                return False
            select = select.find_ancestor(exp.Select)
        return True

    return [c for c in node.find_all(exp.Column) if c.table == table and is_here(c)]


def _above(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _conditions(where: exp.Where) -> list[Node]:
    return [condition.unnest() for condition in nodes.conjuncts(where.this)]
