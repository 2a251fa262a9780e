"""How a column is declared whose own type compares otherwise than its values should."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node


@dataclass(frozen=True, slots=True)
class Declared:
    """What a definition says of a column: its type, and the SQL that makes it of the table's own column.

    Without `sql` the type alone says it.
    """

    type: str
    sql: Callable[[Node], Node] | None = None
    timezone: str | None = None

    def written(self, name: exp.Identifier, dialect: str) -> Mapping[str, str]:
        """Return the keys of a definition, of a column that is called `name` in the table."""
        sql = {} if self.sql is None else {"sql": self.sql_of(name, dialect), "dialect": dialect}
        zone = {} if self.timezone is None else {"timezone": self.timezone}
        return {**sql, "type": self.type, **zone}

    def sql_of(self, name: exp.Identifier, dialect: str) -> str:
        """Return the SQL alone."""
        assert self.sql is not None
        return self.sql(exp.Column(this=name)).sql(dialect)


TIMESTAMP = Declared("timestamp")


def local(sql: Callable[[Node], Node]) -> Declared:
    """Return how an instant is read: as the time of a clock in UTC."""
    return Declared("timestamp", sql, "UTC")


AT_UTC = local(lambda x: exp.AtTimeZone(this=x, zone=nodes.text("UTC")))


def text(sql: Callable[[Node], Node]) -> Declared:
    """Return how a text is read that compares otherwise than by its characters."""
    return Declared("text", sql)


BY_BYTES = text(
    lambda x: exp.Collate(this=nodes.cast(x, "text"), expression=exp.Identifier(this="C", quoted=True))
)
"""A text under the collation that tells all characters."""
