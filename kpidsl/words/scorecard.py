"""Scorecards in words, and as facts."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.model.definitions import Formula
from kpidsl.model.objectives import Scorecard
from kpidsl.semantics.check import CheckedProject
from kpidsl.syntax import print_formula
from kpidsl.words.data import Facts
from kpidsl.words.language import Language, code
from kpidsl.words.page import Line, Page, Section
from kpidsl.words.written import spoken


def scorecard_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a scorecard."""
    card = project.project.scorecards[name]
    score = (*_items(_score(card, language)), *_items(_vetoes(card, language)))
    sections = (
        Section(language.say("held together"), tuple(_items(_objectives(project, card, language)))),
        Section(language.say("its score"), score),
        Section(language.say("about"), tuple(_items(_about(card, language)))),
    )
    label, called = spoken(card.label, language), language.say("scorecard")
    title = f"{code(name)} ({called})" if label is None else f"{label} ({called} {code(name)})"
    return Page(title, spoken(card.description, language), sections)


def _items(texts: Iterator[str]) -> Iterator[Line]:
    return (Line(text, 1) for text in texts)


def _objectives(project: CheckedProject, card: Scorecard, language: Language) -> Iterator[str]:
    for part in card.objectives:
        name = part.text.strip()
        objective = project.project.objectives.get(name) or project.project.scorecards.get(name)
        if objective is None or objective.weight is None:
            yield code(name)
        else:
            yield language.say("with weight", code(name), language.figure(objective.weight))


def _score(card: Scorecard, language: Language) -> Iterator[str]:
    policy = _policy(card)
    if policy in ("weighted", "geometric", "worst", "best"):
        yield language.say(f"policy {policy}")
        low, high = ("0", "120%") if card.clamp is None else map(_formula, (card.clamp.low, card.clamp.high))
        yield language.say("clamped", code(low), code(high))
        yield language.say(f"missing {card.missing}")
        if card.missing == "redistribute":
            yield language.say("weight there", code(_formula(card.min_weight, "50%")))
    else:
        count, _, all_of_them = policy.partition(" of ")
        yield language.say("policy count", count, all_of_them.strip())


def _vetoes(card: Scorecard, language: Language) -> Iterator[str]:
    for part in card.veto:
        yield language.say("has veto", code(part.text.strip()))


def _about(card: Scorecard, language: Language) -> Iterator[str]:
    if card.version is not None:
        yield language.say("version", card.version)
    if card.owner is not None:
        yield f"{language.say('owner')}{language.colon}{card.owner}"


def _policy(card: Scorecard) -> str:
    return "weighted" if card.policy is None else card.policy.text.strip()


def _formula(formula: Formula | None, otherwise: str = "…") -> str:
    return otherwise if formula is None or formula.expr is None else print_formula(formula.expr)


def scorecard_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of a scorecard; keys that it does not have are null or empty."""
    card = project.project.scorecards[name]
    bands = card.status
    return {
        "kind": "scorecard",
        "version": card.version,
        "label": dict(card.label),
        "description": dict(card.description),
        "owner": card.owner,
        "objectives": [part.text.strip() for part in card.objectives],
        "policy": _policy(card),
        "veto": [part.text.strip() for part in card.veto],
        "weight": None if card.weight is None else str(card.weight),
        "clamp": None if card.clamp is None else [_formula(card.clamp.low), _formula(card.clamp.high)],
        "missing": card.missing,
        "min_weight": None if card.min_weight is None else _formula(card.min_weight),
        "status": None
        if bands is None
        else {"on_track": _formula(bands.on_track), "at_risk": _formula(bands.at_risk)},
    }
