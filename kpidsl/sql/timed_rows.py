"""Rows with the instants by which they lie in windows, each converted once.

    orders (customer_id, ordered_at)  ->  orders_timed (customer_id, ordered_at, instant)

A conversion is a long expression. Engines that join rows to buckets by a range try each pair of them, and
would compute it for each.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.plan.slots import unique_name
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.rows import RowExpressions
from kpidsl.sql.scope import Scope
from kpidsl.sql.staged import converting


def with_instants(scope: Scope, rows: RowExpressions, query: exp.Select, on: Node) -> Node:
    """Return when rows meet buckets, with what it converts of a row as a column of a step before."""
    alias = rows.aliases[()]
    found: dict[Node, str] = {}
    taken = rows.physical_names(rows.dataset)
    for comparison in converting(on):
        for side in (comparison.left, comparison.right):
            value = side.this if isinstance(side, exp.Paren) else side
            if isinstance(value, exp.Column) or not _is_of(alias, value):
                continue
            name = found.get(value)
            if name is None:
                name = unique_name("instant", taken)
                found[value.copy()] = name
            side.replace(nodes.column(alias, name))
    if not found:
        return on
    name = scope.reserve(f"{rows.dataset}_timed")
    values = [nodes.alias(value.copy(), column) for value, column in found.items()]
    own = _conditions_of(alias, query)
    used = {
        column.name for part in (query, on) for column in part.find_all(exp.Column) if column.table == alias
    }
    step = rows.sources[alias].before(name, values, used)
    if own:
        step.set("where", exp.Where(this=nodes.all_of(own)))
    scope.put(name, step)
    # Else an engine may put the conversion in the place of its name once more.
    scope.computed.add(name)
    return on


def _is_of(alias: str, value: Node) -> bool:
    """Tell whether a value reads columns of an alias, and beside them those of its own selects alone."""
    own = {table.alias_or_name for table in value.find_all(exp.Table)}
    read = {column.table for column in value.find_all(exp.Column)}
    return alias in read - own and read <= own | {alias}


def _conditions_of(alias: str, query: exp.Select) -> list[Node]:
    """Take from a select its conditions on an alias alone, and return them."""
    where = query.args.get("where")
    if where is None:
        return []
    all_of = list(where.this.flatten(unnest=False)) if isinstance(where.this, exp.And) else [where.this]
    own = [one for one in all_of if _is_of(alias, one)]
    rest = [one for one in all_of if not any(one is taken for taken in own)]
    query.set("where", exp.Where(this=nodes.all_of(rest)) if rest else None)
    return own
