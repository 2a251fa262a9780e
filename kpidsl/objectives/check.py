"""The objectives of a project, checked: names, days, units, targets, bands, before any data is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import get_args

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Metric
from kpidsl.model.objectives import Objective, ObjectiveKind
from kpidsl.model.types import BOOLEAN, UNKNOWN
from kpidsl.objectives import errors, value_errors
from kpidsl.objectives.allocation import Allocating, allocation_of
from kpidsl.objectives.bands import bands_of
from kpidsl.objectives.each import each_of
from kpidsl.objectives.guards import with_guardrails
from kpidsl.objectives.parity import parity_of
from kpidsl.objectives.periods import days_of, grain_of
from kpidsl.objectives.reconciled import reconciled
from kpidsl.objectives.rivals import rivals_of
from kpidsl.objectives.row_members import is_lost
from kpidsl.objectives.rows import Rows
from kpidsl.objectives.signals import signals_of
from kpidsl.objectives.targets import RANGED, Targets
from kpidsl.objectives.trajectories import trajectory_of
from kpidsl.semantics import errors as name_errors
from kpidsl.semantics.bound import Bound, Grain, MetricRef
from kpidsl.semantics.check import CheckedMetric, CheckedProject
from kpidsl.semantics.formulas import MemberBinder
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.objectives import CheckedObjective, CheckedTarget
from kpidsl.semantics.periods import Window
from kpidsl.semantics.queries import grouped
from kpidsl.semantics.samples import sample
from kpidsl.semantics.terms import Frame, demands_of, everyday_name, fixed_by, warn_of_deprecated
from kpidsl.semantics.unavailable import is_left_out
from kpidsl.source import SourceText, Span

_UP: tuple[ObjectiveKind, ...] = ("at_least", "more_than")
_DOWN: tuple[ObjectiveKind, ...] = ("at_most", "less_than")
_OTHER_WAY = {
    "at_least": "at_most",
    "more_than": "less_than",
    "at_most": "at_least",
    "less_than": "more_than",
}

_OF_PERIODS: tuple[ObjectiveKind, ...] = tuple(
    kind for kind in get_args(ObjectiveKind) if kind != "milestone"
)
_BY_ITSELF: tuple[ObjectiveKind, ...] = tuple(
    kind for kind in _OF_PERIODS if kind not in ("rank", "parity", "no_signal")
)
"""The kinds that compare no members with each other."""

_TOLD_BY_DATA: tuple[ObjectiveKind, ...] = ("steady", "parity", "no_signal")
"""The kinds whose target is no key of theirs."""

_KEYS: Mapping[str, tuple[ObjectiveKind, ...]] = {
    "among": ("rank", "parity"),
    **dict.fromkeys(("segment", "reference"), ("parity",)),
    **dict.fromkeys(("usual", "run", "trend"), ("no_signal",)),
    "side": ("parity", "no_signal"),
    "share": ("rank",),
    **dict.fromkeys(("each", "times", "missing"), _BY_ITSELF),
    "target": tuple(kind for kind in get_args(ObjectiveKind) if kind not in ("within", *_TOLD_BY_DATA)),
    "targets": tuple(kind for kind in get_args(ObjectiveKind) if kind not in _TOLD_BY_DATA),
    "range": ("within",),
    "tolerance": ("on_target", "steady", "parity"),
    "fade": ("within", "on_target", "steady", "parity"),
    "against": ("change", "steady"),
    "levels": (*_UP, *_DOWN),
    "error_budget": (*_UP, *_DOWN),
    "relative": ("change", "parity"),
    "base": ("change",),
    "due": ("milestone",),
    **dict.fromkeys(("period", "guardrails"), _OF_PERIODS),
    "status": tuple(kind for kind in _OF_PERIODS if kind != "no_signal"),
    **dict.fromkeys(("target_from", "allocate", "reconcile"), (*_UP, *_DOWN)),
    **dict.fromkeys(("trajectory", "checkpoints", "too_early", "forecast"), (*_UP, *_DOWN)),
}
"""The kinds that keys belong to; other keys belong to every kind."""

_AGAINST = ("against", "a change is from some earlier time", "add `against: 1 year`")
_NEAR = ("tolerance", "what is near enough has to be said", "add `tolerance: …`, how far on either side")
_NEEDS: Mapping[ObjectiveKind, tuple[tuple[str, str, str], ...]] = {
    "on_target": (_NEAR,),
    "change": (_AGAINST,),
    "steady": (_AGAINST, _NEAR),
    "parity": (
        (
            "reference",
            "what the others are compared with has to be said",
            "add `reference: …`: a condition such as `device = 'desktop'`, `overall` or `best`",
        ),
        _NEAR,
    ),
    "no_signal": (
        ("period", "a signal is told of one period among others", "add `period: week`"),
        (
            "usual",
            "what is usual has to be said",
            "add `usual: {from: 2025-01-01, until: 2026-01-01}`, or `usual: {last: 12}`",
        ),
    ),
    "milestone": (
        ("due", "a milestone is to be reached by some day", "add `due: 2026-06-30`, the last day"),
    ),
}


def check_objectives(project: CheckedProject, sink: Sink) -> CheckedProject:
    """Return the project with its objectives; everything that is wrong with them goes to the sink."""
    found: dict[str, CheckedObjective] = {}
    for name, objective in project.project.objectives.items():
        checked = _objective(objective, project, sink)
        if checked is not None:
            _apart(checked, found.values(), project, sink)
            found[name] = checked
    for name, checked in tuple(found.items()):
        whole = reconciled(checked, found, project, sink)
        if whole is not None:
            found[name] = replace(checked, reconciled=whole)
    return replace(project, objectives=with_guardrails(found, project, sink))


def _objective(objective: Objective, project: CheckedProject, sink: Sink) -> CheckedObjective | None:
    before = sink.errors
    _keys(objective, sink)
    by = _by(objective, project, sink)
    where = _where(objective, project, sink)
    grain = grain_of(objective, project.project, sink)
    effective = days_of(objective, grain, project.project, sink)
    each = each_of(objective, grain, effective, project.project, sink)
    part, days = (grain, effective) if each is None else (each.grain, each.effective)
    metric = _kpi(objective.kpi, project, sink)
    if metric is None or metric.definition.direction is None:
        # A KPI has a direction, unless what it has could not be read.
        return None
    definition = metric.definition
    place = Span.of(objective.kpi)
    value = MetricRef(definition.name, metric.type, place, metric.bound.unit)
    sign = _sign(objective, definition, sink)
    _demands(value, _frame(project, part, by, where, effective), project, sink)
    targets = Targets(objective, value, metric, sign, project, sink)
    allocating = allocation_of(objective, by, grain, effective, where, targets.values, sink)
    rivals = rivals_of(objective, by, value, targets.values, sink)
    rows = _rows(objective, by, (part, days, where), allocating, targets)
    trajectory = trajectory_of(objective, effective, rows, targets.values, sink)
    levels = targets.levels(rows)
    bands = bands_of(objective, sign, targets.values, sink)
    observed = sample(value, project)
    signals = signals_of(objective, grain, targets.values, sink)
    parity = parity_of(objective, by, value, observed, targets, sink)
    if objective.min_sample is not None and observed is None:
        sink.report(errors.no_sample(objective.place("min_sample"), definition.name))
    warn_of_deprecated([(definition.name, place)], project.project, sink)
    is_less = is_lost(objective.by, by) or (where is None and objective.where is not None)
    if sink.errors > before or bands is None or is_less:
        return None
    return CheckedObjective(
        definition=objective,
        value=value,
        kind=objective.kind,
        sign=sign,
        by=by,
        where=where,
        grain=grain,
        effective=effective,
        targets=rows,
        baseline=targets.baseline,
        levels=levels,
        has_budget=objective.has_budget,
        bands=bands,
        min_sample=objective.min_sample,
        sample=observed,
        weight=Decimal(1) if objective.weight is None else objective.weight,
        trajectory=trajectory,
        target_rows=targets.target_rows if allocating is None else allocating.of_whole(targets.target_rows),
        allocation=None if allocating is None else allocating.evaluated,
        each=each,
        rivals=rivals,
        parity=parity,
        benchmark=targets.benchmark,
        signals=signals,
    )


def _frame(
    project: CheckedProject,
    grain: str | None,
    by: tuple[Grouped, ...],
    where: Bound | None,
    effective: Window,
) -> Frame:
    return Frame(
        project=project.project,
        by=(*(() if grain is None else (Grain(grain),)), *(one.member for one in by)),
        fixed=frozenset(fixed_by(where)),
        windows=(effective,) if grain is None else (),
    )


def _rows(
    objective: Objective,
    by: tuple[Grouped, ...],
    scope: tuple[str | None, Window, Bound | None],
    allocating: Allocating | None,
    targets: Targets,
) -> tuple[CheckedTarget, ...]:
    """Return the targets, those of parts where they are allocated to these.

    The `scope` is the grain, the days and the condition of the objective.
    """
    project, sink = targets.project, targets.sink
    grain, effective, where = scope
    is_whole = not is_lost(objective.by, by)
    if allocating is None:
        whole = {one.name: one for one in by}
        return Rows(objective, whole, grain, effective, where, project, sink, is_whole).checked(targets)
    named = {one.name: one for one in by if one not in allocating.across}
    grain = allocating.target_grain
    rows = Rows(objective, named, grain, effective, where, project, sink, is_whole).checked(targets)
    return allocating.parts(rows)


def _kpi(part: SourceText, project: CheckedProject, sink: Sink) -> CheckedMetric | None:
    name, span = part.text.strip(), Span.of(part)
    found = project.metrics.get(name)
    if found is None:
        everyday = everyday_name(project.project, name, span)
        kpis = [metric.name for metric in project.project.metrics.values() if metric.kind == "kpi"]
        left_out = is_left_out(project.project, span, sink, ("kpis", name))
        if everyday is not None and not left_out:
            sink.report(everyday)
        elif not left_out and not {("kpis", name), ("metrics", name)} & project.project.rejected:
            sink.report(name_errors.unknown(span, "KPI", name, kpis))
        return None
    definition = found.definition
    if definition.kind == "metric":
        if ("kpis", name) in project.project.rejected:
            # A KPI of that name is there too, which has been told.
            return None
        sink.report(errors.metric(span, name, definition.span))
        return None
    if found.type is UNKNOWN:
        return None
    if not found.type.is_numeric:
        sink.report(errors.no_number(span, name, str(found.type)))
        return None
    return found


def _keys(objective: Objective, sink: Sink) -> None:
    """Report keys that the kind has no use for, and those that it needs."""
    kind, written = objective.kind, objective.key_spans
    for key, kinds in _KEYS.items():
        if key in written and kind not in kinds:
            several = " or ".join(f"`kind: {one}`" for one in kinds[:2])
            help = f"leave `{key}` out" + ("" if key == "target" else f", or write {several}")
            help = "write `range: [from, to]`" if key == "target" and kind == "within" else help
            sink.report(errors.useless(written[key], key, kind, help))
    due = "range" if kind == "within" else "target"
    if "target" in written and "target_from" in written:
        sink.report(errors.also_from(written["target_from"]))
    said = {due, "share", "targets", "target_from", "target"} & written.keys()
    if kind not in _TOLD_BY_DATA and not said:
        example = "range: [20, 30]" if due == "range" else "target: …"
        why = "what a value should be has to be said"
        sink.report(errors.lacking(objective.span, objective.name, due, why, f"add `{example}`"))
    for key, why, help in _NEEDS.get(kind, ()):
        if key not in written:
            sink.report(errors.lacking(objective.span, objective.name, key, why, help))
    if "baseline" in written and (kind in RANGED or kind in ("change", "rank")):
        sink.report(value_errors.misplaced_baseline(written["baseline"], kind))


def _sign(objective: Objective, kpi: Metric, sink: Sink) -> int:
    """Return which way is better, having reported where that is another than the KPI's."""
    kind, overridden = objective.kind, objective.override_direction is not None
    if kind in RANGED:
        return 0
    place, direction = objective.place("kind"), kpi.direction or "none"
    if objective.override_direction is not None and not objective.override_direction.strip():
        sink.report(errors.overrides_without_a_reason(objective.place("override_direction")))
    if kind in ("change", "milestone"):
        if direction not in ("up", "down"):
            sink.report(errors.no_direction(place, kind, kpi.name, direction, kpi.span))
        return -1 if direction == "down" else 1
    if kind == "rank":
        if objective.share is not None and direction == "down" and not overridden:
            sink.report(errors.share_of_worse(objective.place("share"), kpi.name, kpi.span))
        return -1 if objective.share is None else 1
    sign = 1 if kind in _UP else -1
    is_against = direction == ("down" if sign > 0 else "up")
    if is_against and not overridden:
        other = _OTHER_WAY[kind]
        sink.report(errors.direction(place, kind, kpi.name, direction, kpi.span, other))
    elif overridden and not is_against and direction in ("up", "down"):
        sink.report(errors.overrides_nothing(objective.place("override_direction"), kind, kpi.name))
    return sign


def _by(objective: Objective, project: CheckedProject, sink: Sink) -> tuple[Grouped, ...]:
    found: list[Grouped] = []
    for part in objective.by:
        one = grouped(project, part, sink, _read(objective, project))
        if one is None:
            continue
        if isinstance(one.member, Grain):
            sink.report(errors.grain_in_by(one.span, one.name))
        elif any(other.member == one.member for other in found):
            sink.report(errors.member_twice(one.span, one.name))
        else:
            found.append(one)
    return tuple(found)


def _where(objective: Objective, project: CheckedProject, sink: Sink) -> Bound | None:
    if objective.where is None or objective.where.expr is None:
        return None
    read = _read(objective, project)
    bound = MemberBinder(project.project, project.types, sink, read).condition(objective.where.expr)
    return bound if bound.type is BOOLEAN else None


def _read(objective: Objective, project: CheckedProject) -> frozenset[str]:
    kpi = project.metrics.get(objective.kpi.text.strip())
    return frozenset() if kpi is None else kpi.datasets


def _demands(value: MetricRef, frame: Frame, project: CheckedProject, sink: Sink) -> None:
    """Report what the KPI requires or forbids, and the objective does not or does."""
    demands = demands_of(value, project.demands.__getitem__, project.project, sink)
    for member, owner in demands.requires.items():
        if not frame.meets(member):
            is_grain = isinstance(member, Grain)
            told = errors.requires(value.span, value.name, owner, member.text, is_grain=is_grain)
            sink.report(told)
    for member, owner in demands.forbids.items():
        if member in frame.by:
            sink.report(errors.forbids(value.span, value.name, owner, member.text))


def _apart(
    checked: CheckedObjective, others: Iterable[CheckedObjective], project: CheckedProject, sink: Sink
) -> None:
    """Report an earlier objective that promises the same for some days."""
    for other in others:
        if _promise(other) == _promise(checked) and _overlap(other.effective, checked.effective):
            first = other.definition
            lexicons = [
                project.project.origins.get(("objectives", one)) for one in (checked.name, first.name)
            ]
            lexicon = lexicons[1] if lexicons[0] is None else None
            sink.report(errors.twice(checked.name, first.name, checked.definition.span, first.span, lexicon))
            return


def _promise(checked: CheckedObjective) -> object:
    members = frozenset(one.member for one in checked.by)
    part = None if checked.each is None else checked.each.grain
    others = checked.rivals, checked.parity, _signals(checked)
    due = checked.effective.end if checked.kind == "milestone" else None
    return (
        checked.kpi,
        checked.kind,
        others,
        checked.grain,
        part,
        due,
        members,
        checked.where,
    )


def _signals(checked: CheckedObjective) -> object:
    """Return what is promised of a signal, by what is measured."""
    found = checked.signals
    return None if found is None else (tuple(found.measured.items()), found.times, found.sides)


def _overlap(a: Window, b: Window) -> bool:
    begins = a.start is None or b.end is None or a.start < b.end
    return begins and (b.start is None or a.end is None or b.start < a.end)
