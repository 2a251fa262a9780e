"""What can be wrong with how a project cuts time."""

from __future__ import annotations

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

ZONE_YEARS = rule("project/zone-years", "years of a zone's changes that do not read as a range")


def zone_years(span: Span, text: str, first: int, last: int) -> Diagnostic:
    return Diagnostic(
        ZONE_YEARS,
        f"`{text}` is no range of years from {first} to {last}",
        Label(span, "no range of years"),
        help="write the first and the last year, for example `zone_years: 2000..2040`",
    )
