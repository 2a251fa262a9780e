"""An objective's formulas as values in its KPI's unit.

A number alone is in the KPI's unit. A fraction needs more: `5` may be 5 % or 5 times the whole, and a
difference of fractions may be in points or a part of one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.diagnostics import Sink
from kpidsl.model.types import Kind
from kpidsl.model.written import Formula
from kpidsl.objectives import value_errors as errors
from kpidsl.objectives.numbers import known, percent_of, settled, text_of
from kpidsl.semantics.ad_hoc import bound_formula
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.check import CheckedMetric, CheckedProject
from kpidsl.semantics.unit_facts import PLAIN, UnitFact, meet
from kpidsl.semantics.unit_rules import convert
from kpidsl.semantics.units import Unit


@dataclass(frozen=True, slots=True)
class Values:
    """Binds the formulas of one objective; what is wrong goes to the sink."""

    project: CheckedProject
    metric: CheckedMetric
    sink: Sink

    @property
    def name(self) -> str:
        return self.metric.definition.name

    @property
    def unit(self) -> Unit | None:
        fact = self.metric.bound.unit
        return None if fact is None else fact.unit

    @property
    def is_fraction(self) -> bool:
        """Tell whether the KPI is a part of a whole, so that its values are said in percent.

        Quotients of equal units are: unless their format or bounds show that they are scores or multiples.
        """
        definition = self.metric.definition
        bounds, format = definition.terms.bounds, definition.format
        high = None if bounds is None else bounds.high
        if high is not None and high > 1:
            return False
        is_like = self.unit is None or self.unit.is_fraction or self.unit.is_rate_of_counts
        if is_like and (high == 1 or (format is not None and format.endswith("%"))):
            return True
        return self.unit is not None and self.unit.is_fraction and format is None

    def number(self, key: str, formula: Formula | None) -> Bound | None:
        """Return a formula's value as it stands."""
        return None if formula is None else plain_number(self.project, key, formula, self.sink)

    def level(self, key: str, formula: Formula | None) -> Bound | None:
        """Return a value that the KPI may have, in its unit."""
        value = self.number(key, formula)
        if value is None or formula is None:
            return None
        unit = _unit_of(value)
        if unit is None:
            return None if self._says_no_part(value, formula, "%") else value
        if unit.points and self.is_fraction:
            number = known(value)
            meant = "…%" if number is None else percent_of(number)
            self.sink.report(errors.points(formula.span, formula.text.strip(), meant))
            return None
        return self._in_unit(key, value, formula)

    def distance(self, key: str, formula: Formula | None) -> tuple[Bound, bool] | None:
        """Return the difference of two values of the KPI, and whether it is a part of one of them."""
        value = self.number(key, formula)
        if value is None or formula is None:
            return None
        unit, text = _unit_of(value), formula.text.strip()
        if unit is None:
            return None if self._says_no_part(value, formula, "pp") else (value, False)
        if unit.is_fraction and not unit.points:
            if self.is_fraction:
                number = known(value)
                meant = "…pp" if number is None else percent_of(number, "pp")
                self.sink.report(errors.points_or_part(formula.span, text, self.name, meant))
                return None
            return value, True
        found = self._in_unit(key, value, formula)
        return None if found is None else (found, False)

    def _says_no_part(self, value: Bound, formula: Formula, sign: str) -> bool:
        """Tell, and report, whether a number alone does not say which fraction it is."""
        number = known(value)
        if not self.is_fraction or value.unit is not PLAIN or number is None or abs(number) < 1:
            return False
        text = formula.text.strip()
        of = f"`{self.name}`"
        meant = f"`{percent_of(number / 100, sign)}` or `{text_of(number / 100)}`"
        whole = percent_of(number) if sign == "%" else None
        self.sink.report(errors.bare_fraction(formula.span, text, of, meant, whole))
        return True

    def _in_unit(self, key: str, value: Bound, formula: Formula) -> Bound | None:
        """Return a value that has a unit in the KPI's."""
        own, fact = self.metric.bound.unit, value.unit
        if own is None or own.unit is None or fact is None:
            return value
        readings = meet(own, fact)
        if readings is None:
            self._refuse(key, own, fact, formula)
            return None
        due, found = readings
        if not due.powers:
            return value
        return replace(settled(convert(value, found.factor(due))), unit=replace(own, optional=None))

    def _refuse(self, key: str, own: UnitFact, fact: UnitFact, formula: Formula) -> None:
        due, found = own.known(), fact.known()
        if due.is_currency and found.is_currency:
            help = f"write it in `{due}`, or multiply it by a rate in `{due}/{found}`"
        elif due.is_time and found.is_time:
            help = "months have no fixed number of days: write it in the KPI's unit"
        else:
            help = f"a number alone is in the KPI's unit, `{due}`"
        origins = (*own.origins[:2], *fact.origins[:1])
        self.sink.report(errors.unit(formula.span, key, str(found), self.name, str(due), origins, help))


def _unit_of(value: Bound) -> Unit | None:
    return None if value.unit is None else value.unit.unit


def plain_number(project: CheckedProject, key: str, formula: Formula, sink: Sink) -> Bound | None:
    """Return the value of a formula that is to be a number, whatever its unit."""
    bound = None if formula.expr is None else bound_formula(project, formula.expr, sink)
    if bound is None:
        return None
    if not bound.type.is_numeric:
        found = "nothing" if bound.type.kind is Kind.NULL else str(bound.type)
        sink.report(errors.no_number(formula.span, key, found))
        return None
    return settled(bound)
