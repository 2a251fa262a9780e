"""SQL Server's connection, over a fake of the driver: what it is told, how values are read, what fails.

No server can be had, and its protocol is too much for a stand-in. The fake has the driver's names and shapes;
what the real driver has of them is looked at where it is installed.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kpidsl.engines import EngineError, ResultColumn, connect
from kpidsl.engines.connection import Connection
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type, instant, parse_type

HERE = Path(".")
URL = "sqlserver://ann:${SHOP_PASSWORD}@db.example:1433/shop"


def typed(text: str) -> Type:
    found = parse_type(text)
    assert found is not None
    return found


COLUMNS = [
    ResultColumn("yes", BOOLEAN),
    ResultColumn("n", INTEGER),
    ResultColumn("m", typed("decimal(12,2)")),
    ResultColumn("b", typed("decimal(38,2)")),
    ResultColumn("f", FLOAT),
    ResultColumn("t", TEXT),
    ResultColumn("d", DATE),
    ResultColumn("at", TIMESTAMP),
    ResultColumn("moment", instant("Europe/Paris")),
]
ROWS: list[list[Any]] = [
    [
        1,
        2**63 - 1,
        Decimal("12.500000"),
        Decimal(f"{'9' * 36}.99"),
        0.1,
        "é\n'",
        date(1, 1, 1),
        datetime(2026, 3, 9, 1, 0, 0, 1),
        datetime(2026, 3, 9, 0, 0, 0, 1),
    ],
    [
        False,
        Decimal(-1),
        Decimal("-0.01"),
        Decimal(0),
        1,
        "",
        date(9999, 12, 31),
        datetime(9999, 12, 31, 23),
        None,
    ],
    [None] * 9,
]


class Error(Exception):
    def __init__(self, driver_error: str, ddbc_error: str) -> None:
        self.driver_error = driver_error
        self.ddbc_error = ddbc_error
        super().__init__(f"Driver Error: {driver_error}; DDBC Error: {ddbc_error}")


class Handle:
    def __init__(self) -> None:
        self.cancelled = threading.Event()

    def _cancel(self) -> None:
        self.cancelled.set()


class Cursor:
    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.description: list[tuple[Any, ...]] | None = None
        self.hstmt: Handle | None = Handle()
        self._rows: list[list[Any]] = []

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
                "Communication link failure", "[Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: s3cret"
            )
        if "missing" in sql:
            told = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Invalid object name 'missing'."
            raise Error("Base table or view not found", told)
        found: list[list[Any]] = ROWS
        if "sys.columns" in sql:
            is_there = "N'orders'" in sql and "o''x" not in sql
            found = [["id", "bigint"], ["paid", "boolean, bit"]] if is_there else []
        elif "sys.objects" in sql:
            found = [["", "orders"], ["crm", "leads"]]
        self._rows = found
        self.description = [("c",) + (None,) * 6] * (len(found[0]) if found else 2)

    def fetchall(self) -> list[list[Any]]:
        return self._rows

    def close(self) -> None:
        self.hstmt = None


class Driver(ModuleType):
    """What of the module `mssql_python` is used."""

    Error = Error

    def __init__(self) -> None:
        super().__init__("mssql_python")
        self.told: dict[str, Any] = {}
        self.statements: list[str] = []
        self.fails: Exception | None = None
        self.timeout = 0
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


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret;};")
    fake = Driver()
    monkeypatch.setitem(sys.modules, "mssql_python", fake)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.sqlserver", raising=False)
    yield fake
    sys.modules.pop("kpidsl.engines.sqlserver", None)


@pytest.fixture
def opened(driver: Driver) -> Iterator[Connection]:  # noqa: ARG001
    with connect(URL, base=HERE) as connection:
        yield connection


def refused(url: str) -> EngineError:
    with pytest.raises(EngineError) as caught:
        connect(url, base=HERE)
    told = caught.value.message + (caught.value.help or "")
    assert "\n" not in told
    assert "s3cret" not in told
    assert caught.value.__cause__ is None
    return caught.value


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mssql_python", None)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.sqlserver", raising=False)
    told = refused("sqlserver://h/shop")
    assert told.message == "sqlserver connections need the driver `mssql-python`, which is not installed"
    assert told.help == "install it: pip install 'kpidsl[sqlserver]'"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mssql://ann:s3cret@h/shop", "the `sqlserver` connection holds a password"),
        ("sqlserver://h/shop/dbo", "the `sqlserver` connection does not name a server"),
        ("sqlserver://h/shop?encrypt=s3cret", "the `sqlserver` connection has a `encrypt` that is neither"),
        ("sqlserver://h:0/shop", "the `sqlserver` connection has a port that is none"),
    ],
)
def test_a_url_that_is_refused(url: str, message: str) -> None:
    told = refused(url)
    assert told.message == message
    assert told.help


# sessions


def test_the_driver_is_told_what_the_url_says(driver: Driver) -> None:
    with connect(
        f"{URL}?statement_timeout=1500ms&connect_timeout=3&trust_server_certificate=true", base=HERE
    ) as found:
        assert found.dialect == "tsql"
    assert driver.told == {
        "autocommit": True,
        "timeout": 3,
        "Server": "tcp:db.example,1433",
        "Database": "shop",
        "UID": "ann",
        "PWD": "s3cret;};",
        "Encrypt": "yes",
        "TrustServerCertificate": "yes",
        "ApplicationIntent": "ReadOnly",
        "ConnectRetryCount": "0",
    }
    assert driver.timeout == 2
    assert driver.closed == 1


def test_a_session_has_its_settings(opened: Connection, driver: Driver) -> None:
    opened.fetch("SELECT 1")
    *settings, last = driver.statements
    assert last == "SELECT 1"
    for wanted in (
        "QUOTED_IDENTIFIER",
        "ARITHABORT",
        "NUMERIC_ROUNDABORT OFF",
        "DATEFIRST 1",
        "TEXTSIZE",
        "DATEFORMAT ymd",
    ):
        assert any(wanted in statement for statement in settings)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t",
        "SELECT * INTO u FROM t",
        "EXEC sp_who",
        "WITH a AS (SELECT 1 AS n) DELETE FROM a",
        "SELECT 1; DROP TABLE t",
    ],
)
def test_only_queries_are_sent(opened: Connection, driver: Driver, sql: str) -> None:
    before = len(driver.statements)
    with pytest.raises(EngineError, match=r"^the connection to tsql only reads: the statement is no query$"):
        opened.fetch(sql)
    with pytest.raises(EngineError, match="only reads"):
        opened.create_table(("t",), [("n", INTEGER)], [(1,)])
    assert len(driver.statements) == before


# what is read


def test_values_keep_their_types(opened: Connection) -> None:
    first, second, third = opened.run("SELECT everything", COLUMNS).to_pylist()
    assert first == {
        "yes": True,
        "n": 2**63 - 1,
        "m": Decimal("12.50"),
        "b": Decimal(f"{'9' * 36}.99"),
        "f": 0.1,
        "t": "é\n'",
        "d": date(1, 1, 1),
        "at": datetime(2026, 3, 9, 1, 0, 0, 1),
        "moment": first["moment"],
    }
    assert first["moment"].astimezone(UTC) == datetime(2026, 3, 9, 0, 0, 0, 1, tzinfo=UTC)
    assert first["moment"].utcoffset().total_seconds() == 3600
    assert (second["yes"], second["n"], second["m"], second["f"]) == (False, -1, Decimal("-0.01"), 1.0)
    assert set(third.values()) == {None}


@pytest.mark.parametrize(
    ("place", "type_"),
    [
        (1, BOOLEAN),
        (2, typed("decimal(4,0)")),
        (3, typed("decimal(30,2)")),
        (4, INTEGER),
        (5, DATE),
        (7, DATE),
    ],
)
def test_what_does_not_fit_is_an_error(opened: Connection, place: int, type_: Type) -> None:
    columns = list(COLUMNS)
    columns[place] = ResultColumn(columns[place].name, type_)
    with pytest.raises(EngineError, match=f"column `{columns[place].name}`"):
        opened.run("SELECT everything", columns)


def test_tables_are_described_and_listed(opened: Connection, driver: Driver) -> None:
    assert opened.describe(("orders",)) == (("id", "bigint"), ("paid", "boolean, bit"))
    assert "LOWER(s.name) = LOWER(SCHEMA_NAME())" in driver.statements[-1]
    assert opened.describe(("other", "dbo", "orders")) is not None
    assert "FROM [other].sys.columns" in driver.statements[-1]
    assert "LOWER(s.name) = LOWER(N'dbo')" in driver.statements[-1]
    assert opened.describe(("o'x", "orders")) is None
    assert "N'o''x'" in driver.statements[-1]
    assert opened.tables() == ("crm.leads", "orders")


# what fails


def test_a_failing_statement_is_one_line(opened: Connection) -> None:
    with pytest.raises(EngineError) as caught:
        opened.fetch("SELECT * FROM missing")
    assert caught.value.message == "tsql refused the statement: Invalid object name 'missing'."
    assert caught.value.__cause__ is None


def test_a_server_that_goes_away(opened: Connection) -> None:
    with pytest.raises(EngineError, match=r"^the connection to tsql is closed: TCP Provider"):
        opened.fetch("SELECT LOST")
    opened.close()
    with pytest.raises(EngineError, match=r"^the connection to tsql is closed$"):
        opened.fetch("SELECT 1")


def test_a_server_that_refuses(driver: Driver) -> None:
    driver.fails = Error(
        "Invalid authorization specification",
        "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Login failed for user 'ann' (s3cret;};).",
    )
    told = refused(URL)
    assert told.message == "`db.example:1433/shop` could not be opened: Login failed for user 'ann' (…)."


def test_a_statement_that_is_late_is_stopped(driver: Driver) -> None:  # noqa: ARG001
    with (
        connect(f"{URL}?statement_timeout=200ms", base=HERE) as connection,
        pytest.raises(EngineError, match=r"^tsql was stopped: .* statement_timeout=200ms$"),
    ):
        connection.fetch("SELECT SLOW")


def test_a_statement_is_cancelled(opened: Any) -> None:
    timer = threading.Timer(0.3, opened.cancel)
    timer.start()
    with pytest.raises(EngineError, match=r"^tsql refused the statement: Operation canceled"):
        opened.fetch("SELECT SLOW")
    timer.join()
    opened.cancel()


# the driver itself


@pytest.mark.drives("sqlserver")
def test_the_driver_has_what_is_used_of_it() -> None:
    real = importlib.import_module("mssql_python")
    bindings = importlib.import_module("mssql_python.ddbc_bindings")
    assert issubclass(real.OperationalError, real.Error)
    assert callable(bindings.SqlHandle._cancel)
    assert isinstance(real.Connection.timeout, property)
    error = real.OperationalError("a", "b")
    assert (error.driver_error, error.ddbc_error) == ("a", "b")


@pytest.mark.drives("sqlserver")
def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    told = refused("sqlserver://ann:${SHOP_PASSWORD}@127.0.0.1:1/shop?connect_timeout=2")
    assert told.message.startswith("`127.0.0.1:1/shop` could not be opened: ")
