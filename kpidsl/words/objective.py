"""Objectives in words, and as facts."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.model.definitions import Formula
from kpidsl.model.objectives import (
    AllocationText,
    MemberText,
    Objective,
    RangeText,
    ReconcileText,
    TargetRow,
    TargetsOf,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import CheckedObjective
from kpidsl.source import SourceText
from kpidsl.syntax import print_formula
from kpidsl.words.data import Facts
from kpidsl.words.language import Language, code
from kpidsl.words.page import Line, Page, Section
from kpidsl.words.phrases import Speaker
from kpidsl.words.written import spoken


def objective_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of an objective."""
    objective = project.project.objectives[name]
    sections = (
        Section(language.say("promised"), tuple(_items(_promise(objective, language)))),
        Section(language.say("other targets"), tuple(_items(_rows(objective, language)))),
        Section(language.say("judged"), tuple(_items(_judged(project, objective, language)))),
        Section(language.say("about"), tuple(_items(_about(objective, language)))),
    )
    label, called = spoken(objective.label, language), language.say("objective")
    title = f"{code(name)} ({called})" if label is None else f"{label} ({called} {code(name)})"
    return Page(title, spoken(objective.description, language), sections)


def _items(texts: Iterator[str]) -> Iterator[Line]:
    return (Line(text, 1) for text in texts)


def _promise(objective: Objective, language: Language) -> Iterator[str]:
    kpi, change = code(objective.kpi.text.strip()), objective.change
    row = f"promise {objective.kind}"
    if objective.range is not None:
        yield language.say(row, kpi, *_ends(objective.range))
    elif objective.kind == "steady":
        yield language.say(row, kpi, code(_formula(objective.tolerance)), code(_text(change.against)))
    elif objective.kind == "parity":
        yield from _parity(objective, kpi, language)
    elif objective.target_from is not None:
        yield from _from_dataset(objective.target_from, row, kpi, language)
    elif objective.share is not None:
        yield language.say("promise share", kpi, code(_formula(objective.share)))
    elif objective.target is None:
        yield language.say("promise of rows", kpi)
    else:
        more = [code(_formula(objective.tolerance))] if objective.kind == "on_target" else []
        more = [code(_text(change.against))] if objective.kind == "change" else more
        more = [_text(objective.due)] if objective.kind == "milestone" else more
        yield language.say(row, kpi, code(_formula(objective.target)), *more)
    if objective.allocate is not None:
        yield from _allocation(objective.allocate, language)
    if objective.reconcile is not None:
        yield _reconciled(objective, objective.reconcile, language)
    if change.is_relative:
        yield language.say("promise relative")
    if change.takes_size:
        yield language.say("promise size")
    if objective.levels is not None:
        levels = objective.levels
        yield language.say("promise levels", code(_formula(levels.threshold)), code(_formula(levels.stretch)))
    if objective.has_budget:
        yield language.say("promise budget")
    for member in objective.among:
        yield language.say("promise among", code(_text(member)))
    for guardrail in objective.guardrails:
        yield language.say("promise guardrail", code(_formula(guardrail)))
    if objective.baseline is not None:
        yield language.say("promise begins", code(_formula(objective.baseline)))
    if objective.fade is not None:
        yield language.say("promise fades", code(_formula(objective.fade)))


def _from_dataset(found: TargetsOf, row: str, kpi: str, language: Language) -> Iterator[str]:
    column = code(f"{_text(found.dataset)}.{_text(found.value)}")
    if found.take is None:
        yield language.say(row, kpi, column)
        return
    take = _text(found.take)
    way = f"take {take}" if take in ("median", "mean", "leader") else "take share"
    yield language.say(row, kpi, language.say(way, column, code(take)))
    yield language.say("benchmark latest", code(_text(found.rival)))
    if found.max_age is not None:
        yield language.say("benchmark age", code(_formula(found.max_age)))
    if found.min_rivals is not None:
        yield language.say("benchmark rivals", str(found.min_rivals))


def _parity(objective: Objective, kpi: str, language: Language) -> Iterator[str]:
    written, reference = objective.parity, _formula(objective.parity.reference)
    of = language.say(f"reference {reference}") if reference in ("overall", "best") else code(reference)
    near = code(_formula(objective.tolerance))
    if written.segment is None:
        yield language.say("promise parity", kpi, near, of)
    else:
        yield language.say("promise parity of", kpi, code(_formula(written.segment)), near, of)
    if written.side == "worse" and reference != "best":
        yield language.say("promise worse")


def _allocation(written: AllocationText, language: Language) -> Iterator[str]:
    if written.over is not None:
        grain = _text(written.over)
        yield language.say("allocated over", language.grains.get(grain, code(grain)))
    elif written.by is not None:
        yield language.say("allocated whole")
    if written.by is not None:
        yield language.say(f"allocated {_text(written.by)}")
    if written.across:
        yield language.say("allocated across", language.both([code(_text(part)) for part in written.across]))
        if written.weights is None:
            yield language.say("allocated members last_year")
    for row in written.weights or ():
        whom = language.both([code(one) for one in map(_member, row.members)])
        yield language.say("weight of", whom, code(_formula(row.weight)))
    if written.round is not None:
        yield language.say("allocated round", code(_formula(written.round)))


def _reconciled(objective: Objective, written: ReconcileText, language: Language) -> str:
    members = language.both([code(_text(part)) for part in objective.by])
    whole = code(_text(written.whole))
    if written.tolerance is None:
        return language.say("reconciled", members, whole)
    return language.say("reconciled nearly", members, whole, code(_formula(written.tolerance)))


def _rows(objective: Objective, language: Language) -> Iterator[str]:
    for row in objective.targets:
        whom = language.both([code(part) for part in _whom(row)])
        if row.range is not None:
            yield language.say("row range", whom, *_ends(row.range))
        else:
            yield language.say("row target", whom, code(_formula(row.target)))


def _whom(row: TargetRow) -> Iterator[str]:
    for member in row.members:
        yield _member(member)
    if row.period is not None:
        yield row.period.text.strip()
    if row.days is not None:
        ends = (row.days.start, row.days.end)
        yield "..".join("" if end is None else _text(end) for end in ends)


def _member(member: MemberText) -> str:
    return f"{member.name.text} {'null' if member.value is None else member.value.text}"


def _judged(project: CheckedProject, objective: Objective, language: Language) -> Iterator[str]:
    if objective.period is None:
        yield language.say("judged once")
    else:
        grain = objective.period.text.strip()
        yield language.say("judged period", language.grains.get(grain, code(grain)))
    if objective.effective is not None:
        if objective.effective.start is not None:
            yield language.say("judged from", _text(objective.effective.start))
        if objective.effective.end is not None:
            yield language.say("judged until", _text(objective.effective.end))
    for part in objective.by:
        yield language.say("judged by", code(_text(part)))
    checked = project.objectives.get(objective.name)
    if checked is not None and checked.where is not None:
        yield language.say("judged where", Speaker(project, language).condition(checked.where))
    yield from _trajectory(objective, language)
    bands, shape = objective.status, objective.trajectory.shape
    if objective.kind == "milestone":
        yield language.say("judged when due")
    elif objective.each.grain is not None:
        yield from _parts(objective, checked, language)
    elif bands is None:
        yield language.say("band usual" if shape is None else "band usual pace")
    else:
        usual = "attainment" if shape is None else "pace"
        axis = usual if bands.of is None else _text(bands.of)
        yield language.say(f"band {axis}", code(_formula(bands.on_track)), code(_formula(bands.at_risk)))
    if objective.min_sample is not None:
        yield language.say("judged sample", str(objective.min_sample))
    if objective.weight is not None:
        yield language.say("judged weight", language.figure(objective.weight))
    if objective.override_direction is not None:
        yield language.say("judged against", objective.override_direction)


def _parts(objective: Objective, checked: CheckedObjective | None, language: Language) -> Iterator[str]:
    """Yield how the parts of a period are judged, and what is made of them."""
    grain = _text(objective.each.grain)
    yield language.say("judged each", language.grains.get(grain, code(grain)))
    if checked is not None and checked.each is not None:
        times = checked.each.times
        match times.word:
            case "share" if times.share == 1:
                yield language.say("times all")
            case "share":
                yield language.say("times share", code(_text(objective.each.times)))
            case "last":
                yield language.say("times last", str(times.count), str(times.of))
            case "run":
                yield language.say("times run", str(times.count))
    yield language.say(f"part {objective.each.missing}")
    yield language.say("judged by parts")


def _trajectory(objective: Objective, language: Language) -> Iterator[str]:
    written = objective.trajectory
    if written.shape is not None:
        yield language.say(f"planned {_text(written.shape)}")
    for point in written.checkpoints:
        yield language.say("checkpoint", code(_formula(point.share)), _text(point.at))
    if written.too_early is not None:
        yield language.say("too early", code(_formula(written.too_early)))


def _about(objective: Objective, language: Language) -> Iterator[str]:
    if objective.version is not None:
        yield language.say("version", objective.version)
    if objective.owner is not None:
        yield f"{language.say('owner')}{language.colon}{objective.owner}"


def _ends(written: RangeText) -> tuple[str, str]:
    return code(_formula(written.low)), code(_formula(written.high))


def _formula(formula: Formula | None) -> str:
    if formula is None or formula.expr is None:
        return "…"
    return print_formula(formula.expr)


def _text(part: SourceText | None) -> str:
    return "…" if part is None else part.text.strip()


def _known(written: Formula | None) -> str | None:
    return None if written is None else _formula(written)


def _both(written: RangeText | None) -> list[str] | None:
    return None if written is None else list(map(_formula, (written.low, written.high)))


def _said(part: SourceText | None) -> str | None:
    return None if part is None else _text(part)


def _row_facts(row: TargetRow) -> Facts:
    return {
        "members": {member.name.text: _said(member.value) for member in row.members},
        "period": _said(row.period),
        "from": None if row.days is None else _said(row.days.start),
        "until": None if row.days is None else _said(row.days.end),
        "target": _known(row.target),
        "range": _both(row.range),
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
        "kpi": _text(objective.kpi),
        "promise": objective.kind,
        "by": [_text(part) for part in objective.by],
        "where": _known(objective.where),
        "period": _said(objective.period),
        "effective": None
        if effective is None
        else {"from": _said(effective.start), "until": _said(effective.end)},
        "due": _said(objective.due),
        "target": _known(objective.target),
        "range": _both(objective.range),
        "tolerance": _known(objective.tolerance),
        "fade": _known(objective.fade),
        "baseline": _known(objective.baseline),
        "levels": None
        if objective.levels is None
        else {
            "threshold": _known(objective.levels.threshold),
            "stretch": _known(objective.levels.stretch),
        },
        "error_budget": objective.has_budget,
        **_beside(objective),
        "guardrails": [_formula(guardrail) for guardrail in objective.guardrails],
        "each": _said(objective.each.grain),
        "times": _said(objective.each.times),
        "missing": None if objective.each.grain is None else objective.each.missing,
        "against": _said(objective.change.against),
        "targets": [_row_facts(row) for row in objective.targets],
        "target_from": _table_facts(objective.target_from),
        "allocate": _allocation_facts(objective.allocate),
        "reconcile": None
        if objective.reconcile is None
        else {
            "with": _text(objective.reconcile.whole),
            "tolerance": _known(objective.reconcile.tolerance),
        },
        **_way(objective),
        "status": None
        if bands is None
        else {
            "of": _said(bands.of) or ("attainment" if objective.trajectory.shape is None else "pace"),
            "on_track": _known(bands.on_track),
            "at_risk": _known(bands.at_risk),
        },
        "min_sample": objective.min_sample,
        "weight": None if objective.weight is None else str(objective.weight),
        "override_direction": objective.override_direction,
    }


def _table_facts(written: TargetsOf | None) -> Facts | None:
    if written is None:
        return None
    return {
        "dataset": _said(written.dataset),
        "value": _said(written.value),
        "take": _said(written.take),
        "rival": _said(written.rival),
        "max_age": _known(written.max_age),
        "min_rivals": written.min_rivals,
    }


def _allocation_facts(written: AllocationText | None) -> Facts | None:
    if written is None:
        return None
    return {
        "over": _said(written.over),
        "by": _said(written.by),
        "across": [_text(part) for part in written.across],
        "weights": None
        if written.weights is None
        else [
            {
                "members": {member.name.text: _said(member.value) for member in row.members},
                "weight": _known(row.weight),
            }
            for row in written.weights
        ],
        "round": _known(written.round),
    }


def _beside(objective: Objective) -> Facts:
    """Return what members or segments are compared with."""
    return {
        "among": [_text(member) for member in objective.among],
        "share": _known(objective.share),
        "segment": _known(objective.parity.segment),
        "reference": _known(objective.parity.reference),
        "side": objective.parity.side if objective.kind == "parity" else None,
    }


def _way(objective: Objective) -> Facts:
    """Return what is known of the way to the target."""
    written = objective.trajectory
    return {
        "trajectory": _said(written.shape),
        "checkpoints": [
            {"at": _said(point.at), "share": _known(point.share)} for point in written.checkpoints
        ],
        "too_early": _known(written.too_early),
    }
