"""What can be wrong with an objective as a whole: its KPI, its kind, its days, its bands."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.semantics.errors import write_meant
from kpidsl.source import Span

NOT_A_KPI = rule("objective/not-a-kpi", "an objective on what is no KPI, or no number")
KEYS = rule("objective/keys", "a key that an objective's kind lacks, or has no use for")
DIRECTION = rule("objective/direction", "an objective against its KPI's direction")
EFFECTIVE = rule("objective/effective", "days on which an objective holds that are none")
CUT_PERIOD = rule("objective/cut-period", "days of an objective that begin or end inside a period", "warning")
PERIOD = rule("objective/period", "a period of an objective that is no grain")
MEMBERS = rule("objective/by", "an objective by what is no member")
BANDS = rule("objective/bands", "bands of a status that leave no value for one of them")
TWICE = rule("objective/twice", "two objectives that promise the same twice")
SAMPLE = rule("objective/sample", "a smallest sample of a value that rests on no rows")


def metric(span: Span, name: str, defined: Span) -> Diagnostic:
    return Diagnostic(
        NOT_A_KPI,
        f"`{name}` is a metric, and objectives are set on KPIs",
        Label(span, "not a KPI"),
        (Label(defined, "defined here"),),
        help=f"move `{name}` under `kpis:`, with its `label`, `direction` and `owner`",
    )


def no_number(span: Span, name: str, found: str) -> Diagnostic:
    return Diagnostic(
        NOT_A_KPI,
        f"`{name}` is {found}, and a target is a number",
        Label(span, found),
        help="set the objective on a KPI that is a number",
    )


def useless(span: Span, key: str, kind: str, help: str) -> Diagnostic:
    return Diagnostic(
        KEYS, f"`{key}` means nothing with `kind: {kind}`", Label(span, "of another kind"), help=help
    )


def lacking(span: Span, name: str, key: str, why: str, help: str) -> Diagnostic:
    return lacking_days(span, name, f"no `{key}`", why, help)


def lacking_days(span: Span, name: str, lacks: str, why: str, help: str) -> Diagnostic:
    return Diagnostic(KEYS, f"{why}, and `{name}` has {lacks}", Label(span, lacks), help=help)


def also_from(span: Span) -> Diagnostic:
    return Diagnostic(
        KEYS,
        "the target stands in a dataset and in the definition, too",
        Label(span, "the other target"),
        help="leave `target` or `target_from` out; what holds for some members alone stands under `targets`",
    )


def no_direction(span: Span, kind: str, kpi: str, direction: str, defined: Span) -> Diagnostic:
    fact = "a change is for the better in the KPI's `direction`"
    if kind == "milestone":
        fact = "a milestone is reached from the side that the KPI's `direction` tells"
    return Diagnostic(
        DIRECTION,
        f"{fact}, and that of `{kpi}` is `{direction}`",
        Label(span, "which way is better?"),
        (Label(defined, f"`direction: {direction}`"),),
        help=f"write `direction: up` or `direction: down` at `{kpi}`, or use another kind",
    )


def overrides_without_a_reason(span: Span) -> Diagnostic:
    return Diagnostic(
        DIRECTION,
        "`override_direction` tells why the KPI's `direction` does not hold here, and it is empty",
        Label(span, "no reason"),
        help="write the reason: `override_direction: fewer visits are bought this year`",
    )


def direction(span: Span, kind: str, kpi: str, direction: str, defined: Span, other: str) -> Diagnostic:
    better = "more" if direction == "up" else "less"
    return Diagnostic(
        DIRECTION,
        f"`{kind}` holds `{kpi}` back from where it is better: its direction is `{direction}`",
        Label(span, f"{better} is better"),
        (Label(defined, f"`direction: {direction}`"),),
        help=f"write `kind: {other}`, or say why it is so: `override_direction: …`",
    )


def share_of_worse(span: Span, kpi: str, defined: Span) -> Diagnostic:
    return Diagnostic(
        DIRECTION,
        f"a share of `{kpi}` is asked of each, and less of it is better: its direction is `down`",
        Label(span, "less is better"),
        (Label(defined, "`direction: down`"),),
        help="promise a rank, `target: 3`, or say why it is so: `override_direction: …`",
    )


def overrides_nothing(span: Span, kind: str, kpi: str) -> Diagnostic:
    return Diagnostic(
        DIRECTION,
        f"`{kind}` agrees with the direction of `{kpi}`, so there is nothing to override",
        Label(span, "overrides nothing"),
        help="leave `override_direction` out",
    )


def day(span: Span, text: str, meant: str | None, why: str | None) -> Diagnostic:
    """`meant` is the day that is meant (two with `or`), `why` what is wrong with one of the right form."""
    return Diagnostic(
        EFFECTIVE,
        f"`{text}` is no day",
        Label(span, "a day is due"),
        help=write_meant(meant) or why or "write a day as year, month and day: `2026-01-01`",
    )


def day_out_of_range(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        EFFECTIVE,
        f"the day `{text}` is out of range",
        Label(span, "beyond the calendar"),
        help="write a day from 1000-01-01 to 9999-12-30; an end that is open is left out",
    )


def no_days(span: Span, start: str, end: str) -> Diagnostic:
    return Diagnostic(
        EFFECTIVE,
        f"no day is from {start} on and before {end}",
        Label(span, "no day between"),
        help=f"write the first day first: `{{from: {end}, until: {start}}}`"
        if start != end
        else "`until` is the day after the last",
    )


def cuts_bucket(span: Span, grain: str, day: str, start: str, end: str) -> Diagnostic:
    return Diagnostic(
        CUT_PERIOD,
        f"`{day}` is inside a {grain}, which will be judged by a part of it",
        Label(span, f"inside a {grain}"),
        help=f"write `{start}` or `{end}`, where one begins",
    )


def ends_when_due(span: Span) -> Diagnostic:
    return Diagnostic(
        EFFECTIVE,
        "a milestone holds until its `due` day is over",
        Label(span, "beside `due`"),
        help="leave `until` out",
    )


def due_before(span: Span, due: str, start: str) -> Diagnostic:
    return Diagnostic(
        EFFECTIVE,
        f"a milestone that is due on {due} counts nothing from {start} on",
        Label(span, "before the first day"),
        help="write a `due` day that is not before `effective`",
    )


def short_grain(span: Span, grain: str) -> Diagnostic:
    return Diagnostic(
        PERIOD,
        f"`{grain}` is shorter than a day, and periods of objectives are days or longer",
        Label(span, "too short"),
        help="write `period: day`, or a longer grain",
    )


def no_grain(span: Span, text: str, grain: str | None) -> Diagnostic:
    example = f"`period: {grain}`" if grain else "`period: month`"
    return Diagnostic(
        PERIOD,
        f"`{text}` is one period, and an objective names the grain of all its periods",
        Label(span, "a grain is due"),
        help=f"write {example}, and the days of the whole under `effective: {{from: …, until: …}}`",
    )


def grain_in_by(span: Span, grain: str) -> Diagnostic:
    return Diagnostic(
        MEMBERS,
        f"`{grain}` is a time grain: what is judged period by period has a `period`",
        Label(span, "a time grain"),
        help=f"write `period: {grain}`, and leave it out of `by`",
    )


def member_twice(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        MEMBERS, f"`{name}` stands in `by` twice", Label(span, "again"), help="leave one of the two out"
    )


def requires(span: Span, kpi: str, owner: str, member: str, *, is_grain: bool) -> Diagnostic:
    who = f"`{kpi}` requires" if kpi == owner else f"`{kpi}` rests on `{owner}`, which requires"
    help = f"write `period: {member}`" if is_grain else f"add `{member}` to `by`, or `where: {member} = …`"
    return Diagnostic(
        MEMBERS,
        f"{who} one `{member}` for each value, and the objective neither groups by it nor fixes it",
        Label(span, f"needs `{member}`"),
        help=help,
    )


def forbids(span: Span, kpi: str, owner: str, member: str) -> Diagnostic:
    who = f"`{kpi}` has" if kpi == owner else f"`{kpi}` rests on `{owner}`, which has"
    return Diagnostic(
        MEMBERS,
        f"{who} no meaning by `{member}`, as its definition says",
        Label(span, f"forbids `{member}`"),
        help=f"leave `{member}` out of `by`",
    )


def bands_crossed(span: Span, on_track: str, at_risk: str, *, upwards: bool) -> Diagnostic:
    side = "above" if upwards else "below"
    help = f"`on_track` begins {side} `at_risk`"
    if on_track != at_risk:
        help = f"{help}: `on_track: {at_risk}, at_risk: {on_track}`"
    return Diagnostic(
        BANDS,
        f"nothing is at risk: `on_track` begins at {on_track}, and `at_risk` at {at_risk}",
        Label(span, "no value between"),
        help=help,
    )


def band_not_constant(span: Span) -> Diagnostic:
    return Diagnostic(
        BANDS,
        "a band begins at a number, and this is a formula",
        Label(span, "a number is due"),
        help="write a number, such as `90%`",
    )


def axis(span: Span, axis: str, kind: str) -> Diagnostic:
    return Diagnostic(
        BANDS,
        f"`{kind}` has its best in the middle, so that no band of its {axis} has an end",
        Label(span, "no better side"),
        help="leave `of:` out: attainment falls on both sides",
    )


def axis_of_others(span: Span, axis: str, kind: str) -> Diagnostic:
    return Diagnostic(
        BANDS,
        f"`{kind}` compares members with each other, so that no band is of one {axis}",
        Label(span, "of which member?"),
        help="leave `of:` out: attainment tells how far off it is",
    )


def twice(name: str, other: str, place: Span, first: Span, lexicon: str | None) -> Diagnostic:
    """`lexicon` is the one that has the other, which an own objective may take the place of."""
    apart = "end the one where the other begins by `effective`, or keep one of the two"
    instead = f"call yours `{other}` and add `override: true`, so that it takes the place of `{lexicon}`'s"
    return Diagnostic(
        TWICE,
        f"`{name}` promises the same as `{other}`: one KPI, kind, period and scope, and days that overlap",
        Label(place, "promised again"),
        (Label(first, f"`{other}` is here"),),
        help=apart if lexicon is None else f"{instead}; or {apart}",
    )


def no_sample(span: Span, kpi: str) -> Diagnostic:
    return Diagnostic(
        SAMPLE,
        f"`{kpi}` rests on no rows, so that it has no sample",
        Label(span, "sample of what?"),
        help="leave `min_sample` out",
    )
