"""What can be wrong with sequences: their dataset, key and window, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.semantics.errors import close_or_all, listed
from kpidsl.semantics.functions import SEQUENCES
from kpidsl.semantics.time_errors import NO_TIME
from kpidsl.source import Span

DATASET = rule("sequence/dataset", "a sequence whose rows are not those of a dataset")
KEY = rule("sequence/key", "a sequence without a key that both datasets have")
WINDOW = rule("sequence/window", "a sequence whose window does not read as one")
MISPLACED = rule("sequence/misplaced", "a sequence where there is no row")
NULL_KEY = rule("sequence/null-key", "a negated sequence that is true of rows without a key", "warning")


def _both(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def no_dataset(span: Span, function: str, dataset: str | None) -> Diagnostic:
    """`dataset` is the one that the argument names a column of, where it does."""
    instead = SEQUENCES[function] if dataset is None else f"{function}({dataset} where … per …)"
    return Diagnostic(
        DATASET,
        f"`{function}` looks for rows of a dataset, and this is none",
        Label(span, "no dataset"),
        help=f"name a dataset, and put conditions behind `where`: `{instead}`",
    )


def several_datasets(span: Span, function: str, written: str) -> Diagnostic:
    return Diagnostic(
        DATASET,
        f"`{function}` looks for one row after another, and its steps stand here side by side",
        Label(span, "several datasets"),
        help=f"put `then` between them: `{written}`",
    )


def unknown_dataset(span: Span, name: str, candidates: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        DATASET,
        f"there is no dataset `{name}`",
        Label(span, "unknown name"),
        help=close_or_all(name, candidates),
    )


def no_key(span: Span, function: str, datasets: Sequence[str], shared: Sequence[str]) -> Diagnostic:
    help = (
        f"add `per {shared[0]}`, before `within` where there is one"
        if shared
        else "add `per` and what says that two rows belong together, such as `per customer_id`"
    )
    more = f"; both have {listed(shared)}" if len(shared) > 1 else ""
    return Diagnostic(
        KEY,
        f"`{function}` does not say by which key rows of {_both(datasets)} belong together",
        Label(span, "whose rows?"),
        help=help + more,
    )


def one_sided_key(span: Span, name: str, dataset: str, shared: Sequence[str]) -> Diagnostic:
    found = f"both have {listed(shared)}; " if shared else ""
    return Diagnostic(
        KEY,
        f"`{name}` is no column or dimension of `{dataset}`, and a key is one of both datasets",
        Label(span, f"not in {dataset}"),
        help=f"{found}where a key is called differently, define a dimension with a source for each dataset",
    )


def no_value_of_row(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        KEY,
        f"`{name}` is a parameter, the same for all rows, and a key has a value for each row",
        Label(span, "no key"),
        help="name a column or a dimension of both datasets",
    )


def no_time(span: Span, shown: str) -> Diagnostic:
    return Diagnostic(
        WINDOW,
        f"a sequence's window is a time such as `7 days`, and this is `{shown}`",
        Label(span, "no time"),
        help="write a number with a unit of time, `7 days`, or a parameter of type duration",
    )


def backwards(span: Span, shown: str) -> Diagnostic:
    return Diagnostic(
        WINDOW,
        f"`{shown}` is negative, and a sequence looks in one direction",
        Label(span, "negative"),
        help="`followed_by` looks forward and `preceded_by` looks back; both are joined by `or`",
    )


def uneven(span: Span, shown: str, because: str, instead: str) -> Diagnostic:
    return Diagnostic(
        WINDOW, f"`{shown}` is too fine: {because}", Label(span, "too fine"), help=f"write {instead}"
    )


def too_far(span: Span, shown: str) -> Diagnostic:
    return Diagnostic(
        WINDOW,
        f"`{shown}` is more than a thousand years, which leads beyond the calendar",
        Label(span, "too long"),
        help="leave it out: without `within` a sequence looks on without end",
    )


def nothing_inside(span: Span, shown: str) -> Diagnostic:
    return Diagnostic(
        WINDOW,
        f"no time lies in `{shown}`, so no row ever does",
        Label(span, "empty window"),
        help="write a longer time; the same day, or the same instant, is reached by `from 0 days`",
    )


def two_windows(span: Span, word: str, first: Span) -> Diagnostic:
    return Diagnostic(
        WINDOW,
        f"`{word}` says once more what stands there already",
        Label(span, "said again"),
        (Label(first, "said here"),),
        help="keep one; several keys stand behind one `per`: `per customer_id, shop_id`",
    )


def misplaced(span: Span, function: str) -> Diagnostic:
    return Diagnostic(
        MISPLACED,
        f"`{function}` is a condition on a row, and there is no row here",
        Label(span, "which row?"),
        help=f"put it in the `where` of an aggregate: `count(visits where {SEQUENCES[function]})`, "
        "or in a derived column",
    )


def timeless(span: Span, function: str, dataset: str, at: Span, *, is_home: bool) -> Diagnostic:
    measured = f"`{function}` measures from it" if is_home else f"`{function}` asks when its rows happened"
    return Diagnostic(
        NO_TIME,
        f"`{dataset}` has no time column, and {measured}",
        Label(span, "rows without time"),
        (Label(at, "dataset defined here"),),
        help=f"add `time: …` to dataset `{dataset}`" + (", or `at …` in the aggregate" if is_home else ""),
    )


def null_key(span: Span, function: str, dataset: str, key: str) -> Diagnostic:
    return Diagnostic(
        NULL_KEY,
        f"`not {function}(…)` is true of every row of `{dataset}` without a `{key}`",
        Label(span, "a null key matches nothing"),
        help=f"leave these rows out with `{key} is not null`, or write `per {key} including null`",
    )
