"""What is written under the keys of an objective, as text."""

from __future__ import annotations

from kpidsl.model.definitions import Formula
from kpidsl.model.objectives import RangeText
from kpidsl.source import SourceText
from kpidsl.syntax import print_formula


def formula_text(formula: Formula | None) -> str:
    if formula is None or formula.expr is None:
        return "…"
    return print_formula(formula.expr)


def written_text(part: SourceText | None) -> str:
    return "…" if part is None else part.text.strip()


def known_text(written: Formula | None) -> str | None:
    return None if written is None else formula_text(written)


def both_texts(written: RangeText | None) -> list[str] | None:
    return None if written is None else list(map(formula_text, (written.low, written.high)))


def said_text(part: SourceText | None) -> str | None:
    return None if part is None else written_text(part)
