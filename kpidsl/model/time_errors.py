"""What can be wrong with how a project cuts time."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

ZONE_YEARS = rule("project/zone-years", "years of a zone's changes that do not read as a range")
SECOND_COMPARABLE = rule("calendar/second-comparable", "comparable days in more than one calendar")
NO_GRAINS = rule("calendar/no-grains", "a calendar that says nothing of its days")
NOT_A_COLUMN = rule("time/not-a-column", "a time that is a formula, not a column")


def zone_years(span: Span, text: str, first: int, last: int) -> Diagnostic:
    return Diagnostic(
        ZONE_YEARS,
        f"`{text}` is no range of years from {first} to {last}",
        Label(span, "no range of years"),
        help="write the first and the last year, for example `zone_years: 2000..2040`",
    )


def second_comparable(span: Span, first: str, first_span: Span) -> Diagnostic:
    return Diagnostic(
        SECOND_COMPARABLE,
        f"the calendar `{first}` has comparable days already, and a project has one such calendar",
        Label(span, "comparable again"),
        (Label(first_span, "first named here"),),
        help="keep one `comparable:`, and remove the other",
    )


def no_grains(span: Span, calendar: str) -> Diagnostic:
    return Diagnostic(
        NO_GRAINS,
        f"the calendar `{calendar}` has neither `grains` nor `comparable`",
        Label(span, "says nothing of its days"),
        help="add `grains: {retail_week: week_key}`, or `comparable: comparable_date`, by its columns",
    )


def not_a_column(span: Span, key: str, text: str) -> Diagnostic:
    return Diagnostic(
        NOT_A_COLUMN,
        f"`{text}` is a formula, and `{key}` names a column",
        Label(span, "not a column"),
        help="give the formula a name under `columns:` with `expr:`, and name it here",
    )
