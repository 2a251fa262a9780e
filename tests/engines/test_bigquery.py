"""BigQuery's connection, over the service's own way of speaking: what is its own. `test_warehouses` has the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpidsl.engines import Connection, EngineError, connect
from kpidsl.engines.urls import ServerAddress, parse_url
from tests.engines.warehouses.bigquery import V2, Service, serving_bigquery
from tests.engines.warehouses.common import HERE, refused

needs_driver = pytest.mark.drives("bigquery")


def test_a_url_names_a_project_and_a_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_FILE", "/s3cret/key.json")
    found = parse_url("bigquery://example.com%3Ashop/sales?location=EU&key_file=${KEY_FILE}", HERE)
    assert isinstance(found, ServerAddress)
    assert found.engine == "bigquery"
    assert (found.parts["host"], found.parts["dbname"]) == ("example.com:shop", "sales")
    assert found.parts["key_file"] == "/s3cret/key.json"
    assert "s3cret" not in repr(found)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    with serving_bigquery(service) as found:
        yield found


@pytest.fixture
def opened(url: str) -> Iterator[Connection]:
    with connect(f"{url}&statement_timeout=5min&maximum_bytes_billed=1000", base=HERE) as connection:
        yield connection


@needs_driver
def test_a_statement_is_a_query_in_utc_with_its_limits(opened: Connection, service: Service) -> None:
    assert opened.dialect == "bigquery"
    opened.fetch("SELECT * FROM lines")
    first, last = (one.json["configuration"] for one in service.asked if one.path == f"{V2}/jobs")
    assert first["dryRun"] is True
    query = last["query"]
    assert query["useLegacySql"] is False
    assert query["connectionProperties"] == [{"key": "time_zone", "value": "UTC"}]
    assert query["defaultDataset"] == {"projectId": "shop-project", "datasetId": "Shop"}
    assert query["maximumBytesBilled"] == "1000"
    assert (last["jobTimeoutMs"], last["labels"]) == ("300000", {"application": "kpidsl"})


@needs_driver
def test_nobody_is_told_over_what_is_not_https(opened: Connection, service: Service) -> None:
    opened.fetch("SELECT 1")
    assert all("authorization" not in asked.headers for asked in service.asked)


@needs_driver
def test_a_service_that_is_not_there() -> None:
    told = refused("bigquery://shop/sales?endpoint=http://127.0.0.1:1&connect_timeout=1")
    assert told.message.startswith("`shop/sales` could not be opened: ")
    assert "Connection refused" in told.message


@needs_driver
@pytest.mark.parametrize("written", [None, "{}", '{"type": "service_account", "private_key": "s3cret"}'])
def test_a_key_that_is_none_is_not_shown(
    written: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "s3cret.json"
    if written is not None:
        file.write_text(written)
    monkeypatch.setenv("KEY_FILE", str(file))
    told = refused("bigquery://shop/sales?key_file=${KEY_FILE}&connect_timeout=1")
    assert told.message.startswith("`shop/sales` could not be opened: ")


@needs_driver
def test_a_job_that_is_refused_is_one_line(opened: Connection) -> None:
    with pytest.raises(EngineError) as caught:
        opened.fetch("SELECT 1 FROM (SELECT 2) WHERE SELEC 1")
    told = 'Syntax error: Unexpected identifier "SELEC" at [1:1]'
    assert caught.value.message == f"bigquery refused the statement: {told}"


@needs_driver
def test_tables_of_a_whole_project_are_listed(url: str) -> None:
    with connect(url.replace("/Shop", ""), base=HERE) as whole:
        assert whole.describe(("orders",)) is None
        assert whole.tables() == ("Shop.Orders", "Shop.lines", "other.rates")
