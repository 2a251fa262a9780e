"""A statement with no more CTEs than an engine takes.

Equal ones become one, and those that are read once stand where they are read, the shortest first, until few
enough are left:

    with a as (select …), b as (select … from a) select … from b
    with b as (select … from (select …) as a) select … from b

A recursive CTE stays, and so does what it reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from kpidsl.sql import nodes

_OUTERMOST = ""


def with_fewer_ctes(query: exp.Expr, most: int) -> None:
    """Make one of equal CTEs, and write others into what reads them, until there are no more than so many.

    More are left where they are recursive, or read more than once.
    """
    clause = query.args.get("with_")
    if clause is None or len(clause.expressions) <= most:
        return
    places = _places(query, clause.expressions)
    recursive = {name for name, read in places.items() if any(reader == name for reader, _ in read)}
    ctes = _distinct(clause.expressions, places, recursive)
    sizes = {name: sum(1 for _ in cte.walk()) for name, cte in ctes.items()}
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


def ctes_of(query: exp.Expr) -> int:
    """Return how many CTEs a statement has."""
    clause = query.args.get("with_")
    return 0 if clause is None else len(clause.expressions)


def _distinct(
    ctes: Sequence[exp.CTE], places: dict[str, list[tuple[str, exp.Table]]], recursive: set[str]
) -> dict[str, exp.CTE]:
    """Return the first of each CTE that says the same, by name; it is read where the others were."""
    first: dict[str, str] = {}
    left: dict[str, exp.CTE] = {}
    for cte in ctes:
        name = cte.alias
        same = name if name in recursive else first.setdefault(_meaning(cte, places), name)
        if same == name:
            left[name] = cte
            continue
        # What its own parts read is read by the first as well: those of this one are gone.
        for read in places.values():
            read[:] = [(reader, table) for reader, table in read if reader != name]
        for reader, table in places.pop(name):
            if not table.alias:
                table.set("alias", nodes.table_alias(name))
            table.set("this", exp.to_identifier(same))
            places[same].append((reader, table))
    return left


def _meaning(cte: exp.CTE, places: Mapping[str, object]) -> str:
    """Return what a CTE says, whatever name it has for the CTEs that it reads."""
    body = cte.this.copy()
    names: dict[str, str] = {}
    for table in body.find_all(exp.Table):
        if not table.db and table.name in places:
            own = names.setdefault(table.alias_or_name, f"{len(names)}")
            table.set("alias", nodes.table_alias(own))
    for column in body.find_all(exp.Column):
        if column.table in names:
            column.set("table", exp.to_identifier(names[column.table], quoted=True))
    return str(body.sql(comments=False))


def _places(query: exp.Expr, ctes: Sequence[exp.CTE]) -> dict[str, list[tuple[str, exp.Table]]]:
    """Return where each CTE is read, and by which other; the outermost select has no name."""
    places: dict[str, list[tuple[str, exp.Table]]] = {cte.alias: [] for cte in ctes}
    for table in query.find_all(exp.Table):
        if not table.db and table.name in places:
            reader = table.find_ancestor(exp.CTE)
            places[table.name].append((_OUTERMOST if reader is None else reader.alias, table))
    return places
