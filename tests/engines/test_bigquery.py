"""BigQuery's connection, over the service's own way of speaking: what is asked, read, told and stopped.

The service cannot be had. What stands in for it answers the driver's requests on loopback as the REST reference
of BigQuery v2 says; its rows are written down here.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpidsl.engines import Connection, EngineError, ResultColumn, connect
from kpidsl.engines.urls import ServerAddress, parse_url
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type, instant, parse_type
from tests.servers.loopback import Answer, Asked, serving

HERE = Path(".")
needs_driver = pytest.mark.drives("bigquery")
V2 = "/bigquery/v2/projects/shop-project"


def typed(text: str) -> Type:
    found = parse_type(text)
    assert found is not None
    return found


def refused(url: str) -> EngineError:
    with pytest.raises(EngineError) as caught:
        connect(url, base=HERE)
    told = caught.value.message + (caught.value.help or "")
    assert "\n" not in told
    assert "s3cret" not in told
    assert caught.value.__cause__ is None
    return caught.value


# URLs


def test_a_url_names_a_project_and_a_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_FILE", "/s3cret/key.json")
    found = parse_url("bigquery://example.com%3Ashop/sales?location=EU&key_file=${KEY_FILE}", HERE)
    assert isinstance(found, ServerAddress)
    assert found.engine == "bigquery"
    assert (found.parts["host"], found.parts["dbname"]) == ("example.com:shop", "sales")
    assert found.parts["key_file"] == "/s3cret/key.json"
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("bigquery:///sales", "the `bigquery` connection does not name a project"),
        ("bigquery://", "the `bigquery` connection does not name a project"),
        ("bigquery://shop/sales/more", "the `bigquery` connection does not name a project"),
        (
            "bigquery://ann@shop/sales",
            "the `bigquery` connection has a user, a password or a port, and takes none",
        ),
        ("bigquery://ann:s3cret@shop/sales", "the `bigquery` connection holds a password"),
        (
            "bigquery://shop:443/sales",
            "the `bigquery` connection has a user, a password or a port, and takes none",
        ),
        ("bigquery://shop/s%00ales", "the `bigquery` connection holds a control character"),
        ("bigquery://shop/sales?s3cret=1", "the `bigquery` connection has an option that is not known"),
        (
            "bigquery://shop/sales?key_file=s3cret.json",
            "the `bigquery` connection holds a secret, its `key_file`",
        ),
        (
            "bigquery://shop/sales?key_file=${NOT_THERE}",
            "the `bigquery` connection names `${NOT_THERE}`, which the environment does not have",
        ),
        (
            "bigquery://shop/sales?connect_timeout=soon",
            "the `bigquery` connection has a timeout that is none",
        ),
        (
            "bigquery://shop/sales?maximum_bytes_billed=much",
            "the `bigquery` connection has a number that is none",
        ),
    ],
)
def test_a_url_that_is_refused(url: str, message: str) -> None:
    told = refused(url)
    assert told.message == message
    assert told.help


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", None)
    monkeypatch.setitem(sys.modules, "google.cloud", None)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.bigquery", raising=False)
    told = refused("bigquery://shop/sales")
    assert (
        told.message == "bigquery connections need the driver `google-cloud-bigquery`, which is not installed"
    )
    assert told.help == "install it: pip install 'kpidsl[bigquery]'"


# a stand-in


FIELDS = [
    {"name": "yes", "type": "BOOLEAN"},
    {"name": "n", "type": "INTEGER"},
    {"name": "m", "type": "NUMERIC"},
    {"name": "b", "type": "BIGNUMERIC"},
    {"name": "f", "type": "FLOAT"},
    {"name": "t", "type": "STRING"},
    {"name": "d", "type": "DATE"},
    {"name": "at", "type": "DATETIME"},
    {"name": "moment", "type": "TIMESTAMP"},
]
ROWS = [
    [
        "true",
        "9223372036854775807",
        "12.5",
        "999999999999999999999999999999999999.99",
        "0.1",
        "é\n'",
        "0001-01-01",
        "2026-03-09T01:00:00.000001",
        "1773014400000001",
    ],
    [
        "false",
        "-1",
        "-0.01",
        "0",
        "NaN",
        "",
        "9999-12-31",
        "9999-12-31T23:59:59.999999",
        "-62135596800000000",
    ],
    [None] * 9,
]
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


def failed(status: int, message: str, reason: str) -> Answer:
    error = {"code": status, "message": message, "errors": [{"message": message, "reason": reason}]}
    return Answer({"error": error}, status)


class Service:
    """Jobs and tables, as BigQuery tells them."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.jobs: dict[str, Any] = {}
        self.cancelled = threading.Event()

    def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        match asked.method, asked.path.removeprefix(V2).split("/")[1:]:
            case "POST", ["jobs"]:
                return self._started(asked.json)
            case "POST", ["jobs", job, "cancel"]:
                self.cancelled.set()
                return Answer({"kind": "bigquery#jobCancelResponse", "job": self._job(job)})
            case "GET", ["jobs", job]:
                return Answer(self._job(job))
            case "GET", ["queries", job]:
                return self._results(job, asked.query)
            case "GET", ["datasets"]:
                return Answer({"datasets": [_dataset("Shop"), _dataset("other")]})
            case "GET", ["datasets", dataset, "tables"]:
                names = {"Shop": ["Orders", "lines"], "other": ["rates"]}[dataset]
                return Answer({"tables": [_table(dataset, name) for name in names], "totalItems": len(names)})
            case "GET", ["datasets", "Shop", "tables", "Orders"]:
                return Answer({**_table("Shop", "Orders"), "schema": {"fields": _ORDERS}})
        return failed(404, f"Not found: {asked.path}", "notFound")

    def _started(self, told: Any) -> Answer:
        sql = told["configuration"]["query"]["query"]
        if "SELEC 1" in sql:
            return failed(400, 'Syntax error: Unexpected identifier "SELEC" at [1:1]', "invalidQuery")
        if told["configuration"].get("dryRun"):
            return Answer({**told, "status": {"state": "DONE"}, "statistics": {"query": {}}})
        job = told["jobReference"]["jobId"]
        self.jobs[job] = told
        return Answer(self._job(job))

    def _job(self, job: str) -> dict[str, Any]:
        told = dict(self.jobs[job])
        sql = told["configuration"]["query"]["query"]
        state: dict[str, Any] = {"state": "DONE"}
        if "SLOW" in sql:
            state = {"state": "DONE" if self.cancelled.is_set() else "RUNNING"}
            if self.cancelled.is_set():
                error = {
                    "reason": "stopped",
                    "message": "Job execution was cancelled: User requested cancellation",
                }
                state |= {"errorResult": error, "errors": [error]}
        if "FAIL" in sql:
            error = {"reason": "invalidQuery", "message": "Overflow: integer overflow\nJob ID: s3"}
            state |= {"errorResult": error, "errors": [error]}
        return {**told, "status": state, "statistics": {"query": {"statementType": "SELECT"}}}

    def _results(self, job: str, query: dict[str, str]) -> Answer:
        sql = self.jobs[job]["configuration"]["query"]["query"]
        if "SLOW" in sql and not self.cancelled.is_set():
            time.sleep(0.05)
            return Answer({"jobComplete": False, "jobReference": self.jobs[job]["jobReference"]})
        if "SLOW" in sql:
            return failed(499, "Job execution was cancelled: User requested cancellation", "stopped")
        if "FAIL" in sql:
            return failed(400, "Overflow: integer overflow", "invalidQuery")
        told: dict[str, Any] = {
            "jobComplete": True,
            "jobReference": self.jobs[job]["jobReference"],
            "schema": {"fields": FIELDS},
            "totalRows": str(len(ROWS)),
        }
        if query.get("maxResults") != "0":
            # A page for each row.
            at = int(query.get("pageToken", "0"))
            told["rows"] = [{"f": [{"v": value} for value in ROWS[at]]}]
            if at + 1 < len(ROWS):
                told["pageToken"] = str(at + 1)
        return Answer(told)


def _dataset(name: str) -> dict[str, Any]:
    return {
        "datasetReference": {"projectId": "shop-project", "datasetId": name},
        "id": f"shop-project:{name}",
    }


def _table(dataset: str, name: str) -> dict[str, Any]:
    return {"tableReference": {"projectId": "shop-project", "datasetId": dataset, "tableId": name}}


_ORDERS = [
    {"name": "id", "type": "INTEGER"},
    {"name": "Amount", "type": "NUMERIC", "precision": "12", "scale": "2"},
    {"name": "at", "type": "TIMESTAMP"},
    {"name": "status", "type": "STRING", "collation": "und:ci"},
    {"name": "tags", "type": "STRING", "mode": "REPEATED"},
]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    with serving(service) as port:
        yield f"bigquery://shop-project/Shop?endpoint=http://127.0.0.1:{port}"


@pytest.fixture
def opened(url: str) -> Iterator[Connection]:
    with connect(f"{url}&statement_timeout=5min&maximum_bytes_billed=1000", base=HERE) as connection:
        yield connection


# what is asked


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
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM lines WHERE TRUE",
        "CREATE TABLE t (n INT64)",
        "SELECT 1; DROP TABLE lines",
        "EXPORT DATA OPTIONS (uri='gs://x') AS SELECT 1",
    ],
)
def test_only_queries_are_sent(opened: Connection, service: Service, sql: str) -> None:
    before = len(service.asked)
    with pytest.raises(
        EngineError, match=r"^the connection to bigquery only reads: the statement is no query$"
    ):
        opened.fetch(sql)
    with pytest.raises(EngineError, match="only reads"):
        opened.create_table(("t",), [("n", INTEGER)], [(1,)])
    assert len(service.asked) == before


# what is read


@needs_driver
def test_values_keep_their_types(opened: Connection) -> None:
    found = opened.run("SELECT everything", COLUMNS)
    assert found.schema.field("b").type.precision == 38
    first, second, third = found.to_pylist()
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
    assert (second["n"], second["m"], second["t"]) == (-1, Decimal("-0.01"), "")
    assert second["f"] != second["f"]
    assert second["at"] == datetime(9999, 12, 31, 23, 59, 59, 999999)
    assert set(third.values()) == {None}


@needs_driver
@pytest.mark.parametrize(
    ("place", "type_"),
    [
        (1, typed("decimal(4,2)")),
        (4, INTEGER),
        (5, INTEGER),
        (2, typed("decimal(12,0)")),
        (8, DATE),
        (7, instant("UTC")),
    ],
)
def test_what_does_not_fit_is_an_error(opened: Connection, place: int, type_: Type) -> None:
    columns = list(COLUMNS)
    columns[place] = ResultColumn(columns[place].name, type_)
    with pytest.raises(EngineError, match=f"column `{columns[place].name}`"):
        opened.run("SELECT everything", columns)


@needs_driver
def test_a_result_of_another_width_is_an_error(opened: Connection) -> None:
    with pytest.raises(EngineError, match="bigquery returned 9 columns where 1 are due"):
        opened.run("SELECT 1", COLUMNS[:1])


@needs_driver
def test_tables_are_described_and_listed(opened: Connection, url: str) -> None:
    columns = (
        ("id", "integer"),
        ("Amount", "numeric(12, 2)"),
        ("at", "timestamp, an instant,"),
        ("status", "string collate 'und:ci'"),
        ("tags", "array<string>"),
    )
    for parts in (("Orders",), ("orders",), ("shop", "orders"), ("shop-project", "Shop", "Orders")):
        assert opened.describe(parts) == columns
    assert opened.describe(("missing",)) is None
    assert opened.describe(("nowhere", "orders")) is None
    assert opened.tables() == ("Orders", "lines")
    with connect(url.replace("/Shop", ""), base=HERE) as whole:
        assert whole.describe(("orders",)) is None
        assert whole.tables() == ("Shop.Orders", "Shop.lines", "other.rates")


# what fails


@needs_driver
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELEC 1", 'Syntax error: Unexpected identifier "SELEC" at [1:1]'),
        ("SELECT FAIL", "Overflow: integer overflow"),
    ],
)
def test_a_failing_statement_is_one_line(opened: Connection, sql: str, told: str) -> None:
    with pytest.raises(EngineError) as caught:
        opened.fetch(f"SELECT 1 FROM (SELECT 2) WHERE {sql}")
    assert caught.value.message == f"bigquery refused the statement: {told}"
    assert caught.value.__cause__ is None


@needs_driver
def test_a_statement_that_is_late_is_stopped(url: str, service: Service) -> None:
    with (
        connect(f"{url}&statement_timeout=300ms", base=HERE) as connection,
        pytest.raises(EngineError, match=r"^bigquery was stopped: .* statement_timeout=300ms$"),
    ):
        connection.fetch("SELECT SLOW")
    assert service.cancelled.is_set()


@needs_driver
def test_a_statement_is_cancelled_by_its_job(opened: Any, service: Service) -> None:
    timer = threading.Timer(0.3, opened.cancel)
    timer.start()
    with pytest.raises(EngineError, match="was cancelled: User requested cancellation"):
        opened.fetch("SELECT SLOW")
    timer.join()
    assert service.cancelled.is_set()


@needs_driver
def test_a_service_that_is_not_there() -> None:
    told = refused("bigquery://shop/sales?endpoint=http://127.0.0.1:1&connect_timeout=1")
    assert told.message.startswith("`shop/sales` could not be opened: ")
    assert "Connection refused" in told.message


@needs_driver
def test_a_service_that_goes_away(service: Service) -> None:
    with serving(service) as port:
        endpoint = f"http://127.0.0.1:{port}"
        opened = connect(f"bigquery://shop-project/Shop?endpoint={endpoint}&connect_timeout=1", base=HERE)
    with pytest.raises(EngineError, match=r"^the connection to bigquery is closed: ") as caught:
        opened.fetch("SELECT 1")
    assert caught.value.message.isprintable()
    opened.close()
    with pytest.raises(EngineError, match=r"^the connection to bigquery is closed$"):
        opened.fetch("SELECT 1")


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
