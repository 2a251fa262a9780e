"""What an outer join's condition looks up in a table, joined as a table of its own.

BigQuery refuses a query over a table in the condition of an outer join ("Unsupported subquery with table in
join predicate"), and Oracle may (ORA-01799). What is looked up by its key becomes a column of a join:

    LEFT JOIN top ON top.week = (SELECT weeks.bucket FROM weeks WHERE weeks.day = sales.day)
    LEFT JOIN weeks ON weeks.day = sales.day LEFT JOIN top ON top.week = weeks.bucket
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from kpidsl.plan.slots import unique_name
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node


def with_joined_lookups(tree: Node) -> None:
    """Join what conditions of outer joins look up by a key, of which a table has one row."""
    for join in list(tree.find_all(exp.Join)):
        query, on = join.parent, join.args.get("on")
        if join.side and on is not None and isinstance(query, exp.Select):
            _join_lookups(query, join, on)


def asked_in_outer_join(tree: Node) -> Node | None:
    """Return a query over a table in the condition of an outer join that is no lookup by a key."""
    for join in tree.find_all(exp.Join):
        on = join.args.get("on")
        if join.side and on is not None:
            for select in on.find_all(exp.Select):
                if nodes.holds(select, exp.Table) and not _is_lookup(select):
                    found: Node = select
                    return found
    return None


def _join_lookups(query: exp.Select, join: exp.Join, on: Node) -> None:
    joins: list[exp.Join] = query.args["joins"]
    taken = {source.alias_or_name for source in _sources(query)}
    known: dict[Node, str] = {}
    for asked in list(on.find_all(exp.Subquery)):
        select = asked.this
        if not _is_lookup(select):
            continue
        alias = known.get(select)
        if alias is None:
            alias = known[select.copy()] = unique_name(select.args["from_"].this.name, taken)
            joins.insert(joins.index(join), _joined(select, alias))
            query.set("joins", joins)
        asked.replace(nodes.column(alias, select.expressions[0].name))


def _sources(query: exp.Select) -> Iterator[Node]:
    yield query.args["from_"].this
    for join in query.args.get("joins") or ():
        yield join.this


def _is_lookup(select: Node) -> bool:
    """Tell whether a query is `SELECT t.column FROM t WHERE t.key = …` of what stands around it."""
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return False
    where, table = select.args.get("where"), select.args["from_"].this
    if where is None or select.args.get("joins") or not isinstance(table, exp.Table):
        return False
    test = where.this
    return (
        isinstance(select.expressions[0], exp.Column)
        and isinstance(test, exp.EQ)
        and isinstance(test.left, exp.Column)
        and test.left.table == table.alias_or_name
        and not nodes.holds(test.right, exp.Select)
        and all(column.table != table.alias_or_name for column in test.right.find_all(exp.Column))
    )


def _joined(select: exp.Select, alias: str) -> exp.Join:
    table, test = select.args["from_"].this, select.args["where"].this
    on = nodes.compare(exp.EQ, nodes.column(alias, test.left.name), test.right.copy())
    own = exp.Table(this=table.this.copy())
    if alias != table.name:
        own.set("alias", nodes.table_alias(alias))
    return exp.Join(this=own, side="LEFT", on=on)
