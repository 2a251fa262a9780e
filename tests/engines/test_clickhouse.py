"""ClickHouse, in this process and as a server: types, tables, failures, secrets.

No server can be had as a package. What stands in for one answers clickhouse-connect's requests over HTTP with
the engine of this process, so that what is tested is the driver's way and ours, not the server's own.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kpidsl.engines import Connection, EngineError, ResultColumn, connect
from kpidsl.engines.urls import ServerAddress, parse_url
from kpidsl.model.types import BOOLEAN, FLOAT, INTEGER, TEXT, TIMESTAMP, Type
from kpidsl.model.types import DATE as DAY
from kpidsl.project import load
from kpidsl.running import run_on
from tests.answers import type_named
from tests.servers import clickhouse

from .asking import one

HERE = Path(".")
needs_engine = pytest.mark.asks("clickhouse")


class _Answers(BaseHTTPRequestHandler):
    """What a server says, by the engine of this process."""

    asked: list[dict[str, str]] = []  # noqa: RUF012
    lock = threading.Lock()

    def do_GET(self) -> None:
        self._send(200, b"Ok.\n")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        parts = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        sql = parts.pop("query", "") + body
        self.asked.append({**parts, "sql": sql})
        self.user = self.headers.get("Authorization")
        try:
            with self.lock:
                found = clickhouse._driver().query(sql, "TabSeparated").bytes()
        except Exception as error:  # noqa: BLE001
            self._send(500, str(error).encode(), {"X-ClickHouse-Exception-Code": "62"})
        else:
            self._send(200, found)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    _Answers.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def _opened(server: str, **options: str) -> Connection:
    more = "".join(f"&{name}={value}" for name, value in options.items())
    return connect(f"clickhouse://ann:${{SHOP_PASSWORD}}@{server}/default?secure=false{more}", base=HERE)


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")


# URLs


def test_a_url_says_where_the_server_is() -> None:
    found = parse_url("clickhouse://ann:${SHOP_PASSWORD}@db.example:8443/shop?statement_timeout=30s", HERE)
    assert isinstance(found, ServerAddress)
    assert found.engine == "clickhouse"
    assert found.shown == "db.example:8443/shop"
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "clickhouse://ann:s3cret@db.example/shop",
        "clickhouse://db.example/shop?password=s3cret",
        "clickhouse://db.example/shop?sslmode=s3cret",
        "chdb:///s3cret",
    ],
)
def test_a_url_that_is_refused_shows_no_secret(url: str) -> None:
    with pytest.raises(EngineError) as caught:
        connect(url, base=HERE)
    assert "s3cret" not in f"{caught.value.message} {caught.value.help}"
    assert caught.value.help


@pytest.mark.parametrize(
    ("url", "module", "driver", "extra"),
    [
        ("clickhouse://db.example/shop", "clickhouse", "clickhouse_connect", "clickhouse"),
        ("chdb://", "chdb", "chdb", "chdb"),
    ],
)
def test_a_missing_driver_says_what_to_install(
    url: str, module: str, driver: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    monkeypatch.delitem(sys.modules, f"kpidsl.engines.{module}", raising=False)
    with pytest.raises(EngineError, match=f"need the driver `{driver}`, which is not installed") as caught:
        connect(url, base=HERE)
    assert caught.value.help == f"install it: pip install 'kpidsl[{extra}]'"


# a server


@needs_engine
def test_a_server_is_asked_for_what_only_reads(server: str) -> None:
    with _opened(server, statement_timeout="1500ms") as connection:
        assert connection.dialect == "clickhouse"
        assert connection.run("SELECT toInt64(41) + 1 AS n", [ResultColumn("n", INTEGER)]).to_pydict() == {
            "n": [42]
        }
    told = _Answers.asked[-1]
    assert (told["readonly"], told["session_timezone"], told["max_execution_time"]) == ("2", "UTC", "1.5")
    assert told["database"] == "default"
    from kpidsl.engines.clickhouse import SETTINGS

    assert all(told[name] == str(value) for name, value in SETTINGS.items())
    assert "s3cret" not in str(_Answers.asked)


@needs_engine
@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT * FROM missing", "SELECT 'a", "SELECT f(1)"])
def test_a_servers_failure_is_one_line(server: str, sql: str) -> None:
    with _opened(server) as connection, pytest.raises(EngineError) as caught:
        connection.fetch(sql)
    assert caught.value.message.startswith("clickhouse refused the statement: ")
    assert caught.value.message.isprintable()


@needs_engine
def test_a_server_that_is_not_there() -> None:
    with pytest.raises(EngineError) as caught:
        _opened("127.0.0.1:1", connect_timeout="2")
    assert caught.value.message.startswith("`127.0.0.1:1/default` could not be opened: ")
    assert "s3cret" not in caught.value.message
    assert caught.value.message.isprintable()


@needs_engine
@pytest.mark.parametrize("secure", ["true", "false"])
def test_a_server_that_says_nothing(secure: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        at = f"127.0.0.1:{mute.getsockname()[1]}"
        url = f"clickhouse://ann:${{SHOP_PASSWORD}}@{at}/default?secure={secure}&connect_timeout=1"
        with pytest.raises(EngineError, match=r"could not be opened: .*timed out$") as caught:
            connect(url, base=HERE)
    assert "s3cret" not in caught.value.message


@needs_engine
def test_an_answer_may_take_long_once_a_server_has_answered(server: str) -> None:
    with _opened(server, connect_timeout="3") as connection:
        assert connection._client.timeout.connect_timeout == 3  # type: ignore[attr-defined]
        assert connection._client.timeout.read_timeout > 3600  # type: ignore[attr-defined]


@needs_engine
def test_a_server_that_is_not_there_is_one_line_on_the_terminal() -> None:
    ask = (
        "from pathlib import Path; from kpidsl.engines import EngineError, connect\n"
        "try: connect('clickhouse://ann@127.0.0.1:1/d?secure=false', base=Path('.'))\n"
        "except EngineError as error: print(error)"
    )
    shown = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert shown.stdout == "`127.0.0.1:1/d` could not be opened: [Errno 111] Connection refused\n"
    assert shown.stderr == ""


@needs_engine
def test_a_connection_that_is_closed(server: str) -> None:
    connection = _opened(server)
    connection.close()
    with pytest.raises(EngineError, match=r"^the connection to clickhouse is closed$"):
        connection.fetch("SELECT 1")


# types


@pytest.fixture
def empty() -> Iterator[Connection]:
    with connect("chdb://", base=HERE) as connection:
        yield connection


@needs_engine
def test_values_keep_their_types(empty: Connection) -> None:
    for sql, type_, value in (
        ("true", BOOLEAN, True),
        ("toInt64(9223372036854775807)", INTEGER, 2**63 - 1),
        ("toDecimal128('12', 0)", INTEGER, 12),
        ("toDecimal256('12.50', 2)", type_named("decimal(12,2)"), Decimal("12.50")),
        ("toFloat64(0.1)", FLOAT, 0.1),
        ("'é'", TEXT, "é"),
        ("toLowCardinality('é')", TEXT, "é"),
        ("toDate32('0001-01-01')", DAY, date(1, 1, 1)),
        ("toDate('2026-01-01')", DAY, date(2026, 1, 1)),
        (
            "toDateTime64('2026-03-09 01:00:00.000001', 6, 'UTC')",
            TIMESTAMP,
            datetime(2026, 3, 9, 1, 0, 0, 1),
        ),
        ("NULL", INTEGER, None),
    ):
        assert one(empty, sql, type_) == value


@needs_engine
@pytest.mark.parametrize(
    ("sql", "type_"),
    [
        ("toUInt64(18446744073709551615)", INTEGER),
        ("toDecimal128('9223372036854775808', 0)", INTEGER),
        ("toDecimal128('1.005', 3)", type_named("decimal(12,2)")),
        ("toFloat64(1)", INTEGER),
        ("toInt128(1)", INTEGER),
        ("'1'", INTEGER),
        ("toDate32('9999-12-31') + 1000000", TEXT),
    ],
)
def test_what_does_not_fit_is_an_error(empty: Connection, sql: str, type_: Type) -> None:
    with pytest.raises(EngineError) as caught:
        one(empty, sql, type_)
    assert "\n" not in caught.value.message


@needs_engine
def test_tables_are_created_described_and_listed(empty: Connection) -> None:
    columns = [("n", INTEGER), ("Amount Due", type_named("decimal(12,2)")), ("t", TIMESTAMP), ("b", BOOLEAN)]
    rows = [(1, Decimal("1.50"), datetime(2026, 1, 1), None), (2, None, date(2026, 1, 2), True)]
    empty.create_table(("orders",), columns, rows)
    empty.create_table(("shop", "Lines"), [("x", TEXT), ("f", FLOAT)], [("a\tb\\\n'", 0.1), (None, None)])
    assert empty.fetch('SELECT n, b, "Amount Due" FROM orders ORDER BY n') == [
        (1, None, Decimal("1.50")),
        (2, True, None),
    ]
    assert empty.fetch("SELECT * FROM shop.Lines")[0] == ("a\tb\\\n'", 0.1)
    assert empty.tables() == ("orders", "shop.Lines")
    assert empty.describe(("orders",)) == (
        ("n", "Nullable(Int64)"),
        ("Amount Due", "Nullable(Decimal(12, 2))"),
        ("t", "Nullable(DateTime64(6))"),
        ("b", "Nullable(Bool)"),
    )
    assert empty.describe(("shop", "lines")) is None


@needs_engine
def test_a_select_is_described(empty: Connection) -> None:
    select = (
        'SELECT toInt64(1) AS n, toDecimal64(1.5, 2) AS "Amount", '
        "toDateTime64('2026-01-01', 6) AS t, NULL AS o\n"
    )
    assert empty.describe_select(select) == (
        ("n", "Int64"),
        ("Amount", "Decimal(18, 2)"),
        ("t", "DateTime64(6)"),
        ("o", "Nullable(Nothing)"),
    )
    with pytest.raises(EngineError, match=r"^clickhouse refused the statement: .*gone"):
        empty.describe_select("SELECT gone")


@needs_engine
def test_what_is_closed_has_left_nothing(empty: Connection) -> None:
    with connect("chdb://", base=HERE) as other:
        other.create_table(("gone",), [("n", INTEGER)], [(1,)])
        assert other.tables() == ("gone",)
    assert empty.describe(("gone",)) is None
    with pytest.raises(EngineError, match=r"^the connection to clickhouse is closed$"):
        other.fetch("SELECT 1")


def test_zones_of_columns_are_told_where_they_are_not_utc() -> None:
    from kpidsl.engines.clickhouse_tables import shown_type

    for type_, server, shown in (
        ("DateTime", "UTC", "DateTime"),
        ("DateTime", "Europe/Paris", "DateTime('Europe/Paris')"),
        ("DateTime('UTC')", "Europe/Paris", "DateTime"),
        ("Nullable(DateTime64(3, 'Asia/Tokyo'))", "UTC", "Nullable(DateTime64(3, 'Asia/Tokyo'))"),
        ("DateTime64(6)", "Etc/UTC", "DateTime64(6)"),
        ("LowCardinality(String)", "UTC", "LowCardinality(String)"),
    ):
        assert shown_type(type_, server) == shown


@needs_engine
@pytest.mark.parametrize("table", ["Orders", "'\"Orders\"'"])
def test_a_table_is_found_by_its_capitals(empty: Any, tmp_path: Path, table: str) -> None:
    """Else its columns were not looked at, and an instant passed for a time of the project's zone."""
    empty.execute("CREATE TABLE Orders (id Int64, at DateTime('America/New_York')) ENGINE = Memory")
    (tmp_path / "kpidsl.yml").write_text("project: shop\nlanguage: 1\ninclude: [all.yml]\n")
    columns = "{id: integer, at: timestamp}"
    (tmp_path / "all.yml").write_text(
        f"datasets: {{orders: {{table: {table}, key: id, time: at, columns: {columns}}}}}\n"
        "metrics: {placed: count(orders)}\n"
    )
    try:
        with pytest.raises(
            EngineError, match=r"declares `at` timestamp, and it is DateTime\('America/New_York'\)"
        ):
            run_on(load(tmp_path).query(["placed"], by=["day"]), empty)
    finally:
        empty.execute("DROP TABLE Orders")
