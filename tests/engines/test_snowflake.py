"""Snowflake's connection, over a fake of the driver: what it is told, how values are read, what fails.

The service cannot be had, and its protocol is too much for a stand-in. The fake has the driver's names and
shapes; what the real driver has of them is looked at where it is installed.
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
URL = "snowflake://ann:${SHOP_PASSWORD}@org-shop/sales/public?warehouse=small&role=reader"


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
        True,
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
        found: list[Any] = ROWS
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


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
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
    monkeypatch.setitem(sys.modules, "snowflake", None)
    monkeypatch.setitem(sys.modules, "snowflake.connector", None)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.snowflake", raising=False)
    told = refused("snowflake://ann@org-shop/sales")
    needed = "the driver `snowflake-connector-python`, which is not installed"
    assert told.message == f"snowflake connections need {needed}"
    assert told.help == "install it: pip install 'kpidsl[snowflake]'"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("snowflake://ann:s3cret@a/sales", "the `snowflake` connection holds a password"),
        ("snowflake://ann@a/sales?token=s3cret", "the `snowflake` connection holds a secret, its `token`"),
        (
            "snowflake://ann@a/sales?key_file=s3cret",
            "the `snowflake` connection holds a secret, its `key_file`",
        ),
        ("snowflake:///sales", "the `snowflake` connection does not name a account"),
        ("snowflake://ann@a/b/c/d", "the `snowflake` connection does not name a account"),
    ],
)
def test_a_url_that_is_refused(url: str, message: str) -> None:
    told = refused(url)
    assert told.message == message.replace("a account", "an account")
    assert told.help


def test_a_user_is_named(driver: Driver) -> None:
    assert refused("snowflake://org-shop/sales").message == "the `snowflake` connection does not name a user"
    assert driver.told == {}


# sessions


def test_the_driver_is_told_what_the_url_says(driver: Driver) -> None:
    with connect(f"{URL}&connect_timeout=3", base=HERE) as found:
        assert found.dialect == "snowflake"
    assert driver.told == {
        "account": "org-shop",
        "user": "ann",
        "password": "s3cret;};",
        "database": "sales",
        "schema": "public",
        "warehouse": "small",
        "role": "reader",
        "application": "kpidsl",
        "login_timeout": 3,
        "enable_server_session_keep_alive_auto_detection": False,
    }
    assert driver.closed == 1


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "snowflake://ann@a?token=${SHOP_PASSWORD}",
            {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": "s3cret;};"},
        ),
        (
            "snowflake://ann@a?key_file=${SHOP_KEY}",
            {"authenticator": "SNOWFLAKE_JWT", "private_key_file": "/home/ann/s3cret.p8"},
        ),
        (
            "snowflake://ann:${SHOP_PASSWORD}@a?key_file=${SHOP_KEY}",
            {
                "authenticator": "SNOWFLAKE_JWT",
                "private_key_file": "/home/ann/s3cret.p8",
                "private_key_password": "s3cret;};",
            },
        ),
        ("snowflake://ann@a", {"authenticator": "externalbrowser"}),
    ],
)
def test_ways_to_be_known(url: str, told: dict[str, str], driver: Driver) -> None:
    connect(url, base=HERE).close()
    ways = ("authenticator", "token", "private_key_file", "private_key_password", "password")
    assert {name: value for name, value in driver.told.items() if name in ways} == told


def test_a_session_has_its_parameters(driver: Driver) -> None:
    connect(f"{URL}&statement_timeout=1500ms", base=HERE).close()
    (settings,) = driver.statements
    assert settings.startswith("ALTER SESSION SET TIMEZONE = 'UTC' ")
    for wanted in (
        "TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ'",
        "WEEK_START = 1",
        "QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE",
        "STATEMENT_TIMEOUT_IN_SECONDS = 2",
    ):
        assert wanted in settings


def test_parameters_that_are_refused_close_the_session(driver: Driver) -> None:
    driver.settings_fail = Error("Insufficient privileges s3cret;};")
    assert "could not be opened: Insufficient privileges …" in refused(URL).message
    assert driver.closed == 1


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t",
        "CREATE TABLE t (n int)",
        "COPY INTO t FROM @s",
        "CALL p()",
        "USE ROLE accountadmin",
        "SELECT 1; DROP TABLE t",
    ],
)
def test_only_queries_are_sent(opened: Connection, driver: Driver, sql: str) -> None:
    before = len(driver.statements)
    with pytest.raises(
        EngineError, match=r"^the connection to snowflake only reads: the statement is no query$"
    ):
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
    assert opened.describe(("orders",)) == (
        ("ID", "numeric(38,0), int"),
        ("M", "numeric(12,2)"),
        ("T", "varchar(10) collate 'en-ci'"),
        ("AT", "timestamp_ltz(9)"),
    )
    assert driver.statements[-1] == 'DESCRIBE TABLE "SALES"."PUBLIC"."Orders"'
    assert opened.describe(("other", "public", "orders")) is not None
    assert '"OTHER".information_schema.tables' in driver.statements[-2]
    assert opened.describe(("o'x", "orders")) is None
    assert opened.tables() == ("CRM.LEADS", "ORDERS")


# what fails


def test_a_failing_statement_is_one_line(opened: Connection) -> None:
    with pytest.raises(EngineError) as caught:
        opened.fetch("SELECT * FROM missing")
    told = "SQL compilation error: Object 'MISSING' does not exist or not authorized."
    assert caught.value.message == f"snowflake refused the statement: {told}"
    assert caught.value.__cause__ is None


def test_a_service_that_goes_away(opened: Connection) -> None:
    with pytest.raises(EngineError, match=r"^the connection to snowflake is closed: Failed to connect: …$"):
        opened.fetch("SELECT LOST")
    opened.close()
    with pytest.raises(EngineError, match=r"^the connection to snowflake is closed$"):
        opened.fetch("SELECT 1")


def test_a_service_that_refuses(driver: Driver) -> None:
    driver.fails = Error("Incorrect username or password was specified: s3cret;};")
    told = refused(URL)
    assert (
        told.message
        == "`org-shop/sales` could not be opened: Incorrect username or password was specified: …"
    )


def test_a_statement_that_is_late_is_stopped(driver: Driver) -> None:
    with (
        connect(f"{URL}&statement_timeout=200ms", base=HERE) as connection,
        pytest.raises(EngineError, match=r"^snowflake was stopped: .* statement_timeout=200ms$"),
    ):
        connection.fetch("SELECT SLOW")
    assert driver.aborted.is_set()


def test_a_statement_is_cancelled(opened: Any) -> None:
    timer = threading.Timer(0.3, opened.cancel)
    timer.start()
    with pytest.raises(EngineError, match=r"^snowflake refused the statement: SQL execution canceled"):
        opened.fetch("SELECT SLOW")
    timer.join()
    opened.cancel()


# the driver itself


@pytest.mark.drives("snowflake")
def test_the_driver_has_what_is_used_of_it() -> None:
    real = importlib.import_module("snowflake.connector")
    for name in (
        "execute_async",
        "get_results_from_sfqid",
        "abort_query",
        "fetchall",
        "description",
        "__enter__",
    ):
        assert hasattr(real.SnowflakeCursor, name)
    assert issubclass(real.errors.OperationalError, real.errors.Error)
    assert real.errors.ProgrammingError("a").raw_msg == "a"


@pytest.mark.drives("snowflake")
def test_a_key_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOP_KEY", str(tmp_path / "s3cret.p8"))
    told = refused("snowflake://ann@org-shop/sales?key_file=${SHOP_KEY}&connect_timeout=2")
    assert told.message.startswith("`org-shop/sales` could not be opened: ")
