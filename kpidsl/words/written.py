"""What authors wrote, and the names of types and units, as a page shows them."""

from __future__ import annotations

from decimal import Decimal

from kpidsl.model.definitions import Label
from kpidsl.model.types import Type
from kpidsl.report.units import unit_in
from kpidsl.semantics.check import CheckedProject
from kpidsl.words.language import Language, Locale


def locale_of(project: CheckedProject) -> Locale:
    """Return the project's language."""
    return "fr" if project.project.locale.startswith("fr") else "en"


def told(label: Label, locale: str) -> str | None:
    """Return a label's text in a language, or the one that serves every language, or the English one."""
    return label.get(locale) or label.get("") or label.get("en") or next(iter(label.values()), None)


def spoken(label: Label, language: Language) -> str | None:
    """Return a label's text as a page in that language shows it."""
    text = told(label, language.code)
    return None if text is None else language.typeset(text)


def type_name(type: Type, language: Language) -> str:
    """Return a type in words."""
    return language.say(f"type {type.kind.value}", str(type))


def amount(shown: str, value: object, unit: str, language: Language) -> str:
    """Return a number as it is shown with its unit: `43 minutes`, `1 234,50 EUR`."""
    if f"some {unit}" not in language.sentences:
        return f"{shown} {unit_in(unit, language.code)}"
    return language.say(f"one {unit}" if _is_one(value, language) else f"some {unit}", shown)


def _is_one(value: object, language: Language) -> bool:
    """Tell whether a number takes the singular: in French all below two do."""
    below_two = isinstance(value, int | float | Decimal) and -2 < float(value) < 2
    return below_two if language.code == "fr" else value in (1, -1)


def unit_name(unit: str, language: Language) -> str:
    """Return a unit in words where the language of the page has some; nouns are the project's own."""
    if f"one {unit}" in language.sentences:
        unit = language.say(f"one {unit}", "").strip()
    elif f"unit {unit}" in language.sentences:
        unit = language.say(f"unit {unit}")
    return unit
