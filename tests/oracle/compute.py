"""The value of a formula's tree.

`compute` interprets every construct that means the same over a row and over aggregated values. What
differs (names, aggregates, changes of context) it hands to `atom`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kpidsl.syntax import tree as t

from .buckets import Calendar
from .scalars import SCALAR, steps_between
from .table import OracleRefuses, Value
from .values import arithmetic, compare, hundredth, like, negative, time_of

Atom = Callable[[t.Expr], Any]
"""Gives a value; for a list parameter the tuple of its values."""


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
            return negative(compute(x, atom))
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
