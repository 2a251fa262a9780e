"""Why there is no SQL for the other dialects that sqlglot knows, beside those of the capability table.

A dialect goes from here into the table when it was executed, or its vendor's documentation gone through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NotWritten:
    """Why a dialect's numbers would not surely be right, and which dialects are near to it."""

    reason: str
    near: tuple[str, ...]


_ELSEWHERE = "it is no database's own SQL, and computes what another engine makes of it"

NOT_WRITTEN: Mapping[str, NotWritten] = {
    "dax": NotWritten("it is a language of formulas, without SELECT", ()),
    "druid": NotWritten(
        "its decimals are floats, a sum of integers has no wider type and no documented overflow, and "
        "datasets cannot be put into one result: only counts and floats of one dataset would be left",
        ("postgres",),
    ),
    "prql": NotWritten(_ELSEWHERE, ("duckdb", "postgres")),
    "solr": NotWritten("it asks one collection at a time, without joins", ()),
    "spark2": NotWritten("it has no ANSI mode: an overflow gives another number without a word", ("spark",)),
    "tableau": NotWritten(_ELSEWHERE, ("duckdb", "postgres")),
}

OTHER_NAMES: Mapping[str, str] = {
    "chdb": "clickhouse",
    "googlebigquery": "bigquery",
    "googlesql": "bigquery",
    "mariadb": "mysql",
    "memsql": "singlestore",
    "motherduck": "duckdb",
    "mssql": "tsql",
    "postgresql": "postgres",
    "pyspark": "spark",
    "sparksql": "spark",
    "sqlserver": "tsql",
    "starburst": "trino",
    "timescaledb": "postgres",
}
"""Names under which a dialect may be asked for, too: as `plain` has them."""

_MAKERS = re.compile("apache|amazon|aws|microsoft|[^a-z0-9]")


def plain(name: str) -> str:
    """Return a dialect's name without its maker's, and without what stands between words."""
    return _MAKERS.sub("", name.lower())
