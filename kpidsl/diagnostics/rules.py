"""The registry of diagnostic codes. A code is `stage/slug`; each has a page in `pages/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A code with what it stands for in one line."""

    code: str
    severity: Severity
    summary: str


RULES: dict[str, Rule] = {}


def rule(code: str, summary: str, severity: Severity = "error") -> Rule:
    """Declare a code once, beside the functions that build its diagnostics."""
    if code in RULES:
        raise ValueError(f"code {code} declared twice")
    RULES[code] = Rule(code, severity, summary)
    return RULES[code]
