"""Numbers with which a guardrail compares a KPI, looked at as targets are: fractions, scores, bounds."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.diagnostics import Sink
from kpidsl.model.written import Formula
from kpidsl.objectives.numbers import known
from kpidsl.objectives.values import Values
from kpidsl.semantics.ad_hoc import formula_binder
from kpidsl.semantics.bound import Bound, Filtered, MetricRef, Moved, Total
from kpidsl.semantics.check import CheckedProject
from kpidsl.syntax import tree


def check_numbers(condition: tree.Expr, project: CheckedProject, sink: Sink) -> None:
    """Report numbers that do not say which value of a KPI is meant, or that none of its values can be."""
    for side, other in _compared(condition):
        kpi = _kpi_of(_bound(side, project))
        number = _bound(other, project)
        if kpi is None or known(number) is None:
            continue
        values = Values(project, project.metrics[kpi], sink)
        formula = Formula(other.span.excerpt(), other, other.span)
        meant = known(values.level("guardrails", formula))
        if meant is not None:
            values.within_ends(meant, formula.text.strip(), formula.span)


def _compared(condition: tree.Expr) -> Iterator[tuple[tree.Expr, tree.Expr]]:
    """Yield what is compared with what, each in both places."""
    match condition:
        case tree.Logic(operands=operands):
            for operand in operands:
                yield from _compared(operand)
        case tree.Not(operand=operand):
            yield from _compared(operand)
        case tree.Compare(left=left, right=right):
            yield from ((left, right), (right, left))
        case tree.Between(operand=operand, low=low, high=high):
            yield from ((operand, low), (operand, high))
        case tree.In(operand=operand, items=items):
            yield from ((operand, item) for item in items)
        case _:
            pass


def _bound(part: tree.Expr, project: CheckedProject) -> Bound:
    return formula_binder(project, Sink()).bind(part)


def _kpi_of(bound: Bound) -> str | None:
    """Return the KPI or metric of which a value is one, in whatever window and of whatever rows."""
    match bound:
        case MetricRef(name=name):
            return name
        case Moved(operand=operand) | Filtered(operand=operand) | Total(operand=operand):
            return _kpi_of(operand)
        case _:
            return None
