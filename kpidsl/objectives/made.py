"""Formulas that the product writes itself, from what stands under an objective's keys."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from kpidsl.diagnostics import Sink
from kpidsl.model.written import Formula
from kpidsl.source import SourceFile, Span
from kpidsl.syntax import parse_formula


def made(text: str, span: Span, sink: Sink) -> Formula:
    """Return a formula whose every part stands at `span`, where its author has written what it is made of."""
    return Formula(text, _placed(parse_formula(SourceFile("made", text), sink), span), span)


def _placed(node: Any, span: Span) -> Any:
    if isinstance(node, Span):
        return span
    if isinstance(node, tuple):
        return tuple(_placed(part, span) for part in node)
    if is_dataclass(node) and not isinstance(node, type):
        parts = {field.name: _placed(getattr(node, field.name), span) for field in fields(node)}
        return replace(node, **parts)
    return node
