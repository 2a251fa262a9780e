"""What can be wrong with the query's instant and what depends on it."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.source import Span

AS_OF = rule("query/as-of", "an instant that does not read as one")
PARTIAL = rule("query/partial", "unfinished buckets treated in a way that there is not")


def as_of(span: Span, text: str, why: str | None = None) -> Diagnostic:
    """Say that a text is no instant; `why` tells of a day that is none."""
    if text.strip().lower() in ("now", "today"):
        why = "leave `--as-of` out: `kpidsl run` takes the present instant; another one is `2026-08-15 14:30`"
    return Diagnostic(
        AS_OF,
        f"`{text}` does not read as an instant",
        Label(span, "no instant"),
        help=why or "write a day, `2026-08-15` (its first midnight), or a time: `2026-08-15 14:30`",
    )


def as_of_out_of_range(span: Span, text: str, earliest: int, latest: int) -> Diagnostic:
    return Diagnostic(
        AS_OF,
        f"the instant `{text}` is out of range",
        Label(span, "beyond the calendar"),
        help=f"instants lie in the years {earliest} to {latest}",
    )


def partial(span: Span, word: str, words: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        PARTIAL,
        f"`{word}` says nothing of unfinished buckets",
        Label(span, "unknown"),
        help=did_you_mean(word, words) or f"write {', '.join(f'`{known}`' for known in words)}",
    )
