"""What can be wrong with a scorecard."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.source import Span

OBJECTIVES = rule("scorecard/objectives", "objectives of a scorecard that cannot be judged together")
WEIGHTS = rule("scorecard/weights", "a scorecard whose objectives weigh nothing")
POLICY = rule("scorecard/policy", "a policy of a scorecard that is none")
PARTS = rule("scorecard/parts", "parts of a scorecard between which nothing is")


def circle(span: Span, names: Sequence[str]) -> Diagnostic:
    way = " → ".join(f"`{name}`" for name in names)
    fact = f"`{names[0]}` is a part of itself"
    return Diagnostic(
        OBJECTIVES,
        fact if len(names) == 2 else f"{fact}: {way}",
        Label(span, "a circle"),
        help="leave it out of one of them",
    )


def again(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        OBJECTIVES,
        f"`{name}` stands here twice",
        Label(span, "again"),
        help="leave one of the two out; an objective counts more by its `weight`",
    )


def milestone(span: Span, name: str, other: str, how: str) -> Diagnostic:
    return Diagnostic(
        OBJECTIVES,
        f"`{name}` is a milestone, which has no period, and `{other}` is judged {how}",
        Label(span, "has no period"),
        help="put it into a scorecard whose objectives have no `period`",
    )


def part_by_part(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        OBJECTIVES,
        f"`{name}` is judged part by part, and a scorecard puts whole periods side by side",
        Label(span, "has `each`"),
        help="leave it out, or judge its periods as a whole",
    )


def unlike(span: Span, name: str, how: str, other: str, otherwise: str) -> Diagnostic:
    return Diagnostic(
        OBJECTIVES,
        f"`{name}` is judged {how}, and `{other}` {otherwise}: they have no rows in common",
        Label(span, how),
        help="put objectives together that have the same `period` and the same `by`",
    )


def other_rows(span: Span, name: str, other: str) -> Diagnostic:
    return Diagnostic(
        OBJECTIVES,
        f"`{name}` and `{other}` are not judged of the same members: the `where` of one leaves out some",
        Label(span, "of other members"),
        help="write the same `where` in both, or conditions on dimensions that are not in `by`",
    )


def apart(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        OBJECTIVES,
        f"there is no day on which `{name}` and the objectives before it all hold",
        Label(span, "on other days"),
        help="leave it out, or let their `effective` days overlap",
    )


def weightless(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        WEIGHTS,
        f"all objectives of `{name}` have a weight of zero, so that nothing makes its score",
        Label(span, "no weight"),
        help="give one of them a `weight` above zero",
    )


def policy(span: Span, text: str, words: Sequence[str]) -> Diagnostic:
    known = ", ".join(f"`{word}`" for word in words)
    return Diagnostic(
        POLICY,
        f"`{text}` is no policy",
        Label(span, "unknown policy"),
        help=did_you_mean(text, words) or f"the policies are {known}, and a number of all such as `2 of 3`",
    )


def count(span: Span, wanted: int, of: int, there: int) -> Diagnostic:
    if of != there:
        fact = f"the scorecard has {there} {'objective' if there == 1 else 'objectives'}, and not {of}"
        help = f"write `{min(wanted, there)} of {there}`"
    else:
        fact = f"{wanted} of {of} is no number of objectives"
        help = f"write a number from 1 to {of}: `1 of {of}`"
    return Diagnostic(POLICY, fact, Label(span, "of how many?"), help=help)


def useless(span: Span, key: str) -> Diagnostic:
    return Diagnostic(
        POLICY,
        f"`{key}` means nothing where objectives are counted that are met",
        Label(span, "of other policies"),
        help=f"leave `{key}` out",
    )


def no_weight_missing(span: Span, missing: str) -> Diagnostic:
    becomes = "counts as 0" if missing == "zero" else "leaves no score"
    return Diagnostic(
        POLICY,
        f"with `missing: {missing}` what cannot be judged {becomes}, so no part of the weights is asked for",
        Label(span, "asks for nothing"),
        help="leave `min_weight` out, or write `missing: redistribute`",
    )


def clamp(span: Span) -> Diagnostic:
    return Diagnostic(
        PARTS,
        "attainments are clamped between two numbers around 100 %",
        Label(span, "not around 100%"),
        help="write `clamp: [0, 120%]`, which is the default",
    )


def beyond_clamp(span: Span, on_track: str, most: str) -> Diagnostic:
    return Diagnostic(
        PARTS,
        f"nothing is on track: `on_track` begins at {on_track}, and no attainment counts as more than {most}",
        Label(span, "above every score"),
        help=f"write {most} or less, or `clamp: [0, {on_track}]`",
    )


def below_zero(span: Span) -> Diagnostic:
    return Diagnostic(
        PARTS,
        "a geometric mean has no factor below 0",
        Label(span, "begins below 0"),
        help="write `clamp: [0, 120%]`, which is the default",
    )


def vetoes_nothing(span: Span, name: str, names: Sequence[str]) -> Diagnostic:
    some = ", ".join(f"`{one}`" for one in names[:12])
    return Diagnostic(
        OBJECTIVES,
        f"`{name}` is none of the objectives here, so it has no veto",
        Label(span, "not in `objectives`"),
        help=did_you_mean(name, names) or f"there is {some}",
    )


def min_weight(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        PARTS,
        f"`{text}` is no part of the weights",
        Label(span, "from 0 to 100% is due"),
        help="write which part of the weights must be there: `min_weight: 50%`, which is the default",
    )


def not_constant(span: Span) -> Diagnostic:
    return Diagnostic(
        PARTS,
        "a number is due, and this is a formula",
        Label(span, "no number"),
        help="write a number, such as `50%`",
    )
