"""What can be wrong with sets: `values(…)` behind `in`."""

from __future__ import annotations

from dataclasses import replace

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.types import Type
from kpidsl.semantics.functions import AGGREGATES, CONTEXTUAL, SET_FORMS, VALUES
from kpidsl.semantics.join_errors import UNREACHABLE
from kpidsl.source import Span
from kpidsl.syntax import print_formula, tree

OUTSIDE_IN = rule("set/outside-in", "a set that stands where no value is sought in it")
ELSEWHERE = rule("set/no-context", "a set where no aggregate gives it a context")
NO_SET = rule("set/not-a-set", "something behind `in` that is no set")
TYPES = rule("set/types-differ", "a value sought among values of another type")
NULL_KEY = rule("set/null-key", "a negated set that takes rows without a value", "warning")


def outside_in(span: Span, text: str) -> Diagnostic:
    size = text.replace("values(", "count_distinct(", 1)
    return Diagnostic(
        OUTSIDE_IN,
        "`values` is a set, not a value: it stands only behind `in` and `not in`",
        Label(span, "a set"),
        help=f"for its size write `{size}`; to ask who is in it, `… where customer_id in {text}`, "
        "without brackets around it",
    )


def elsewhere(span: Span) -> Diagnostic:
    return Diagnostic(
        ELSEWHERE,
        "a set is evaluated in the context of an aggregate, and no aggregate's rows are asked here",
        Label(span, "no context for this set"),
        help="move the condition into an aggregate of a metric:"
        " `count(orders where customer_id in values(orders.customer_id))`",
    )


def no_set(found: tree.Call) -> Diagnostic:
    text, meant = print_formula(found), _as_set(found)
    if meant is not None:
        help = f"a set of values is written `{print_formula(meant)}`"
    else:
        help = (
            "a set is `values(orders.customer_id)`, which `prior`, `cumulative`, `rolling`, `to_date`, "
            "`during` and `total` may stand around"
        )
        if found.function not in AGGREGATES and found.function not in CONTEXTUAL:
            help = f"for a list write `in ({text})`; {help}"
    return Diagnostic(NO_SET, f"`{text}` is no set", Label(found.span, "not a set"), help=help)


def _as_set(expr: tree.Expr) -> tree.Call | None:
    """Return the set of the values that an aggregate is of, under what changes its context."""
    match expr:
        case tree.Call(function=name, arguments=(argument,)) if name in AGGREGATES:
            column = argument.operand if isinstance(argument, tree.Where) else argument
            is_column = isinstance(column, tree.Name) and len(column.parts) > 1
            return replace(expr, function=VALUES.name) if is_column else None
        case tree.Call(function=name, arguments=(first, *rest)) if name in SET_FORMS:
            inner = _as_set(first)
            return None if inner is None else replace(expr, arguments=(inner, *rest))
        case _:
            return None


def types_differ(span: Span, operand: Type, column: str, found: Type) -> Diagnostic:
    return Diagnostic(
        TYPES,
        f"a value of type {operand} is sought among the values of `{column}`, which are of type {found}",
        Label(span, f"{operand} here"),
        help=f"compare it with a column of type {operand}, or give both columns one type",
    )


def null_key(span: Span, dataset: str, key: str) -> Diagnostic:
    return Diagnostic(
        NULL_KEY,
        f"`{key} not in …` is true of every row of `{dataset}` without a `{key}`",
        Label(span, "a null is in no set"),
        help=f"leave these rows out with `{key} is not null`, or write `including null` in the set",
    )


def all_groups(told: Diagnostic, shown: str) -> Diagnostic:
    """Return what was told of a member of the group that a set's rows lack, with the set of all groups."""
    if told.rule is not UNREACHABLE or told.help is None:
        return told
    return replace(told, help=f"write `total({shown})`, the values of all groups; or {told.help}")
