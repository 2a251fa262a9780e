"""Frozen days that tell what is usual, as far as they are over: a month of ten days is no point."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule, bucket_of_day
from kpidsl.semantics.bound import Bound, During, Moved
from kpidsl.semantics.mapped import map_children
from kpidsl.semantics.objectives import Signals
from kpidsl.semantics.periods import Window


def as_far_as_settled(signals: Signals, day: date, rule: GrainRule, project: Project) -> Signals:
    """Return signals whose frozen days end with the last whole period that has settled when a day begins."""
    frozen = signals.frozen
    if frozen is None or frozen.end is None or frozen.start is None or frozen.end <= day:
        return signals
    written, end = frozen.end, max(frozen.start, bucket_of_day(rule, day, project.cut))

    def cut(bound: Bound) -> Bound:
        found = map_children(bound, cut)
        match found:
            case Moved(move=During(start=start, end=last)) if last == written:
                return replace(found, move=During(start, max(start, end)))
        return found

    measured = {name: cut(value) for name, value in signals.measured.items()}
    return replace(signals, measured=measured, frozen=Window(frozen.start, end))


def beside(signals: Signals | None, effective: Window) -> Window | None:
    """Return the frozen days where periods before their end are judged by them, too."""
    if signals is None or signals.frozen is None or signals.frozen.is_empty:
        return None
    end = signals.frozen.end
    is_before = effective.start is not None and end is not None and end <= effective.start
    return None if is_before else signals.frozen
