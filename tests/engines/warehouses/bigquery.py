"""What stands in for BigQuery: it answers the driver's requests on loopback as the REST reference of BigQuery v2 says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.engines.warehouses.common import StandIn, Warehouse
from tests.servers.loopback import Answer, Asked, serving

V2 = "/bigquery/v2/projects/shop-project"
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
            schema = {"schema": {"fields": _ORDERS}} if "everything" in sql else {}
            return Answer({**told, "status": {"state": "DONE"}, "statistics": {"query": schema}})
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


@contextmanager
def serving_bigquery(service: Service) -> Iterator[str]:
    with serving(service) as port:
        yield f"bigquery://shop-project/Shop?endpoint=http://127.0.0.1:{port}&connect_timeout=1"


@contextmanager
def stands_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:  # noqa: ARG001
    service = Service()
    with ExitStack() as stack:
        url = stack.enter_context(serving_bigquery(service))
        yield StandIn(url, lambda: len(service.asked), service.cancelled, stack.close)


ORDERS = (
    ("id", "integer"),
    ("Amount", "numeric(12, 2)"),
    ("at", "timestamp, an instant,"),
    ("status", "string collate 'und:ci'"),
    ("tags", "array<string>"),
)

WAREHOUSE = Warehouse(
    "bigquery",
    "bigquery",
    driver="google-cloud-bigquery",
    modules=("google.cloud", "google.cloud.bigquery"),
    plain_url="bigquery://shop/sales",
    refused=(
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
    ),
    stands_in=stands_in,
    writes=("EXPORT DATA OPTIONS (uri='gs://x') AS SELECT 1", "DELETE FROM lines WHERE TRUE"),
    failing=("SELECT FAIL", "Overflow: integer overflow"),
    tables=("Orders", "lines"),
    described=(
        (("Orders",), ORDERS),
        (("orders",), ORDERS),
        (("shop", "orders"), ORDERS),
        (("shop-project", "Shop", "Orders"), ORDERS),
        (("missing",), None),
        (("nowhere", "orders"), None),
    ),
    described_select=ORDERS,
)
