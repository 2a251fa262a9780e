"""What stands in for Trino: it answers the driver's requests on loopback as the protocol's reference says.

`/v1/statement`, `nextUri`, DELETE; its rows are written down here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.engines.warehouses.common import StandIn, Warehouse
from tests.servers.loopback import Answer, Asked, serving


def _column(name: str, type_: str, *arguments: int) -> dict[str, Any]:
    # A varchar without a length has the longest.
    lengths = (2**31 - 1,) if type_ == "varchar" else arguments
    told = [{"kind": "LONG", "value": one} for one in lengths]
    written = f"{type_}({','.join(map(str, arguments))})" if arguments else type_
    return {"name": name, "type": written, "typeSignature": {"rawType": type_, "arguments": told}}


FIELDS = [
    _column("yes", "boolean"),
    _column("n", "bigint"),
    _column("m", "decimal", 12, 2),
    _column("b", "decimal", 38, 2),
    _column("f", "double"),
    _column("t", "varchar"),
    _column("d", "date"),
    _column("at", "timestamp", 6),
    _column("moment", "timestamp with time zone", 6),
]
ROWS: list[list[Any]] = [
    [
        True,
        2**63 - 1,
        "12.50",
        f"{'9' * 36}.99",
        0.1,
        "é\n'",
        "0001-01-01",
        "2026-03-09 01:00:00.000001",
        "2026-03-09 00:00:00.000001 UTC",
    ],
    [
        False,
        -1,
        "-0.01",
        "0.00",
        "NaN",
        "",
        "9999-12-31",
        "9999-12-31 23:59:59.999999",
        "1969-12-31 23:00:00.000000 +02:00",
    ],
    [None] * 9,
]
_VARCHAR = [_column("a", "varchar"), _column("b", "varchar")]


class Coordinator:
    """Queries, page by page."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.statements: list[str] = []
        self.cancelled = threading.Event()

    def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        at = f"http://{asked.headers['host']}/v1/statement"
        parts = asked.path.split("/")[3:]
        if asked.method == "POST":
            self.statements.append(asked.body.decode())
            return Answer(self._told(at, len(self.statements) - 1, 0, "QUEUED"))
        query, page = int(parts[0]), int(parts[1])
        if asked.method == "DELETE":
            self.cancelled.set()
            return Answer(None, 204)
        return Answer(self._page(at, query, page))

    def _told(self, at: str, query: int, page: int | None, state: str, **more: Any) -> dict[str, Any]:
        stats = {"state": state, "queued": False, "scheduled": True, "nodes": 1, "elapsedTimeMillis": 1}
        told = {"id": f"q{query}", "infoUri": f"{at}/ui", "stats": stats, "warnings": [], **more}
        return told if page is None else {**told, "nextUri": f"{at}/{query}/{page}"}

    def _page(self, at: str, query: int, page: int) -> dict[str, Any]:
        sql = self.statements[query]
        if "SLOW" in sql:
            if self.cancelled.is_set():
                return self._failed(at, query, "USER_CANCELED", "Query was canceled")
            time.sleep(0.05)
            # Some rows have come already: they are not all.
            rows = {"columns": FIELDS, "data": [ROWS[0]]} if page == 1 else {}
            return self._told(at, query, page + 1, "RUNNING", **rows)
        if "SELEC 1" in sql:
            return self._failed(at, query, "SYNTAX_ERROR", "line 1:1: mismatched input 'SELEC'\nExpecting: …")
        if "current_timezone" in sql:
            return self._told(
                at, query, None, "FINISHED", columns=[_column("_col0", "varchar")], data=[["UTC"]]
            )
        if "information_schema" in sql:
            return self._told(at, query, None, "FINISHED", columns=_VARCHAR, data=_tables(sql))
        if "EMPTY" in sql:
            return self._told(at, query, None, "FINISHED", columns=FIELDS)
        last = page == len(ROWS)
        data = [] if page == 0 else [ROWS[page - 1]]
        return self._told(at, query, None if last else page + 1, "RUNNING", columns=FIELDS, data=data)

    def _failed(self, at: str, query: int, name: str, message: str) -> dict[str, Any]:
        error = {"message": message, "errorCode": 1, "errorName": name, "errorType": "USER_ERROR"}
        return self._told(at, query, None, "FAILED", error=error)


def _tables(sql: str) -> list[list[str]]:
    if "information_schema.tables" in sql:
        return [["", "orders"], ["crm", "leads"]]
    is_there = "table_schema = 'shop' AND table_name = 'orders'" in sql and '"hive"' in sql
    return [["id", "bigint"], ["at", "timestamp(3) with time zone"], ["c", "char(3)"]] if is_there else []


@contextmanager
def serving_trino(coordinator: Coordinator) -> Iterator[str]:
    with serving(coordinator) as port:
        yield f"trino://ann%20b@127.0.0.1:{port}/hive/shop?secure=false"


@contextmanager
def stands_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:  # noqa: ARG001
    coordinator = Coordinator()
    with ExitStack() as stack:
        url = stack.enter_context(serving_trino(coordinator))
        yield StandIn(url, lambda: len(coordinator.asked), coordinator.cancelled, stack.close)


ORDERS = (("id", "bigint"), ("at", "timestamp(3) with time zone"), ("c", "padded char(3)"))

WAREHOUSE = Warehouse(
    "trino",
    "trino",
    driver="trino",
    modules=("trino",),
    plain_url="trino://ann@h/hive",
    refused=(
        ("trino://ann@h/hive/shop/more", "the `trino` connection does not name a server"),
        ("trino://ann:s3cret@h/hive", "the `trino` connection holds a password"),
        ("trino://ann@h/hive?token=s3cret", "the `trino` connection holds a secret, its `token`"),
        ("trino://ann@h/hive?secure=s3cret", "the `trino` connection has a `secure` that is neither"),
        ("trino://ann@h:99999/hive", "the `trino` connection has a port that is none"),
        ("trino://ann@h/hive?statement_timeout=s3cret", "the `trino` connection has a timeout that is none"),
    ),
    stands_in=stands_in,
    writes=("CALL system.sync()", "CREATE TABLE t (n bigint)"),
    failing=(
        "SELECT 1 FROM (SELECT 1) WHERE SELEC 1",
        "line 1:1: mismatched input 'SELEC'",
    ),
    tables=("crm.leads", "orders"),
    described=(
        (("orders",), ORDERS),
        (("Orders",), ORDERS),
        (("shop", "orders"), ORDERS),
        (("hive", "shop", "orders"), ORDERS),
        (("missing",), None),
        (("sh'op", "orders"), None),
        (("other", "shop", "orders"), None),
    ),
    described_select=(
        ("yes", "boolean"),
        ("n", "bigint"),
        ("m", "decimal(12,2)"),
        ("b", "decimal(38,2)"),
        ("f", "double"),
        ("t", "varchar"),
        ("d", "date"),
        ("at", "timestamp(6)"),
        ("moment", "timestamp with time zone(6)"),
    ),
)
