"""What becomes of a period whose parts are judged, as far as the parts that are left leave it open."""

from __future__ import annotations

from collections.abc import Mapping

from kpidsl.objectives.arithmetic import all_of, applied, cases, number, plus
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.objectives import Times


def has_share(times: Times, met: Bound, judged: Bound) -> Bound:
    """Return whether so many of those that are judged are the share that is due, in whole numbers."""
    due = _times(judged, times.share.numerator)
    return applied(">=", _times(met, times.share.denominator), due)


def is_out_of_reach(of: Mapping[str, Bound], times: Times) -> Bound:
    """Return whether the period is not met even if all parts that are left are."""
    left, target = of["parts_left"], number(times.count)
    match times.word:
        case "share":
            due = _times(plus(of["sample"], left), times.share.numerator)
            return applied("<", _times(plus(of["parts_met"], left), times.share.denominator), due)
        case "last":
            return applied("<", plus(of["recent_for_sure"], left), target)
        case "run":
            longest = applied("<", of["longest"], target)
            return all_of(longest, applied("<", plus(of["current"], left), target))


def is_secured(of: Mapping[str, Bound], times: Times) -> Bound:
    """Return whether the period is met even if no part that is left is."""
    match times.word:
        case "share":
            return has_share(times, of["parts_met"], plus(of["sample"], of["parts_left"]))
        case "last":
            return applied(">=", of["recent_for_sure"], number(times.count))
        case "run":
            return applied(">=", of["longest"], number(times.count))


def is_enough_so_far(of: Mapping[str, Bound], times: Times) -> Bound:
    """Return whether as many parts are met as should be of those that are judged."""
    match times.word:
        case "share":
            return of["met"]
        case "last":
            last, judged = number(times.of), of["sample"]
            judged = cases([(applied(">", judged, last), last)], judged)
            return applied(">=", _times(of["recent"], times.of), _times(judged, times.count))
        case "run":
            return applied(">", of["current"], number(0))


def _times(count: Bound, factor: int) -> Bound:
    return count if factor == 1 else applied("*", count, number(factor))
