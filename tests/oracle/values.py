"""Values: comparison, arithmetic, elapsed times, with the rules on null and zero."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from decimal import Context, Decimal, Inexact
from typing import Any

from .moments import Moment, Time
from .table import OracleRefuses, Value

# Inexact is trapped: a rounded exact number is a fault of the oracle, not a result.
EXACT = Context(prec=76, traps=[Inexact])
ROUNDING = Context(prec=76)


def time_of(value: Value) -> Time:
    if not isinstance(value, date | Moment):
        raise OracleRefuses(f"{value!r} is not a time")
    return value


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
    return value / 100 if isinstance(value, float) else EXACT.multiply(Decimal(value), Decimal("0.01"))


def arithmetic(op: str, a: Value, b: Value) -> Value:
    """Return `a op b`: null with null, exact where both are exact, `/` always in double precision."""
    if a is None or b is None:
        return None
    if isinstance(a, Time) and isinstance(b, Time) and op == "-":
        return elapsed(b, a)
    x, y = number(a), number(b)
    if op == "/":
        denominator = float(y)
        return None if denominator == 0 else float(x) / denominator
    if isinstance(x, float) or isinstance(y, float):
        p, q = float(x), float(y)
        return p + q if op == "+" else p - q if op == "-" else p * q
    if isinstance(x, int) and isinstance(y, int):
        return x + y if op == "+" else x - y if op == "-" else x * y
    work = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply}[op]
    return work(Decimal(x), Decimal(y))


def elapsed(a: Time, b: Time) -> int | Decimal:
    """Return the days from one date to another, or the seconds between two instants."""
    if isinstance(a, date) and isinstance(b, date):
        return (b - a).days
    start, end = _alike(a, b)
    return Decimal((end.instant - start.instant) // timedelta(microseconds=1)).scaleb(-6)


def negative(value: Value) -> Value:
    if value is None:
        return None
    x = number(value)
    return EXACT.minus(x) if isinstance(x, Decimal) else -x


def exact_sum(values: list[int | Decimal | float]) -> int | Decimal | float:
    """Return the sum: exact for exact values, correctly rounded for floats; 0 of nothing."""
    if any(isinstance(v, float) for v in values):
        return math.fsum(float(v) for v in values)
    total: int | Decimal = 0
    for v in values:
        total = arithmetic("+", total, v)  # type: ignore[assignment]
    return total
