"""A statement with no more CTEs than an engine takes: those that are read once stand where they are read.

    with a as (select …), b as (select … from a) select … from b
    with b as (select … from (select …) as a) select … from b

The shortest go first, until few enough are left. A recursive CTE stays, and so does what it reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.sql import nodes

_OUTERMOST = ""


def with_fewer_ctes(query: exp.Expr, most: int) -> None:
    """Write CTEs into what reads them until there are no more than so many, as far as that can be."""
    clause = query.args.get("with_")
    if clause is None or len(clause.expressions) <= most:
        return
    ctes: dict[str, exp.CTE] = {cte.alias: cte for cte in clause.expressions}
    places = _places(query, clause.expressions)
    sizes = {name: sum(1 for _ in cte.walk()) for name, cte in ctes.items()}
    recursive = {name for name, read in places.items() if any(reader == name for reader, _ in read)}
    while len(ctes) > most:
        found = [
            name
            for name in ctes
            if len(places[name]) == 1 and name not in recursive and places[name][0][0] not in recursive
        ]
        if not found:
            break
        name = min(found, key=sizes.__getitem__)
        ((reader, place),) = places.pop(name)
        place.replace(nodes.subquery(ctes.pop(name).this, place.alias or name))
        sizes[reader] = sizes.get(reader, 0) + sizes[name]
        for read in places.values():
            read[:] = [(reader if other == name else other, table) for other, table in read]
    clause.set("expressions", list(ctes.values()))


def _places(query: exp.Expr, ctes: Sequence[exp.CTE]) -> dict[str, list[tuple[str, exp.Table]]]:
    """Return where each CTE is read, and by which other; the outermost select has no name."""
    places: dict[str, list[tuple[str, exp.Table]]] = {cte.alias: [] for cte in ctes}
    for table in query.find_all(exp.Table):
        if not table.db and table.name in places:
            reader = table.find_ancestor(exp.CTE)
            places[table.name].append((_OUTERMOST if reader is None else reader.alias, table))
    return places
