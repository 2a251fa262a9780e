"""What can be wrong with a join on a validity interval."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.types import Type
from kpidsl.semantics.errors import JOIN_KEY
from kpidsl.source import Span
from kpidsl.syntax import tree

INTERVAL = rule("join/interval", "a validity interval that cannot be compared with the row's own time")
INTERVAL_KEY = rule("join/interval-not-in-key", "a validity interval whose start is not in the target's key")


def interval_types(span: Span, column: str, found: Type, at: tree.Name, at_type: Type) -> Diagnostic:
    return Diagnostic(
        INTERVAL,
        f"`{column}` is of type {found}, and `{at.text}`, which it is compared with, of type {at_type}",
        Label(span, f"is {found}"),
        (Label(at.span, f"is {at_type}"),),
        help="an interval and its `at` are both times, or both numbers",
    )


def computed_end(span: Span, join: str, column: str) -> Diagnostic:
    return Diagnostic(
        INTERVAL,
        f"the interval of join `{join}` ends in `{column}`, which is computed; it needs columns of the table",
        Label(span, "computed column"),
        help="name a column of the table, or compute it in the dataset's `sql:`",
    )


def reversed_keys(span: Span, target: str, keys: Sequence[tuple[str, str]]) -> Diagnostic:
    right = ", ".join(f"{own}: {theirs}" for theirs, own in keys)
    return Diagnostic(
        JOIN_KEY,
        f"the two sides of `using` are exchanged: a column of `{target}` stands before the `:`",
        Label(span, "the other way round"),
        help=f"write `using: {{{right}}}` (target's column: own column)",
    )


def interval_key(span: Span, join: str, target: str, key: Sequence[str], used: Sequence[str]) -> Diagnostic:
    fixed = used[:-1]
    rest = [column for column in key if column not in fixed]
    shown = ", ".join(f"`{column}`" for column in key) or "nothing"
    help = (
        f"write `between: [{rest[0]}, …]`"
        if len(rest) == 1
        else f"declare `key: [{', '.join(used)}]` on `{target}` if that is what makes its rows unique"
    )
    return Diagnostic(
        INTERVAL_KEY,
        f"the key of `{target}` is {shown}; join `{join}` fixes "
        f"{', '.join(f'`{column}`' for column in used)}, so a row could have several partners",
        Label(span, "not the whole key"),
        help=help,
    )
