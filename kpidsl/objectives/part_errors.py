"""What can be wrong with the parts of a period that an objective judges one by one."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

EACH = rule("objective/each", "parts of a period that cannot be judged one by one")


def too_long(span: Span, each: str, period: str, shorter: str | None) -> Diagnostic:
    help = f"write `each: {shorter}`, or a longer `period`" if shorter else "write a longer `period`"
    return Diagnostic(
        EACH,
        f"`each: {each}` makes no parts of a {period}",
        Label(span, f"no part of a {period}"),
        help=help,
    )


def of_calendar(span: Span, period: str) -> Diagnostic:
    return Diagnostic(
        EACH,
        f"how many days, weeks and months a `{period}` has stands in the rows of a calendar",
        Label(span, "parts that are not known"),
        help="write a `period` that has no calendar, such as `month` or `fiscal_quarter`",
    )


def no_parts(span: Span, each: str) -> Diagnostic:
    return Diagnostic(
        EACH,
        f"not one whole {each} lies within `effective`",
        Label(span, f"shorter than a {each}"),
        help="write more days under `effective`, or a shorter `each`",
    )


def no_each(span: Span, key: str) -> Diagnostic:
    return Diagnostic(
        EACH,
        f"`{key}` is about the parts of a period, and there are none without `each`",
        Label(span, "of no parts"),
        help=f"add `each: week`, or leave `{key}` out",
    )


def beside(span: Span, key: str) -> Diagnostic:
    why = {
        "guardrails": "they hold beside the values of whole periods",
        "allocate": "a target is that of one part already",
        "trajectory": "a part that is over is met or missed, and nothing is expected of the others so far",
        "levels": "a part is met or missed by its target alone",
        "status": "the status follows from how many parts are met, and how many still can be",
        "baseline": "a part is met or missed, however near it is",
    }[key]
    return Diagnostic(
        EACH,
        f"`{key}` has no use beside `each`: {why}",
        Label(span, "beside `each`"),
        help=f"leave `{key}` out, or `each`",
    )


def no_times(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        EACH,
        f"`{text}` does not say how many parts are to be met",
        Label(span, "how many?"),
        help="write `all`, a share such as `95%`, `9 of 12` of the last ones, or `3 in a row`",
    )


def never(span: Span, text: str, most: int, each: str, whole: str) -> Diagnostic:
    return Diagnostic(
        EACH,
        f"`{text}` never happens: {whole} has at most {most} {each}{'' if most == 1 else 's'}",
        Label(span, f"at most {most}"),
        help="write fewer, or a longer `period`",
    )


def no_share(span: Span) -> Diagnostic:
    return Diagnostic(
        EACH,
        "the error budget of parts is the share of them that may be missed, and `times` gives none",
        Label(span, "no share may be missed"),
        help="write the share that is to be met: `times: 95%`",
    )
