"""What stands in for Snowflake: a fake of its driver, with its names and shapes, for wherever that is not installed.

Where it is, the driver itself speaks to a service on loopback, as it does to Snowflake: a session is opened with its name and
password, a statement started and asked for by its number until it is through, its rows fetched as JSON.
"""

from __future__ import annotations

import gzip
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime
from types import ModuleType
from typing import Any

import pytest

from tests.engines.warehouses.common import COLUMNS, StandIn, Warehouse, driver_rows
from tests.servers.loopback import Answer, Asked, serving

URL = "snowflake://ann:${SHOP_PASSWORD}@org-shop/sales/public?warehouse=small&role=reader"


class Error(Exception):
    def __init__(self, raw_msg: str) -> None:
        self.raw_msg = raw_msg
        super().__init__(f"001003 (42000): 01b-33: {raw_msg}")


class OperationalError(Error):
    pass


def told_of(sql: str) -> list[Any] | None:
    """Return what a statement tells of tables; None: it asks for something else."""
    if "LIMIT 1" in sql:
        is_there = "UPPER('orders')" in sql and "o\\'x" not in sql
        return [["SALES", "PUBLIC", "Orders"]] if is_there else []
    if sql.startswith("DESCRIBE"):
        return [
            ["ID", "NUMBER(38,0)", "COLUMN"],
            ["M", "NUMBER(12,2)", "COLUMN"],
            ["T", "VARCHAR(10) COLLATE 'en-ci'", "COLUMN"],
            ["AT", "TIMESTAMP_LTZ(9)", "COLUMN"],
        ]
    return [["", "ORDERS"], ["CRM", "LEADS"]] if "information_schema.tables" in sql else None


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
        found = told_of(self._sql)
        if found is None:
            found = driver_rows()
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


_TYPES = (
    ("boolean", None, None),
    ("fixed", 38, 0),
    ("fixed", 12, 2),
    ("fixed", 38, 2),
    ("real", None, None),
    ("text", None, None),
    ("date", None, None),
    ("timestamp_ntz", None, 9),
    ("timestamp_ntz", None, 9),
)
"""The types of the columns of `SELECT everything`, with precision and scale."""
_EPOCH = datetime(1970, 1, 1)
_NUMBER = "01b2c3d4-0000-0000-0000-{:012}"


class Service:
    """Sessions and statements, over the requests of the driver."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.statements: list[str] = []
        self.cancelled = threading.Event()
        self.session: dict[str, Any] = {}

    def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        match asked.path.strip("/").replace("//", "/").split("/"):
            case ["session", "v1", "login-request"]:
                self.session = _read(asked)["data"]
                told = {"token": "t0k", "masterToken": "m", "sessionId": 1, "serverVersion": "9.1.0"}
                told |= {"validityInSeconds": 3600, "masterValidityInSeconds": 14400, "parameters": []}
                return _success(told | {"sessionInfo": {}})
            case ["queries", "v1", "query-request"]:
                return self._started(_read(asked))
            case ["queries", number, "abort-request"]:
                assert int(number.split("-")[-1]) == len(self.statements) - 1
                self.cancelled.set()
                return _success(None)
            case ["monitoring", "queries", number]:
                return _success({"queries": [self._standing(number)]})
            case ["queries", number, "result"]:
                return self._result(number)
            case _:
                return _success(None)

    def _started(self, told: dict[str, Any]) -> Answer:
        self.statements.append(told["sqlText"])
        number = _NUMBER.format(len(self.statements) - 1)
        if told["asyncExec"]:
            running = {"queryId": number, "getResultUrl": f"/queries/{number}/result"}
            return _success(running, "333334", "Query execution in progress.")
        return self._result(number)

    def _standing(self, number: str) -> dict[str, str]:
        if "missing" in self._sql(number):
            message = "SQL compilation error:\nObject 'MISSING' does not exist or not authorized."
            return _failed(number, "002003", message)
        if "SLOW" not in self._sql(number):
            return {"id": number, "status": "SUCCESS"}
        if not self.cancelled.is_set():
            return {"id": number, "status": "RUNNING"}
        return _failed(number, "000604", "SQL execution canceled")

    def _result(self, number: str) -> Answer:
        found = told_of(self._sql(number))
        width = 3 if found is None or not found else len(found[0])
        types = _TYPES if found is None else [("text", None, None)] * width
        names = [column.name for column in COLUMNS] if found is None else [f"C{n}" for n in range(width)]
        rows = [[_cell(value) for value in row] for row in (driver_rows() if found is None else found)]
        told = {"queryId": number, "sqlState": "00000", "total": len(rows), "returned": len(rows)}
        told |= {"rowset": rows, "queryResultFormat": "json", "parameters": [], "statementTypeId": 4096}
        fields = [
            {"name": name, "type": type_, "precision": precision, "scale": scale, "nullable": True}
            for name, (type_, precision, scale) in zip(names, types, strict=True)
        ]
        return _success(told | {"rowtype": fields})

    def _sql(self, number: str) -> str:
        return self.statements[int(number.split("-")[-1])]


def _read(asked: Asked) -> Any:
    is_packed = asked.headers.get("content-encoding") == "gzip"
    return json.loads(gzip.decompress(asked.body) if is_packed else asked.body)


def _success(data: Any, code: str | None = None, message: str | None = None) -> Answer:
    return Answer({"data": data, "code": code, "message": message, "success": True})


def _failed(number: str, code: str, message: str) -> dict[str, str]:
    return {"id": number, "status": "FAILED_WITH_ERROR", "errorCode": code, "errorMessage": message}


def _cell(value: Any) -> str | None:
    """Return a value as the service writes it in JSON."""
    match value:
        case None:
            return None
        case bool():
            return "1" if value else "0"
        case datetime():
            since = value - _EPOCH
            return f"{since.days * 86_400 + since.seconds}.{since.microseconds:06}000"
        case date():
            return str((value - _EPOCH.date()).days)
        case _:
            return str(value)


@contextmanager
def serving_snowflake(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield a URL of a service on loopback, to which the driver is led."""
    import snowflake.connector

    real = snowflake.connector.connect
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret;};")
    with serving(service) as port:
        here = {"host": "127.0.0.1", "port": port, "protocol": "http"}
        monkeypatch.setattr(snowflake.connector, "connect", lambda **told: real(**told, **here))
        yield URL


@contextmanager
def is_served(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    service = Service()
    with ExitStack() as stack:
        url = stack.enter_context(serving_snowflake(service, monkeypatch))
        yield StandIn(url, lambda: len(service.statements), service.cancelled, stack.close)


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
    described_select=ORDERS,
)

SERVED = replace(WAREHOUSE, stands_in=is_served, needs_driver=True)
"""The driver itself, which speaks to a service on loopback."""
