"""What can be wrong with aggregates over entities."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.semantics.errors import listed
from kpidsl.source import Span

OF_ROWS = rule("entity/of-rows", "`per` behind values of rows")
FUNCTION = rule("entity/function", "`per` in an aggregate that does not take one value of each entity")
HAVING = rule("entity/having", "`having` in an aggregate that counts nobody")
HAVING_OF_OTHERS = rule("entity/having-other-dataset", "`having` that reads rows of another dataset")
TOTAL_OF_KEPT = rule("entity/having-total", "`having` that drops a member by which `where` keeps other rows")

OTHER_BUCKETS = rule(
    "entity/other-buckets", "values of all days, asked by a date part that only some of them have", "warning"
)


def of_rows(span: Span, text: str, each: str, whole: str) -> Diagnostic:
    return Diagnostic(
        OF_ROWS,
        f"`per` needs one value of each entity, and `{text}` is one of each row",
        Label(span, "values of rows"),
        help=f"aggregate the rows of each first: `{each}` is one value of each, `{whole}` is over these",
    )


def function(span: Span, name: str, known: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        FUNCTION,
        f"`{name}` does not take one value of each entity",
        Label(span, "not over entities"),
        help="take one of " + ", ".join(f"`{one}`" for one in known),
    )


def having(span: Span, name: str, inside: str | None) -> Diagnostic:
    """`inside` is the set in whose brackets it was probably meant to stand."""
    meant = inside or "count_distinct(orders.customer_id having count(orders) >= 2)"
    return Diagnostic(
        HAVING,
        f"`having` tests each value that is counted, and `{name}` does not count values",
        Label(span, "nothing is counted here"),
        help=f"write `{meant}`",
    )


def having_of_others(span: Span, key: str, home: str, other: str) -> Diagnostic:
    return Diagnostic(
        HAVING_OF_OTHERS,
        f"`having` tests each `{key}` among the rows of `{home}`, and this reads `{other}`",
        Label(span, f"reads `{other}`"),
        help=f"aggregate rows of `{home}` here",
    )


def total_of_kept(span: Span, dropped: Sequence[str], counted: Span, *, has_edges: bool) -> Diagnostic:
    """`has_edges` tells that it is the window's ends by which other rows are kept, not a set."""
    names = ", ".join(dropped)
    return Diagnostic(
        TOTAL_OF_KEPT,
        f"`where` keeps other rows in each {listed(dropped)}, and this reads those of all together",
        Label(span, f"across {names}"),
        related=(Label(counted, f"kept for each {names}"),),
        help="write dates in `where` instead of `period_start` and `period_end`"
        if has_edges
        else f"write `total(values(…) across {names})` in `where` for one set of all",
    )


def in_each_cycle(span: Span, keys: Sequence[Span], part: str, grain: str, cycle: str) -> Diagnostic:
    """`cycle` is the grain in whose buckets each value of the part comes once."""
    once = f"each {cycle} has each `{part}` once, so that whole {cycle}s are divided rightly"
    help = f"write `{_with_keys(span, keys, cycle)}`: {once}; {_those_with_rows(span, keys, part, grain)}"
    return _other_buckets(span, keys, part, grain, help)


def in_each_bucket(span: Span, keys: Sequence[Span], part: str, grain: str, bucket: str) -> Diagnostic:
    """`bucket` is the grain of which each bucket has one value of the part."""
    help = f"group by `{bucket}` for each by itself; {_those_with_rows(span, keys, part, grain)}"
    return _other_buckets(span, keys, part, grain, help)


def _other_buckets(span: Span, keys: Sequence[Span], part: str, grain: str, help: str) -> Diagnostic:
    return Diagnostic(
        OTHER_BUCKETS,
        f"with `{part}`, `{span.excerpt()}` is still over every {grain} of the period: {grain}s of "
        f"another `{part}` count with the value of no rows",
        Label(keys[0].until(keys[-1]), f"every {grain}"),
        help=help,
    )


def _those_with_rows(span: Span, keys: Sequence[Span], part: str, grain: str) -> str:
    own = _with_keys(span, keys, f"{keys[0].until(keys[-1]).excerpt()}, {part}")
    return f"`{own}` is over every {grain} that has rows"


def _with_keys(span: Span, keys: Sequence[Span], written: str) -> str:
    text = span.source.text
    return text[span.start : keys[0].start] + written + text[keys[-1].end : span.end]
