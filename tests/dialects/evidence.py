"""What is known of each dialect's SQL, and from which engine."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.dialects.catalogue import Exercise

HERE = Path(__file__).parent


class Kind(Enum):
    """Whose answers tell of a dialect."""

    ITSELF = "the engine itself"
    STAND_IN = "an engine that stands in for it, and must answer every query as it should"
    RELATIVE = "an engine that takes some of its SQL: what it takes, it must answer as it should"
    NOBODY = "no engine: a grammar alone"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the evidence for a dialect comes from."""

    title: str
    short: str
    """The head of its column."""
    kind: Kind
    engine: str | None
    """An engine of `tests/servers`."""
    note: str
    """What a reader must know of it, beyond the kind."""
    written_from: str = "duckdb"
    """The dialect from which its kept SQL is told by differences."""


EVIDENCE: dict[str, Evidence] = {
    "duckdb": Evidence("DuckDB", "DuckDB", Kind.ITSELF, "duckdb", "DuckDB 2.0, in memory"),
    "sqlite": Evidence("SQLite", "SQLite", Kind.ITSELF, "sqlite", "the SQLite that Python brings"),
    "postgres": Evidence("PostgreSQL", "PG", Kind.ITSELF, "postgres", "PostgreSQL 18"),
    "mysql": Evidence(
        "MySQL, MariaDB", "MySQL", Kind.STAND_IN, "mariadb", "MariaDB 10.11 stands in for MySQL 8"
    ),
    "clickhouse": Evidence("ClickHouse", "CH", Kind.ITSELF, "clickhouse", "ClickHouse 26.9, in process"),
    "bigquery": Evidence(
        "BigQuery",
        "BQ",
        Kind.STAND_IN,
        "googlesql",
        "GoogleSQL's reference implementation stands in for the service",
    ),
    "spark": Evidence("Spark", "Spark", Kind.ITSELF, "spark", "Spark 4.3"),
    "databricks": Evidence(
        "Databricks", "DBX", Kind.STAND_IN, "spark", "Spark 4.3 stands in for it", written_from="spark"
    ),
    "trino": Evidence("Trino", "Trino", Kind.NOBODY, None, "Trino by its documentation, asked of no server"),
    "athena": Evidence(
        "Athena",
        "Athena",
        Kind.NOBODY,
        None,
        "its engine version 3 is a Trino; asked of no server",
        written_from="trino",
    ),
    "presto": Evidence(
        "Presto",
        "Presto",
        Kind.NOBODY,
        None,
        "what Presto has of Trino, by its documentation, in a session in UTC; asked of no server",
        written_from="trino",
    ),
    "snowflake": Evidence(
        "Snowflake",
        "Snow",
        Kind.NOBODY,
        None,
        "Snowflake by its documentation, asked of no server",
    ),
    "tsql": Evidence(
        "T-SQL",
        "T-SQL",
        Kind.NOBODY,
        None,
        "SQL Server 2022 by its documentation, asked of no server",
    ),
    "redshift": Evidence(
        "Amazon Redshift",
        "RS",
        Kind.NOBODY,
        None,
        "Amazon's documentation; asked of no server",
        written_from="postgres",
    ),
    "oracle": Evidence(
        "Oracle", "Oracle", Kind.NOBODY, None, "Oracle 19c by its documentation, asked of no server"
    ),
    "materialize": Evidence(
        "Materialize",
        "MZ",
        Kind.RELATIVE,
        "postgres",
        "Materialize's documentation; its SQL was run on PostgreSQL, a relative",
        written_from="postgres",
    ),
    "risingwave": Evidence(
        "RisingWave",
        "RW",
        Kind.RELATIVE,
        "postgres",
        "RisingWave's documentation; its SQL was run on PostgreSQL, a relative",
        written_from="postgres",
    ),
    "fabric": Evidence(
        "Microsoft Fabric",
        "Fabric",
        Kind.NOBODY,
        None,
        "the warehouse of Fabric by Microsoft's documentation, asked of no server",
        written_from="tsql",
    ),
    "starrocks": Evidence(
        "StarRocks",
        "SR",
        Kind.NOBODY,
        None,
        "StarRocks by its documentation, asked of no server",
        written_from="mysql",
    ),
    "doris": Evidence(
        "Apache Doris",
        "Doris",
        Kind.NOBODY,
        None,
        "Doris by its documentation, asked of no server",
        written_from="starrocks",
    ),
    "hive": Evidence(
        "Apache Hive",
        "Hive",
        Kind.RELATIVE,
        "spark",
        "Hive's documentation; its SQL was run on Spark, a relative",
    ),
    "dune": Evidence(
        "DuneSQL",
        "Dune",
        Kind.NOBODY,
        None,
        "a Trino with types of its own; asked of no server",
        written_from="trino",
    ),
    "exasol": Evidence("Exasol", "EXA", Kind.NOBODY, None, "Exasol by its documentation, asked of no server"),
    "singlestore": Evidence(
        "SingleStore",
        "S2",
        Kind.NOBODY,
        None,
        "SingleStore by its documentation, asked of no server",
        written_from="starrocks",
    ),
    "teradata": Evidence(
        "Teradata",
        "TD",
        Kind.NOBODY,
        None,
        "Teradata by its documentation, in a session in UTC; asked of no server",
        written_from="starrocks",
    ),
    "dremio": Evidence(
        "Dremio",
        "Dremio",
        Kind.NOBODY,
        None,
        "Dremio by its documentation, asked of no server",
        written_from="starrocks",
    ),
    "drill": Evidence(
        "Apache Drill",
        "Drill",
        Kind.NOBODY,
        None,
        "Drill from version 1.15 on, by its documentation and source; asked of no server",
        written_from="starrocks",
    ),
}
"""In the order of the matrix's columns."""

WITHOUT_SERIES = frozenset(("drill",))
"""Dialects in which days without rows cannot be asked, and so no objective is judged."""


_REMARK = re.compile(r"^ */\*.*\*/\n", re.MULTILINE)


def digest(sql: str) -> str:
    """Return what a statement is known again by: its text without lines that only tell what a step does."""
    return hashlib.sha256(_REMARK.sub("", sql).encode()).hexdigest()[:16]


def recorded(engine: str) -> dict[str, dict[str, str]]:
    """Return per dialect, per exercise, the digest of what an engine answered as it should."""
    path = evidence_path(engine)
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def evidence_path(engine: str) -> Path:
    return HERE / "evidence" / f"{engine}.json"


def is_executed(dialect: str, exercise: Exercise, sql_digest: str) -> bool:
    """Tell whether an engine has answered this very SQL as it should."""
    engine = EVIDENCE[dialect].engine
    return engine is not None and recorded(engine).get(dialect, {}).get(exercise.label) == sql_digest
