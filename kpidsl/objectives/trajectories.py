"""The trajectory of an objective, with what can be told of it without data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import get_args

from kpidsl.diagnostics import Sink
from kpidsl.model.grains import GrainRule
from kpidsl.model.objectives import Objective, TrajectoryText
from kpidsl.model.types import decimal
from kpidsl.model.written import Formula
from kpidsl.objectives import trajectory_errors as errors
from kpidsl.objectives.numbers import known
from kpidsl.objectives.periods import day_asked
from kpidsl.objectives.values import Values
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import Bound, Constant, Moved, Prior, Rolling, ToDate
from kpidsl.semantics.facts import additivity_of
from kpidsl.semantics.objectives import CheckedTarget, Forecast, Shape, Trajectory
from kpidsl.semantics.periods import Window
from kpidsl.semantics.walks import inside
from kpidsl.source import SourceText, Span

_SHAPES: dict[str, Shape] = {shape: shape for shape in get_args(Shape)}
_GROWING = (Additivity.ADDITIVE, Additivity.DISTINCT)
_RECENT = re.compile(r"last +(\d{1,4}) +days?")
USUALLY_TOO_EARLY = Constant(Decimal("0.10"), decimal(3, 2))


def trajectory_of(
    objective: Objective,
    effective: Window,
    targets: Sequence[CheckedTarget],
    values: Values,
    sink: Sink,
) -> Trajectory | None:
    """Return how an objective's target is reached, None where it says nothing or something wrong."""
    written = objective.trajectory
    shape = None if written.shape is None else _SHAPES[written.shape.text.strip()]
    for key in ("checkpoints", "too_early", "forecast"):
        is_of_other = key == "checkpoints" and shape != "checkpoints"
        if key in objective.key_spans and (shape is None or is_of_other):
            sink.report(errors.no_shape(objective.place(key), key))
    if shape is None:
        return None
    place = objective.place("trajectory")
    kind = additivity_of(values.metric.bound, values.project)
    if kind not in _GROWING:
        sink.report(errors.no_sum(place, values.name, kind.value))
    for target in targets:
        if target.target is not None and any(is_elapsed(node) for node in inside(target.target)):
            text = "the target" if objective.target is None else objective.target.text.strip()
            sink.report(errors.moved_target(target.span, text))
    checkpoints: tuple[tuple[date, Fraction], ...] = ()
    rule = (
        None if objective.period is None else values.project.project.grains.get(objective.period.text.strip())
    )
    if shape == "checkpoints" and objective.period is not None:
        sink.report(errors.of_one_period(place, shape))
    elif shape == "last_year" and rule is not None and (rule.unit != "month" or rule.calendar is not None):
        sink.report(errors.of_months(place, rule.name))
    elif shape == "checkpoints" and not written.checkpoints:
        sink.report(errors.no_checkpoints(place))
    elif shape == "checkpoints" and effective.start is not None and effective.end is not None:
        checkpoints = tuple(_checkpoints(written, effective.start, effective.end, values, sink))
    too_early = _too_early(written.too_early, values, sink)
    return Trajectory(shape, checkpoints, too_early, _forecast(written.forecast, rule, sink))


def is_elapsed(bound: Bound) -> bool:
    """Tell whether a value is that of a window which ends where the elapsed part does, or moves with it."""
    return isinstance(bound, Moved) and isinstance(bound.move, Prior | Rolling | ToDate)


def _forecast(part: SourceText | None, rule: GrainRule | None, sink: Sink) -> Forecast | None:
    """Return what tells what is yet to come, None where that is the pace, or nothing after it is reported."""
    if part is None or part.text.strip() == "pace":
        return None
    text, span = part.text.strip(), Span.of(part)
    recent = _RECENT.fullmatch(text)
    if recent is not None and int(recent[1]) > 0:
        if rule is not None and rule.calendar is not None:
            sink.report(errors.of_calendar(span, rule.name))
        return Forecast(int(recent[1]))
    if text != "last_year":
        sink.report(errors.no_forecast(span, text))
    elif rule is not None and (rule.unit != "month" or rule.calendar is not None):
        sink.report(errors.of_months(span, rule.name))
    return Forecast(None)


def _checkpoints(
    written: TrajectoryText, start: date, end: date, values: Values, sink: Sink
) -> Iterator[tuple[date, Fraction]]:
    """Yield the beginning, the days that are given, and the end, each with its share."""
    day, part = start, Fraction(0)
    yield day, part
    for point in written.checkpoints:
        next_day = day_asked(point.at, sink)
        if next_day is None:
            continue
        if not day < next_day < end:
            sink.report(errors.checkpoint_day(Span.of(point.at), point.at.text.strip()))
            continue
        share = _part(point.share, values)
        if share is None or not part <= share <= 1:
            if point.share is not None and point.share.expr is not None:
                sink.report(errors.share(point.share.span, point.share.text.strip()))
            continue
        day, part = next_day, share
        yield day, part
    yield end, Fraction(1)


def _part(formula: Formula | None, values: Values) -> Fraction | None:
    return known(values.number("share", formula))


def _too_early(formula: Formula | None, values: Values, sink: Sink) -> Constant:
    if formula is None or formula.expr is None:
        return USUALLY_TOO_EARLY
    found = values.number("too_early", formula)
    number = known(found)
    if not isinstance(found, Constant) or number is None or not 0 <= number < 1:
        sink.report(errors.too_early(formula.span, formula.text.strip()))
        return USUALLY_TOO_EARLY
    return found
