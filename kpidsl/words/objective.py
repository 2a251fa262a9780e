"""Objectives in words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

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
from kpidsl.syntax import tree
from kpidsl.words.language import Language, code
from kpidsl.words.objective_texts import formula_text, written_text
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
        yield language.say(
            row, kpi, code(formula_text(objective.tolerance)), code(written_text(change.against))
        )
    elif objective.kind == "parity":
        yield from _parity(objective, kpi, language)
    elif objective.kind == "no_signal":
        yield from _signals(objective, kpi, language)
    elif objective.target_from is not None:
        yield from _from_dataset(objective.target_from, row, kpi, language)
    elif objective.share is not None:
        yield language.say("promise share", kpi, code(formula_text(objective.share)))
    elif objective.target is None:
        yield language.say("promise of rows", kpi)
    else:
        more = [code(formula_text(objective.tolerance))] if objective.kind == "on_target" else []
        more = [code(written_text(change.against))] if objective.kind == "change" else more
        more = [written_text(objective.due)] if objective.kind == "milestone" else more
        yield language.say(row, kpi, code(formula_text(objective.target)), *more)
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
        yield language.say(
            "promise levels", code(formula_text(levels.threshold)), code(formula_text(levels.stretch))
        )
    if objective.has_budget:
        yield language.say("promise budget")
    for member in objective.among:
        yield language.say("promise among", code(written_text(member)))
    for guardrail in objective.guardrails:
        yield language.say("promise guardrail", code(formula_text(guardrail)))
    if objective.baseline is not None:
        yield language.say("promise begins", code(formula_text(objective.baseline)))
    if objective.fade is not None:
        yield language.say("promise fades", code(formula_text(objective.fade)))


def _from_dataset(found: TargetsOf, row: str, kpi: str, language: Language) -> Iterator[str]:
    column = code(f"{written_text(found.dataset)}.{written_text(found.value)}")
    if found.take is None:
        yield language.say(row, kpi, column)
        return
    take = written_text(found.take)
    way = f"take {take}" if take in ("median", "mean", "leader") else "take share"
    yield language.say(row, kpi, language.say(way, column, code(take)))
    yield language.say("benchmark latest", code(written_text(found.rival)))
    if found.max_age is not None:
        yield language.say("benchmark age", code(formula_text(found.max_age)))
    if found.min_rivals is not None:
        yield language.say("benchmark rivals", str(found.min_rivals))


def _parity(objective: Objective, kpi: str, language: Language) -> Iterator[str]:
    written, reference = objective.parity, formula_text(objective.parity.reference)
    of = language.say(f"reference {reference}") if reference in ("overall", "best") else code(reference)
    near = code(formula_text(objective.tolerance))
    if written.segment is None:
        yield language.say("promise parity", kpi, near, of)
    else:
        yield language.say("promise parity of", kpi, code(formula_text(written.segment)), near, of)
    if objective.side == "worse" and reference != "best":
        yield language.say("promise worse")


def _signals(objective: Objective, kpi: str, language: Language) -> Iterator[str]:
    written = objective.signals
    yield language.say("promise no_signal", kpi)
    usual = written.usual
    if usual is not None:
        if usual.last is not None:
            yield language.say("usual last", str(usual.last))
        else:
            yield language.say("usual days", written_text(usual.start), written_text(usual.end))
        yield language.say(
            f"usual {usual.spread}",
            _times(usual.times, usual.spread, language),
        )
    is_frozen = usual is not None and usual.last is None
    run = written.run if written.run is not None else 8 if is_frozen else 0
    if run:
        yield language.say("signal run", str(run))
    if written.trend:
        yield language.say("signal trend", str(written.trend))
    if objective.side is not None:
        yield language.say(f"signal {objective.side}")


_TIMES = {"moving_range": Decimal("2.66"), "deviation": Decimal(3), "absolute_deviation": Decimal(3)}


def _times(written: Formula | None, spread: str, language: Language) -> str:
    """Return how many times the usual distance a signal is away, as a number of the language."""
    given = None if written is None else written.expr
    if given is None:
        return language.figure(_TIMES[spread])
    return language.figure(given.value) if isinstance(given, tree.Number) else formula_text(written)


def _allocation(written: AllocationText, language: Language) -> Iterator[str]:
    if written.over is not None:
        grain = written_text(written.over)
        yield language.say("allocated over", language.grains.get(grain, code(grain)))
    elif written.by is not None:
        yield language.say("allocated whole")
    if written.by is not None:
        yield language.say(f"allocated {written_text(written.by)}")
    if written.across:
        yield language.say(
            "allocated across", language.both([code(written_text(part)) for part in written.across])
        )
        if written.weights is None:
            yield language.say("allocated members last_year")
    for row in written.weights or ():
        whom = language.both([code(one) for one in map(_member, row.members)])
        yield language.say("weight of", whom, code(formula_text(row.weight)))
    if written.round is not None:
        yield language.say("allocated round", code(formula_text(written.round)))


def _reconciled(objective: Objective, written: ReconcileText, language: Language) -> str:
    members = language.both([code(written_text(part)) for part in objective.by])
    whole = code(written_text(written.whole))
    if written.tolerance is None:
        return language.say("reconciled", members, whole)
    return language.say("reconciled nearly", members, whole, code(formula_text(written.tolerance)))


def _rows(objective: Objective, language: Language) -> Iterator[str]:
    for row in objective.targets:
        whom = language.both([code(part) for part in _whom(row)])
        if row.range is not None:
            yield language.say("row range", whom, *_ends(row.range))
        else:
            yield language.say("row target", whom, code(formula_text(row.target)))


def _whom(row: TargetRow) -> Iterator[str]:
    for member in row.members:
        yield _member(member)
    if row.period is not None:
        yield row.period.text.strip()
    if row.days is not None:
        ends = (row.days.start, row.days.end)
        yield "..".join("" if end is None else written_text(end) for end in ends)


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
            yield language.say("judged from", written_text(objective.effective.start))
        if objective.effective.end is not None:
            yield language.say("judged until", written_text(objective.effective.end))
    for part in objective.by:
        yield language.say("judged by", code(written_text(part)))
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
        axis = usual if bands.of is None else written_text(bands.of)
        yield language.say(
            f"band {axis}", code(formula_text(bands.on_track)), code(formula_text(bands.at_risk))
        )
    if objective.min_sample is not None:
        yield language.say("judged sample", str(objective.min_sample))
    if objective.weight is not None:
        yield language.say("judged weight", language.figure(objective.weight))
    if objective.override_direction is not None:
        yield language.say("judged against", objective.override_direction)


def _parts(objective: Objective, checked: CheckedObjective | None, language: Language) -> Iterator[str]:
    """Yield how the parts of a period are judged, and what is made of them."""
    grain = written_text(objective.each.grain)
    yield language.say("judged each", language.grains.get(grain, code(grain)))
    if checked is not None and checked.each is not None:
        times = checked.each.times
        match times.word:
            case "share" if times.share == 1:
                yield language.say("times all")
            case "share":
                yield language.say("times share", code(written_text(objective.each.times)))
            case "last":
                yield language.say("times last", str(times.count), str(times.of))
            case "run":
                yield language.say("times run", str(times.count))
    yield language.say(f"part {objective.each.missing}")
    yield language.say("judged by parts")


def _trajectory(objective: Objective, language: Language) -> Iterator[str]:
    written = objective.trajectory
    if written.shape is not None:
        yield language.say(f"planned {written_text(written.shape)}")
    for point in written.checkpoints:
        yield language.say("checkpoint", code(formula_text(point.share)), written_text(point.at))
    if written.too_early is not None:
        yield language.say("too early", code(formula_text(written.too_early)))
    forecast = None if written.forecast is None else written_text(written.forecast)
    if forecast == "last_year":
        yield language.say("forecast last_year")
    elif forecast not in (None, "pace"):
        yield language.say("forecast recent", forecast.split()[1])


def _about(objective: Objective, language: Language) -> Iterator[str]:
    if objective.version is not None:
        yield language.say("version", objective.version)
    if objective.owner is not None:
        yield f"{language.say('owner')}{language.colon}{objective.owner}"


def _ends(written: RangeText) -> tuple[str, str]:
    return code(formula_text(written.low)), code(formula_text(written.high))
