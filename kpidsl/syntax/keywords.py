"""The words of the language that are no names everywhere."""

from __future__ import annotations

KEYWORDS = frozenset(
    [
        "where",
        "or",
        "and",
        "not",
        "in",
        "between",
        "like",
        "is",
        "null",
        "true",
        "false",
        "case",
        "when",
        "then",
        "else",
        "end",
        "at",
        "across",
        "per",
        "including",
        "having",
        "within",
        "from",
        "to",
        "order",
        "by",
        "comparable",
    ]
)
