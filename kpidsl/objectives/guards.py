"""The guardrails of a project's objectives, checked: names and conditions, judged in the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kpidsl.diagnostics import Sink
from kpidsl.model.types import BOOLEAN, UNKNOWN
from kpidsl.model.written import Formula
from kpidsl.objectives import guardrail_errors as errors
from kpidsl.objectives.alike import narrows, rows_of, told
from kpidsl.objectives.arithmetic import FALSE, NOTHING, TRUE, cases, is_null
from kpidsl.objectives.guardrail_numbers import check_numbers
from kpidsl.semantics import errors as name_errors
from kpidsl.semantics.ad_hoc import bound_formula
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Constant, MetricRef, children
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import CheckedObjective, Guardrail
from kpidsl.semantics.periods import Window
from kpidsl.syntax import tree

_CONNECTIVES = ("and", "or", "not")


def with_guardrails(
    found: Mapping[str, CheckedObjective], project: CheckedProject, sink: Sink
) -> dict[str, CheckedObjective]:
    """Return the objectives with what has to hold beside them; those with a wrong guardrail are left out."""
    return _Guards(found, project, sink).all()


class _Guards:
    def __init__(self, found: Mapping[str, CheckedObjective], project: CheckedProject, sink: Sink) -> None:
        self.found = found
        self.project = project
        self.sink = sink
        self.done: dict[str, CheckedObjective | None] = {}
        self.under_way: list[str] = []

    def all(self) -> dict[str, CheckedObjective]:
        return {name: guarded for name in self.found if (guarded := self._guarded(name)) is not None}

    def _guarded(self, name: str) -> CheckedObjective | None:
        if name not in self.done:
            self.under_way.append(name)
            self.done[name] = self._with_own(self.found[name])
            self.under_way.pop()
        return self.done[name]

    def _with_own(self, objective: CheckedObjective) -> CheckedObjective | None:
        before = self.sink.errors
        guardrails: list[Guardrail] = []
        texts: set[str] = set()
        is_whole = True
        for formula in objective.definition.guardrails:
            text = formula.text.strip()
            if text in texts:
                self.sink.report(errors.again(formula.span, text))
                continue
            texts.add(text)
            guardrail = self._guardrail(objective, formula, text)
            is_whole = is_whole and guardrail is not None
            if guardrail is not None:
                guardrails.append(guardrail)
        if not is_whole or self.sink.errors > before:
            return None
        return replace(objective, guardrails=tuple(guardrails)) if guardrails else objective

    def _guardrail(self, owner: CheckedObjective, formula: Formula, text: str) -> Guardrail | None:
        match formula.expr:
            case None:
                return None
            case tree.Name(parts=(name,)) if self._is_objective(name):
                return self._objective(owner, name, formula)
            case expr:
                return self._condition(formula, expr, text)

    def _is_objective(self, name: str) -> bool:
        """Tell whether a name alone is meant for an objective, which may be called as a KPI is."""
        return name in self.project.project.objectives or name not in self.project.metrics

    def _objective(self, owner: CheckedObjective, name: str, formula: Formula) -> Guardrail | None:
        objectives = self.project.project.objectives
        if name not in objectives:
            if ("objectives", name) not in self.project.project.rejected:
                self.sink.report(name_errors.unknown(formula.span, "objective", name, objectives))
            return None
        if name in self.under_way:
            self.sink.report(errors.cycle(formula.span, self.under_way[self.under_way.index(name) :]))
            return None
        guard = self._guarded(name) if name in self.found else None
        if guard is None:
            return None
        if rows_of(guard) != rows_of(owner) or guard.kind == "milestone":
            self.sink.report(errors.unlike(formula.span, name, told(guard), owner.name, told(owner)))
        elif guard.where != owner.where and (narrows(guard) or narrows(owner)):
            self.sink.report(errors.other_rows(formula.span, name, owner.name))
        elif not _covers(guard, owner):
            self.sink.report(errors.fewer_days(formula.span, name, owner.name))
        return Guardrail(name, objective=guard, span=formula.span)

    def _condition(self, formula: Formula, expr: tree.Expr, text: str) -> Guardrail | None:
        condition = bound_formula(self.project, expr, self.sink)
        if condition is None or condition.type is UNKNOWN:
            return None
        if condition.type is not BOOLEAN:
            self.sink.report(errors.no_condition(formula.span, text, f"a value of type {condition.type}"))
            return None
        if not _observes(condition):
            self.sink.report(errors.nothing(formula.span, text))
            return None
        check_numbers(expr, self.project, self.sink)
        compared = tuple(dict.fromkeys(_compared(condition)))
        unknown = [(is_null(*compared), NOTHING)] if compared else []
        state = cases([*unknown, (condition, TRUE)], FALSE)
        return Guardrail(text, condition=state, span=formula.span)


def _covers(guard: CheckedObjective, owner: CheckedObjective) -> bool:
    """Tell whether a guardrail holds on all days of an objective; one period has the same days."""
    if owner.grain is None:
        return guard.effective == owner.effective
    a, b = guard.effective, owner.effective
    return _begins(a, b) and (a.end is None or (b.end is not None and b.end <= a.end))


def _begins(a: Window, b: Window) -> bool:
    return a.start is None or (b.start is not None and a.start <= b.start)


def _compared(condition: Bound) -> Iterator[Bound]:
    """Yield what a condition compares: where one of it is null, nobody knows whether it holds."""
    if not isinstance(condition, Apply) or condition.type is not BOOLEAN:
        yield condition
    elif condition.op in _CONNECTIVES:
        for part in condition.args:
            yield from _compared(part)
    elif condition.op != "is_null":
        yield from (part for part in condition.args if not isinstance(part, Constant))


def _observes(condition: Bound) -> bool:
    found = isinstance(condition, Aggregate | MetricRef)
    return found or any(_observes(part) for part in children(condition))
