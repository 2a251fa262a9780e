"""Why there is no SQL for the other dialects that sqlglot knows, beside those of the capability table.

A dialect goes from here into the table when it was executed, or its vendor's documentation gone through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NotWritten:
    """Why a dialect's numbers would not surely be right, and which dialects are near to it."""

    reason: str
    near: tuple[str, ...]


_ELSEWHERE = "it is no database's own SQL, and computes what another engine makes of it"
_NOT_GONE_THROUGH = (
    "it was never executed by this project, "
    "and its rules for nulls, texts, times and decimals were not gone through"
)

NOT_WRITTEN: Mapping[str, NotWritten] = {
    "dax": NotWritten("it is a language of formulas, without SELECT", ()),
    "dremio": NotWritten(_NOT_GONE_THROUGH, ("postgres",)),
    "drill": NotWritten(
        "a column's type is found while its files are read, and may be another one in the next file",
        ("postgres",),
    ),
    "druid": NotWritten("it has no decimals: sums of money would be floats", ("postgres",)),
    "dune": NotWritten(_NOT_GONE_THROUGH, ("trino",)),
    "hive": NotWritten("a sum or product that is too large gives null without a word", ("spark",)),
    "prql": NotWritten(_ELSEWHERE, ("duckdb", "postgres")),
    "singlestore": NotWritten(_NOT_GONE_THROUGH, ("mysql",)),
    "solr": NotWritten("it asks one collection at a time, without joins", ()),
    "spark2": NotWritten("it has no ANSI mode: an overflow gives another number without a word", ("spark",)),
    "tableau": NotWritten(_ELSEWHERE, ("duckdb", "postgres")),
    "teradata": NotWritten(
        "texts compare without case there, where neither the session nor the column says otherwise",
        ("postgres",),
    ),
}

OTHER_NAMES: Mapping[str, str] = {
    "googlesql": "bigquery",
    "mariadb": "mysql",
    "mssql": "tsql",
    "postgresql": "postgres",
    "pyspark": "spark",
    "sparksql": "spark",
    "sqlserver": "tsql",
}
"""Names under which a dialect may be asked for, too."""
