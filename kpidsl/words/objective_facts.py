"""Objectives as facts."""

from __future__ import annotations

from kpidsl.model.objectives import (
    AllocationText,
    Objective,
    TargetRow,
    TargetsOf,
    UsualText,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.words.data import Facts
from kpidsl.words.objective_texts import both_texts, formula_text, known_text, said_text, written_text


def _row_facts(row: TargetRow) -> Facts:
    return {
        "members": {member.name.text: said_text(member.value) for member in row.members},
        "period": said_text(row.period),
        "from": None if row.days is None else said_text(row.days.start),
        "until": None if row.days is None else said_text(row.days.end),
        "target": known_text(row.target),
        "range": both_texts(row.range),
    }


def objective_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of an objective; keys that it does not have are null or empty."""
    objective = project.project.objectives[name]

    effective, bands = objective.effective, objective.status
    return {
        "kind": "objective",
        "version": objective.version,
        "label": dict(objective.label),
        "description": dict(objective.description),
        "owner": objective.owner,
        "kpi": written_text(objective.kpi),
        "promise": objective.kind,
        "by": [written_text(part) for part in objective.by],
        "where": known_text(objective.where),
        "period": said_text(objective.period),
        "effective": None
        if effective is None
        else {"from": said_text(effective.start), "until": said_text(effective.end)},
        "due": said_text(objective.due),
        "target": known_text(objective.target),
        "range": both_texts(objective.range),
        "tolerance": known_text(objective.tolerance),
        "fade": known_text(objective.fade),
        "baseline": known_text(objective.baseline),
        "levels": None
        if objective.levels is None
        else {
            "threshold": known_text(objective.levels.threshold),
            "stretch": known_text(objective.levels.stretch),
        },
        "error_budget": objective.has_budget,
        **_beside(objective),
        "guardrails": [formula_text(guardrail) for guardrail in objective.guardrails],
        "each": said_text(objective.each.grain),
        "times": said_text(objective.each.times),
        "missing": None if objective.each.grain is None else objective.each.missing,
        "against": said_text(objective.change.against),
        "targets": [_row_facts(row) for row in objective.targets],
        "target_from": _table_facts(objective.target_from),
        "allocate": _allocation_facts(objective.allocate),
        "reconcile": None
        if objective.reconcile is None
        else {
            "with": written_text(objective.reconcile.whole),
            "tolerance": known_text(objective.reconcile.tolerance),
        },
        **_way(objective),
        "status": None
        if bands is None
        else {
            "of": said_text(bands.of) or ("attainment" if objective.trajectory.shape is None else "pace"),
            "on_track": known_text(bands.on_track),
            "at_risk": known_text(bands.at_risk),
        },
        "min_sample": objective.min_sample,
        "weight": None if objective.weight is None else str(objective.weight),
        "override_direction": objective.override_direction,
    }


def _table_facts(written: TargetsOf | None) -> Facts | None:
    if written is None:
        return None
    return {
        "dataset": said_text(written.dataset),
        "value": said_text(written.value),
        "take": said_text(written.take),
        "rival": said_text(written.rival),
        "max_age": known_text(written.max_age),
        "min_rivals": written.min_rivals,
    }


def _allocation_facts(written: AllocationText | None) -> Facts | None:
    if written is None:
        return None
    return {
        "over": said_text(written.over),
        "by": said_text(written.by),
        "across": [written_text(part) for part in written.across],
        "weights": None
        if written.weights is None
        else [
            {
                "members": {member.name.text: said_text(member.value) for member in row.members},
                "weight": known_text(row.weight),
            }
            for row in written.weights
        ],
        "round": known_text(written.round),
    }


def _beside(objective: Objective) -> Facts:
    """Return what members or segments are compared with."""
    return {
        "among": [written_text(member) for member in objective.among],
        "share": known_text(objective.share),
        "segment": known_text(objective.parity.segment),
        "reference": known_text(objective.parity.reference),
        "side": objective.side,
        "usual": _usual_facts(objective.signals.usual),
        "run": objective.signals.run,
        "trend": objective.signals.trend,
    }


def _usual_facts(written: UsualText | None) -> Facts | None:
    if written is None:
        return None
    return {
        "from": said_text(written.start),
        "until": said_text(written.end),
        "last": written.last,
        "spread": written.spread,
        "times": known_text(written.times),
        "min_points": written.min_points,
    }


def _way(objective: Objective) -> Facts:
    """Return what is known of the way to the target."""
    written = objective.trajectory
    return {
        "trajectory": said_text(written.shape),
        "checkpoints": [
            {"at": said_text(point.at), "share": known_text(point.share)} for point in written.checkpoints
        ],
        "too_early": known_text(written.too_early),
        "forecast": said_text(written.forecast),
    }
