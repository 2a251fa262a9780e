"""An objective's formulas as values in its KPI's unit.

A number alone is in the KPI's unit. A fraction needs more: `5` may be 5 % or 5 times the whole, and a
difference of fractions may be in points or a part of one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from kpidsl.diagnostics import Sink
from kpidsl.model.types import Kind
from kpidsl.model.written import Formula
from kpidsl.objectives import value_errors as errors
from kpidsl.objectives.bounds import Ends, ends_of, is_proportion, is_scaled
from kpidsl.objectives.numbers import known, percent_of, settled, text_of
from kpidsl.semantics.ad_hoc import bound_formula
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.check import CheckedMetric, CheckedProject
from kpidsl.semantics.unit_errors import say_currency
from kpidsl.semantics.unit_facts import PLAIN, UnitFact, meet
from kpidsl.semantics.unit_rules import convert
from kpidsl.semantics.units import Unit, currency_of_money
from kpidsl.source import Span


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

        Quotients of equal units are: unless their format, bounds or formula show that they are scores or
        multiples.
        """
        definition = self.metric.definition
        bounds, format = definition.terms.bounds, definition.format
        high = None if bounds is None else bounds.high
        if high is not None and high > 1:
            return False
        is_like = self.unit is None or self.unit.is_fraction or self.unit.is_rate_of_counts
        if is_like and (high == 1 or (format is not None and format.endswith("%"))):
            return True
        if self.unit is None or not self.unit.is_fraction or format is not None:
            return False
        return not is_scaled(self.metric.bound, self.project)

    @property
    def ends(self) -> Ends | None:
        """Return the least and the greatest value of the KPI, None where nothing says one."""
        return ends_of(self.metric, self.project)

    @property
    def is_score(self) -> bool:
        """Tell whether the KPI may have a scale of its own, so that percent do not say which value is meant.

        Its bounds or its formula show that 1 is not the whole of it, or nobody has said its unit and it is no
        quotient. Other quotients of equal units are multiples: 400 % of them are 4.
        """
        if self.is_fraction:
            return False
        bound, project = self.metric.bound, self.project
        bounds = self.metric.definition.terms.bounds
        is_wide = bounds is not None and bounds.high is not None and bounds.high > 1
        if is_wide or is_scaled(bound, project):
            return self.unit is None or self.unit.is_fraction or self.unit.is_rate_of_counts
        return self.unit is None and not is_proportion(bound, project)

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
        if self._says_no_value(value, unit, formula):
            return None
        if unit.points and self.is_fraction:
            number = known(value)
            meant = "…%" if number is None else percent_of(number)
            self.sink.report(errors.points(formula.span, formula.text.strip(), meant))
            return None
        return self._in_unit(key, value, formula)

    def within_ends(self, number: Fraction, text: str, span: Span) -> None:
        """Report a number that no value of the KPI can be."""
        ends = self.ends
        if ends is None:
            return
        for end, is_beyond, side in (
            (ends.high, ends.high is not None and number > ends.high, "above"),
            (ends.low, ends.low is not None and number < ends.low, "below"),
        ):
            if end is not None and is_beyond:
                shown = percent_of(end) if self.is_fraction else text_of(end)
                self.sink.report(errors.beyond(span, text, self.name, shown, side, ends))

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
        if self._says_no_value(value, unit, formula):
            return None
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

    def _says_no_value(self, value: Bound, unit: Unit, formula: Formula) -> bool:
        """Tell, and report, whether a number in percent or points does not say which score it is."""
        number = known(value)
        if not unit.is_fraction or not number or not self.is_score:
            return False
        text, meant = formula.text.strip(), (text_of(number * 100), text_of(number))
        is_told = self.ends is not None or is_scaled(self.metric.bound, self.project)
        self.sink.report(errors.percent_of_score(formula.span, text, self.name, *meant, is_told=is_told))
        return True

    def _in_unit(self, key: str, value: Bound, formula: Formula) -> Bound | None:
        """Return a value that has a unit in the KPI's."""
        own, fact = self.metric.bound.unit, value.unit
        if own is None or own.unit is None or fact is None:
            return value
        readings = meet(own, fact)
        if readings is None:
            self._refuse(key, own, fact, value, formula)
            return None
        due, found = readings
        if not due.powers:
            return value
        return replace(settled(convert(value, found.factor(due))), unit=replace(own, optional=None))

    def _refuse(self, key: str, own: UnitFact, fact: UnitFact, value: Bound, formula: Formula) -> None:
        due, found = own.known(), fact.known()
        currency = currency_of_money(due, found)
        if currency is not None:
            help = say_currency(currency)
        elif key == "target_from":
            help = f"name a column that is in `{due}`"
        elif due.is_currency and found.is_currency:
            help = f"write it in `{due}`, or multiply it by a rate in `{due}/{found}`"
        elif due.is_time and found.is_time:
            help = "months have no fixed number of days: write it in the KPI's unit"
        elif known(value) is None:
            help = f"write a formula that is in `{due}`, such as `prior({self.name}, 1 year) * 110%`"
        elif self.is_fraction:
            help = f"`{self.name}` is a part of a whole: write it in percent, such as `5%`"
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
