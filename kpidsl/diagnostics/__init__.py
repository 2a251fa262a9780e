"""Diagnostics: what a user's mistake is called, where it is, and what would be right."""

from kpidsl.diagnostics.diagnostic import Diagnostic, Label, Sink
from kpidsl.diagnostics.rules import RULES, Rule, Severity, rule
from kpidsl.diagnostics.suggestions import as_name, did_you_mean, nearest

__all__ = [
    "RULES",
    "Diagnostic",
    "Label",
    "Rule",
    "Severity",
    "Sink",
    "as_name",
    "did_you_mean",
    "nearest",
    "rule",
]
