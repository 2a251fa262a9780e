"""A fake of SQL Server's driver, with its names and shapes: the protocol is too much for a stand-in."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from tests.engines.warehouses.common import StandIn, Warehouse, driver_rows

URL = "sqlserver://ann:${SHOP_PASSWORD}@db.example:1433/shop"


class Error(Exception):
    def __init__(self, driver_error: str, ddbc_error: str) -> None:
        self.driver_error = driver_error
        self.ddbc_error = ddbc_error
        super().__init__(f"Driver Error: {driver_error}; DDBC Error: {ddbc_error}")


class Handle:
    def __init__(self, cancelled: threading.Event) -> None:
        self.cancelled = cancelled

    def _cancel(self) -> None:
        self.cancelled.set()


class Cursor:
    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.description: list[tuple[Any, ...]] | None = None
        self.hstmt: Handle | None = Handle(driver.cancelled)
        self._rows: list[list[Any]] = []

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *_: object) -> None:
        self.hstmt = None

    def execute(self, sql: str) -> None:
        self._driver.statements.append(sql)
        if sql.startswith("SET "):
            return
        if "SLOW" in sql:
            assert self.hstmt is not None
            assert self.hstmt.cancelled.wait(20)
            raise Error("Operation canceled", "[Microsoft][ODBC Driver 18 for SQL Server]Operation canceled")
        if "LOST" in sql:
            raise Error(
                "Communication link failure",
                "[Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: s3cret;};",
            )
        if "missing" in sql:
            told = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Invalid object name 'missing'."
            raise Error("Base table or view not found", told)
        found: list[list[Any]] = driver_rows()
        if "sys.columns" in sql:
            is_there = "N'orders'" in sql and "o''x" not in sql
            found = [["id", "bigint"], ["paid", "boolean, bit"]] if is_there else []
        elif "sys.objects" in sql:
            found = [["", "orders"], ["crm", "leads"]]
        elif "describe_first_result_set(N'SELECT everything" in sql:
            found = [["id", "bigint", None], ["paid", "boolean, bit", None]]
        elif "describe_first_result_set(N'" in sql:
            found = [[None, None, "Invalid object name 'gone'."]]
        self._rows = found
        self.description = [("c",) + (None,) * 6] * (len(found[0]) if found else 2)

    def fetchall(self) -> list[list[Any]]:
        return self._rows


class Driver(ModuleType):
    """What of the module `mssql_python` is used."""

    Error = Error

    def __init__(self) -> None:
        super().__init__("mssql_python")
        self.told: dict[str, Any] = {}
        self.statements: list[str] = []
        self.fails: Exception | None = None
        self.timeout = 0
        self.cancelled = threading.Event()
        self.closed = 0

    def connect(self, **told: Any) -> Driver:
        self.told = told
        if self.fails is not None:
            raise self.fails
        return self

    def cursor(self) -> Cursor:
        return Cursor(self)

    def close(self) -> None:
        self.closed += 1


@contextmanager
def faked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret;};")
    fake = Driver()
    monkeypatch.setitem(sys.modules, "mssql_python", fake)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.sqlserver", raising=False)
    yield fake
    sys.modules.pop("kpidsl.engines.sqlserver", None)


@contextmanager
def stands_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with faked(monkeypatch) as driver:
        yield StandIn(URL, lambda: len(driver.statements), driver.cancelled, lambda: None)


ORDERS = (("id", "bigint"), ("paid", "boolean, bit"))

WAREHOUSE = Warehouse(
    "sqlserver",
    "tsql",
    driver="mssql-python",
    modules=("mssql_python",),
    plain_url="sqlserver://h/shop",
    refused=(
        ("mssql://ann:s3cret@h/shop", "the `sqlserver` connection holds a password"),
        ("sqlserver://h/shop/dbo", "the `sqlserver` connection does not name a server"),
        ("sqlserver://h/shop?encrypt=s3cret", "the `sqlserver` connection has a `encrypt` that is neither"),
        ("sqlserver://h:0/shop", "the `sqlserver` connection has a port that is none"),
    ),
    stands_in=stands_in,
    needs_driver=False,
    writes=(
        "SELECT * INTO u FROM t",
        "EXEC sp_who",
        "WITH a AS (SELECT 1 AS n) DELETE FROM a",
    ),
    failing=("SELECT * FROM missing", "Invalid object name 'missing'."),
    tables=("crm.leads", "orders"),
    described=(
        (("orders",), ORDERS),
        (("other", "dbo", "orders"), ORDERS),
        (("o'x", "orders"), None),
    ),
    described_select=ORDERS,
)
