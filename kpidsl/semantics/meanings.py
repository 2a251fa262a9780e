"""Names in a condition on a context that are no dimensions: filters and parameters."""

from __future__ import annotations

from kpidsl.semantics import errors
from kpidsl.semantics.bound import BROKEN, Bound
from kpidsl.semantics.rows import RowNames
from kpidsl.semantics.scalars import ScalarBinder
from kpidsl.semantics.walks import used_at
from kpidsl.syntax import tree


def filter_or_parameter(expr: tree.Name, rows: RowNames, binder: ScalarBinder) -> Bound | None:
    """Return what a name stands for, or None where it is neither; two meanings are reported."""
    name, project = expr.text, rows.project
    sections = {
        "a dimension": project.dimensions,
        "a filter": project.filters,
        "a parameter": project.parameters,
    }
    meanings = [what for what, names in sections.items() if name in names]
    if len(meanings) > 1:
        binder.sink.report(errors.ambiguous(expr.span, name, meanings, "rename all of them but one"))
        return BROKEN
    if name in project.filters:
        return used_at(rows.filter(name), name, expr.span)
    return binder.parameter(expr, rows.units)
