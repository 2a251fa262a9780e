"""Constructs that move or widen the window of a context: what is written, to bound nodes.

prior(x, 1 year)      rolling(x, 28 days)     to_date(x, year)
change(x, 1 year)     cumulative(x)           during(x, 2025-01-01, 2026-01-01)
growth(x, 1 year)     opening(x)              prior(x, 1 year comparable)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.types import DATE, IN_UTC, INTEGER, NULL, UNKNOWN
from kpidsl.semantics import aggregate_errors, errors, move_errors, time_errors
from kpidsl.semantics.bound import (
    COMPARABLE,
    Amount,
    Apply,
    Bound,
    Constant,
    Cumulative,
    During,
    Move,
    Moved,
    Opening,
    ParameterRef,
    Prior,
    Rolling,
    ToDate,
    WindowEdge,
)
from kpidsl.semantics.periods import Window, with_its_last_day
from kpidsl.semantics.unit_facts import PLAIN, quotient_of_one
from kpidsl.source import SourceText, Span
from kpidsl.syntax import parse_formula, print_formula, tree

if TYPE_CHECKING:
    from kpidsl.semantics.formulas import FormulaBinder

ARGUMENTS = {
    "prior": 2,
    "change": 2,
    "growth": 2,
    "rolling": 2,
    "to_date": 2,
    "cumulative": 1,
    "opening": 1,
    "during": 3,
}
"""How many arguments each construct takes."""

COMPARED = ("prior", "change", "growth")
"""Those that can go by comparable days."""

EXAMPLES = {
    "prior": "prior(revenue, 1 year)",
    "change": "change(revenue, 1 month)",
    "growth": "growth(revenue, 1 year)",
    "rolling": "rolling(revenue, 28 days)",
    "to_date": "to_date(revenue, year)",
    "cumulative": "cumulative(revenue)",
    "opening": "opening(members)",
    "during": "during(revenue, 2025-01-01, 2026-01-01)",
}

_LENGTHS = {
    "second": ("second", 1),
    "minute": ("second", 60),
    "hour": ("second", 3600),
    "day": ("day", 1),
    "week": ("day", 7),
    "month": ("month", 1),
    "quarter": ("month", 3),
    "year": ("month", 12),
    "period": ("period", 1),
}
_MOST = {"second": 3600 * 24 * 366 * 1_000, "day": 366 * 1_000, "month": 12 * 1_000, "period": 12 * 1_000}
"""More than these lead beyond any calendar that data has."""


def moved(binder: FormulaBinder, expr: tree.Call) -> Bound:
    """Return a bound construct that changes the window; what is wrong is reported."""
    count = ARGUMENTS[expr.function]
    example = EXAMPLES[expr.function]
    if len(expr.arguments) != count:
        binder.sink.report(aggregate_errors.arity(expr, count, count, example))
        return Constant(None, UNKNOWN)
    is_compared = (
        bool(expr.modifiers) and expr.function in COMPARED and expr.modifiers[0].word == "comparable"
    )
    for modifier in expr.modifiers[1:] if is_compared else expr.modifiers:
        binder.misplaced(modifier, expr)
        return Constant(None, UNKNOWN)
    if isinstance(expr.arguments[0], tree.Quantity) and count == 2:
        shown = [print_formula(one) for one in reversed(expr.arguments)]
        binder.sink.report(move_errors.other_order(expr.span, expr.function, *shown))
        return Constant(None, UNKNOWN)
    x = binder.bind(expr.arguments[0])
    move = _by_comparable_days(binder, expr) if is_compared else _move(binder, expr)
    if move is None or x.type is UNKNOWN:
        return Constant(None, UNKNOWN)
    value = Moved(x, move, x.type, expr.span, x.unit)
    if expr.function == "change":
        return binder.apply("-", (x, value), expr.span)
    if expr.function == "growth":
        return _growth(binder, x, value, expr)
    return value


def _growth(binder: FormulaBinder, x: Bound, base: Bound, expr: tree.Call) -> Bound:
    """Return `x / base - 1`, and null where the base is null, zero or negative."""
    if not x.type.is_numeric:
        binder.sink.report(errors.mismatch(expr.span, "growth", (x.type,), EXAMPLES["growth"]))
        return Constant(None, UNKNOWN)
    quotient = binder.apply("/", (x, base), expr.span)
    unit = quotient_of_one(quotient.unit, expr.span, "a growth is a fraction")
    grown = Apply("-", (quotient, Constant(1, INTEGER, PLAIN)), quotient.type, expr.span, unit)
    has_base = binder.apply(">", (base, Constant(0, INTEGER, PLAIN)), expr.span)
    return Apply("case", (has_base, grown, Constant(None, NULL)), grown.type, expr.span, unit)


def _move(binder: FormulaBinder, expr: tree.Call) -> Move | None:
    match expr.function:
        case "prior" | "change" | "growth":
            amount = _amount(binder, expr.arguments[1], expr.function)
            return None if amount is None else Prior(amount)
        case "rolling":
            amount = _amount(binder, expr.arguments[1], expr.function)
            if isinstance(amount, Amount) and amount.unit == "period":
                binder.sink.report(move_errors.amount(expr.arguments[1].span, "rolling", amount.text, ()))
                return None
            return None if amount is None else Rolling(amount)
        case "to_date":
            return _to_date(binder, expr.arguments[1])
        case "during":
            return _during(binder, expr)
        case "opening":
            return Opening()
        case _:
            return Cumulative()


def _is_one_year(amount: tree.Expr) -> bool:
    if not isinstance(amount, tree.Quantity) or amount.unit not in ("year", "years"):
        return False
    return isinstance(amount.value, int) and amount.value == 1


def _by_comparable_days(binder: FormulaBinder, expr: tree.Call) -> Prior | None:
    """Return the move by a year in which each day goes to its comparable day."""
    amount, word = expr.arguments[1], expr.modifiers[0].span
    text = print_formula(amount)
    if not _is_one_year(amount):
        binder.sink.report(move_errors.comparable_amount(amount.span, text))
        return None
    if binder.project.comparable is None:
        binder.sink.report(move_errors.no_comparable_days(word, tuple(binder.project.calendars)))
        return None
    return Prior(Amount(1, COMPARABLE, f"{text} comparable"))


def _amount(binder: FormulaBinder, expr: tree.Expr, function: str) -> Amount | ParameterRef | None:
    project = binder.project
    if isinstance(expr, tree.Name):
        parameter = binder.parameter(expr, binder.rows.units)
        if isinstance(parameter, ParameterRef) and parameter.is_duration and not parameter.is_list:
            return parameter
    if not isinstance(expr, tree.Quantity):
        binder.sink.report(
            move_errors.amount(expr.span, function, print_formula(expr), calendar_grains(project))
        )
        return None
    found = amount_of(expr.value, expr.unit, print_formula(expr), project)
    if found is None:
        most = most_of(expr.value, expr.unit)
        text = print_formula(expr)
        binder.sink.report(
            move_errors.amount(expr.span, function, text, calendar_grains(project))
            if most is None
            else move_errors.amount_too_long(expr.span, text, most)
        )
    return found


def amount_of(value: object, word: str, text: str, project: Project) -> Amount | None:
    """Return how far a quantity such as `28 days` moves a window, or None where it moves none."""
    if not isinstance(value, int) or value <= 0:
        return None
    single = word if word in _LENGTHS or word in project.grains else word.removesuffix("s")
    if single in _LENGTHS:
        unit, factor = _LENGTHS[single]
        count = value * factor
        return Amount(count, unit, text) if count <= _MOST.get(unit, count) else None
    rule = project.grains.get(single)
    if rule is not None and rule.calendar is not None:
        return Amount(value, single, text)
    return None


def most_of(value: object, word: str) -> str | None:
    """Return the longest length of time in the unit of one that is too long, else None.

    `3000 years`  ->  `1000 years`
    """
    unit, factor = _LENGTHS.get(word, _LENGTHS.get(word.removesuffix("s"), ("", 1)))
    if not isinstance(value, int) or unit not in _MOST or value * factor <= _MOST[unit]:
        return None
    return f"{_MOST[unit] // factor} {word.removesuffix('s')}s"


def length_asked(part: SourceText | None, key: str, project: Project, sink: Sink) -> Amount | None:
    """Return the length of time that a key of a definition gives; what is none is reported."""
    if part is None:
        return None
    expr = parse_formula(part, Sink())
    if expr is None:
        whole = Span.of(part)
        sink.report(move_errors.amount(whole, key, part.text.strip(), (), has_period=False))
        return None
    found = None
    if isinstance(expr, tree.Quantity):
        found = amount_of(expr.value, expr.unit, print_formula(expr), project)
    if found is None or found.unit not in _MOST or found.unit == "period":
        most = most_of(expr.value, expr.unit) if isinstance(expr, tree.Quantity) else None
        text = print_formula(expr)
        sink.report(
            move_errors.amount(expr.span, key, text, (), has_period=False)
            if most is None
            else move_errors.amount_too_long(expr.span, text, most)
        )
        return None
    return found


def calendar_grains(project: Project) -> tuple[str, ...]:
    """Return the grains that calendars give."""
    return tuple(name for name, rule in project.grains.items() if rule.calendar is not None)


def _to_date(binder: FormulaBinder, expr: tree.Expr) -> ToDate | None:
    grains = {name: rule for name, rule in binder.project.grains.items() if not rule.is_instant}
    if isinstance(expr, tree.Name) and expr.text in grains:
        return ToDate(expr.text)
    binder.sink.report(errors.unknown(expr.span, "time grain", print_formula(expr), grains))
    return None


def _during(binder: FormulaBinder, expr: tree.Call) -> During | None:
    start, end = expr.arguments[1:]
    for bound in (start, end):
        if not isinstance(bound, tree.Date):
            binder.sink.report(move_errors.during(bound.span, print_formula(bound)))
            return None
    assert isinstance(start, tree.Date)
    assert isinstance(end, tree.Date)
    if start.value >= end.value:
        binder.sink.report(move_errors.no_days(end.span, start.value, end.value))
        return None
    whole = with_its_last_day(Window(start.value, end.value))
    if whole is not None:
        meant = f"{start.value}, {whole.end}"
        binder.sink.report(time_errors.last_day(end.span, print_formula(expr), end.value, meant))
    return During(start.value, end.value)


def edge(name: str, span: Span) -> WindowEdge:
    """Return where the context's window begins or ends, or the query's instant, as a value."""
    if name == "as_of":
        return WindowEdge("as_of", IN_UTC, span)
    return WindowEdge("period_start" if name == "period_start" else "period_end", DATE, span)
