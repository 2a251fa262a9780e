"""The status of a row, exactly one, and the reason for it.

The first test that holds decides. A row without a value is never `missed`, and one whose period is not
over is judged by bands, whatever its value is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kpidsl.objectives.arithmetic import (
    FALSE,
    NOTHING,
    TRUE,
    all_of,
    applied,
    cases,
    is_null,
    negation,
    number,
    reaches,
    stays_below,
    text,
)
from kpidsl.objectives.columns import Column
from kpidsl.objectives.phases import Phases
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.objectives import Bands

Columns = Mapping[Column, Bound]


@dataclass(frozen=True, slots=True)
class Tests:
    """What statuses are told by; a test that cannot hold is `FALSE`."""

    phases: Phases
    errors: tuple[tuple[str, Bound], ...]
    """What is wrong with a row's target, by the reasons."""
    is_missing_target: Bound
    are_few: Bound
    """Whether it is missing because there are too few rivals."""
    is_unloaded: Bound
    is_small: Bound
    is_alone: Bound
    """Whether what it is compared with rests on too few observations."""
    gaps: tuple[tuple[str, Bound], ...]
    """Why nothing is known of the value that the bands are of, though there is a target, by the reasons."""
    is_early: Bound
    bands: Bands
    sign: int


def status(of: Columns, tests: Tests) -> Bound:
    """Return the status of a row over its columns."""
    axis = of[_axis(tests.bands)]
    met = of.get("reached", of.get("met"))
    assert met is not None
    immature = [test for test in (tests.phases.is_unsettled, tests.is_unloaded) if test != FALSE]
    branches = [
        (tests.phases.is_ahead, text("not_started")),
        *((test, text("error")) for _, test in tests.errors),
        (is_null(of.get("share", of["value"])), text("no_data")),
        (tests.is_missing_target, text("target_missing")),
        *((_before_the_end(test, tests.phases), text("target_missing")) for _, test in tests.gaps),
        *((all_of(tests.phases.has_ended, test), text("immature")) for test in immature),
        (tests.is_small, text("insufficient_data")),
        (tests.is_alone, text("insufficient_data")),
        (all_of(tests.phases.has_ended, met), text("met")),
        (tests.phases.has_ended, text("missed")),
        (tests.is_early, text("too_early")),
        *_bands(axis, tests),
    ]
    return first_of(branches, text("off_track"))


def _before_the_end(test: Bound, phases: Phases) -> Bound:
    if phases.has_ended in (TRUE, FALSE):
        return test if phases.has_ended == FALSE else FALSE
    return all_of(negation(phases.has_ended), test)


def reason(of: Columns, tests: Tests) -> Bound:
    """Return the reason for a row's status, over its columns."""
    status = of.get("standing", of.get("status"))
    assert status is not None
    is_called = {name: applied("=", status, text(name)) for name in _STATUSES}
    no_rows = [] if "sample" not in of else [(applied("=", of["sample"], number(0)), text("no_rows"))]
    branches = [
        (is_called["not_started"], text("not_begun")),
        (is_called["error"], first_of([(test, text(why)) for why, test in tests.errors], NOTHING)),
        (is_called["no_data"], first_of(no_rows, text("no_value"))),
        (
            is_called["target_missing"],
            first_of(_why_missing(tests), NOTHING),
        ),
        (is_called["immature"], _why_immature(tests)),
        (is_called["insufficient_data"], _why_insufficient(tests)),
        (is_called["met"], text("target_met")),
        (is_called["missed"], text("target_not_met")),
        (is_called["too_early"], text("small_part")),
    ]
    can_be = _statuses_of(tests)
    told = [branch for name, branch in zip(_STATUSES, branches, strict=True) if name in can_be]
    return cases(told, text(_axis(tests.bands)))


def _why_missing(tests: Tests) -> list[tuple[Bound, Bound]]:
    found = [(tests.are_few, text("few_rivals")), (tests.is_missing_target, text("no_target"))]
    return found + [(test, text(why)) for why, test in tests.gaps]


def _why_immature(tests: Tests) -> Bound:
    if tests.is_unloaded == FALSE:
        return text("settling")
    return first_of([(tests.phases.is_unsettled, text("settling"))], text("not_loaded"))


def _why_insufficient(tests: Tests) -> Bound:
    if tests.is_alone == FALSE:
        return text("small_sample")
    return first_of([(tests.is_small, text("small_sample"))], text("small_reference"))


_STATUSES = (
    "not_started",
    "error",
    "no_data",
    "target_missing",
    "immature",
    "insufficient_data",
    "met",
    "missed",
    "too_early",
)


def _statuses_of(tests: Tests) -> frozenset[str]:
    """Return the statuses that rows can have, those of bands left out."""
    found = {"no_data"}
    is_there = {
        "not_started": tests.phases.is_ahead,
        "insufficient_data": tests.is_small,
        "met": tests.phases.has_ended,
        "missed": tests.phases.has_ended,
        "too_early": tests.is_early,
    }
    found |= {name for name, test in is_there.items() if test != FALSE}
    if tests.errors:
        found.add("error")
    if tests.phases.has_ended != FALSE and (tests.phases.is_unsettled, tests.is_unloaded) != (FALSE, FALSE):
        found.add("immature")
    if tests.is_missing_target != FALSE or tests.gaps:
        found.add("target_missing")
    return frozenset(found)


def _axis(bands: Bands) -> Column:
    return bands.axis


def _bands(axis: Bound, tests: Tests) -> Iterator[tuple[Bound, Bound]]:
    """Yield the bands that are open to one side, the best first; the border belongs to the better."""
    falls = tests.bands.axis in ("value", "gap") and tests.sign < 0
    within = stays_below if falls else reaches
    yield within(axis, tests.bands.on_track), text("on_track")
    if tests.bands.at_risk != tests.bands.on_track:
        yield within(axis, tests.bands.at_risk), text("at_risk")


def first_of(branches: list[tuple[Bound, Bound]], otherwise: Bound) -> Bound:
    """Return the first value whose test holds, without tests that surely fail or come too late."""
    found: list[tuple[Bound, Bound]] = []
    for test, value in branches:
        if test == TRUE:
            return cases(found, value)
        if test != FALSE:
            found.append((test, value))
    return cases(found, otherwise)
