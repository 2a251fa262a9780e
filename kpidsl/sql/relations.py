"""A plan to one SELECT of a dialect: a CTE for each step, the KPIs in the outermost SELECT.

Inside, every name is made by us and every column qualified; the users' names appear only as the
output's names, always quoted.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.plan.results import Sort
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql.ctes import Ctes
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.histories import steps
from kpidsl.sql.joined_lookups import with_joined_lookups
from kpidsl.sql.outputs import result
from kpidsl.sql.scope import Places, Scope


def lower(plan: Sort, project: CheckedProject, dialect: Dialect, places: Places, sink: Sink) -> exp.Select:
    """Return the plan as one select; what the dialect cannot say is reported."""
    scope = Scope(project, dialect, places, sink)
    query = result(plan, Ctes(scope))
    scope.ctes[:0] = [*steps(scope), *scope.tables.found]
    query.set("with_", scope.with_clause())
    if dialect.lookups == "joins":
        with_joined_lookups(query)
    return query
