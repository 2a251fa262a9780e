"""Scalar functions: the same over a row and over aggregated values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction

from .buckets import part_of
from .moments import Moment, Time, day_of, months_later
from .table import OracleRefuses, Value
from .units import size_of
from .values import ROUNDING, compare, negative, number, text_of, time_of


def moved(time: Value, amount: Value, unit: Value) -> Value:
    """Return a time so many units later: hours and less elapse, days and more go by the calendar."""
    if time is None or amount is None:
        return None
    start, many = time_of(time), Fraction(number(amount))
    if unit in ("day", "week", "month", "quarter", "year"):
        whole = int(many) * {"week": 7, "quarter": 3, "year": 12}.get(str(unit), 1)
        day = day_of(start)
        there = day + timedelta(days=whole) if unit in ("day", "week") else months_later(day, whole)
        if isinstance(start, Moment):
            return Moment.of(datetime.combine(there, start.civil.time()), start.zone, start.zone)
        return there
    if not isinstance(start, Moment):
        raise OracleRefuses(f"a day moved by {unit}s")
    microseconds = many * size_of({str(unit): 1}) * 10**6
    return start.later(timedelta(microseconds=int(microseconds)))


def round_half_away(value: Value, digits: Value = 0) -> Value:
    """Round half away from zero to `digits` decimals."""
    if value is None or digits is None:
        return None
    places = Decimal(1).scaleb(-int(number(digits)))
    x = number(value)
    rounded = Decimal(x).quantize(places, rounding=ROUND_HALF_UP, context=ROUNDING)
    return type(x)(rounded)


def _whole(direction: str) -> Callable[[Value], Value]:
    def whole(value: Value) -> Value:
        if value is None:
            return None
        x = number(value)
        if isinstance(x, int):
            return x
        result = Decimal(x).to_integral_value(rounding=direction)
        return float(result) if isinstance(x, float) else int(result)

    return whole


def _coalesce(*values: Value) -> Value:
    return next((v for v in values if v is not None), None)


def _nullif(a: Value, b: Value) -> Value:
    return None if compare("=", a, b) else a


def _extreme(op: str) -> Callable[..., Value]:
    def extreme(first: Value, *rest: Value) -> Value:
        best = first
        for value in rest:
            if best is None or value is None:
                return None
            if compare(op, value, best):
                best = value
        zones = [value.zone for value in (first, *rest) if isinstance(value, Moment)]
        # Among timestamps a date is its midnight.
        return Moment.midnight(best, zones[0]) if zones and isinstance(best, date) else best

    return extreme


def _of_text(work: Callable[[str], Value]) -> Callable[[Value], Value]:
    return lambda value: None if value is None else work(text_of(value))


def _concat(*values: Value) -> Value:
    return None if any(v is None for v in values) else "".join(text_of(v) for v in values)


def _substring(value: Value, start: Value, length: Value = 1 << 40) -> Value:
    """Return `length` characters from the `start`-th on, the first being number 1."""
    if value is None or start is None or length is None:
        return None
    first, many = int(number(start)), int(number(length))
    if first < 1 or many < 0:
        raise OracleRefuses("a substring starts at 1 or later")
    return text_of(value)[first - 1 : first - 1 + many]


def _starts_with(value: Value, beginning: Value) -> Value:
    if value is None or beginning is None:
        return False
    return text_of(value).startswith(text_of(beginning))


def _contains(value: Value, part: Value) -> Value:
    if value is None or part is None:
        return False
    return text_of(part) in text_of(value)


def _time_part(part: str) -> Callable[[Value], Value]:
    def of_time(value: Value) -> Value:
        return None if value is None else part_of(time_of(value), part)

    return of_time


def steps_between(a: Time | None, b: Time | None, grain: str) -> int:
    """Return how many buckets of a grain lie from one bucket to another."""
    if isinstance(a, Moment) and isinstance(b, Moment):
        return int((b.instant - a.instant) / timedelta(minutes=60 if grain == "hour" else 1))
    if not isinstance(a, date) or not isinstance(b, date):
        raise OracleRefuses(f"no `{grain}` to count")
    months = (b.year - a.year) * 12 + b.month - a.month
    match grain:
        case "day":
            return (b - a).days
        case "week":
            return (b - a).days // 7
        case "month":
            return months
        case "quarter" | "fiscal_quarter":
            return months // 3
        case "year" | "fiscal_year":
            return months // 12
        case _:
            raise OracleRefuses(f"`{grain}` is not counted")


def _absolute(value: Value) -> Value:
    if value is None:
        return None
    return negative(value) if number(value) < 0 else value


SCALAR: dict[str, Callable[..., Value]] = {
    "moved": moved,
    "coalesce": _coalesce,
    "nullif": _nullif,
    "abs": _absolute,
    "least": _extreme("<"),
    "greatest": _extreme(">"),
    "round": round_half_away,
    "floor": _whole(ROUND_FLOOR),
    "ceil": _whole(ROUND_CEILING),
    "lower": _of_text(str.lower),
    "upper": _of_text(str.upper),
    "trim": _of_text(lambda text: text.strip(" ")),
    "length": _of_text(len),
    "concat": _concat,
    "substring": _substring,
    "starts_with": _starts_with,
    "contains": _contains,
    "year": _time_part("year"),
    "month": _time_part("month_of_year"),
    "day": _time_part("day_of_month"),
    "weekday": _time_part("weekday"),
    "hour": _time_part("hour_of_day"),
}
