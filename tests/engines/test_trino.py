"""Trino's connection, over its protocol: what is its own. `test_warehouses` has the rest."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from kpidsl.engines import Connection, connect
from kpidsl.engines.urls import ServerAddress, parse_url
from tests.engines.warehouses.common import COLUMNS, HERE, refused
from tests.engines.warehouses.trino import Coordinator, serving_trino
from tests.servers.loopback import Answer, serving

needs_driver = pytest.mark.drives("trino")


def test_a_url_names_a_catalog_and_a_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    found = parse_url("trino://ann:${SHOP_PASSWORD}@trino.example:8443/hive/shop?secure=true", HERE)
    assert isinstance(found, ServerAddress)
    assert (found.engine, found.shown) == ("trino", "trino.example:8443/hive")
    assert (found.parts["dbname"], found.parts["schema"]) == ("hive", "shop")
    assert "s3cret" not in repr(found)


@pytest.fixture
def coordinator() -> Coordinator:
    return Coordinator()


@pytest.fixture
def url(coordinator: Coordinator) -> Iterator[str]:
    with serving_trino(coordinator) as found:
        yield found


@pytest.fixture
def opened(url: str) -> Iterator[Connection]:
    with connect(f"{url}&statement_timeout=5min", base=HERE) as connection:
        yield connection


@needs_driver
def test_a_session_is_in_utc_and_has_its_limits(opened: Connection, coordinator: Coordinator) -> None:
    assert opened.dialect == "trino"
    opened.fetch("SELECT 1")
    told = next(asked for asked in reversed(coordinator.asked) if asked.method == "POST")
    assert told.body == b"SELECT 1"
    assert told.headers["x-trino-time-zone"] == "UTC"
    assert (told.headers["x-trino-catalog"], told.headers["x-trino-schema"]) == ("hive", "shop")
    assert (told.headers["x-trino-user"], told.headers["x-trino-source"]) == ("ann b", "kpidsl")
    assert told.headers["x-trino-session"] == "query_max_run_time=300000ms"
    assert "authorization" not in told.headers


@needs_driver
@pytest.mark.parametrize("secret", ["${SHOP_PASSWORD}@", "token"])
def test_secrets_go_over_https_only(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    asked = "&token=${SHOP_PASSWORD}" if secret == "token" else ""
    login = "ann@" if secret == "token" else f"ann:{secret}"
    told = refused(f"trino://{login}127.0.0.1:1/hive?secure=false{asked}")
    assert told.message.startswith("`127.0.0.1:1/hive` could not be opened: TLS/SSL is required")


@needs_driver
def test_a_password_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import kpidsl.engines.trino as module

    monkeypatch.setenv("SHOP_PASSWORD", "s3:cr@et")
    address = parse_url("trino://ann:${SHOP_PASSWORD}@h/hive", HERE)
    assert isinstance(address, ServerAddress)
    session = module._auth(address.parts).set_http_session(module.requests.Session())
    sent = session.auth(module.requests.Request("GET", "https://h/").prepare())
    assert b64decode(sent.headers["Authorization"].split()[1]) == b"ann:s3:cr@et"


@needs_driver
def test_a_user_is_named() -> None:
    told = refused("trino://h/hive")
    assert told.message == "the `trino` connection does not name a user"


@needs_driver
def test_no_rows_have_types_too(opened: Connection) -> None:
    found = opened.run("SELECT EMPTY", COLUMNS)
    assert (found.num_rows, found.num_columns) == (0, 9)
    assert found.schema.field("m").type.scale == 2


@needs_driver
def test_a_server_that_is_not_there() -> None:
    told = refused("trino://ann@127.0.0.1:1/hive?secure=false&connect_timeout=1")
    assert told.message.startswith("`127.0.0.1:1/hive` could not be opened: ")
    assert "Connection refused" in told.message


@needs_driver
@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_server_that_refuses(status: int) -> None:
    with serving(lambda _: Answer({"message": "no"}, status)) as port:
        told = refused(f"trino://ann@127.0.0.1:{port}/hive?secure=false")
    assert told.message.startswith(f"`127.0.0.1:{port}/hive` could not be opened: error {status}")


@needs_driver
def test_an_instant_of_another_offset(opened: Connection) -> None:
    _, second, _ = opened.run("SELECT everything", COLUMNS).to_pylist()
    assert second["f"] != second["f"]
    assert second["moment"].astimezone(UTC) == datetime(1969, 12, 31, 21, tzinfo=UTC)
