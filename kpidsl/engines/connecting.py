"""Opening a connection by its URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import cast

from kpidsl.engines.connection import Connection
from kpidsl.engines.errors import missing_driver
from kpidsl.engines.urls import FileAddress, parse_url, refuse_what_is_no_file

_DRIVERS: Mapping[str, tuple[str, str, str]] = {
    "duckdb": ("kpidsl.engines.duckdb", "open_duckdb", "duckdb"),
    "sqlite": ("kpidsl.engines.sqlite", "open_sqlite", "sqlite3"),
    "spark": ("kpidsl.engines.spark", "open_spark", "pyspark"),
    "mysql": ("kpidsl.engines.mysql", "open_mysql", "pymysql"),
    "clickhouse": ("kpidsl.engines.clickhouse", "open_clickhouse", "clickhouse_connect"),
    "bigquery": ("kpidsl.engines.bigquery", "Bigquery.opened", "google-cloud-bigquery"),
    "trino": ("kpidsl.engines.trino", "Trino.opened", "trino"),
    "sqlserver": ("kpidsl.engines.sqlserver", "SqlServer.opened", "mssql-python"),
    "snowflake": ("kpidsl.engines.snowflake", "Snowflake.opened", "snowflake-connector-python"),
    "databricks": ("kpidsl.engines.databricks", "Databricks.opened", "databricks-sql-connector"),
    "redshift": ("kpidsl.engines.redshift", "Redshift.opened", "psycopg"),
    "chdb": ("kpidsl.engines.chdb", "open_chdb", "chdb"),
    "postgres": ("kpidsl.engines.postgres", "open_postgres", "psycopg"),
}
"""For each engine the module that opens it, the function there, and the driver that it imports."""


def connect(url: str, *, base: Path, read_only: bool = True) -> Connection:
    """Return an open connection; relative files start at `base`.

    A database in memory is always writable: it holds nothing but what this connection puts there.
    An engine's driver is imported when its first connection is opened.
    """
    address = parse_url(url, base)
    if isinstance(address, FileAddress):
        refuse_what_is_no_file(address, base, read_only)
    module, function, driver = _DRIVERS[address.engine]
    try:
        found = attrgetter(function)(import_module(module))
    except ImportError as error:
        # psycopg raises it too where it finds no libpq.
        if (error.name or driver).split(".")[0] == "kpidsl":
            raise
        raise missing_driver(address.engine, driver) from None
    return cast(Callable[..., Connection], found)(address, read_only)
