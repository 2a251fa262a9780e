"""Values: arithmetic, comparison, conditions and scalar functions, with the rules on null and zero.

`compute` interprets every construct that means the same over a row and over aggregated values. What
differs (names, aggregates, changes of context) it hands to `atom`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, Inexact
from typing import Any

from kpidsl.syntax import tree as t

from .buckets import Calendar, part_of
from .moments import Moment, Time
from .table import OracleRefuses, Value

Atom = Callable[[t.Expr], Any]
"""Gives a value; for a list parameter the tuple of its values."""

# Inexact is trapped: a rounded exact number is a fault of the oracle, not a result.
_EXACT = Context(prec=76, traps=[Inexact])
_ROUNDING = Context(prec=76)


def compute(expr: t.Expr, atom: Atom) -> Any:
    """Return the value of `expr`; `atom` gives that of names, aggregates and changes of context."""
    match expr:
        case t.Number(value=v, suffix=suffix):
            return hundredth(v) if suffix else v
        case t.Text(value=text):
            return text
        case t.Date(value=day):
            return day
        case t.Boolean(value=truth):
            return truth
        case t.Null():
            return None
        case t.Negative(operand=x):
            return _negative(compute(x, atom))
        case t.Arithmetic(op=op, left=a, right=b):
            return arithmetic(op, compute(a, atom), compute(b, atom))
        case t.Not() | t.Logic() | t.Compare() | t.In() | t.Between() | t.Like() | t.IsNull():
            return condition(expr, atom)
        case t.Case(branches=branches, otherwise=otherwise):
            for test, result in branches:
                if holds(test, atom):
                    return compute(result, atom)
            return None if otherwise is None else compute(otherwise, atom)
        case t.Call(function=name) if name in SCALAR:
            if expr.modifiers:
                raise OracleRefuses(f"`{name}` takes no modifier")
            return SCALAR[name](*(compute(x, atom) for x in expr.arguments))
        case t.Quantity():
            raise OracleRefuses("quantities with a unit have no value yet")
        case _:
            return atom(expr)


def holds(expr: t.Expr, atom: Atom) -> bool:
    """Return whether a condition is met; a null boolean is not."""
    return compute(expr, atom) is True


def condition(expr: t.Expr, atom: Atom) -> bool:
    """Return the truth of a condition: two-valued, a comparison with a null is false."""
    match expr:
        case t.Not(operand=x):
            return not holds(x, atom)
        case t.Logic(op="and", operands=xs):
            return all(holds(x, atom) for x in xs)
        case t.Logic(operands=xs):
            return any(holds(x, atom) for x in xs)
        case t.Compare(op=op, left=a, right=b):
            return compare(op, compute(a, atom), compute(b, atom))
        case t.In(operand=x, items=items, negated=negated):
            value = compute(x, atom)
            return any(compare("=", value, item) for item in _listed(items, atom)) != negated
        case t.Between(operand=x, low=low, high=high, negated=negated):
            value = compute(x, atom)
            inside = compare(">=", value, compute(low, atom)) and compare("<=", value, compute(high, atom))
            return inside != negated
        case t.Like(operand=x, pattern=pattern, negated=negated):
            return like(compute(x, atom), pattern) != negated
        case t.IsNull(operand=x, negated=negated):
            return (compute(x, atom) is None) != negated
        case _:
            raise AssertionError(expr)


def _listed(items: tuple[t.Expr, ...], atom: Atom) -> list[Value]:
    """Return the values in brackets; a list parameter stands there for its values."""
    found: list[Value] = []
    for item in items:
        value = compute(item, atom)
        found.extend(value if isinstance(value, tuple) else [value])
    return found


def compare(op: str, a: Value, b: Value) -> bool:
    """Return whether `a op b`; false with a null, save `!=`, which is `not (a = b)`."""
    if op == "!=":
        return not compare("=", a, b)
    if a is None or b is None:
        return False
    x, y = _alike(a, b)
    match op:
        case "=":
            return bool(x == y)
        case "<":
            return bool(x < y)
        case "<=":
            return bool(x <= y)
        case ">":
            return bool(x > y)
        case ">=":
            return bool(x >= y)
        case _:
            raise AssertionError(op)


def _alike(a: Value, b: Value) -> tuple[Any, Any]:
    """Bring two values to one type: exact with float is compared as float, a date as its midnight."""
    if isinstance(a, float) and isinstance(b, int | Decimal):
        return a, float(b)
    if isinstance(b, float) and isinstance(a, int | Decimal):
        return float(a), b
    if isinstance(a, Moment) and isinstance(b, date):
        return a, Moment.midnight(b, a.zone)
    if isinstance(b, Moment) and isinstance(a, date):
        return Moment.midnight(a, b.zone), b
    if _kind(a) != _kind(b):
        raise OracleRefuses(f"cannot compare {a!r} with {b!r}")
    return a, b


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Decimal | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "timestamp" if isinstance(value, Moment) else "date"


def like(value: Value, pattern: str) -> bool:
    r"""`%` is any text, `_` any one character, `\` escapes; a null is like nothing."""
    if value is None:
        return False
    out: list[str] = []
    characters = iter(pattern)
    for c in characters:
        if c == "\\":
            out.append(re.escape(next(characters, "\\")))
        else:
            out.append({"%": ".*", "_": "."}.get(c, re.escape(c)))
    return re.fullmatch("".join(out), text_of(value), re.DOTALL) is not None


def number(value: Value) -> int | Decimal | float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise OracleRefuses(f"{value!r} is not a number")
    return value


def text_of(value: Value) -> str:
    if not isinstance(value, str):
        raise OracleRefuses(f"{value!r} is not a text")
    return value


def hundredth(value: int | Decimal | float) -> Decimal | float:
    return value / 100 if isinstance(value, float) else _EXACT.multiply(Decimal(value), Decimal("0.01"))


def arithmetic(op: str, a: Value, b: Value) -> Value:
    """Return `a op b`: null with null, exact where both are exact, `/` always in double precision."""
    if a is None or b is None:
        return None
    if isinstance(a, date) and isinstance(b, date) and op == "-":
        return (a - b).days
    x, y = number(a), number(b)
    if op == "/":
        denominator = float(y)
        return None if denominator == 0 else float(x) / denominator
    if isinstance(x, float) or isinstance(y, float):
        p, q = float(x), float(y)
        return p + q if op == "+" else p - q if op == "-" else p * q
    if isinstance(x, int) and isinstance(y, int):
        return x + y if op == "+" else x - y if op == "-" else x * y
    work = {"+": _EXACT.add, "-": _EXACT.subtract, "*": _EXACT.multiply}[op]
    return work(Decimal(x), Decimal(y))


def _negative(value: Value) -> Value:
    if value is None:
        return None
    x = number(value)
    return _EXACT.minus(x) if isinstance(x, Decimal) else -x


def exact_sum(values: list[int | Decimal | float]) -> int | Decimal | float:
    """Return the sum: exact for exact values, correctly rounded for floats; 0 of nothing."""
    if any(isinstance(v, float) for v in values):
        return math.fsum(float(v) for v in values)
    total: int | Decimal = 0
    for v in values:
        total = arithmetic("+", total, v)  # type: ignore[assignment]
    return total


def round_half_away(value: Value, digits: Value = 0) -> Value:
    """Round half away from zero to `digits` decimals."""
    if value is None or digits is None:
        return None
    places = Decimal(1).scaleb(-int(number(digits)))
    x = number(value)
    rounded = Decimal(x).quantize(places, rounding=ROUND_HALF_UP, context=_ROUNDING)
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
        return best

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


def time_of(value: Value) -> Time:
    if not isinstance(value, date | Moment):
        raise OracleRefuses(f"{value!r} is not a time")
    return value


def calendar_function(call: t.Call, atom: Atom, calendar: Calendar) -> Value:
    """Return `date_trunc(grain, t)`, or `date_diff(grain, a, b)`: the boundaries crossed from a to b."""
    grain, *times = call.arguments
    if not isinstance(grain, t.Name):
        raise OracleRefuses(f"`{call.function}` begins with a grain")
    values = [compute(x, atom) for x in times]
    if None in values:
        return None
    starts = [calendar.bucket(time_of(v), grain.text) for v in values]
    if call.function == "date_trunc":
        return starts[0]
    return steps_between(starts[0], starts[1], grain.text)


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
    return _negative(value) if number(value) < 0 else value


SCALAR: dict[str, Callable[..., Value]] = {
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
