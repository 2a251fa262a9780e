"""A condition that stands behind an aggregate, `sum(orders.amount) where status = 'paid'`, put inside it."""

from __future__ import annotations

from dataclasses import replace

from kpidsl.diagnostics import Diagnostic
from kpidsl.model.definitions import Project
from kpidsl.semantics import errors
from kpidsl.semantics.bound import Aggregate, Bound
from kpidsl.syntax import print_formula, tree


def told_inside(expr: tree.Where, operand: Bound, project: Project, told: Diagnostic) -> Diagnostic:
    """Return what is wrong with a condition behind `operand`, with the formula that has it inside.

    That is offered where the condition tests a column of the aggregate's own rows. Other reports stay.
    """
    call = expr.operand
    if told.rule is not errors.NOT_DIMENSION or not isinstance(operand, Aggregate):
        return told
    if not isinstance(call, tree.Call) or len(call.arguments) == 0:
        return told
    columns = project.datasets[operand.dataset].columns
    names = [node for node in tree.walk(expr.condition) if isinstance(node, tree.Name)]
    if not all(name.parts[0] in columns or name.parts[0] in project.dimensions for name in names):
        return told
    first, *others = call.arguments
    condition = expr.condition
    if isinstance(first, tree.Where):
        before = first.condition
        parts = before.operands if isinstance(before, tree.Logic) and before.op == "and" else (before,)
        condition = tree.Logic("and", (*parts, condition), expr.span)
        first = first.operand
    inside = replace(expr, operand=first, condition=condition, loose=True)
    whole = print_formula(replace(call, arguments=(inside, *others)))
    return replace(told, help=f"write `{whole}`; outside of it, {told.help}")
