"""SQL Server's connection, over a fake of the driver: what is its own. `test_warehouses` has the rest.

What the real driver has of the fake's names is looked at where it is installed.
"""

from __future__ import annotations

import importlib
import socket
from collections.abc import Iterator

import pytest

from kpidsl.engines import Connection, EngineError, connect
from tests.engines.warehouses.common import HERE, refused
from tests.engines.warehouses.sqlserver import URL, Driver, Error, faked


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    with faked(monkeypatch) as found:
        yield found


@pytest.fixture
def opened(driver: Driver) -> Iterator[Connection]:  # noqa: ARG001
    with connect(URL, base=HERE) as connection:
        yield connection


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


def test_a_server_that_refuses(driver: Driver) -> None:
    driver.fails = Error(
        "Invalid authorization specification",
        "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Login failed for user 'ann' (s3cret;};).",
    )
    told = refused(URL)
    assert told.message == "`db.example:1433/shop` could not be opened: Login failed for user 'ann' (…)."


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
    assert told.message == "`127.0.0.1:1/shop` could not be opened: TCP Provider: Error code 0x2749"
    assert told.help == "nothing answers there: look at the host and the port"


@pytest.mark.drives("sqlserver")
def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        at = f"127.0.0.1:{mute.getsockname()[1]}"
        told = refused(f"sqlserver://ann:${{SHOP_PASSWORD}}@{at}/shop?connect_timeout=2")
    assert told.message == f"`{at}/shop` could not be opened: TCP Provider: Timeout error [258]."
    assert told.help == "the server did not answer in time; `connect_timeout=30` waits longer"


def test_a_driver_without_its_libraries(driver: Driver) -> None:
    driver.fails = RuntimeError(
        "Failed to load the driver. Please read the documentation to install the required dependencies."
    )
    told = refused(URL)
    assert told.message.startswith("`db.example:1433/shop` could not be opened: Failed to load the driver.")
    assert told.help is not None
    assert "apt-get install libltdl7 libkrb5-3 libgssapi-krb5-2" in told.help


def test_a_table_is_described_in_its_database(opened: Connection, driver: Driver) -> None:
    assert opened.describe(("orders",)) is not None
    assert "LOWER(s.name) = LOWER(SCHEMA_NAME())" in driver.statements[-1]
    assert opened.describe(("other", "dbo", "orders")) is not None
    assert "FROM [other].sys.columns" in driver.statements[-1]
    assert "LOWER(s.name) = LOWER(N'dbo')" in driver.statements[-1]
    assert opened.describe(("o'x", "orders")) is None
    assert "N'o''x'" in driver.statements[-1]


def test_a_select_is_described_by_the_server_or_refused(opened: Connection, driver: Driver) -> None:
    opened.describe_select("SELECT everything WHERE t = 'a'")
    called = "sys.dm_exec_describe_first_result_set"
    assert f"{called}(N'SELECT everything WHERE t = ''a''', NULL, 0) AS c" in driver.statements[-1]
    with pytest.raises(EngineError, match=r"^tsql refused the statement: Invalid object name 'gone'\.$"):
        opened.describe_select("SELECT * FROM gone")
