"""Trino's connection, over its protocol: pages of rows, a session in UTC, a query that is stopped.

What stands in for a coordinator answers the driver's requests on loopback as the protocol's reference says
(`/v1/statement`, `nextUri`, DELETE); its rows are written down here.
"""

from __future__ import annotations

import sys
import threading
import time
from base64 import b64decode
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
needs_driver = pytest.mark.drives("trino")


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


def test_a_url_names_a_catalog_and_a_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    found = parse_url("trino://ann:${SHOP_PASSWORD}@trino.example:8443/hive/shop?secure=true", HERE)
    assert isinstance(found, ServerAddress)
    assert (found.engine, found.shown) == ("trino", "trino.example:8443/hive")
    assert (found.parts["dbname"], found.parts["schema"]) == ("hive", "shop")
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("trino://ann@h/hive/shop/more", "the `trino` connection does not name a server"),
        ("trino://ann:s3cret@h/hive", "the `trino` connection holds a password"),
        ("trino://ann@h/hive?token=s3cret", "the `trino` connection holds a secret, its `token`"),
        ("trino://ann@h/hive?secure=s3cret", "the `trino` connection has a `secure` that is neither"),
        ("trino://ann@h:99999/hive", "the `trino` connection has a port that is none"),
        ("trino://ann@h/hive?statement_timeout=s3cret", "the `trino` connection has a timeout that is none"),
    ],
)
def test_a_url_that_is_refused(url: str, message: str) -> None:
    told = refused(url)
    assert told.message == message
    assert told.help


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trino", None)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.trino", raising=False)
    told = refused("trino://ann@h/hive")
    assert told.message == "trino connections need the driver `trino`, which is not installed"
    assert told.help == "install it: pip install 'kpidsl[trino]'"


# a stand-in


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


@pytest.fixture
def coordinator() -> Coordinator:
    return Coordinator()


@pytest.fixture
def url(coordinator: Coordinator) -> Iterator[str]:
    with serving(coordinator) as port:
        yield f"trino://ann%20b@127.0.0.1:{port}/hive/shop?secure=false"


@pytest.fixture
def opened(url: str) -> Iterator[Connection]:
    with connect(f"{url}&statement_timeout=5min", base=HERE) as connection:
        yield connection


# what is asked


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
@pytest.mark.parametrize(
    "sql", ["DELETE FROM lines", "CREATE TABLE t (n bigint)", "SELECT 1; DROP TABLE t", "CALL system.sync()"]
)
def test_only_queries_are_sent(opened: Connection, coordinator: Coordinator, sql: str) -> None:
    before = len(coordinator.asked)
    with pytest.raises(EngineError, match=r"^the connection to trino only reads: the statement is no query$"):
        opened.fetch(sql)
    with pytest.raises(EngineError, match="only reads"):
        opened.create_table(("t",), [("n", INTEGER)], [(1,)])
    assert len(coordinator.asked) == before


@needs_driver
def test_a_user_is_named() -> None:
    told = refused("trino://h/hive")
    assert told.message == "the `trino` connection does not name a user"


# what is read


@needs_driver
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
    assert (second["n"], second["m"], second["t"]) == (-1, Decimal("-0.01"), "")
    assert second["f"] != second["f"]
    assert second["at"] == datetime(9999, 12, 31, 23, 59, 59, 999999)
    assert second["moment"].astimezone(UTC) == datetime(1969, 12, 31, 21, tzinfo=UTC)
    assert set(third.values()) == {None}


@needs_driver
def test_no_rows_have_types_too(opened: Connection) -> None:
    found = opened.run("SELECT EMPTY", COLUMNS)
    assert (found.num_rows, found.num_columns) == (0, 9)
    assert found.schema.field("m").type.scale == 2


@needs_driver
@pytest.mark.parametrize(
    ("place", "type_"),
    [
        (1, typed("decimal(4,2)")),
        (4, INTEGER),
        (5, INTEGER),
        (2, typed("decimal(12,1)")),
        (8, DATE),
        (8, TIMESTAMP),
    ],
)
def test_what_does_not_fit_is_an_error(opened: Connection, place: int, type_: Type) -> None:
    columns = list(COLUMNS)
    columns[place] = ResultColumn(columns[place].name, type_)
    with pytest.raises(EngineError, match=f"column `{columns[place].name}`"):
        opened.run("SELECT everything", columns)


@needs_driver
def test_tables_are_described_and_listed(opened: Connection) -> None:
    columns = (("id", "bigint"), ("at", "timestamp(3) with time zone"), ("c", "padded char(3)"))
    for parts in (("orders",), ("Orders",), ("shop", "orders"), ("hive", "shop", "orders")):
        assert opened.describe(parts) == columns
    for parts in (("missing",), ("sh'op", "orders"), ("other", "shop", "orders")):
        assert opened.describe(parts) is None
    assert opened.tables() == ("crm.leads", "orders")


# what fails


@needs_driver
def test_a_failing_statement_is_one_line(opened: Connection) -> None:
    with pytest.raises(EngineError) as caught:
        opened.fetch("SELECT 1 FROM (SELECT 1) WHERE SELEC 1")
    assert caught.value.message == "trino refused the statement: line 1:1: mismatched input 'SELEC'"


@needs_driver
def test_a_statement_that_is_late_is_stopped(url: str, coordinator: Coordinator) -> None:
    with (
        connect(f"{url}&statement_timeout=300ms", base=HERE) as connection,
        pytest.raises(EngineError, match=r"^trino was stopped: .* statement_timeout=300ms$"),
    ):
        connection.fetch("SELECT SLOW")
    assert coordinator.cancelled.is_set()


@needs_driver
def test_rows_of_a_query_that_was_cancelled_are_no_answer(opened: Any, coordinator: Coordinator) -> None:
    timer = threading.Timer(0.4, opened.cancel)
    timer.start()
    with pytest.raises(EngineError, match=r"^trino refused the statement: .*cancel"):
        opened.fetch("SELECT SLOW")
    timer.join()
    assert coordinator.cancelled.is_set()


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
def test_a_server_that_goes_away(coordinator: Coordinator) -> None:
    with serving(coordinator) as port:
        opened = connect(f"trino://ann@127.0.0.1:{port}/hive/shop?secure=false", base=HERE)
    with pytest.raises(EngineError, match=r"^the connection to trino is closed: ") as caught:
        opened.fetch("SELECT 1")
    assert caught.value.message.isprintable()
    opened.close()
    with pytest.raises(EngineError, match=r"^the connection to trino is closed$"):
        opened.fetch("SELECT 1")
