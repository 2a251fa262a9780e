"""Sets: `x in values(d.c where …)`, whatever is around the set, to bound nodes.

orders.customer_id in values(orders.customer_id)                        those of the same context
orders.customer_id not in prior(values(orders.customer_id), 1 month)    those of another window
orders.customer_id in total(values(orders.customer_id))                 those of a coarser group
orders.customer_id in values(orders.customer_id having count(orders) >= 2)    those that a condition holds for
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from kpidsl.model.types import BOOLEAN, UNKNOWN, Type
from kpidsl.semantics import per_entity, set_errors
from kpidsl.semantics.bound import (
    BROKEN,
    Aggregate,
    Apply,
    Bound,
    ColumnMember,
    Filtered,
    InValues,
    Moved,
    PerEntity,
    Total,
)
from kpidsl.semantics.functions import SET_FORMS, VALUES, common
from kpidsl.semantics.scalars import ScalarBinder
from kpidsl.syntax import print_formula, tree
from kpidsl.syntax.tree import Expr

if TYPE_CHECKING:
    from kpidsl.semantics.formulas import FormulaBinder


def in_values(formula: FormulaBinder, row: ScalarBinder, expr: tree.InSet) -> Bound:
    """Return the condition that a row's value is in a set; what is wrong is reported."""
    operand = row.bind(expr.operand)
    found = formula.set_of(expr.set)
    if UNKNOWN in (operand.type, found.type):
        return BROKEN
    column = column_of(values_of(found))
    if common((operand.type, column.type)) is None:
        said = print_formula(_named(expr.set))
        row.sink.report(set_errors.types_differ(expr.operand.span, operand.type, said, column.type))
        return BROKEN
    compared = row.apply("=", (operand, column), expr.span)
    if not isinstance(compared, Apply):
        return BROKEN
    left, right = _of_one_type(*compared.args)
    found = with_column(found, right)
    including = any(modifier.word == "including null" for modifier in _call(expr.set).modifiers)
    condition = InValues(left, found, including, BOOLEAN, expr.span)
    return row.apply("not", (condition,), expr.span) if expr.negated else condition


def _of_one_type(left: Bound, right: Bound) -> tuple[Bound, Bound]:
    """Return a value and a set's column as `=` compares them: numbers as one kind, times as local ones.

    A set is found by equal values as they are stored, and an engine may hold two types in two ways.
    """
    shared = common((left.type, right.type))
    assert shared is not None
    return _typed(left, shared), _typed(right, shared)


def _typed(value: Bound, shared: Type) -> Bound:
    own = value.type
    is_so = (own.kind, own.scale, own.zone) == (shared.kind, shared.scale, shared.zone)
    return value if is_so else Apply("as_type", (value,), shared, unit=value.unit)


def values_of(found: Bound) -> Aggregate | PerEntity:
    """Return what is at the bottom of a set: values of rows, or entities that a condition holds for."""
    match found:
        case Aggregate() | PerEntity():
            return found
        case Moved(operand=x) | Total(operand=x) | Filtered(operand=x):
            return values_of(x)
        case _:
            raise AssertionError(f"{found} as a set")


def dataset_of(values: Aggregate | PerEntity) -> str:
    """Return the dataset whose rows have the values of a set."""
    if isinstance(values, Aggregate):
        return values.dataset
    assert values.among is not None
    return values.among.dataset


def column_of(values: Aggregate | PerEntity) -> Bound:
    """Return the column that the values of a set are of."""
    if isinstance(values, Aggregate):
        assert values.argument is not None
        return values.argument
    (member,) = values.members
    assert isinstance(member, ColumnMember)
    return member.value


def with_column(found: Bound, column: Bound) -> Bound:
    """Return a set whose values are of another column."""
    match found:
        case Moved(operand=x) | Total(operand=x) | Filtered(operand=x):
            inner = with_column(x, column)
            return replace(found, operand=inner, type=inner.type)
        case PerEntity(members=(ColumnMember() as member,)):
            return replace(found, members=(replace(member, value=column),))
        case Aggregate():
            return replace(found, argument=column, type=column.type)
        case _:
            raise AssertionError(f"{found} as a set")


def set_of(formula: FormulaBinder, expr: tree.Call) -> Bound:
    """Return a set with what is around it; what is none is reported."""
    if not is_set(expr):
        formula.sink.report(set_errors.no_set(expr))
        return BROKEN
    binder = copy(formula)
    binder.takes_sets = True
    return binder.bind(expr)


def values(formula: FormulaBinder, expr: tree.Call) -> Bound:
    """Return what is at the bottom of a set."""
    inside = copy(formula)
    inside.takes_sets = False
    if any(modifier.word == "having" for modifier in expr.modifiers):
        return per_entity.those_with(inside, expr)
    rest = tuple(modifier for modifier in expr.modifiers if modifier.word != "including null")
    found = inside.aggregate(replace(expr, modifiers=rest))
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
