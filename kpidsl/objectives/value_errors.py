"""What can be wrong with an objective's values: units, fractions, bounds, baselines."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.objectives.bounds import Ends
from kpidsl.source import Span

NO_NUMBER = rule("objective/no-number", "a target that is no number")
FRACTION = rule("objective/fraction", "a number alone where a fraction is due")
UNIT = rule("objective/unit", "a target in another unit than its KPI's")
CHANGE = rule("objective/change", "a change that may be meant in two ways, or is for the worse")
ZERO = rule("objective/zero-target", "a target of zero without a baseline")
BASELINE = rule("objective/baseline", "a baseline at the target, or beyond it")
SHORT_WAY = rule("objective/short-way", "a baseline that is next to the target", "warning")
BOUNDS = rule("objective/bounds", "a target that no value can reach")
AT_BOUND = rule("objective/at-bound", "a target at the end of what can be", "warning")
LEVELS = rule("objective/levels", "a threshold or a stretch on the wrong side of the target")
BUDGET = rule(
    "objective/error-budget", "an error budget of what is no part, or of which nothing may go wrong"
)
RANGE = rule("objective/range", "a range or tolerance in which nothing is")


def no_number(span: Span, key: str, found: str) -> Diagnostic:
    return Diagnostic(
        NO_NUMBER,
        f"`{key}` is a number, and this is {found}",
        Label(span, found),
        help="write a number, or a formula that gives one",
    )


def column_of_texts(span: Span, column: str, found: str) -> Diagnostic:
    return Diagnostic(
        NO_NUMBER,
        f"a target is a number, and `{column}` is {found}",
        Label(span, found),
        help="name a column of numbers",
    )


def bare_fraction(span: Span, text: str, of: str, percent: str, whole: str | None) -> Diagnostic:
    """`percent` is what is probably meant, `whole` what the number says as it stands."""
    also = "" if whole is None else f"; `{whole}` if that is meant"
    return Diagnostic(
        FRACTION,
        f"{of} is a fraction, and `{text}` does not say of what it is a part",
        Label(span, "percent, or times?"),
        help=f"write {percent}{also}",
    )


def percent_of_score(
    span: Span, text: str, kpi: str, meant: str, number: str, *, is_told: bool
) -> Diagnostic:
    """`meant` is what is probably meant, `number` what the text says as it stands."""
    help = f"write `{meant}`; `{number}` if that is meant"
    if is_told:
        fact = f"`{kpi}` has a scale of its own, and `{text}` does not say which value of it is meant"
    else:
        fact = f"nothing says that `{kpi}` is a fraction, so `{text}` may be `{meant}` or `{number}`"
        help += f"; where `{kpi}` is a fraction, write `unit: percent` there"
    return Diagnostic(FRACTION, fact, Label(span, "percent of what?"), help=help)


def points(span: Span, text: str, percent: str) -> Diagnostic:
    return Diagnostic(
        FRACTION,
        f"`{text}` is a difference of two fractions, and a fraction is due here",
        Label(span, "percentage points"),
        help=f"write `{percent}`",
    )


def unit(
    span: Span, key: str, found: str, kpi: str, due: str, origins: Sequence[Label], help: str
) -> Diagnostic:
    return Diagnostic(
        UNIT,
        f"`{key}` is in `{found}`, and `{kpi}` is in `{due}`",
        Label(span, f"in {found}"),
        tuple(origins),
        help=help,
    )


def two_ways(span: Span, text: str, kpi: str, points: str | None, percent: str) -> Diagnostic:
    if points is None:
        fact = f"`{text}` alone does not say whether `{kpi}` changes by that much or by that many percent"
        help = f"write `{percent}`, or the number with its unit"
    else:
        fact = f"`{kpi}` is a fraction, and `{text}` may mean points or a part of what it is"
        help = f"write `{points}`, or `{percent}` with `relative: true` beside it"
    return Diagnostic(CHANGE, fact, Label(span, "of what?"), help=help)


def relative(span: Span, help: str) -> Diagnostic:
    return Diagnostic(
        CHANGE,
        "`relative` is for fractions, and for a part in percent",
        Label(span, "says nothing"),
        help=help,
    )


def for_the_worse(span: Span, kpi: str, direction: str, text: str) -> Diagnostic:
    sign = "above" if direction == "up" else "below"
    return Diagnostic(
        CHANGE,
        f"a change of `{text}` is no change for the better: the direction of `{kpi}` is `{direction}`",
        Label(span, "for the worse"),
        help=f"write a number {sign} zero, or say what is allowed by `at_least` or `at_most` "
        "and a formula with `prior(…)`",
    )


def zero(span: Span, whose: str, example: str) -> Diagnostic:
    return Diagnostic(
        ZERO,
        f"the target of {whose} is zero: how far a value is from it, is no part of zero",
        Label(span, "zero"),
        help=f"say where the way to it begins: `baseline: {example}`",
    )


def at_target(span: Span, baseline: str, target: Span) -> Diagnostic:
    return Diagnostic(
        BASELINE,
        f"the baseline is the target itself, {baseline}",
        Label(span, "no way to go"),
        (Label(target, "the target"),),
        help="write the value from which the way begins, or leave `baseline` out",
    )


def wrong_side(
    span: Span, kind: str, baseline: str, target: str, place: Span, *, upwards: bool
) -> Diagnostic:
    side, other = ("above", "below") if upwards else ("below", "above")
    return Diagnostic(
        BASELINE,
        f"the way from {baseline} to {target} does not lead to `{kind}`",
        Label(span, f"{side} the target"),
        (Label(place, "the target"),),
        help=f"write a baseline {other} {target}, or leave it out",
    )


def short_way(span: Span, baseline: str, target: str, place: Span) -> Diagnostic:
    return Diagnostic(
        SHORT_WAY,
        f"the way from {baseline} to {target} is less than 5 % of the target, so attainment will leap",
        Label(span, "next to the target"),
        (Label(place, "the target"),),
        help="leave `baseline` out, or begin farther away",
    )


def misplaced_baseline(span: Span, kind: str) -> Diagnostic:
    why = (
        "its base is `against` back"
        if kind == "change"
        else "members are compared with each other"
        if kind in ("rank", "parity")
        else "its attainment falls on both sides of what is right"
    )
    return Diagnostic(
        BASELINE,
        f"`{kind}` has no baseline of its own: {why}",
        Label(span, "no use here"),
        help="leave `baseline` out",
    )


def beyond(span: Span, text: str, kpi: str, end: str, side: str, ends: Ends) -> Diagnostic:
    defined = ends.span
    others = () if defined is None else (Label(defined, f"no value is {side} {end}"),)
    mend = "" if defined is None else f", or mend the `bounds` of `{kpi}`"
    return Diagnostic(
        BOUNDS,
        f"`{kpi}` is never {side} {end}{f': {ends.why}' if ends.why else ''}, and `{text}` is",
        Label(span, f"{side} {end}"),
        others,
        help=f"write a value that can be{mend}",
    )


def at_bound(span: Span, text: str, kpi: str, *, always: bool) -> Diagnostic:
    if always:
        fact = f"`{text}` is the end of what `{kpi}` can be, so every value meets it"
    else:
        fact = f"`{text}` is the end of what `{kpi}` can be: nothing is better, and hardly anything as good"
    return Diagnostic(
        AT_BOUND, fact, Label(span, "end of what can be"), help="write a target that can be missed and met"
    )


def never(span: Span, text: str, kpi: str, kind: str) -> Diagnostic:
    return Diagnostic(
        BOUNDS,
        f"`{text}` is the end of what `{kpi}` can be, so no value is `{kind}` that",
        Label(span, "end of what can be"),
        help="write a value that can be passed",
    )


def range_crossed(span: Span, low: str, high: str) -> Diagnostic:
    if low == high:
        fact, help = f"only {low} itself is in this range", "write `kind: on_target` with a `tolerance`"
    else:
        fact, help = f"no value is from {low} to {high}", f"write the least first: `range: [{high}, {low}]`"
    return Diagnostic(RANGE, fact, Label(span, "nothing between"), help=help)


def tolerance(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        RANGE,
        f"a tolerance is zero or more, and `{text}` is less",
        Label(span, "below zero"),
        help="write how far on either side is still on target",
    )


def zero_tolerance(span: Span, kpi: str) -> Diagnostic:
    return Diagnostic(
        RANGE,
        f"`{kpi}` is no count: with a tolerance of zero it is on target by chance alone",
        Label(span, "zero"),
        help="write how far on either side is still on target",
    )


def part_of_zero(span: Span, target: Span) -> Diagnostic:
    return Diagnostic(
        RANGE,
        "the target is zero, and any part of it is zero, too",
        Label(span, "no width"),
        (Label(target, "zero"),),
        help="write the tolerance as an amount, in the unit of the KPI",
    )


def fade(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        RANGE,
        f"attainment falls over some way outside, and `{text}` is none",
        Label(span, "no way"),
        help="write a number above zero",
    )


def points_or_part(span: Span, text: str, kpi: str, points: str) -> Diagnostic:
    return Diagnostic(
        FRACTION,
        f"`{kpi}` is a fraction, and `{text}` may mean points or a part of the target",
        Label(span, "of what?"),
        help=f"write `{points}`, or a formula: `0.05 * …`",
    )


def open_range(span: Span, kind: str | None) -> Diagnostic:
    """`kind` is what a range with one end means."""
    found, end = ("none", "both ends are open") if kind is None else ("one", "one end is open")
    either = "" if kind is None else f"`kind: {kind}` with a `target`, or "
    return Diagnostic(
        RANGE,
        f"a range has two ends, and this one has {found}",
        Label(span, end),
        help=f"write {either}both ends: `range: [20, 30]`",
    )


def part_of_nothing(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        RANGE,
        f"`{text}` does not say of what it is a part",
        Label(span, "part of what?"),
        help="write how far outside, in the KPI's unit",
    )


def attainment(span: Span, text: str, meant: str) -> Diagnostic:
    return Diagnostic(
        UNIT,
        f"`{text}` is in another unit than attainment, which is a fraction",
        Label(span, "a fraction is due"),
        help=f"write `{meant}`, or say which value is meant: `of: value`",
    )


def levels_beside(span: Span, key: str) -> Diagnostic:
    return Diagnostic(
        LEVELS,
        f"`{key}` and `levels` both say how attainment is told",
        Label(span, "beside `levels`"),
        help=f"leave `{key}` out, or `levels`",
    )


def levels_crossed(span: Span, threshold: str, stretch: str, *, upwards: bool) -> Diagnostic:
    order = "rise" if upwards else "fall"
    return Diagnostic(
        LEVELS,
        f"threshold, target and stretch {order} here, and {threshold}, the target and {stretch} do not",
        Label(span, "not in this order"),
        help="write a threshold that is easier than the target, and a stretch that is harder",
    )


def no_budget(span: Span, kpi: str, why: str) -> Diagnostic:
    return Diagnostic(
        BUDGET,
        f"an error budget is the part that may go wrong, and {why}",
        Label(span, "no budget"),
        help=f"leave `error_budget` out, or judge the part of `{kpi}` that goes right or wrong",
    )


def levels_of_formulas(span: Span) -> Diagnostic:
    return Diagnostic(
        LEVELS,
        "levels are told from a target that is a number, and here are formulas",
        Label(span, "not known before the data"),
        help="write the target, the threshold and the stretch as numbers",
    )
