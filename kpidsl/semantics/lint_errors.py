"""Warnings of `check`: what is allowed and yet likely to be a slip."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.definitions import Metric
from kpidsl.semantics.errors import listed
from kpidsl.source import Span

SAME_FORMULA = rule("kpi/same-formula", "two KPIs with the same formula", "warning")
REPEATED_PARENT = rule("grain/repeated-parent", "a parent's value summed once per child row", "warning")
OWN_KEY = rule("grain/own-key", "rows that are looked for by a key which one row alone has", "warning")
UNUSED = rule("name/unused", "a definition that nothing uses", "warning")


def same_formula(metric: Metric, other: Metric) -> Diagnostic:
    return Diagnostic(
        SAME_FORMULA,
        f"`{metric.name}` has the same formula as `{other.name}`",
        Label(metric.span, "the same number"),
        (Label(other.span, "the other one"),),
        help=f"keep one of them, and make the other name a synonym: `synonyms: [{metric.name}]`",
    )


def repeated_parent(span: Span, written: str, parent: str, home: str, own: str | None) -> Diagnostic:
    instead = f"write `{own}`" if own else f"aggregate `{parent}` itself"
    return Diagnostic(
        REPEATED_PARENT,
        f"`{written}` is a value of `{parent}`, and this sum has it once for each row of `{home}`",
        Label(span, f"repeated per row of {home}"),
        help=f"{instead} to count each once; if each row of `{home}` has its own, "
        f"give `{home}` a column with that formula",
    )


def own_key(span: Span, dataset: str, key: Sequence[str], whose: str | None) -> Diagnostic:
    """`whose` is a column by which several rows of the dataset belong to somebody."""
    return Diagnostic(
        OWN_KEY,
        f"each row of `{dataset}` has its own {listed(key)}: there is one row of each, and no other",
        Label(span, "one row of each"),
        help=f"write `per {whose}` for rows that belong together"
        if whose
        else "name what several rows have in common",
    )


def unused(span: Span, kind: str, name: str) -> Diagnostic:
    where = "no formula" if kind == "parameter" else "no formula, filter or test"
    return Diagnostic(
        UNUSED,
        f"{where} names the {kind} `{name}`",
        Label(span, "used by nothing"),
        help="remove it, or use it" + ("" if kind == "parameter" else " in a test, so that it is tried"),
    )


def unreached(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        UNUSED,
        f"no metric or KPI can be grouped by the dimension `{name}`: none of their datasets reaches it",
        Label(span, "used by nothing"),
        help="bind it to a dataset that is measured, under `from:`",
    )
