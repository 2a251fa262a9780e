"""Members that a query names, as rows that no table has."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.plan.nodes import Slot
from kpidsl.semantics.bound import Constant
from kpidsl.sql import nodes, values
from kpidsl.sql.scope import Scope


def given_members(scope: Scope, keys: Sequence[Slot], rows: Sequence[Sequence[Constant]]) -> list[exp.Query]:
    """Return a select for each tuple of members, each value in the form of its slot."""
    zone = scope.project.project.timezone
    return [
        exp.Select(
            expressions=[
                nodes.alias(values.constant(value, key.type, scope.dialect, zone), key.name)
                for key, value in zip(keys, row, strict=True)
            ]
        )
        for row in rows
    ]
