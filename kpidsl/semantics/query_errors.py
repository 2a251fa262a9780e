"""What can be wrong with what is asked of a query's result."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.source import Span

HAVING = rule("query/having", "a condition on result rows over something that the result does not show")

PERIODS_AND_GRAIN = rule("query/periods-and-grain", "several periods side by side, and a time grain")


def listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def having_name(span: Span, name: str, kind: str, columns: Sequence[str]) -> Diagnostic:
    """`kind` tells what the name is where the result lacks it: a `kpi`, a `member` or `nothing`."""
    others = did_you_mean(name, columns) or f"its columns are {listed(columns)}"
    help = {
        "kpi": f"ask for `{name}` too; {others}",
        "member": f"add `--by {name}`, or put the condition into `where`; {others}",
    }
    return Diagnostic(
        HAVING,
        f"`having` tests the result's columns, and `{name}` is none of them",
        Label(span, "not in the result"),
        help=help.get(kind, others),
    )


def having_aggregate(span: Span, formula: str) -> Diagnostic:
    return Diagnostic(
        HAVING,
        f"`having` tests the result's columns, and `{formula}` is computed from rows",
        Label(span, "no column"),
        help=f"ask for it under a name, `tested = {formula}`, and test `tested`",
    )


def periods_and_grain(span: Span, grain: str, periods: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        PERIODS_AND_GRAIN,
        f"{len(periods)} periods stand side by side, and by {grain} each row is in one of them only",
        Label(span, "time grain"),
        help=f"leave out `{grain}`, or ask for one period that holds them all",
    )
