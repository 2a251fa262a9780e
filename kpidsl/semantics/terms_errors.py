"""What can be wrong with the terms on which a KPI is asked."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.errors import BOUNDS
from kpidsl.source import Span

REQUIRES = rule("kpi/requires", "a KPI without a member that it requires")
FORBIDS = rule("kpi/forbids", "a KPI by a member that it forbids")
BOTH_WAYS = rule("kpi/required-and-forbidden", "a member that a KPI both requires and forbids")
VARIANTS = rule("name/variants", "an everyday name that several KPIs share")
VARIANT_NAME = rule("kpi/variant-name", "an everyday name that is a metric's or KPI's own name")
DEPRECATED = rule("kpi/deprecated", "a metric or KPI that is not to be used any more", "warning")


def requires(span: Span, name: str, owner: str, member: str, *, is_grain: bool) -> Diagnostic:
    who = f"`{name}` requires" if name == owner else f"`{name}` rests on `{owner}`, which requires"
    fixed = f"a period inside one {member}" if is_grain else f"`where {member} = …`"
    return Diagnostic(
        REQUIRES,
        f"{who} one `{member}` for each row, and the query neither groups by it nor fixes it",
        Label(span, f"needs `{member}`"),
        help=f"add `--by {member}`, or {fixed}",
    )


def forbids(span: Span, name: str, owner: str, member: str) -> Diagnostic:
    who = f"`{name}` has" if name == owner else f"`{name}` rests on `{owner}`, which has"
    return Diagnostic(
        FORBIDS,
        f"{who} no meaning by `{member}`, as its definition says",
        Label(span, f"forbids `{member}`"),
        help=f"leave `{member}` out of `by`, or ask for another KPI",
    )


def forbids_per(span: Span, name: str, owner: str, member: str) -> Diagnostic:
    who = f"`{name}` has" if name == owner else f"`{name}` rests on `{owner}`, which has"
    return Diagnostic(
        FORBIDS,
        f"{who} no meaning by `{member}`, as its definition says, and here it is asked per `{member}`",
        Label(span, f"forbids `{member}`"),
        help=f"take it per something else than `{member}`, or take another KPI",
    )


def both_ways(span: Span, name: str, member: str) -> Diagnostic:
    return Diagnostic(
        BOTH_WAYS,
        f"`{name}` requires `{member}` and forbids it",
        Label(span, "never to be asked"),
        help=f"keep `{member}` under `requires` or under `forbids`",
    )


def variants(
    span: Span, name: str, found: Sequence[tuple[str, Sequence[str]]], missing: Sequence[str]
) -> Diagnostic:
    """`found` has each variant with its labels, one for each language; `missing` reads what is not bound."""
    shown = [f"`{variant}`" + (f" ({' / '.join(labels)})" if labels else "") for variant, labels in found]
    left_out = ", ".join(f"`{variant}`" for variant in missing)
    told = f"`{name}` is an everyday name for {', '.join(shown) or left_out}"
    if not found:
        return Diagnostic(
            VARIANTS,
            f"{told}: what they read is not bound",
            Label(span, "not available"),
            help="`kpidsl list unavailable` tells what each of them lacks",
        )
    return Diagnostic(
        VARIANTS,
        f"{told}; {left_out} would be too, and what it reads is not bound" if missing else told,
        Label(span, "which one?"),
        help="name the one that is meant: " + " or ".join(f"`{variant}`" for variant, _ in found),
    )


def variant_name(span: Span, name: str, everyday: str, taken: Span) -> Diagnostic:
    return Diagnostic(
        VARIANT_NAME,
        f"`{name}` is a variant of `{everyday}`, and `{everyday}` is a definition of its own",
        Label(span, "taken name"),
        (Label(taken, "defined here"),),
        help=f"rename the definition `{everyday}`, or give the variants another everyday name",
    )


def deprecated(span: Span, name: str, since: str | None, use: str | None) -> Diagnostic:
    when = f" since {since}" if since else ""
    return Diagnostic(
        DEPRECATED,
        f"`{name}` is deprecated{when}",
        Label(span, "deprecated"),
        help=f"use `{use}`" if use else "its definition names nothing in its place",
    )


def bounds_type(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        BOUNDS,
        f"`{name}` has bounds, and its value is no number",
        Label(span, "bounds of no number"),
        help="remove `bounds:`",
    )
