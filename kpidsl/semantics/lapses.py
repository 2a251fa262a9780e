"""How far a sequence looks, and the times at which it begins and ends for a row.

Between instants a day is 24 hours, between dates one of the calendar; months are the calendar's. A date
beside an instant is its local midnight, so then days are 24 hours.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kpidsl.diagnostics import Diagnostic
from kpidsl.model.types import DATE, IN_UTC, INTEGER, TIMESTAMP
from kpidsl.semantics import sequence_errors
from kpidsl.semantics.bound import Apply, Bound, Constant, Lapse, RowSequence, Step
from kpidsl.semantics.elapsed import SECONDS
from kpidsl.semantics.unit_rules import exact_number
from kpidsl.semantics.units import named
from kpidsl.source import Span

SECONDS_OF_DAY = 86_400
_MONTH, _SECOND = named("month"), named("second")
_MOST_MONTHS = 12 * 1_000
_MOST_SECONDS = SECONDS_OF_DAY * 366 * 1_000
"""More than a thousand years leads beyond the calendar from many of its days."""


def lapse_of(amount: Constant, shown: str, span: Span, *, on_dates: bool) -> Lapse | Diagnostic:
    """Return how far an amount reaches, or what is wrong with it; `shown` is the amount as written."""
    if amount.value is None and amount.parameter is not None:
        return Lapse(0, 0, amount)  # told as a parameter without a value
    unit = None if amount.unit is None else amount.unit.unit
    if unit is None or not unit.is_time or not isinstance(amount.value, int | Decimal | float):
        return sequence_errors.no_time(span, shown)
    figure = Fraction(amount.value)
    if figure < 0:
        return sequence_errors.backwards(span, shown)
    if unit.is_convertible(_MONTH):
        months = figure * unit.factor(_MONTH)
        if months.denominator != 1:
            return sequence_errors.uneven(span, shown, "months are counted whole", "whole months, or days")
        too_far = months > _MOST_MONTHS
        return sequence_errors.too_far(span, shown) if too_far else Lapse(int(months), 0, amount)
    seconds = figure * unit.factor(_SECOND)
    if seconds > _MOST_SECONDS:
        return sequence_errors.too_far(span, shown)
    if on_dates and (seconds / SECONDS_OF_DAY).denominator != 1:
        return sequence_errors.uneven(span, shown, "between dates only whole days are counted", "whole days")
    if (seconds * 1_000_000).denominator != 1:
        return sequence_errors.uneven(span, shown, "times are kept to the microsecond", "at most six digits")
    exact = exact_number(seconds)
    assert exact is not None
    return Lapse(0, exact, amount)


def is_empty(start: Lapse, end: Lapse) -> bool:
    """Tell whether nothing lies from the start to before the end, as far as the two can be compared."""
    if start.months or end.months:
        comparable = not (start.seconds or end.seconds)
        return comparable and end.months <= start.months
    return end.seconds <= start.seconds


def moved_by(time: Bound, lapse: Lapse, *, forward: bool, on_dates: bool) -> Bound:
    """Return a row's time moved forward or back as far as a sequence looks."""
    sign = 1 if forward else -1
    if lapse.months:
        months = Constant(sign * lapse.months, INTEGER)
        return Apply("add_months", (time, months), DATE if on_dates else TIMESTAMP)
    if not lapse.seconds:
        return time
    if on_dates:
        days = Constant(sign * int(lapse.seconds // SECONDS_OF_DAY), INTEGER)
        return Apply("add_days", (time, days), DATE)
    seconds = sign * lapse.seconds
    type_ = INTEGER if isinstance(seconds, int) else SECONDS
    return Apply("add_seconds", (time, Constant(seconds, type_)), IN_UTC)


def is_by_days(sequence: RowSequence, step: Step) -> bool:
    """Tell whether a step is measured in days of the calendar: whether both times are dates."""
    return sequence.time.type == DATE and step.time.type == DATE


def is_of_dates(sequence: RowSequence) -> bool:
    """Tell whether all times are dates, so that they need not be brought to instants."""
    return all(is_by_days(sequence, step) for step in sequence.steps)
