"""How near to what a value is to be, and over which distance outside attainment falls to 0."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import Objective
from kpidsl.objectives import errors as whole_errors
from kpidsl.objectives import value_errors as errors
from kpidsl.objectives.numbers import known
from kpidsl.objectives.values import Values
from kpidsl.semantics.bound import Bound, Constant, MetricRef
from kpidsl.semantics.samples import is_count
from kpidsl.semantics.unit_facts import PLAIN


@dataclass(frozen=True, slots=True)
class Nearness:
    """How far from a value another may be: so much, or a part of it; `fade` is None where it is the same."""

    tolerance: Bound
    is_part: bool
    fade: Bound | None


def nearness(
    objective: Objective, value: MetricRef, values: Values, sink: Sink, *, takes_part: bool
) -> Nearness | None:
    """Return what is near enough, or None after reporting what is wrong with that.

    Where it `takes_part`, a fraction has a part of itself as tolerance if the objective is `relative`.
    """
    written = objective.tolerance
    is_relative = takes_part and objective.change.is_relative
    found = _relative_part(objective, values, sink) if is_relative else values.distance("tolerance", written)
    if found is None or written is None:
        return None
    tolerance, is_part = found
    size = known(tolerance)
    if size is not None and size < 0:
        sink.report(errors.tolerance(written.span, written.text.strip()))
        return None
    if size == 0 and not is_count(value, values.project):
        sink.report(errors.zero_tolerance(written.span, values.name))
        return None
    fade = fade_of(objective, values, sink)
    if fade is None and size == 0:
        why = "with a tolerance of zero, attainment needs a way over which it falls"
        help = "add `fade: 10`, how far off it is 0"
        sink.report(whole_errors.lacking(written.span, objective.name, "fade", why, help))
    return Nearness(plain(tolerance) if is_part else tolerance, is_part, fade)


def _relative_part(objective: Objective, values: Values, sink: Sink) -> tuple[Bound, bool] | None:
    """Return a part of a fraction, or None after reporting that it is no such thing."""
    written = objective.tolerance
    value = values.number("tolerance", written)
    if value is None:
        return None
    unit = None if value.unit is None else value.unit.unit
    if values.is_fraction and unit is not None and unit.is_fraction and not unit.points:
        return value, True
    help = "write the tolerance in percent: `10%`" if values.is_fraction else "leave `relative` out"
    sink.report(errors.relative(objective.place("relative"), help))
    return None


def fade_of(objective: Objective, values: Values, sink: Sink) -> Bound | None:
    """Return over which distance attainment falls, None where nothing or something wrong says so."""
    written = objective.fade
    found = values.distance("fade", written)
    if found is None or written is None:
        return None
    width, is_part = found
    size = known(width)
    if is_part:
        sink.report(errors.part_of_nothing(written.span, written.text.strip()))
        return None
    if size is not None and size <= 0:
        sink.report(errors.fade(written.span, written.text.strip()))
        return None
    return width


def plain(value: Bound) -> Bound:
    """Return a part of something as a mere number, so that it changes no unit."""
    return replace(value, unit=PLAIN) if isinstance(value, Constant) else value
