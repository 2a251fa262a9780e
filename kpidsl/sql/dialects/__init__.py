"""The capability table: what each dialect is able to say, and how, a module each.

A dialect that is not here is refused by name. What stands here has been executed on the engine with the
cases of `tests/cases`, or, where there is none to be had, is documented by its vendor in so many words; an
operation that a dialect's table does not hold is refused where a formula uses it. Forms of one name take
sqlglot nodes and return one.
"""

from __future__ import annotations

from kpidsl.sql.dialects.bigquery import BIGQUERY
from kpidsl.sql.dialects.clickhouse import CLICKHOUSE
from kpidsl.sql.dialects.dialect import Dialect
from kpidsl.sql.dialects.doris import DORIS
from kpidsl.sql.dialects.dremio import DREMIO
from kpidsl.sql.dialects.drill import DRILL
from kpidsl.sql.dialects.duckdb import DUCKDB
from kpidsl.sql.dialects.exasol import EXASOL
from kpidsl.sql.dialects.fabric import FABRIC
from kpidsl.sql.dialects.hive import HIVE
from kpidsl.sql.dialects.mysql import MYSQL
from kpidsl.sql.dialects.oracle import ORACLE
from kpidsl.sql.dialects.postgres import POSTGRES
from kpidsl.sql.dialects.presto import PRESTO
from kpidsl.sql.dialects.redshift import REDSHIFT
from kpidsl.sql.dialects.relatives import MATERIALIZE, RISINGWAVE
from kpidsl.sql.dialects.singlestore import SINGLESTORE
from kpidsl.sql.dialects.snowflake import SNOWFLAKE
from kpidsl.sql.dialects.spark import DATABRICKS, SPARK
from kpidsl.sql.dialects.sqlite import SQLITE
from kpidsl.sql.dialects.starrocks import STARROCKS
from kpidsl.sql.dialects.teradata import TERADATA
from kpidsl.sql.dialects.trino import ATHENA, DUNE, TRINO
from kpidsl.sql.dialects.tsql import TSQL

__all__ = ["DIALECTS", "Dialect"]

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        DUCKDB,
        SQLITE,
        POSTGRES,
        MYSQL,
        CLICKHOUSE,
        BIGQUERY,
        SPARK,
        DATABRICKS,
        TRINO,
        ATHENA,
        PRESTO,
        SNOWFLAKE,
        TSQL,
        REDSHIFT,
        ORACLE,
        MATERIALIZE,
        RISINGWAVE,
        FABRIC,
        STARROCKS,
        DORIS,
        HIVE,
        DUNE,
        EXASOL,
        SINGLESTORE,
        TERADATA,
        DREMIO,
        DRILL,
    )
}
