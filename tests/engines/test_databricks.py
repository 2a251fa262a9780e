"""Databricks' connection, over its protocol: what is its own. `test_warehouses` has the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from kpidsl.engines import Connection, connect
from tests.engines.warehouses.common import COLUMNS, HERE, refused
from tests.engines.warehouses.databricks import PATH, Service, serving_databricks
from tests.servers.loopback import Answer, serving

needs_driver = pytest.mark.drives("databricks")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    with serving_databricks(service) as found:
        yield found


@pytest.fixture
def opened(url: str) -> Iterator[Connection]:
    with connect(f"{url}&statement_timeout=1500ms", base=HERE) as connection:
        yield connection


@needs_driver
def test_a_session_is_in_utc_and_in_ansi_mode(opened: Connection, service: Service) -> None:
    opened.fetch("SELECT everything")
    (session,) = service.sessions
    assert (session.initialNamespace.catalogName, session.initialNamespace.schemaName) == ("sales", "shop")
    wanted = {"ANSI_MODE": "true", "TIMEZONE": "UTC", "STATEMENT_TIMEOUT": "2"}
    assert wanted.items() <= session.configuration.items()
    assert service.statements[-1].statement == "SELECT everything"
    assert service.statements[-1].useArrowNativeTypes.decimalAsArrow
    opened.close()
    assert service.closed == 1


@needs_driver
def test_only_the_warehouse_is_asked_and_as_nobody_where_it_is_not_https(
    opened: Connection, service: Service
) -> None:
    opened.fetch("SELECT everything")
    assert {asked.path for asked in service.asked} == {PATH}
    assert all("authorization" not in asked.headers for asked in service.asked)
    assert all("kpidsl" in asked.headers["user-agent"] for asked in service.asked)


@needs_driver
def test_a_token_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import kpidsl.engines.databricks as module

    told: dict[str, object] = {}

    def connected(**given: object) -> None:
        told.update(given)
        raise OSError("no " + str(given.get("access_token", "token")))

    monkeypatch.setenv("SHOP_TOKEN", "s3cret")
    monkeypatch.setattr(module.sql, "connect", connected)
    found = refused("databricks://h/sales?warehouse=a/b&token=${SHOP_TOKEN}")
    assert found.message == "`h/sales` could not be opened: no …"
    assert (told["access_token"], told["http_path"]) == ("s3cret", "/sql/1.0/warehouses/a%2Fb")
    assert told["enable_telemetry"] is False
    refused("databricks://h/sales?warehouse=a")
    assert told["auth_type"] == "databricks-oauth"


@needs_driver
def test_no_rows_have_types_too(opened: Connection) -> None:
    found = opened.run("SELECT EMPTY", COLUMNS)
    assert (found.num_rows, found.num_columns) == (0, 9)
    assert found.schema.field("m").type.scale == 2


@needs_driver
def test_a_warehouse_is_named() -> None:
    told = refused("databricks://shop.example/sales")
    assert told.message == "the `databricks` connection does not name a warehouse"


@needs_driver
def test_a_service_that_is_not_there(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.CRITICAL)
    told = refused("databricks://h/sales?warehouse=a&endpoint=http://127.0.0.1:1&connect_timeout=1")
    assert told.message.startswith("`h/sales` could not be opened: ")
    assert "Connection refused" in told.message
    assert capfd.readouterr().err == ""


@needs_driver
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_service_that_refuses(status: int) -> None:
    why = {"x-databricks-error-or-redirect-message": "Invalid access token."}
    with serving(lambda _: Answer({"message": "no"}, status, why)) as port:
        told = refused(f"databricks://h/sales?warehouse=a&endpoint=http://127.0.0.1:{port}&connect_timeout=1")
    assert told.message == "`h/sales` could not be opened: Invalid access token."
