"""Sets: `x in values(d.c where …)`, whatever is around the set, to bound nodes.

orders.customer_id in values(orders.customer_id)                        those of the same context
orders.customer_id not in prior(values(orders.customer_id), 1 month)    those of another window
orders.customer_id in total(values(orders.customer_id))                 those of a coarser group
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from kpidsl.model.types import BOOLEAN, UNKNOWN
from kpidsl.semantics import set_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Filtered,
    InValues,
    Moved,
    Total,
)
from kpidsl.semantics.functions import SET_FORMS, VALUES, common
from kpidsl.semantics.scalars import BROKEN, ScalarBinder
from kpidsl.syntax import print_formula, tree
from kpidsl.syntax.errors import not_yet
from kpidsl.syntax.tree import Expr

if TYPE_CHECKING:
    from kpidsl.semantics.formulas import FormulaBinder


def in_values(formula: FormulaBinder, row: ScalarBinder, expr: tree.InSet) -> Bound:
    """Return the condition that a row's value is in a set; what is wrong is reported."""
    operand = row.bind(expr.operand)
    found = formula.set_of(expr.set)
    if UNKNOWN in (operand.type, found.type):
        return BROKEN
    values = values_of(found)
    column = values.argument
    assert column is not None
    if common((operand.type, column.type)) is None:
        said = print_formula(_named(expr.set))
        row.sink.report(set_errors.types_differ(expr.operand.span, operand.type, said, column.type))
        return BROKEN
    compared = row.apply("=", (operand, column), expr.span)
    if not isinstance(compared, Apply):
        return BROKEN
    left, right = compared.args
    found = with_values(found, replace(values, argument=right))
    including = any(modifier.word == "including null" for modifier in _call(expr.set).modifiers)
    condition = InValues(left, found, including, BOOLEAN, expr.span)
    return row.apply("not", (condition,), expr.span) if expr.negated else condition


def values_of(found: Bound) -> Aggregate:
    """Return the aggregate at the bottom of a set."""
    match found:
        case Aggregate():
            return found
        case Moved(operand=x) | Total(operand=x) | Filtered(operand=x):
            return values_of(x)
        case _:
            raise AssertionError(f"{found} as a set")


def with_values(found: Bound, values: Aggregate) -> Bound:
    """Return a set with another aggregate at its bottom."""
    match found:
        case Moved(operand=x) | Total(operand=x) | Filtered(operand=x):
            return replace(found, operand=with_values(x, values), type=values.type)
        case _:
            return values


def set_of(formula: FormulaBinder, expr: tree.Call) -> Bound:
    """Return a set with what is around it; what is none is reported."""
    if not is_set(expr):
        formula.sink.report(set_errors.no_set(expr.span, print_formula(expr)))
        return BROKEN
    binder = copy(formula)
    binder.takes_sets = True
    return binder.bind(expr)


def values(formula: FormulaBinder, expr: tree.Call) -> Bound:
    """Return the aggregate at the bottom of a set."""
    for modifier in expr.modifiers:
        if modifier.word == "having":
            formula.sink.report(not_yet(modifier.span))
            return BROKEN
    rest = tuple(modifier for modifier in expr.modifiers if modifier.word != "including null")
    found = formula.aggregate(replace(expr, modifiers=rest))
    return replace(found, empty_is_null=False, required=()) if isinstance(found, Aggregate) else found


def is_set(expr: Expr) -> bool:
    """Tell whether a formula is a set: `values`, and what changes its context around it."""
    match expr:
        case tree.Call(function=VALUES.name):
            return True
        case tree.Call(function=name, arguments=(x, *_)) if name in SET_FORMS:
            return is_set(x)
        case tree.Where(operand=x):
            return is_set(x)
        case _:
            return False


def _call(expr: Expr) -> tree.Call:
    """Return the call of `values` in a set."""
    match expr:
        case tree.Call(function=VALUES.name):
            return expr
        case tree.Call(arguments=(x, *_)) | tree.Where(operand=x):
            return _call(x)
        case _:
            raise AssertionError(f"{expr} as a set")


def _named(expr: Expr) -> Expr:
    argument = _call(expr).arguments[0]
    return argument.operand if isinstance(argument, tree.Where) else argument
