"""What can be wrong with sets: `values(…)` behind `in`."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.types import Type
from kpidsl.source import Span

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
        help=f"for its size write `{size}`; to ask who is in it, `… where customer_id in {text}`",
    )


def misplaced(span: Span, text: str, *, is_set: bool) -> Diagnostic:
    """Return the report of what stands behind `in` where no set may stand."""
    return elsewhere(span) if is_set else no_set(span, text)


def elsewhere(span: Span) -> Diagnostic:
    return Diagnostic(
        ELSEWHERE,
        "a set is evaluated in the context of an aggregate, and no aggregate's rows are asked here",
        Label(span, "no context for this set"),
        help="move the condition into an aggregate of a metric:"
        " `count(orders where customer_id in values(orders.customer_id))`",
    )


def no_set(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        NO_SET,
        f"`{text}` is no set",
        Label(span, "not a set"),
        help=f"for a list write `in ({text})`; a set is `values(orders.customer_id)`,"
        " which `prior`, `cumulative`, `rolling`, `to_date`, `during` and `total` may stand around",
    )


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
