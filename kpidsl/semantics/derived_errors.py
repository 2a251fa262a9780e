"""What can be wrong with columns that are computed over the whole history."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.semantics.aggregate_errors import MODIFIER
from kpidsl.source import Span

WHICH_ROWS = rule("derived/which-rows", "an aggregate in a column that does not say which rows it reads")
ONE_PARTNER = rule("derived/one-partner", "an aggregate in a column over a dataset that gives one row")
NO_ORDER = rule("derived/no-order", "a row's number or neighbour without an order")
OFFSET = rule("derived/offset", "a number of rows that is no whole number from 1 on")
ONLY_IN_COLUMNS = rule("derived/only-in-columns", "a row's number or neighbour outside a column's formula")


def which_rows(span: Span, call: str, dataset: str, key: str) -> Diagnostic:
    return Diagnostic(
        WHICH_ROWS,
        f"`{call}` in a column of `{dataset}` does not say which rows of `{dataset}` it aggregates",
        Label(span, "which rows?"),
        help=f"name what the rows share, for example `{call[:-1]} per {key})`, "
        "or aggregate a dataset that joins this one",
    )


def per_of_children(span: Span, child: str, dataset: str, call: str) -> Diagnostic:
    """`call` is the aggregate without what is too much."""
    return Diagnostic(
        WHICH_ROWS,
        f"an aggregate of `{child}` reads the rows that lead to a row of `{dataset}`, and `per` and "
        f"`order by` tell of rows of `{dataset}`",
        Label(span, "rows told twice"),
        help=f"write `{call}`; another time is named by `at`",
    )


def one_partner(span: Span, dataset: str, other: str, way: str) -> Diagnostic:
    return Diagnostic(
        ONE_PARTNER,
        f"a row of `{dataset}` has at most one of `{other}`, so there is nothing to aggregate",
        Label(span, "one row at most"),
        help=f"read its column: `{way}.…`",
    )


def no_order(span: Span, function: str, example: str) -> Diagnostic:
    return Diagnostic(
        NO_ORDER,
        f"`{function}` does not say in which order the rows stand",
        Label(span, "no order"),
        help=f"add `order by`, as in `{example}`",
    )


def out_of_place(span: Span, word: str, function: str) -> Diagnostic:
    """`word` is a modifier that means nothing where rows share a key."""
    return Diagnostic(
        MODIFIER,
        f"`{word}` means nothing in this `{function}`",
        Label(span, "out of place"),
        help="`at` belongs to aggregates of another dataset; here `order by` says which rows come before"
        if word == "at"
        else "it follows `per`, as in `row_number(per customer_id including null order by ordered_at)`",
    )


def offset(span: Span, function: str, found: str) -> Diagnostic:
    return Diagnostic(
        OFFSET,
        f"the second argument of `{function}` is a number of rows, and `{found}` stands here",
        Label(span, "not a number of rows"),
        help=f"write a whole number from 1 on, as in `{function}(amount, 2 per customer_id order by …)`",
    )


def only_in_columns(span: Span, function: str, example: str, metric: str | None, far: str) -> Diagnostic:
    """`metric` is the metric or KPI that it is asked of, where it is one, and `far` how far away."""
    help = f'under `columns:` of the dataset write a column with `expr: "{example}"`, and name it here'
    if metric is not None and function == "lag":
        help = f"write `prior({metric}, {far})`, which is `{metric}` in the window that lies so far back"
    elif metric is not None and function == "row_number":
        help = f'ask for the first of a result with `--top "10 by {metric}"`, sorted with `--order -{metric}`'
    return Diagnostic(
        ONLY_IN_COLUMNS,
        f"`{function}` belongs to a row among others, and stands only in a column's formula",
        Label(span, "not in a column"),
        help=help,
    )
