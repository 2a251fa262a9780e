"""Parts of a target that the definition tells: by weights of members, and rounded ones by periods too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import Objective, WeightText
from kpidsl.model.promises import OF_WEIGHTS
from kpidsl.model.types import FLOAT
from kpidsl.model.written import Formula
from kpidsl.objectives import allocation_errors as errors
from kpidsl.objectives.apportioned import apportioned
from kpidsl.objectives.arithmetic import applied, over
from kpidsl.objectives.numbers import constant, known, text_of
from kpidsl.objectives.row_members import member_of, members_told
from kpidsl.objectives.values import Values
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.excluded import excludes
from kpidsl.semantics.functions import number_type
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.members import Member
from kpidsl.semantics.objectives import CheckedTarget
from kpidsl.semantics.periods import Window
from kpidsl.semantics.prepared import both
from kpidsl.semantics.unit_rules import exact_number
from kpidsl.source import Span

MOST_PARTS = 1_000


@dataclass(frozen=True, slots=True)
class Weight:
    """What members weigh."""

    members: tuple[tuple[Member, Constant], ...]
    weight: Fraction
    span: Span


def weights_of(
    objective: Objective,
    rows: Sequence[WeightText],
    across: Sequence[Grouped],
    where: Bound | None,
    values: Values,
    sink: Sink,
) -> tuple[Weight, ...]:
    """Return the weights that rows give; what is wrong with them is reported, and whom `where` leaves out."""
    found: list[Weight] = []
    by = {one.name: one for one in across}
    for row in rows:
        read = [member_of(text, by, values.project, OF_WEIGHTS, sink) for text in row.members]
        members = tuple(one for one in read if one is not None)
        if len(members) < len(read):
            continue
        if {member for member, _ in members} != {one.member for one in across}:
            sink.report(errors.weight_row(row.span, tuple(by), None))
            continue
        if excludes(where, dict(members)):
            told = members_told(dict(members))
            sink.report(errors.weighs_nobody(row.span, told, objective.place("where")))
            continue
        number = known(values.number("weight", row.weight))
        if number is None or number < 0:
            if row.weight is not None and row.weight.expr is not None:
                sink.report(errors.weight_row(row.weight.span, tuple(by), row.weight.text.strip()))
            continue
        first = next((one for one in found if dict(one.members) == dict(members)), None)
        if first is not None:
            sink.report(errors.weight_again(row.span, first.span))
            continue
        found.append(Weight(members, number, row.span))
    if found and not any(one.weight for one in found):
        assert objective.allocate is not None
        sink.report(errors.weightless(objective.allocate.place("weights")))
    return tuple(found)


def weighed(targets: Sequence[CheckedTarget], weights: Sequence[Weight]) -> Iterator[CheckedTarget]:
    """Yield each target's parts by weights."""
    total = sum((one.weight for one in weights), Fraction(0))
    for target in targets:
        for one in weights:
            part = None if target.target is None else _part(target.target, one.weight / total)
            yield replace(target, members=(*target.members, *one.members), target=part)


def _part(target: Bound, share: Fraction) -> Bound:
    number = known(target)
    if number is not None:
        found = constant(number * share, target)
        return Constant(float(number * share), FLOAT, target.unit) if found is None else found
    upper, lower = (exact_number(Fraction(one)) for one in (share.numerator, share.denominator))
    assert upper is not None
    assert lower is not None
    product = applied("*", target, Constant(upper, number_type(upper)))
    divided = over(product, Constant(lower, number_type(lower)))
    assert isinstance(divided, Apply)
    return replace(divided, unit=target.unit)


# Parts that are rounded.

Shares = Sequence[tuple[Window, Fraction]]
"""The periods of a whole, each with what it weighs beside the others."""


def rounded(
    written: Formula,
    targets: Sequence[CheckedTarget],
    weights: Sequence[Weight],
    values: Values,
    wholes: Sequence[Shares],
    sink: Sink,
) -> tuple[CheckedTarget, ...]:
    """Return targets of parts that are whole multiples of a step, and add up to the targets.

    Members share a target first, then the periods of each share what that is. Without wholes, periods
    share nothing.
    """
    found = values.distance("round", written)
    if found is None:
        return ()
    step = None if found[1] else known(found[0])
    if step is None or step <= 0:
        sink.report(errors.step(written.span, written.text.strip()))
        return ()
    number = max(1, len(weights)) * max(1, sum(map(len, wholes))) * len(targets)
    if number > MOST_PARTS:
        sink.report(errors.too_many(written.span, number, MOST_PARTS))
        return ()
    parts: list[CheckedTarget] = []
    for target in targets:
        total = known(target.target)
        if total is None:
            sink.report(errors.no_rounding(written.span, "this target is a formula"))
            return ()
        if (total / step).denominator != 1:
            sink.report(errors.no_multiple(target.span, text_of(total), text_of(step), written.span))
            return ()
        for share, count in _of_members(target, int(total / step), weights):
            parts.extend(_of_periods(share, count, step, wholes))
    return tuple(parts)


def _of_members(
    target: CheckedTarget, total: int, weights: Sequence[Weight]
) -> Iterator[tuple[CheckedTarget, int]]:
    """Yield each member's part of a number of steps."""
    if not weights:
        yield target, total
        return
    for one, count in zip(weights, apportioned(total, [one.weight for one in weights]), strict=True):
        yield replace(target, members=(*target.members, *one.members)), count


def _of_periods(
    target: CheckedTarget, total: int, step: Fraction, wholes: Sequence[Shares]
) -> Iterator[CheckedTarget]:
    """Yield each period's part of a number of steps; periods that follow each other alike are one."""
    if not wholes:
        yield replace(target, target=_amount(total * step, target))
        return
    for whole in wholes:
        if not _holds_in(target, whole):
            continue
        weights = [weight for _, weight in whole]
        counts = apportioned(total, weights) if any(weights) else [0] * len(weights)
        for count, same in groupby(zip(whole, counts, strict=True), key=lambda one: one[1]):
            windows = [window for (window, _), _ in same]
            period = Window(windows[0].start, windows[-1].end)
            yield replace(target, period=period, target=_amount(count * step, target))


def _holds_in(target: CheckedTarget, whole: Shares) -> bool:
    if target.period is None:
        return True
    first = whole[0][0]
    return both(target.period, first) == first


def _amount(number: Fraction, target: CheckedTarget) -> Constant:
    assert target.target is not None
    found = constant(number, target.target)
    assert found is not None, f"{number} has no end"
    return found
