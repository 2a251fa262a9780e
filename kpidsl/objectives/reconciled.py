"""Targets of members against the target of the whole: what they add up to, and whether that is right.

Numbers that stand in the definitions are compared when these are checked. What a table or the calendar
tells is compared in the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import ReconcileText
from kpidsl.model.types import INTEGER
from kpidsl.objectives import reconcile_errors as errors
from kpidsl.objectives.numbers import constant, known, text_of
from kpidsl.objectives.values import Values
from kpidsl.semantics import errors as name_errors
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import Bound, Constant, Total
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import additivity_of
from kpidsl.semantics.objectives import CheckedObjective, CheckedTarget, Reconciled
from kpidsl.semantics.periods import Window
from kpidsl.source import Span


def reconciled(
    objective: CheckedObjective,
    objectives: Mapping[str, CheckedObjective],
    project: CheckedProject,
    sink: Sink,
) -> Reconciled | None:
    """Return what an objective's targets should add up to; None where that is not said, or is wrong."""
    written = objective.definition.reconcile
    if written is None:
        return None
    return _Check(objective, written, project, sink).checked(objectives)


@dataclass(frozen=True, slots=True)
class _Check:
    objective: CheckedObjective
    written: ReconcileText
    project: CheckedProject
    sink: Sink

    def checked(self, objectives: Mapping[str, CheckedObjective]) -> Reconciled | None:
        before, name = self.sink.errors, self.written.whole.text.strip()
        total = objectives.get(name)
        if total is None:
            model = self.project.project
            if name not in model.objectives and ("objectives", name) not in model.rejected:
                self.sink.report(name_errors.unknown(self._place(), "objective", name, model.objectives))
            return None
        self._is_whole(total)
        metric = self.project.metrics[self.objective.kpi]
        kind = additivity_of(metric.bound, self.project)
        if kind is not Additivity.ADDITIVE:
            self.sink.report(errors.no_sum(self.written.span, self.objective.kpi, kind.value))
        tolerance, is_part = self._tolerance(Values(self.project, metric, self.sink))
        if self.sink.errors > before:
            return None
        sums = self._sums(total)
        if self.sink.errors > before:
            return None
        found = Reconciled(total, tuple(sums), tolerance, is_part)
        if not _is_of_parts(self.objective) and not _is_of_parts(total):
            self._compare(found)
        return None if self.sink.errors > before else found

    def _place(self) -> Span:
        return Span.of(self.written.whole)

    def _is_whole(self, total: CheckedObjective) -> None:
        """Report an objective that is not that of all members together."""
        mine, span, name = self.objective, self._place(), total.name
        if not mine.by:
            self.sink.report(errors.no_members(self.written.span))
        elif total.kpi != mine.kpi:
            help = f"name an objective of `{mine.kpi}`"
            self.sink.report(errors.unlike(span, name, f"is about `{total.kpi}`", help))
        elif total.by:
            help = "name an objective without `by`"
            self.sink.report(errors.unlike(span, name, "is judged by members, too", help))
        elif total.grain != mine.grain:
            told = "as a whole" if total.grain is None else f"{total.grain} by {total.grain}"
            help = "name one of the same `period`"
            self.sink.report(errors.unlike(span, name, f"is judged {told}", help))
        elif total.where != mine.where or not _holds(total.effective, mine.effective):
            why = "is about other rows or other days"
            help = "name one of the same `where`, which holds on all of its days"
            self.sink.report(errors.unlike(span, name, why, help))
        elif total.targets[-1].target is None:
            self.sink.report(errors.unlike(span, name, "has no target", "name one of `kind: at_least`"))

    def _tolerance(self, values: Values) -> tuple[Bound, bool]:
        formula = self.written.tolerance
        nothing = Constant(0, INTEGER)
        if formula is None:
            return nothing, False
        found = values.distance("tolerance", formula)
        if found is None:
            return nothing, False
        size = known(found[0])
        if size is None or size < 0:
            self.sink.report(errors.tolerance(formula.span, formula.text.strip()))
        return found

    # What they add up to.

    def _sums(self, total: CheckedObjective) -> list[CheckedTarget]:
        """Return what the targets add up to, by days; what cannot be known is reported."""
        mine, definition = self.objective, self.objective.definition
        place = definition.place("target_from" if definition.target_from is not None else "targets")
        members = tuple(one.member for one in mine.by)
        if mine.allocation is not None and (mine.allocation.across or mine.allocation.rule == "last_year"):
            self.sink.report(errors.unknown_sum(place, "what was last year only the data tell"))
            return []
        if definition.target_from is not None:
            if definition.targets:
                self.sink.report(errors.unknown_sum(place, "rows of `targets` hold before the table"))
                return []
            target = mine.targets[-1].target
            assert target is not None
            whole = Total(target, members, False, target.type, place, target.unit)
            return [CheckedTarget((), None, whole, None, None, None, place)]
        if any(len(row.members) < len(members) for row in mine.targets):
            self.sink.report(errors.unknown_sum(place, "one of them is for members that only the data tell"))
            return []
        if any(known(row.target) is None for row in mine.targets):
            self.sink.report(errors.unknown_sum(place, "one of them is a formula"))
            return []
        return list(self._by_days(total, place))

    def _by_days(self, total: CheckedObjective, place: Span) -> Iterator[CheckedTarget]:
        """Yield the sum of all members' numbers, for the days between which none of them changes."""
        rows, effective = self.objective.targets, self.objective.effective
        like = rows[0].target
        assert like is not None
        everybody = dict.fromkeys(row.members for row in rows)
        stretches = _stretches((*rows, *total.targets), effective)
        for days in stretches:
            numbers = [_first(rows, members, days) for members in everybody]
            there = [number for number in numbers if number is not None]
            amount = constant(sum(there, Fraction(0)), like)
            if there and amount is not None:
                period = days if len(stretches) > 1 else None
                yield CheckedTarget((), period, amount, None, None, None, place)

    def _compare(self, found: Reconciled) -> None:
        """Report the first days whose numbers do not add up to that of the whole."""
        tolerance = known(found.tolerance) or Fraction(0)
        for row in found.sums:
            days = row.period or self.objective.effective
            number, whole = known(row.target), _first(found.total.targets, (), days)
            if number is None or whole is None:
                continue
            if abs(number - whole) > (tolerance * abs(whole) if found.is_part else tolerance):
                told = (text_of(number), text_of(whole), found.total.name, _told(row.period))
                self.sink.report(errors.apart(self.written.span, *told, found.total.definition.span))
                return


def _is_of_parts(objective: CheckedObjective) -> bool:
    """Tell whether the targets are those of wholes, which the evaluation divides."""
    return objective.allocation is not None and bool(objective.allocation.wholes)


def _stretches(rows: Sequence[CheckedTarget], effective: Window) -> list[Window]:
    """Return the days of an objective, cut where a row's period begins or ends."""
    edges = {edge for row in rows if row.period is not None for edge in (row.period.start, row.period.end)}
    inside = [
        edge
        for edge in sorted(edge for edge in edges if edge is not None)
        if (effective.start is None or edge > effective.start)
        and (effective.end is None or edge < effective.end)
    ]
    pairs = zip([effective.start, *inside], [*inside, effective.end], strict=True)
    return [Window(start, end) for start, end in pairs]


def _first(rows: Sequence[CheckedTarget], members: object, days: Window) -> Fraction | None:
    """Return the number that holds for members on days, which no row's period cuts."""
    for row in rows:
        if row.members == members and (row.period is None or _holds(row.period, days)):
            return known(row.target)
    return None


def _told(days: Window | None) -> str:
    if days is None:
        return ""
    since = "" if days.start is None else f" from {days.start} on"
    return since + ("" if days.end is None else f" before {days.end}")


def _holds(whole: Window, part: Window) -> bool:
    begins = whole.start is None or (part.start is not None and whole.start <= part.start)
    return begins and (whole.end is None or (part.end is not None and part.end <= whole.end))
