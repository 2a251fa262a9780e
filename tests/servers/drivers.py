"""Drivers of warehouses that no test can start: their tests talk to a stand-in on loopback, or to a fake.

They are heavy and of the extra `engines`, so what needs one is left out where it is not installed:
`KPIDSL_DRIVERS=bigquery,trino` in the environment names those that must be there, as `make test-engines` does.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

DRIVERS = {
    "bigquery": "google.cloud.bigquery",
    "trino": "trino",
    "snowflake": "snowflake.connector",
    "databricks": "databricks.sql",
    "sqlserver": "mssql_python",
}
"""The module of each driver, by the name of its connection."""


def _has(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _needed() -> tuple[str, ...]:
    names = tuple(filter(None, os.environ.get("KPIDSL_DRIVERS", "").split(",")))
    for name in names:
        if name not in DRIVERS:
            raise LookupError(f"KPIDSL_DRIVERS names `{name}`; the drivers are {', '.join(DRIVERS)}")
        if not _has(DRIVERS[name]):
            raise LookupError(f"KPIDSL_DRIVERS names `{name}`, but {DRIVERS[name]} is not installed")
    return names


NEEDED = _needed()


def is_there(name: str) -> bool:
    """Tell whether tests of a driver are part of this run."""
    return name in NEEDED or _has(DRIVERS[name])
