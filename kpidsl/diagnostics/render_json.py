"""Diagnostics as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kpidsl.diagnostics.diagnostic import Diagnostic
from kpidsl.source import Span


def _place(span: Span) -> dict[str, Any]:
    at = span.location()
    return {
        "file": at.path,
        "line": at.line,
        "column": at.column,
        "end_line": at.end_line,
        "end_column": at.end_column,
    }


def as_json(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as lists and dicts; places are 1-based, ends exclusive."""
    return [
        {
            "code": d.code,
            "severity": d.rule.severity,
            "message": d.message,
            **_place(d.primary.span),
            "help": d.help,
            "related": [{"message": label.text, **_place(label.span)} for label in d.related],
        }
        for d in diagnostics
    ]
