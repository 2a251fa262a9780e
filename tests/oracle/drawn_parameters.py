"""Parameters, drawn: literals of finished formulas give way to names."""

from __future__ import annotations

import re
from typing import Any

from .dice import Dice

_TEXT = r"'(?:[^']|'')*'"
_COMPARED = r"(?<=[^ ] (?:=|<|>) )|(?<=(?:!=|<=|>=) )"
PLACES: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "p_text": (rf"({_COMPARED}){_TEXT}", {"type": "text", "default": "'paid'"}, ("'EU'", "'l''été'", "''")),
    "p_texts": (
        rf"(?<=in \(){_TEXT}(, {_TEXT})*(?=\))",
        {"type": "text", "list": True, "default": "'paid', 'EU'"},
        ("'eu'", "'É', 'paid ', 'FR'"),
    ),
    "p_day": (
        rf"({_COMPARED})\d{{4}}-\d\d-\d\d",
        {"type": "date", "default": "2026-01-01"},
        ("2026-03-29", "2024-02-29"),
    ),
    "p_share": (
        r"(?<= \* )1\.50",
        {"type": "decimal(6,2)", "default": "1.50"},
        ("0.25", "-2.00", "2"),
    ),
    "p_number": (
        rf"({_COMPARED})(?:\d+|\d\.\d\d)(?![\d.eE_%p-]| (?:second|minute|hour|day|week))",
        {"type": "decimal(8,2)", "default": "1.50"},
        ("3", "20.00", "-1"),
    ),
    "p_flag": (rf"({_COMPARED})(?:true|false)", {"type": "boolean", "default": "true"}, ("false", "true")),
}
"""What a parameter stands for, how it is declared, what else it may be set to."""


def declare(dice: Dice, project: dict[str, Any]) -> None:
    """Put parameters in place of some literals of the project's formulas, and declare them all."""
    project["parameters"] = {name: dict(spec) for name, (_, spec, _) in PLACES.items()}
    for section in ("metrics", "kpis"):
        for name, body in project[section].items():
            if isinstance(body, str):
                project[section][name] = parametrized(dice, body)
            else:
                body["formula"] = parametrized(dice, body["formula"])
    for name, body in project.get("filters", {}).items():
        if isinstance(body, str):
            project["filters"][name] = parametrized(dice, body)
    for body in project["datasets"].values():
        if "where" in body:
            body["where"] = parametrized(dice, body["where"])
        for spec in body["columns"].values():
            if not isinstance(spec, str) and "expr" in spec:
                spec["expr"] = parametrized(dice, spec["expr"])


def parametrized(dice: Dice, text: str) -> str:
    """Return a formula with names of parameters in place of some literals."""
    for name, (pattern, _, _) in PLACES.items():
        text = re.sub(pattern, lambda found, name=name: name if dice.chance(3) else found[0], text)  # type: ignore[misc]
    return text


def settings(dice: Dice) -> dict[str, str]:
    """Return what a query sets, of the parameters that are declared."""
    return {name: dice.pick(values) for name, (_, _, values) in PLACES.items() if dice.chance(4)}
