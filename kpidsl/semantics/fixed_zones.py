"""Zones that are an offset: `EST` is no place, and knows no summer time."""

from __future__ import annotations

import re

from kpidsl.diagnostics import Diagnostic, Label, Sink, rule
from kpidsl.model.definitions import Project
from kpidsl.source import Span

FIXED = rule("project/fixed-offset", "a time zone whose clocks never change", "warning")

_ETC = re.compile(r"Etc/GMT([+-])0?([1-9][0-9]?)")

_PLACES = {
    -1: "Atlantic/Azores", -3: "America/Sao_Paulo", -4: "America/Halifax", -5: "America/New_York",
    -6: "America/Chicago", -7: "America/Denver", -8: "America/Los_Angeles", -9: "America/Anchorage",
    -10: "Pacific/Honolulu", -11: "Pacific/Pago_Pago",
    1: "Europe/Paris", 2: "Europe/Athens", 3: "Europe/Istanbul", 4: "Asia/Dubai", 5: "Asia/Karachi",
    6: "Asia/Dhaka", 7: "Asia/Bangkok", 8: "Asia/Singapore", 9: "Asia/Tokyo", 10: "Australia/Sydney",
    11: "Pacific/Noumea", 12: "Pacific/Auckland", 13: "Pacific/Tongatapu", 14: "Pacific/Kiritimati",
}  # fmt: skip
"""A place by the hours that its winter is ahead of UTC, the one where most people live whose data is read."""

_UNCHANGED = {
    -4: "America/Puerto_Rico", -5: "America/Panama", -6: "America/Costa_Rica", -7: "America/Phoenix",
    1: "Africa/Lagos", 2: "Africa/Johannesburg", 10: "Australia/Brisbane",
}  # fmt: skip
"""A place on the same hours all year, where the former has a summer time."""

_LETTERS = {"EST": -5, "MST": -7, "HST": -10}


def fixed_zone(project: Project, sink: Sink) -> None:
    """Warn of a project whose zone is an offset all year; `UTC` and its other names are meant as they are."""
    span = project.timezone_span
    hours = _hours(project.timezone)
    if span is not None and hours is not None:
        sink.report(_fixed(span, project.timezone, hours))


def _hours(zone: str) -> int | None:
    """Return by how many hours an offset is ahead of UTC; `Etc/GMT+5` is behind it."""
    etc = _ETC.fullmatch(zone)
    if etc is not None:
        return int(etc[2]) if etc[1] == "-" else -int(etc[2])
    return _LETTERS.get(zone)


def _fixed(span: Span, zone: str, hours: int) -> Diagnostic:
    count = f"{abs(hours)} hour{'' if abs(hours) == 1 else 's'}"
    place, unchanged = _PLACES.get(hours), _UNCHANGED.get(hours)
    help = "write the zone of a place" + (f": `{place}`" if place else ", such as `Europe/Paris`")
    if unchanged:
        help += f"; `{unchanged}` where there is no summer time"
    return Diagnostic(
        FIXED,
        f"`{zone}` is {count} {'ahead of' if hours > 0 else 'behind'} UTC all year: its clocks never change",
        Label(span, "an offset, no place"),
        help=help,
    )
