"""Fractions that are multiplied by a hundred, as in SQL and spreadsheets: a table multiplies them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeGuard

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Metric
from kpidsl.model.number_formats import parse_format
from kpidsl.semantics import scale_errors
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Constant, Filtered, Moved, PerEntity, Ripe, Total
from kpidsl.semantics.unit_facts import PLAIN
from kpidsl.semantics.units import Unit
from kpidsl.source import Span
from kpidsl.syntax import tree
from kpidsl.syntax.printer import print_formula

_LIKE_THEIR_VALUES = ("sum", "avg", "min", "max", "median", "percentile", "first", "last", "weighted_avg")
_LIKE_ALL_PARTS = ("+", "-", "negative", "abs", "least", "greatest", "coalesce")
_ROUND = ("round", "floor", "ceil")

Written = dict[Span, tree.Arithmetic]


def scaled_fractions(bound: Bound, expr: tree.Expr, metric: Metric | None, sink: Sink) -> None:
    """Warn of a fraction that is shown a hundred times too large, of a ratio of counts beside a unit that
    is no more its own. `metric` is None where a query asks for the formula itself."""
    unit = None if bound.unit is None else bound.unit.unit
    format = None if metric is None or metric.format is None else parse_format(metric.format)
    if format is not None and not format.percent:
        # Who says how it is written has seen it: a score, so many per thousand.
        return
    is_percent = format is not None or (unit is not None and unit.is_fraction)
    if not is_percent and (unit is None or not unit.is_rate_of_counts):
        return
    written = {node.span: node for node in tree.walk(expr) if isinstance(node, tree.Arithmetic)}
    found = dict(_scaled(bound, written, None))
    for product, rounding in found.items():
        node = written[product]
        number, without = _without(node) or (None, None)
        if number is None or without is None:
            continue
        shown = print_formula(without)
        if is_percent:
            is_named = metric is not None and metric.format is None
            sink.report(scale_errors.percent(rounding or product, number, shown, rounding, is_named=is_named))
        else:
            assert unit is not None
            per = None if rounding is not None else _per(without, number, unit)
            sink.report(scale_errors.counts(product, number, shown, str(unit), per))


def _scaled(node: Bound, written: Written, rounding: Span | None) -> Iterator[tuple[Span, Span | None]]:
    """Yield the places of products by 100, 1000, … that a value is made of, each with that of its `round`."""
    match node:
        case Apply(op="*" | "/", span=span) if span in written and _is_power_of_ten(_factor(node, written)):
            assert span is not None
            yield span, rounding
        case Apply(op=op, args=(x, *_), span=span) if op in _ROUND:
            yield from _scaled(x, written, span)
        case Apply(op="nullif", args=(x, _)):
            yield from _scaled(x, written, rounding)
        case Apply(op=op, args=args) if op in _LIKE_ALL_PARTS:
            for part in args:
                yield from _scaled(part, written, rounding)
        case Apply(op="case", args=(*branches, otherwise)):
            for part in (*branches[1::2], otherwise):
                yield from _scaled(part, written, rounding)
        case Filtered(operand=x) | Total(operand=x) | Moved(operand=x) | Ripe(operand=x):
            yield from _scaled(x, written, rounding)
        case Aggregate(function=function, argument=x) if x is not None and function in _LIKE_THEIR_VALUES:
            yield from _scaled(x, written, rounding)
        case PerEntity(function=function, operand=x) if function in _LIKE_THEIR_VALUES:
            yield from _scaled(x, written, rounding)
        case _:
            pass


def _factor(node: Bound, written: Written) -> Fraction:
    """Return the product of the numbers without a unit that are written as factors of a value."""
    match node:
        case Constant(value=int() | float() | Decimal() as value) if node.unit is PLAIN and value:
            return Fraction(value)
        case Apply(op="*", args=(x, y), span=span) if span in written:
            return _factor(x, written) * _factor(y, written)
        case Apply(op="/", args=(x, y), span=span) if span in written:
            return _factor(x, written) / _factor(y, written)
        case Filtered(operand=x) | Total(operand=x) | Moved(operand=x) | Ripe(operand=x):
            return _factor(x, written)
        case Apply(op="round" | "floor" | "ceil" | "negative" | "abs" | "nullif", args=(x, *_)):
            return abs(_factor(x, written))
        case _:
            return Fraction(1)


def _is_power_of_ten(number: Fraction) -> bool:
    return number.denominator == 1 and number >= 100 and str(number.numerator).rstrip("0") == "1"


def _is_tens(expr: tree.Expr) -> TypeGuard[tree.Number]:
    return isinstance(expr, tree.Number) and not expr.suffix and _is_power_of_ten(Fraction(expr.value))


def _without(expr: tree.Expr) -> tuple[int, tree.Expr] | None:
    """Return the power of ten by which a product is multiplied, and the product without it."""
    if not isinstance(expr, tree.Arithmetic) or expr.op not in ("*", "/"):
        return None
    sides = (expr.left, expr.right)
    for one, other in (sides, sides[::-1]) if expr.op == "*" else ():
        if _is_tens(one):
            return int(one.value), other
    if _is_tens(expr.left):
        return int(expr.left.value), replace(expr, left=replace(expr.left, value=1))
    inner = _without(expr.left)
    if inner is not None:
        return inner[0], replace(expr, left=inner[1])
    inner = _without(expr.right) if expr.op == "*" else None
    return None if inner is None else (inner[0], replace(expr, right=inner[1]))


def _per(expr: tree.Expr, number: int, unit: Unit) -> tuple[str, str] | None:
    """Return how so many per thousand are written, `a / (b / 1000 visits)`, and their unit."""
    if not isinstance(expr, tree.Arithmetic) or expr.op != "/" or len(unit.powers) != 2:
        return None
    (above, below) = sorted(unit.powers, key=lambda pair: -pair[1])
    if (above[1], below[1]) != (1, -1):
        return None
    noun = below[0] if below[0].endswith("s") else f"{below[0]}s"
    each = tree.Quantity(number, noun, expr.span)
    below_each = tree.Arithmetic("/", expr.right, each, expr.span)
    return print_formula(tree.Arithmetic("/", expr.left, below_each, expr.span)), above[0]
