"""Words behind a call's arguments that mean nothing there: where each belongs, what was meant."""

from __future__ import annotations

import re
from dataclasses import replace

from kpidsl.diagnostics import Diagnostic
from kpidsl.model.definitions import Project
from kpidsl.semantics import aggregate_errors, derived_errors, errors
from kpidsl.semantics.functions import NEIGHBOURS
from kpidsl.syntax import print_formula, tree

_OWNERS = {
    "at": "an aggregate: `count(orders at shipped_at)`",
    "across": "`total` and `share`: `total(revenue across channel)`",
    "per": "an aggregate of a formula: `avg(sum(orders.amount) per customer_id)`",
    "including null": "an entity's key: `count_distinct(orders.customer_id including null)`",
    "having": "counted entities: `count_distinct(orders.customer_id having count(orders) >= 2)`",
    "within": "a sequence: `count(visits where followed_by(orders per visitor_id within 7 days))`",
    "from": "a sequence: `count(visits where followed_by(orders per visitor_id from 1 day to 8 days))`",
    "then": "a sequence: `count(visits where followed_by(carts then orders per visitor_id))`",
    "order by": "a derived column: `row_number(per customer_id order by ordered_at)`",
    "comparable": "a move of one year: `prior(revenue, 1 year comparable)`",
}
_SET_AT_END = re.compile(r"\bvalues\(([^()]*)\)$")


def misplaced(modifier: tree.Modifier, call: tree.Call) -> Diagnostic:
    """Return the report of a modifier that means nothing in a call."""
    said = [one for one in call.modifiers if one.word == modifier.word]
    if modifier.word == "per" and len(said) > 1:
        names = tuple(name for one in said for name in one.arguments)
        others = tuple(one for one in call.modifiers if one.word != "per")
        whole = replace(call, modifiers=(replace(said[0], arguments=names), *others))
        return aggregate_errors.repeated(said[1].span, "per", call.function, print_formula(whole))
    if modifier.word == "order by" and call.function in ("first", "last") and call.arguments:
        value = print_formula(call.arguments[0])
        return aggregate_errors.of_time(modifier.span, call.function, value)
    inside = having_inside(modifier, call)
    if inside is not None:
        return aggregate_errors.having_outside(modifier.span, inside)
    return aggregate_errors.modifier(modifier.span, modifier.word, call.function, _OWNERS[modifier.word])


def outside_columns(call: tree.Call, project: Project) -> Diagnostic:
    """Return the report of a row's neighbour where no row is, or of a metric."""
    first, *rest = call.arguments or (None,)
    metric = first.text if isinstance(first, tree.Name) and first.text in project.metrics else None
    far = print_formula(rest[0]) if rest and isinstance(rest[0], tree.Quantity) else "1 period"
    example = NEIGHBOURS[call.function].example
    return derived_errors.only_in_columns(call.span, call.function, example, metric, far)


def having_inside(modifier: tree.Modifier, call: tree.Call) -> str | None:
    """Return the set in whose brackets a `having` belongs that stands right behind them."""
    if modifier.word != "having" or not call.arguments:
        return None
    found = _SET_AT_END.search(print_formula(call.arguments[-1]))
    return None if found is None else f"values({found[1]} having {print_formula(modifier.arguments[0])})"


def alternatives(expr: tree.Logic) -> str | None:
    """Return the condition that is meant by `status = 'a' or 'b'`: values stand where conditions are due."""
    first, *rest = expr.operands
    if expr.op != "or" or not isinstance(first, tree.Compare) or first.op != "=":
        return None
    if not rest or not all(isinstance(one, tree.Text | tree.Number | tree.Date) for one in rest):
        return None
    values = ", ".join(print_formula(one) for one in (first.right, *rest))
    return f"{print_formula(first.left)} in ({values})"


def exchanged_ends(expr: tree.Between) -> Diagnostic | None:
    """Return the warning of a `between` that nothing satisfies, since its greater end comes first."""
    low, high = expr.low, expr.high
    match low, high:
        case (tree.Number(), tree.Number()) if low.suffix == high.suffix and low.value > high.value:
            pass
        case (tree.Quantity(), tree.Quantity()) if low.unit == high.unit and low.value > high.value:
            pass
        case (tree.Date(), tree.Date()) if low.value > high.value:
            pass
        case _:
            return None
    meant = print_formula(replace(expr, low=high, high=low))
    return errors.exchanged_ends(low.span.until(high.span), print_formula(expr), meant)
