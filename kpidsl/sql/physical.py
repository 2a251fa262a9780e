"""A warehouse's own names in SQL."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.definitions import Identifier
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.reserved import RESERVED


def identifier(name: Identifier) -> exp.Identifier:
    return exp.Identifier(this=name.text, quoted=name.quoted or name.text.lower() in RESERVED)


def physical(alias: str, name: Identifier) -> Node:
    return exp.Column(this=identifier(name), table=exp.Identifier(this=alias, quoted=False))


def table(parts: tuple[Identifier, ...], alias: str | None) -> exp.Table:
    """Return a table by its dotted name."""
    *outer, name = map(identifier, parts)
    node = exp.Table(this=name)
    for key, part in zip(("db", "catalog"), reversed(outer), strict=False):
        node.set(key, part)
    if alias is not None:
        node.set("alias", nodes.table_alias(alias))
    return node
