"""What can be wrong with aggregates and with the arguments of functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.semantics.errors import close_or_all
from kpidsl.semantics.functions import AGGREGATES
from kpidsl.source import Span
from kpidsl.syntax import print_formula, tree
from kpidsl.syntax.printer import number

MISSING_AGGREGATE = rule("aggregate/missing", "a row's value outside an aggregate")
NESTED = rule("aggregate/nested", "an aggregate inside a row formula")
NO_HOME = rule("aggregate/no-dataset", "an aggregate that names no dataset")
NOT_ROWS = rule("aggregate/whole-dataset", "a whole dataset where a column is due")
ARITY = rule("function/arguments", "a function with too many or too few arguments")
UNKNOWN_FUNCTION = rule("function/unknown", "a function that does not exist")
MODIFIER = rule("function/modifier", "a modifier where it means nothing")
EMPTY_MEANS = rule("metric/empty", "`empty: null` on a metric that aggregates nothing itself")
FRACTION = rule("aggregate/fraction", "a percentile that is not a number from 0 to 1")


def missing_aggregate(span: Span, name: str, dataset: str, function: str) -> Diagnostic:
    return Diagnostic(
        MISSING_AGGREGATE,
        f"`{name}` has a value for each row of `{dataset}`, and a formula needs one for all of them",
        Label(span, "one value per row"),
        help=f"say how to combine them, for example `{function}({name})`",
    )


def nested(span: Span, inner: str, kind: str, entity: tuple[str, str, str] | None) -> Diagnostic:
    """`entity` is a dataset, the column that says whose its rows are, and a value that each of those has."""
    help = "aggregate columns here, and combine aggregates outside of the brackets"
    if entity is not None:
        dataset, key, value = entity
        help = (
            f"what each `{key}` has is aggregated by `avg({value} per {key})`, and tested by "
            f"`count_distinct({dataset}.{key} having {value} > 1)`; else {help}"
        )
    return Diagnostic(
        NESTED,
        f"`{inner}` is {kind}, one value for many rows, and it stands where each row has its own",
        Label(span, "value of many rows"),
        help=help,
    )


def no_home(
    span: Span, function: str, candidates: Sequence[str], name: str | None, example: str
) -> Diagnostic:
    """`example` is something of the project that the function aggregates."""
    if candidates and name:
        help = "write " + " or ".join(f"`{function}({dataset}.{name})`" for dataset in candidates[:3])
    else:
        help = f"name the dataset whose rows it reads, for example `{function}({example})`"
    return Diagnostic(
        NO_HOME,
        f"`{function}` does not say whose rows it aggregates",
        Label(span, "which dataset?"),
        help=help,
    )


def whole_dataset(
    span: Span, function: str, dataset: str, columns: Sequence[str], rest: str = ""
) -> Diagnostic:
    """`rest` is what stands after the column in the call that is offered."""
    column = columns[0] if columns else "…"
    return Diagnostic(
        NOT_ROWS,
        f"`{function}` needs a value of each row, and `{dataset}` is a whole dataset",
        Label(span, "no column named"),
        help=f"write `{function}({dataset}.{column}{rest})`; rows are counted by `count({dataset})`",
    )


def arity(call: tree.Call, least: int, most: int, example: str) -> Diagnostic:
    """`example` shows how it is used; the call's own first argument is put into it."""
    found = len(call.arguments)
    due = str(least) if least == most else f"{least} to {most}"
    return Diagnostic(
        ARITY,
        f"`{call.function}` takes {due} argument{'s' if due != '1' else ''}, "
        f"and {found or 'none'} stand{'s' if found == 1 else ''} here",
        Label(call.span, f"{found} argument{'' if found == 1 else 's'}"),
        help=_with_point(call) or _with_condition(call) or f"it is used like `{_of_own(call, example)}`",
    )


def _with_point(call: tree.Call) -> str | None:
    """Return what to write where a number's comma parts two arguments: `count(orders where amount > 1,5)`."""
    text = call.span.source.text
    for one, other in pairwise(call.arguments):
        before, after = text[: one.span.end], text[other.span.start :]
        if isinstance(other, tree.Number) and text[one.span.end : other.span.start] == ",":
            whole, fraction = re.search(r"\d+\Z", before), re.match(r"\d+", after)
            if whole is not None and fraction is not None:
                return f"a number has a point before its fraction: write `{whole[0]}.{fraction[0]}`"
    return None


def _with_condition(call: tree.Call) -> str | None:
    """Return what to write where the last of two arguments of an aggregate is a condition on its rows."""
    if len(call.arguments) != 2 or call.function not in AGGREGATES:
        return None
    value, condition = call.arguments
    if not isinstance(condition, tree.CONDITIONS):
        return None
    return f"write `{call.function}({print_formula(value)} where {print_formula(condition)})`"


_FIRST = re.compile(r"\w+\((?:[^,()]|\([^()]*\))*?(?=,| across|\))")


def _of_own(call: tree.Call, example: str) -> str:
    """Return an example with the first argument of a call in it; times of rows stay those of the example."""
    first = _FIRST.match(example)
    if not call.arguments or first is None or call.function in ("date_diff", "date_trunc"):
        return example
    return f"{call.function}({print_formula(call.arguments[0])}{example[first.end() :]}"


def unknown_function(span: Span, name: str, candidates: Iterable[str], help: str | None = None) -> Diagnostic:
    return Diagnostic(
        UNKNOWN_FUNCTION,
        f"there is no function `{name}`",
        Label(span, "unknown function"),
        help=help or close_or_all(name, candidates),
    )


def of_time(span: Span, function: str, value: str) -> Diagnostic:
    """`value` is what the first or the last one is asked of."""
    return Diagnostic(
        MODIFIER,
        f"`{function}` goes by the time of the rows, and takes no order",
        Label(span, "out of place"),
        help=f"write `{function}({value})`, or name another time: `{function}({value} at shipped_at)`",
    )


def modifier(span: Span, word: str, function: str, where: str) -> Diagnostic:
    return Diagnostic(
        MODIFIER,
        f"`{word}` means nothing in `{function}`",
        Label(span, "out of place"),
        help=f"`{word}` belongs to {where}",
    )


def repeated(span: Span, word: str, function: str, whole: str) -> Diagnostic:
    return Diagnostic(
        MODIFIER,
        f"`{word}` stands twice in `{function}`",
        Label(span, f"second `{word}`"),
        help=f"several keys stand behind one: `{whole}`",
    )


def having_outside(span: Span, inside: str) -> Diagnostic:
    return Diagnostic(
        MODIFIER,
        "`having` stands outside the brackets of the set whose values it tests",
        Label(span, "outside the set"),
        help=f"write `{inside}`",
    )


def empty_means(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        EMPTY_MEANS,
        f"`empty: null` of `{name}` is about its own sums and counts, and its formula has none",
        Label(span, "no sum or count"),
        help="put `empty: null` on the metric that holds the sum or count",
    )


def fraction(span: Span, found: int | Decimal | float | None) -> Diagnostic:
    """`found` is the number that stands there, or None where something else does."""
    shown = 0.95 if found is None or not 1 < found <= 100 else found / 100
    fact = "something else stands here" if found is None else f"`{number(found)}` stands here"
    return Diagnostic(
        FRACTION,
        f"the second argument of `percentile` is a number from 0 to 1, and {fact}",
        Label(span, "not a fraction" if found is None else "not from 0 to 1"),
        help=f"the share of the values that lie below is written like `{float(shown):g}`",
    )
