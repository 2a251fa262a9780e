"""What stands in every kind of definition: formulas, and texts for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpidsl.source import Span
from kpidsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with its text; `expr` is None where the text did not read (already reported)."""

    text: str = field(compare=False)
    expr: tree.Expr | None
    span: Span = field(compare=False, repr=False)


Label = Mapping[str, str]
"""Text by language; the key `` (empty) holds a text that serves every language."""
