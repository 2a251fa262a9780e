"""Snowflake's connection, over a fake of the driver: what is its own. `test_warehouses` has the rest.

What the real driver has of the fake's names is looked at where it is installed.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpidsl.engines import connect
from tests.engines.warehouses.common import HERE, refused
from tests.engines.warehouses.snowflake import URL, Driver, Error, Service, faked, serving_snowflake


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    with faked(monkeypatch) as found:
        yield found


def test_a_user_is_named(driver: Driver) -> None:
    assert refused("snowflake://org-shop/sales").message == "the `snowflake` connection does not name a user"
    assert driver.told == {}


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
        "session_parameters": {"CLIENT_TELEMETRY_ENABLED": False},
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


def test_a_service_that_refuses(driver: Driver) -> None:
    driver.fails = Error("Incorrect username or password was specified: s3cret;};")
    told = refused(URL)
    assert (
        told.message
        == "`org-shop/sales` could not be opened: Incorrect username or password was specified: …"
    )


@pytest.mark.drives("snowflake")
def test_the_service_is_told_what_the_url_says_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    with serving_snowflake(service, monkeypatch) as url, connect(url, base=HERE) as opened:
        assert opened.fetch("SELECT UPPER('orders') LIMIT 1") == [("SALES", "PUBLIC", "Orders")]
    assert (service.session["LOGIN_NAME"], service.session["ACCOUNT_NAME"]) == ("ann", "org-shop")
    settings, asked = service.statements
    assert settings.startswith("ALTER SESSION SET TIMEZONE = 'UTC' ")
    assert asked == "SELECT UPPER('orders') LIMIT 1"
    paths = [one.path for one in service.asked]
    assert not any("telemetry" in path for path in paths), paths
    assert paths[-1] == "/session"


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


def test_a_table_is_described_by_its_name_as_it_is_stored(driver: Driver) -> None:
    with connect(URL, base=HERE) as opened:
        assert opened.describe(("orders",)) is not None
        assert driver.statements[-1] == 'DESCRIBE TABLE "SALES"."PUBLIC"."Orders"'
        assert opened.describe(("other", "public", "orders")) is not None
        assert '"OTHER".information_schema.tables' in driver.statements[-2]
