"""A fake of Snowflake's driver, with its names and shapes: the protocol is too much for a stand-in."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from tests.engines.warehouses.common import StandIn, Warehouse, driver_rows

URL = "snowflake://ann:${SHOP_PASSWORD}@org-shop/sales/public?warehouse=small&role=reader"


class Error(Exception):
    def __init__(self, raw_msg: str) -> None:
        self.raw_msg = raw_msg
        super().__init__(f"001003 (42000): 01b-33: {raw_msg}")


class OperationalError(Error):
    pass


class Cursor:
    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.description: list[Any] | None = None
        self._sql = ""

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, sql: str) -> None:
        self._driver.statements.append(sql)
        if self._driver.settings_fail is not None:
            raise self._driver.settings_fail

    def execute_async(self, sql: str) -> dict[str, str]:
        self._driver.statements.append(sql)
        self._sql = sql
        if "missing" in sql:
            raise Error("SQL compilation error:\nObject 'MISSING' does not exist or not authorized.")
        if "LOST" in sql:
            raise OperationalError("Failed to connect: s3cret;};")
        return {"queryId": f"q{len(self._driver.statements)}"}

    def get_results_from_sfqid(self, number: str) -> None:
        assert number == f"q{len(self._driver.statements)}"

    def fetchall(self) -> list[tuple[Any, ...]]:
        if "SLOW" in self._sql:
            assert self._driver.aborted.wait(20)
            raise Error("SQL execution canceled")
        found: list[Any] = driver_rows()
        if "LIMIT 1" in self._sql:
            is_there = "UPPER('orders')" in self._sql and "o\\'x" not in self._sql
            found = [["SALES", "PUBLIC", "Orders"]] if is_there else []
        elif self._sql.startswith("DESCRIBE"):
            found = [["ID", "NUMBER(38,0)", "COLUMN"], ["M", "NUMBER(12,2)", "COLUMN"]]
            found += [["T", "VARCHAR(10) COLLATE 'en-ci'", "COLUMN"], ["AT", "TIMESTAMP_LTZ(9)", "COLUMN"]]
        elif "information_schema.tables" in self._sql:
            found = [["", "ORDERS"], ["CRM", "LEADS"]]
        self.description = [None] * (len(found[0]) if found else 3)
        return [tuple(row) for row in found]

    def abort_query(self, number: str) -> bool:
        assert number == f"q{len(self._driver.statements)}"
        self._driver.aborted.set()
        return True

    def close(self) -> None:
        pass


class Driver(ModuleType):
    """What of the module `snowflake.connector` is used."""

    def __init__(self) -> None:
        super().__init__("snowflake.connector")
        self.errors = ModuleType("snowflake.connector.errors")
        vars(self.errors).update(Error=Error, OperationalError=OperationalError)
        self.told: dict[str, Any] = {}
        self.statements: list[str] = []
        self.fails: Exception | None = None
        self.settings_fail: Exception | None = None
        self.aborted = threading.Event()
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
    monkeypatch.setenv("SHOP_KEY", "/home/ann/s3cret.p8")
    fake = Driver()
    package = ModuleType("snowflake")
    vars(package).update(connector=fake)
    monkeypatch.setitem(sys.modules, "snowflake", package)
    monkeypatch.setitem(sys.modules, "snowflake.connector", fake)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.snowflake", raising=False)
    yield fake
    sys.modules.pop("kpidsl.engines.snowflake", None)


@contextmanager
def stands_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with faked(monkeypatch) as driver:
        yield StandIn(URL, lambda: len(driver.statements), driver.aborted, lambda: None)


ORDERS = (
    ("ID", "numeric(38,0), int"),
    ("M", "numeric(12,2)"),
    ("T", "varchar(10) collate 'en-ci'"),
    ("AT", "timestamp_ltz(9)"),
)

WAREHOUSE = Warehouse(
    "snowflake",
    "snowflake",
    driver="snowflake-connector-python",
    modules=("snowflake", "snowflake.connector"),
    plain_url="snowflake://ann@org-shop/sales",
    refused=(
        ("snowflake://ann:s3cret@a/sales", "the `snowflake` connection holds a password"),
        ("snowflake://ann@a/sales?token=s3cret", "the `snowflake` connection holds a secret, its `token`"),
        (
            "snowflake://ann@a/sales?key_file=s3cret",
            "the `snowflake` connection holds a secret, its `key_file`",
        ),
        ("snowflake:///sales", "the `snowflake` connection does not name an account"),
        ("snowflake://ann@a/b/c/d", "the `snowflake` connection does not name an account"),
    ),
    stands_in=stands_in,
    needs_driver=False,
    writes=("COPY INTO t FROM @s", "CALL p()", "USE ROLE accountadmin"),
    failing=(
        "SELECT * FROM missing",
        "SQL compilation error: Object 'MISSING' does not exist or not authorized.",
    ),
    tables=("CRM.LEADS", "ORDERS"),
    described=(
        (("orders",), ORDERS),
        (("other", "public", "orders"), ORDERS),
        (("o'x", "orders"), None),
    ),
)
