"""Arithmetic on times: elapsed times, times moved by quantities, boundaries between two times.

An elapsed time is a decimal of seconds with six digits; from there on it is a number like any other.
A time moved by days, months or what is made of them keeps its local time of day; one moved by hours or
less is another instant. Days and months are counted on the calendar, so they are whole numbers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from kpidsl.diagnostics import Label, Sink
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule
from kpidsl.model.types import DATE, IN_UTC, INTEGER, TEXT, TIMESTAMP, UNKNOWN, Kind, Type, decimal
from kpidsl.model.zones import is_utc
from kpidsl.semantics import unit_errors
from kpidsl.semantics.bound import Apply, Bound, Constant, ParameterRef
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.semantics.unit_rules import convert, in_unit
from kpidsl.semantics.units import Unit, named
from kpidsl.source import Span

SECONDS = decimal(18, 6)
"""The type of an elapsed time: seconds, to the microsecond, over all the years that there are."""
ELAPSED = "an elapsed time"

BROKEN = Constant(None, UNKNOWN)

_DAY, _SECOND, _MONTH, _MICROSECOND = map(named, ("day", "second", "month", "microsecond"))
_MOST_MONTHS = 12 * 9_999
_MOST_SECONDS = 86_400 * 366 * 9_999
"""More than these lead beyond the calendar from any of its days."""


def time_arithmetic(
    op: str, args: tuple[Bound, ...], project: Project, span: Span, sink: Sink
) -> Bound | None:
    """Return a sum or difference with times in it, or None where it is none."""
    left, right = args
    if left.type.is_time and isinstance(right, ParameterRef) and right.is_duration:
        return _moved_by_duration(
            "add_duration" if op == "+" else "subtract_duration", left, right, project, span
        )
    if right.type.is_time and isinstance(left, ParameterRef) and left.is_duration and op == "+":
        return _moved_by_duration("add_duration", right, left, project, span)
    if left.type.is_time and right.type.is_time:
        return _between(left, right, span) if op == "-" else None
    if left.type.is_time and right.type.is_numeric:
        amount = right if op == "+" else _negative(right)
        return _moved(left, amount, right, project, span, sink)
    if right.type.is_time and left.type.is_numeric and op == "+":
        return _moved(right, left, left, project, span, sink)
    return None


def _moved_by_duration(op: str, time: Bound, amount: ParameterRef, project: Project, span: Span) -> Bound:
    """Return a time moved by what a query will give: days and months on the calendar, or an elapsed time.

    Which of them is not known yet, so a date moved so is a timestamp.
    """
    is_local = time.type.kind is Kind.DATE or (time.type.zone is None and is_utc(project.timezone))
    return Apply(op, (time, amount), TIMESTAMP if is_local else IN_UTC, span)


def _between(end: Bound, start: Bound, span: Span) -> Bound:
    if end.type.kind is Kind.DATE and start.type.kind is Kind.DATE:
        if isinstance(end, Constant) and isinstance(start, Constant):
            assert isinstance(end.value, date)
            assert isinstance(start.value, date)
            return Constant((end.value - start.value).days, INTEGER, _fact("day", span, "days between dates"))
        return Apply("days_between", (end, start), INTEGER, span, _fact("day", span, "days between dates"))
    return Apply("elapsed", (end, start), SECONDS, span, _fact("second", span, ELAPSED))


def is_elapsed(fact: UnitFact | None) -> bool:
    """Tell whether a unit comes from the difference of two timestamps, and nobody declared another."""
    return fact is not None and any(label.text.startswith(ELAPSED) for label in fact.origins)


def _fact(word: str, span: Span, what: str) -> UnitFact:
    return UnitFact(named(word), (Label(span, f"{what}: `{word}`"),))


def _negative(value: Bound) -> Bound:
    if isinstance(value, Constant):
        return convert(value, Fraction(-1))
    return Apply("negative", (value,), value.type, unit=value.unit)


def _moved(time: Bound, amount: Bound, written: Bound, project: Project, span: Span, sink: Sink) -> Bound:
    """Return a time moved by an amount; `written` is the amount without its sign."""
    fact = written.unit
    if fact is None or fact.unit is None:
        shown = "a number without a unit"
        example = (
            f"{written.value} day{'' if written.value == 1 else 's'}"
            if isinstance(written, Constant)
            else "3 days"
        )
        help = f"write `{example}`" if isinstance(written, Constant) else "give it a `unit:` such as `day`"
        sink.report(unit_errors.not_a_time(span, shown, help))
        return BROKEN
    unit = fact.unit
    if not unit.is_time:
        sink.report(
            unit_errors.not_a_time(span, f"in `{unit}`", "write a time such as `3 days` or `1 month`")
        )
        return BROKEN
    if isinstance(amount, Constant) and not _is_on_calendar(amount, unit, span, sink):
        return BROKEN
    local = DATE if time.type.kind is Kind.DATE else TIMESTAMP
    if unit.is_convertible(_MONTH):
        months = in_unit(amount, _MONTH)
        if months.type.kind is not Kind.INTEGER:
            sink.report(unit_errors.part_of_month(span))
            return BROKEN
        return _on_calendar("add_months", time, months, local, span, sink)
    if unit.scale >= _DAY.scale:
        days = in_unit(amount, _DAY)
        if days.type.kind is Kind.INTEGER:
            return _on_calendar("add_days", time, days, local, span, sink)
    seconds = in_unit(amount, _SECOND)
    type_ = TIMESTAMP if time.type.zone is None and is_utc(project.timezone) else IN_UTC
    return Apply("add_seconds", (time, seconds), type_, span)


def _is_on_calendar(amount: Constant, unit: Unit, span: Span, sink: Sink) -> bool:
    """Tell, and report otherwise, whether a constant is a time that a calendar's time may be moved by."""
    assert isinstance(amount.value, int | Decimal | float)
    figure = Fraction(amount.value)
    whole = _MOST_MONTHS if unit.is_convertible(_MONTH) else _MOST_SECONDS
    if abs(figure * unit.scale) > whole:
        sink.report(unit_errors.beyond_calendar(span))
        return False
    if unit.is_convertible(_SECOND) and (figure * unit.factor(_MICROSECOND)).denominator != 1:
        sink.report(unit_errors.below_microsecond(span))
        return False
    return True


def _on_calendar(op: str, time: Bound, amount: Bound, type_: Type, span: Span, sink: Sink) -> Bound:
    if isinstance(time, Constant) and isinstance(amount, Constant) and type_ is DATE:
        moved = _constant(op, time, amount)
        if moved is None:
            sink.report(unit_errors.beyond_calendar(span))
        return moved or BROKEN
    return Apply(op, (time, amount), type_, span)


def _constant(op: str, time: Constant, amount: Constant) -> Constant | None:
    """Return a date moved now, so that a column can be compared with it; None at the calendar's end."""
    assert isinstance(time.value, date)
    assert isinstance(amount.value, int)
    try:
        return replace(time, value=moved_date(op, time.value, amount.value))
    except (OverflowError, ValueError):
        return None


def moved_date(op: str, day: date, amount: int) -> date:
    """Return a day moved by days or months; a month that is too short has its last day instead."""
    if op == "add_days":
        return day + timedelta(days=amount)
    months = day.year * 12 + day.month - 1 + amount
    first = date(months // 12, months % 12 + 1, 1)
    last = (date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def grains_of(project: Project) -> dict[str, GrainRule]:
    """Return the grains that functions take: all but those that a calendar's rows make."""
    return {name: rule for name, rule in project.grains.items() if rule.calendar is None}


def date_trunc(grain: str, time: Bound, project: Project, span: Span) -> Bound:
    """Return the bucket that holds a time: a date, or for hours and minutes an instant."""
    return Apply(
        "bucket", (Constant(grain, TEXT), time), project.grains[grain].type_in(project.timezone), span
    )


def date_diff(grain: str, start: Bound, end: Bound, project: Project, span: Span) -> Bound:
    """Return how many boundaries of a grain lie between two times: the distance of their buckets."""
    rule = project.grains[grain]
    # The distance of two months is that of any days in them.
    cut = "day" if rule.unit == "month" and rule.count == 1 else grain
    buckets = tuple(
        time if cut == "day" and time.type.kind is Kind.DATE else date_trunc(cut, time, project, span)
        for time in (end, start)
    )
    word = {"fiscal_quarter": "quarter", "fiscal_year": "year"}.get(grain, grain)
    fact = _fact(word, span, "boundaries between two times")
    op = {"day": "days_between", "month": "months_between"}.get(rule.unit, "seconds_between")
    size = {"hour": 3600, "minute": 60}.get(rule.unit, rule.count)
    distance = Apply(op, buckets, INTEGER, span, fact)
    if size == 1:
        return distance
    return Apply("whole_part", (distance, Constant(size, INTEGER)), INTEGER, span, fact)
