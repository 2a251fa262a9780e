"""What is looked up for each row in a table, joined as a table of its own.

Many engines take no select that reads the row beside it, or not everywhere. What is looked up by its key
becomes a column of a join:

    SELECT (SELECT weeks.bucket FROM weeks WHERE weeks.day = sales.day) FROM sales
    SELECT weeks.bucket FROM sales LEFT JOIN weeks ON weeks.day = sales.day

A key that a table lacks, or that is null, finds null in both. Rows cannot become more: a table is joined only
where it has one row of a key, which its step in the statement says. Where the condition of a join looks up by
its own table's columns, that table becomes a select with what is found:

    FROM sales JOIN months ON sales.day < (SELECT ends.day FROM ends WHERE ends.bucket = months.month)
    FROM sales JOIN (SELECT months.month, ends.day AS ends_day FROM months LEFT JOIN ends ON …) AS months
      ON sales.day < months.ends_day

What cannot be joined stays as it is, and is refused where an engine does not take it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlglot import exp

from kpidsl.plan.slots import unique_name
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node

_Steps = Mapping[str, Node]
"""The queries of a statement's CTEs, by their names."""

_BEFORE_GROUPS = ("where", "group")
_AFTER_JOINS = (*_BEFORE_GROUPS, "expressions", "having", "order")
"""The parts of a select that read all of its tables."""


def with_joined_lookups(tree: Node, *, in_outer_joins: bool = False) -> None:
    """Join what a statement looks up by a key, of which a table has one row.

    With `in_outer_joins` only what conditions of outer joins look up: BigQuery refuses a query over a table
    there ("Unsupported subquery with table in join predicate"), and Oracle may (ORA-01799).
    """
    steps = _steps(tree)
    for query in list(tree.find_all(exp.Select)):
        if not _is_lookup(query, steps):
            rows = _Rows(query, steps)
            rows.join_of_conditions(outer_joins_alone=in_outer_joins)
            if not in_outer_joins:
                rows.join_of_columns()


def asked_in_outer_join(tree: Node) -> Node | None:
    """Return a query over a table in the condition of an outer join that is no lookup by a key."""
    steps = _steps(tree)
    for join in tree.find_all(exp.Join):
        on = join.args.get("on")
        if join.side and on is not None:
            for select in on.find_all(exp.Select):
                if nodes.holds(select, exp.Table) and not _is_lookup(select, steps):
                    found: Node = select
                    return found
    return None


class _Rows:
    """The rows of a select, and the lookups that are joined to them."""

    def __init__(self, query: exp.Select, steps: _Steps) -> None:
        self.query = query
        self.steps = steps
        self.joins: list[exp.Join] = query.args.get("joins") or []
        self.taken = set(self._sources(self.joins))
        self.known: dict[tuple[str, Node], str] = {}
        """The aliases of what is joined, by the table and the key that it is looked up by."""

    def join_of_conditions(self, *, outer_joins_alone: bool) -> None:
        """Join what the conditions of joins look up: before the join, or within its own table."""
        for join in list(self.joins):
            on = join.args.get("on")
            if on is None or (outer_joins_alone and not join.side):
                continue
            before = set(self._sources(self.joins[: self._place_of(join)]))
            within: list[exp.Subquery] = []
            for asked in _lookups(on, self.steps):
                read = read_around(asked.this)
                if read == {join.alias_or_name}:
                    within.append(asked)
                elif read <= before and (read or join.side):
                    self._put(asked, self._place_of(join))
            if within:
                self._look_up_within(join, within)

    def join_of_columns(self) -> None:
        """Join what the select's columns and conditions look up: after all other joins."""
        tables = set(self._sources(self.joins))
        found = [
            asked
            for part in _AFTER_JOINS
            for node in _nodes_of(self.query, part)
            for asked in _lookups(node, self.steps)
            if part in _BEFORE_GROUPS or self._is_of_groups(asked)
        ]
        for asked in found:
            read = read_around(asked.this)
            if read and read <= tables:
                self._put(asked, len(self.joins))

    def _put(self, asked: exp.Subquery, place: int) -> None:
        """Put a column in the place of a lookup, of a table that is joined at a place among the joins."""
        column = asked.this.expressions[0].name
        asked.replace(nodes.column(self._joined(asked, place), column))

    def _joined(self, asked: exp.Subquery, place: int) -> str:
        """Return the alias of a lookup's table, which is joined where it is not yet."""
        select = asked.this
        table = select.args["from_"].this
        identity = table.name, select.args["where"].copy()
        known = self.known.get(identity)
        if known is not None:
            return known
        tests = _tests(select)
        for inner in [inner for test in tests for inner in _lookups(test.right, self.steps)]:
            before = len(self.joins)
            self._put(inner, place)
            place += len(self.joins) - before
        alias = self.known[identity] = unique_name(table.name, self.taken)
        own = exp.Table(this=table.this.copy())
        if alias != table.name:
            own.set("alias", nodes.table_alias(alias))
        keys = [
            nodes.compare(exp.EQ, nodes.column(alias, test.left.name), test.right.copy()) for test in tests
        ]
        on = nodes.all_of(keys)
        on.meta.update(asked.meta)
        self.joins.insert(place, exp.Join(this=own, side="LEFT", on=on))
        self.query.set("joins", self.joins)
        return alias

    def _look_up_within(self, join: exp.Join, lookups: Sequence[exp.Subquery]) -> None:
        """Make of a join's table a select that has what is looked up by its columns."""
        own = join.alias_or_name
        taken = {column.name for column in _columns_of(own, self.query)}
        if "*" in taken:
            return
        found: dict[Node, str] = {}
        for asked in lookups:
            select = asked.this
            if select not in found:
                wanted = f"{select.args['from_'].this.name}_{select.expressions[0].name}"
                found[select.copy()] = unique_name(wanted, taken)
            asked.replace(nodes.column(own, found[select]))
        names = set(found.values())
        read = dict.fromkeys(column for column in _columns_of(own, self.query) if column.name not in names)
        inner = exp.Select(
            expressions=[
                *(column.copy() for column in read),
                *(nodes.alias(exp.Subquery(this=select), name) for select, name in found.items()),
            ],
            from_=exp.From(this=join.this),
        )
        _Rows(inner, self.steps).join_of_columns()
        join.set("this", nodes.subquery(inner, own))

    def _sources(self, joins: Iterable[exp.Join]) -> Iterator[str]:
        source = self.query.args.get("from_")
        if source is not None:
            yield source.this.alias_or_name
        for join in joins:
            yield join.alias_or_name

    def _place_of(self, join: exp.Join) -> int:
        return next(place for place, other in enumerate(self.joins) if other is join)

    def _is_of_groups(self, asked: Node) -> bool:
        """Tell whether a lookup is by rows, or what these are grouped by, or by rows of a group."""
        group = self.query.args.get("group")
        if group is None:
            return True
        columns = self.query.expressions
        keys = [columns[int(by.name) - 1].unalias() if by.is_int else by for by in group.expressions]
        node: Node | None = asked
        while node is not None and node is not self.query:
            if isinstance(node, exp.AggFunc | exp.Filter) or node in keys:
                return True
            node = node.parent
        return False


def _steps(tree: Node) -> _Steps:
    clause = tree.args.get("with_")
    return {} if clause is None else {cte.alias: cte.this for cte in clause.expressions}


def _nodes_of(query: exp.Select, part: str) -> list[Node]:
    found = query.args.get(part)
    if found is None:
        return []
    return list(found) if isinstance(found, list) else [found]


def _lookups(node: Node, steps: _Steps) -> list[exp.Subquery]:
    """Return the lookups in a part of a select, none that stands in another select."""
    found: list[exp.Subquery] = []
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, exp.Subquery) and _is_lookup(part.this, steps):
            found.append(part)
        elif not isinstance(part, exp.Query):
            stack.extend(reversed(nodes.branches(part)))
    return found


def _is_lookup(select: Node, steps: _Steps) -> bool:
    """Tell whether a query is `(SELECT t.column FROM t WHERE t.key = …)` of a CTE with one row of a key."""
    if not isinstance(select, exp.Select) or not isinstance(select.parent, exp.Subquery):
        return False
    given = {name for name, value in select.args.items() if value}
    if given != {"expressions", "from_", "where"} or len(select.expressions) != 1:
        return False
    table, column = select.args["from_"].this, select.expressions[0]
    if not isinstance(column, exp.Column) or not isinstance(table, exp.Table) or table.name not in steps:
        return False
    keys = {test.left.name for test in _tests(select)}
    return bool(keys) and _has_one_row_of(steps[table.name], keys)


def _tests(select: exp.Select) -> list[exp.EQ]:
    """Return which columns of a select's table must equal which values from elsewhere; none: no others."""
    table = select.args["from_"].this.alias_or_name
    found: list[exp.EQ] = []
    for test in nodes.conjuncts(select.args["where"].this):
        if not isinstance(test, exp.EQ) or not isinstance(test.left, exp.Column):
            return []
        if test.left.table != table or table in read_around(test.right):
            return []
        found.append(test)
    return found


def _has_one_row_of(query: Node, keys: set[str]) -> bool:
    """Tell whether a step is grouped by some of its columns, or numbers its rows by one of them.

    Constants have one row of a key where a column of it has each constant once.
    """
    if isinstance(query, exp.Values):
        return any(len(set(cells)) == len(cells) for cells in _cells_of(query, keys))
    group = query.args.get("group")
    if not isinstance(query, exp.Select) or group is None:
        return False
    names = {column.unalias(): column.alias_or_name for column in query.expressions}
    if all(names.get(by) in keys for by in group.expressions):
        return True
    return any(
        isinstance(value, exp.Window)
        and isinstance(value.this, exp.RowNumber)
        and not value.args.get("partition_by")
        and name in keys
        for value, name in names.items()
    )


def _cells_of(constants: exp.Values, names: set[str]) -> Iterator[list[Node]]:
    """Yield the constants of each of some columns."""
    cte = constants.parent
    headers = cte.args["alias"].columns if isinstance(cte, exp.CTE) else []
    for place, header in enumerate(headers):
        if header.name in names:
            yield [row.expressions[place] for row in constants.expressions]


def read_around(node: Node) -> set[str]:
    """Return the names of the tables around a part of a select whose columns it reads."""
    return {column.table for column in node.find_all(exp.Column) if _select_of(column, node) is None}


def _columns_of(source: str, query: exp.Select) -> list[exp.Column]:
    """Return the columns of a select's source, in what stands in the select too."""
    return [
        column
        for column in query.find_all(exp.Column)
        if column.table == source and _select_of(column, query) is query
    ]


def _select_of(column: exp.Column, within: Node) -> Node | None:
    """Return the select whose source a column is of, if that is a part of a tree."""
    above: Node | None = column
    while above is not None:
        if isinstance(above, exp.Select):
            sources = [above.args.get("from_"), *(above.args.get("joins") or ())]
            if any(source is not None and source.this.alias_or_name == column.table for source in sources):
                return above
        above = None if above is within else above.parent
    return None
