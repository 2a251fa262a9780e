"""The sample behind a value: how many observations it rests on, in the context in which it stands.

A count is its own sample, and so is a sum of whole numbers that count something; any other aggregate rests on the
rows that have a value. A quotient whose denominator counts rests on that count. Where the denominator is an amount,
or the numerator is a mean itself, it rests on the scarcer of its sides; so do sums and differences. A sum of two
counts rests on both together.
"""

from __future__ import annotations

from dataclasses import replace

from kpidsl.syntax import tree as t

from .aggregates import leaf_of
from .contexts import Context, after
from .definitions import AGGREGATES
from .interpreter import Interpreter
from .reaches import TIME_SHIFTS
from .table import OracleRefuses

COUNTS = ("count", "count_distinct")
_MOVES = tuple(name for name in TIME_SHIFTS if name not in ("change", "growth"))


def sample_of(formula: t.Expr, context: Context, interpreter: Interpreter) -> int | None:
    """Return the sample of a formula in a context; None where it observes nothing."""
    match formula:
        case t.Name(parts=(name,)) if name in interpreter.definitions.measures:
            measure = interpreter.definitions.measures[name]
            return sample_of(measure.formula, context.ripened(measure.maturity), interpreter)
        case t.Where(operand=x, condition=c):
            return sample_of(x, context.narrowed(c), interpreter)
        case t.Call(function=name) if name in AGGREGATES:
            return _of_aggregate(formula, context, interpreter)
        case t.Call(function=name, arguments=(x, *_)) if name in TIME_SHIFTS or name in ("total", "share"):
            there = interpreter.elsewhere(formula, context)
            if name in ("change", "growth", "share"):
                return _scarcer(
                    sample_of(x, context, interpreter),
                    None if name == "share" else sample_of(x, there, interpreter),
                )
            return sample_of(x, there, interpreter)
        case t.Arithmetic(op=op, left=a, right=b):
            return _of_two(op, a, b, context, interpreter)
        case t.Negative(operand=x):
            return sample_of(x, context, interpreter)
        case t.Number() | t.Quantity() | t.Name():
            return None
        case _:
            raise OracleRefuses(f"the sample of {formula}")


def is_count(formula: t.Expr, interpreter: Interpreter) -> bool:
    match formula:
        case t.Name(parts=(name,)) if name in interpreter.definitions.measures:
            return is_count(interpreter.definitions.measures[name].formula, interpreter)
        case t.Where(operand=x):
            return is_count(x, interpreter)
        case t.Call(function=name) if name in COUNTS and after(formula, "per") is None:
            return True
        case t.Call(function="sum") if after(formula, "per") is None:
            return _counts_something(formula, interpreter)
        case t.Call(function=name, arguments=(x, *_)) if name in (*_MOVES, "total"):
            return is_count(x, interpreter)
        case t.Arithmetic(op="+", left=a, right=b):
            return is_count(a, interpreter) and is_count(b, interpreter)
        case _:
            return False


def _counts_something(call: t.Call, interpreter: Interpreter) -> bool:
    """Tell whether a sum adds whole numbers of something: its column is an integer with a unit of its own."""
    leaf = leaf_of(call, interpreter.definitions)
    column = leaf.arguments[0]
    if not isinstance(column, t.Name):
        return False
    spec = interpreter.definitions.column_of(column.parts)
    return spec is not None and spec.type == "integer" and spec.unit is not None


def _of_aggregate(call: t.Call, context: Context, interpreter: Interpreter) -> int | None:
    if after(call, "per") is not None:
        raise OracleRefuses("the sample of values of entities")
    counted = (
        call if is_count(call, interpreter) else replace(call, function="count", arguments=call.arguments[:1])
    )
    found = interpreter.value(counted, context)
    assert found is None or isinstance(found, int)
    return found or 0


def _of_two(op: str, a: t.Expr, b: t.Expr, context: Context, interpreter: Interpreter) -> int | None:
    both = sample_of(a, context, interpreter), sample_of(b, context, interpreter)
    if (
        op == "/"
        and both[1] is not None
        and is_count(b, interpreter)
        and (both[0] is None or _adds(a, interpreter))
    ):
        return both[1]
    if op == "+" and is_count(a, interpreter) and is_count(b, interpreter):
        return (both[0] or 0) + (both[1] or 0)
    return _scarcer(*both)


def _adds(formula: t.Expr, interpreter: Interpreter) -> bool:
    """Tell whether a numerator is no mean or quotient itself."""
    match formula:
        case t.Name(parts=(name,)) if name in interpreter.definitions.measures:
            return _adds(interpreter.definitions.measures[name].formula, interpreter)
        case t.Where(operand=x):
            return _adds(x, interpreter)
        case t.Call(function=name):
            return name in ("sum", *COUNTS)
        case t.Arithmetic(op=op, left=a, right=b):
            return op != "/" and _adds(a, interpreter) and _adds(b, interpreter)
        case _:
            return True


def _scarcer(a: int | None, b: int | None) -> int | None:
    known = [n for n in (a, b) if n is not None]
    return min(known) if known else None
