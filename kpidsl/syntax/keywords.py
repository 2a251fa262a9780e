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

OPENING = frozenset({"not", "true", "false", "null", "case", "per", "including"})
"""Those with which something else begins where a name may stand, so that nothing is called by them.

The others are names there: `and / or` is a quotient.
"""

AGGREGATES_OF_NUMBERS = (
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "count_distinct",
    "median",
    "percentile",
    "stddev",
    "variance",
)
"""The aggregates that take one number of each row, and of each entity."""
