"""MySQL's and MariaDB's connection: sessions that only read, exact types and texts, failures in one line.

They ask MariaDB, where it is named: `KPIDSL_ENGINES=mariadb`, as `make test-engines` has it.
"""

from __future__ import annotations

import socket
import sys
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection, EngineError, ResultColumn, connect
from kpidsl.engines.urls import ServerAddress, parse_url
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type
from kpidsl.project import load
from kpidsl.verifying.verify import verify
from tests import answers
from tests.answers import type_named
from tests.servers import mariadb

from .asking import STOPPED, interrupted, one

HERE = Path(".")
needs_mariadb = pytest.mark.asks("mariadb")


def refused(url: str) -> EngineError:
    with pytest.raises(EngineError) as caught:
        connect(url, base=HERE)
    assert "\n" not in caught.value.message + (caught.value.help or "")
    assert "s3cret" not in caught.value.message + (caught.value.help or "")
    return caught.value


# URLs


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
def test_a_url_names_a_server_and_its_parts(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3:cr@et/%20")
    found = parse_url(f"{scheme}://ann%20b:${{SHOP_PASSWORD}}@db.example:3307/shop?sslmode=require", HERE)
    assert isinstance(found, ServerAddress)
    assert found.engine == "mysql"
    assert dict(found.parts) == {
        "user": "ann b",
        "password": "s3:cr@et/%20",
        "host": "db.example",
        "port": "3307",
        "dbname": "shop",
        "sslmode": "require",
    }
    assert found.shown == "db.example:3307/shop"


def test_a_password_stands_in_the_environment() -> None:
    told = refused("mysql://ann:s3cret@db.example/shop")
    assert (told.message, told.help) == (
        "the `mysql` connection holds a password",
        "keep it in the environment and write its name in its place: `${MYSQL_PASSWORD}`",
    )


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.mysql", raising=False)
    told = refused("mysql://db.example/shop")
    assert told.message == "mysql connections need the driver `pymysql`, which is not installed"
    assert told.help == "install it: pip install 'kpidsl[mysql]'"


@needs_mariadb
def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    told = refused("mysql://ann:${SHOP_PASSWORD}@127.0.0.1:1/shop?connect_timeout=2")
    assert told.message.startswith("`127.0.0.1:1/shop` could not be opened: Can't connect")


# sessions


@needs_mariadb
@pytest.mark.parametrize("more", ["", "&sslmode=require"])
def test_a_server_that_says_nothing(more: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        told = refused(f"mysql://ann@127.0.0.1:{mute.getsockname()[1]}/shop?connect_timeout=1{more}")
    assert "could not be opened: Lost connection" in told.message


@needs_mariadb
@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_a_server_without_tls_is_refused_where_it_is_asked_for(mode: str) -> None:
    with connect(f"{mariadb.url()}&sslmode=prefer", base=HERE) as connection:
        assert connection.fetch("SELECT @@have_ssl") == [("DISABLED",)]
    assert (
        "SSL is required but the server doesn't support it"
        in refused(f"{mariadb.url()}&sslmode={mode}").message
    )


@needs_mariadb
def test_certificates_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_CERTIFICATE", "s3cret")
    told = refused(f"{mariadb.url()}&sslrootcert=${{SHOP_CERTIFICATE}}").message
    assert told.endswith("could not be opened: `sslrootcert` names no file")
    (tmp_path / "root.crt").write_text("none\n")
    told = refused(f"{mariadb.url()}&sslrootcert={tmp_path / 'root.crt'}").message
    assert "its certificates do not read: " in told


@needs_mariadb
def test_a_password_of_any_letters(empty: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "pä☃s3cret")
    at = mariadb.url().replace("root@", "ann:${SHOP_PASSWORD}@")
    empty.fetch("CREATE USER ann@localhost IDENTIFIED BY 'pä☃s3cret'")
    try:
        with connect(at, base=HERE) as connection:
            assert connection.fetch("SELECT CURRENT_USER()") == [("ann@localhost",)]
        monkeypatch.setenv("SHOP_PASSWORD", "pä☃other")
        assert "☃" not in refused(at).message
    finally:
        empty.fetch("DROP USER ann@localhost")


@pytest.fixture
def empty() -> Any:
    with mariadb.borrowed() as connection:
        yield connection


@pytest.fixture
def opened(empty: Connection) -> Any:  # noqa: ARG001
    with connect(mariadb.url(mariadb.DATABASE), base=HERE) as connection:
        yield connection


@needs_mariadb
def test_a_session_only_reads_and_is_in_utc(opened: Connection) -> None:
    assert opened.dialect == "mysql"
    assert opened.fetch("SELECT @@session.time_zone, @@session.max_sort_length") == [("+00:00", 65536)]
    assert opened.fetch("SELECT @@session.sql_select_limit") == [(2**64 - 1,)]
    for statement in ("CREATE TABLE t (n int)", "CREATE DATABASE s", "DROP TABLE IF EXISTS t"):
        with pytest.raises(EngineError, match="READ ONLY transaction"):
            opened.fetch(statement)


@needs_mariadb
def test_a_statement_has_a_timeout(empty: Connection) -> None:  # noqa: ARG001
    with (
        connect(f"{mariadb.url()}&statement_timeout=200ms", base=HERE) as connection,
        pytest.raises(EngineError, match=r"took longer than statement_timeout=200ms$"),
    ):
        connection.fetch("SELECT SLEEP(20)")


@needs_mariadb
@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT * FROM missing", "SELECT 'a\0", "SELECT '\ud800'", "SELECT f(1)"]
)
def test_a_failing_statement_is_one_line(opened: Connection, sql: str) -> None:
    for ask in (opened.fetch, lambda text: opened.run(text, [ResultColumn("n", INTEGER)])):
        with pytest.raises(EngineError) as caught:
            ask(sql)
        assert caught.value.message.startswith("mysql ")
        assert caught.value.message.isprintable()


@needs_mariadb
def test_a_connection_that_the_server_ends(opened: Connection, empty: Connection) -> None:
    (number,) = opened.fetch("SELECT CONNECTION_ID()")[0]
    empty.fetch(f"KILL CONNECTION {number}")
    with pytest.raises(EngineError, match=r"^the connection to mysql is closed") as caught:
        opened.fetch("SELECT 1")
    assert "\n" not in caught.value.message


@needs_mariadb
def test_a_closed_connection(opened: Connection) -> None:
    opened.close()
    with pytest.raises(EngineError, match=r"^the connection to mysql is closed"):
        opened.fetch("SELECT 1")


@needs_mariadb
def test_a_statement_is_cancelled_on_the_server(opened: Any) -> None:
    timer = threading.Timer(0.5, opened.cancel)
    timer.start()
    with pytest.raises(EngineError, match="Query execution was interrupted"):
        opened.fetch("SELECT COUNT(*) FROM information_schema.tables WHERE SLEEP(20) = 0")
    timer.join()
    assert opened.fetch("SELECT 1") == [(1,)]


@needs_mariadb
def test_control_c_stops_a_statement_on_the_server(empty: Connection) -> None:
    marked = "SELECT SLEEP(60), 41 + 1 AS kpidsl_marker"
    assert interrupted(mariadb.url(), marked) == STOPPED
    running = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%kpidsl\\_marker%'"
    assert empty.fetch(f"{running} AND id <> CONNECTION_ID()") == [(0,)]


# types


@needs_mariadb
def test_values_keep_their_types(opened: Connection) -> None:
    for sql, type_, value in (
        ("TRUE", BOOLEAN, True),
        ("1 > 2", BOOLEAN, False),
        ("9223372036854775807", INTEGER, 2**63 - 1),
        ("CAST(12 AS DECIMAL(20, 0))", INTEGER, 12),
        (
            "CAST('99999999999999999999999999999999999.99' AS DECIMAL(65, 2))",
            type_named("decimal(38,2)"),
            Decimal(f"{'9' * 35}.99"),
        ),
        ("CAST('1.500000' AS DECIMAL(12, 6))", type_named("decimal(12,2)"), Decimal("1.50")),
        ("CAST(0.1 AS DOUBLE)", FLOAT, 0.1),
        ("0.1", FLOAT, 0.1),
        ("'é'", TEXT, "é"),
        ("CAST('0001-01-01' AS DATE)", DATE, date(1, 1, 1)),
        (
            "CAST('2026-03-09 01:00:00.000001' AS DATETIME(6))",
            TIMESTAMP,
            datetime(2026, 3, 9, 1, 0, 0, 1),
        ),
        ("NULL", INTEGER, None),
    ):
        assert one(opened, sql, type_) == value


@needs_mariadb
def test_an_instant_is_shown_in_its_zone(opened: Connection) -> None:
    shown = Type(TIMESTAMP.kind, shown_in="Europe/Paris")
    found = one(opened, "CAST('2026-03-08 23:00:00' AS DATETIME)", shown)
    assert found.astimezone(UTC) == datetime(2026, 3, 8, 23, tzinfo=UTC)


@needs_mariadb
@pytest.mark.parametrize(
    ("sql", "type_"),
    [
        ("CAST(9223372036854775808 AS DECIMAL(20, 0))", INTEGER),
        ("1.5", INTEGER),
        ("1.005", type_named("decimal(12,2)")),
        ("1e0", INTEGER),
        ("1e0", type_named("decimal(12,2)")),
        ("'1'", INTEGER),
        ("2", BOOLEAN),
        ("9223372036854775807 + 1", INTEGER),
    ],
)
def test_what_does_not_fit_is_an_error(opened: Connection, sql: str, type_: Type) -> None:
    with pytest.raises(EngineError) as caught:
        one(opened, sql, type_)
    assert "\n" not in caught.value.message


@needs_mariadb
def test_an_overflow_says_what_keeps_numbers_in_range(opened: Connection) -> None:
    with pytest.raises(EngineError, match="BIGINT value is out of range") as caught:
        opened.fetch("SELECT 9223372036854775807 + 1")
    assert caught.value.help is not None
    assert "in range" in caught.value.help


# tables


@needs_mariadb
def test_tables_are_created_described_and_listed(empty: Connection) -> None:
    columns = [("n", INTEGER), ("Amount Due", type_named("decimal(12,2)")), ("t", TIMESTAMP), ("b", BOOLEAN)]
    rows = [(1, Decimal("1.50"), datetime(2026, 1, 1, 0, 0, 0, 1), None), (2, None, date(2026, 1, 2), True)]
    empty.create_table(("orders",), columns, rows)
    empty.create_table(("shop", "Lines"), [("x", TEXT), ("f", FLOAT)], [("a\tb\\\n'", 0.1), (None, None)])
    assert empty.fetch("SELECT * FROM orders ORDER BY n")[0] == (1, Decimal("1.50"), rows[0][2], None)
    assert empty.fetch("SELECT * FROM shop.`Lines`")[0] == ("a\tb\\\n'", 0.1)
    assert empty.tables() == ("orders", "shop.Lines")
    assert empty.describe(("orders",)) == (
        ("n", "bigint(20)"),
        ("Amount Due", "decimal(12,2)"),
        ("t", "datetime(6)"),
        ("b", "boolean, tinyint(1)"),
    )
    assert empty.describe(("shop", "Lines")) == (("x", "text"), ("f", "double"))
    assert empty.describe(("shop", "lines")) is None
    assert empty.describe(("gone",)) is None


@needs_mariadb
def test_a_select_is_described(empty: Connection) -> None:
    empty.fetch(
        "CREATE TABLE orders (id INT UNSIGNED, kind ENUM('a', 'b'), paid BOOLEAN, at TIMESTAMP(6), day DATE, "
        "amount DECIMAL(12, 2), share FLOAT, note MEDIUMTEXT, t VARCHAR(9))"
    )
    described = empty.describe_select("SELECT orders.*, amount > 1 AS big, NULL AS n, 'é' AS c FROM orders")
    assert described == (
        ("id", "int"),
        ("kind", "char"),
        ("paid", "boolean, tinyint(1)"),
        ("at", "timestamp"),
        ("day", "date"),
        ("amount", "decimal(12,2)"),
        ("share", "float"),
        ("note", "text"),
        ("t", "varchar"),
        ("big", "boolean, int(1)"),
        ("n", "null"),
        ("c", "varchar"),
    )
    with pytest.raises(EngineError, match=r"^mysql refused the statement: .*'gone'"):
        empty.describe_select("SELECT gone FROM orders")


@needs_mariadb
def test_the_check_of_data_takes_types_of_the_server_for_those_of_the_language(
    empty: Connection, tmp_path: Path
) -> None:
    empty.fetch(
        "CREATE TABLE orders (id INT UNSIGNED PRIMARY KEY, kind ENUM('a', 'b'), paid BOOLEAN, "
        "at TIMESTAMP(6), day DATE, amount DECIMAL(12, 2), share FLOAT, note MEDIUMTEXT, flags BIT(3))"
    )
    zoned = "{type: timestamp, timezone: UTC}"
    types = ("integer", "text", "boolean", zoned, "date", "decimal(12,2)", "float", "text", "boolean")
    names = ("id", "kind", "paid", "at", "day", "amount", "share", "note", "flags")
    columns = "".join(f"      {name}: {type_}\n" for name, type_ in zip(names, types, strict=True))
    definitions = f"datasets:\n  orders:\n    table: orders\n    key: id\n    columns:\n{columns}"
    sink = Sink()
    project = answers.checked(answers.write_project(tmp_path, "", definitions))
    verify(project, mariadb.url(mariadb.DATABASE), HERE, sink)
    assert [d.message for d in sink.diagnostics()] == [
        "`flags` is declared boolean and is bit(3) in the table"
    ]


OF_ANOTHER_TYPE = """
timezone: Asia/Kathmandu
datasets:
  orders:
    table: Orders
    key: id
    time: at
    columns:
      id: integer
      at: {type: timestamp, timezone: UTC}
      clock: timestamp
      paid: boolean
      made: integer
metrics: {placed: count(orders where paid)}
"""


@needs_mariadb
@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        (
            "at: {type: timestamp, timezone: UTC}",
            "at: timestamp",
            "declares `at` timestamp, and it is timestamp(6)",
        ),
        ("at: {type: timestamp, timezone: UTC}", "at: date", "declares `at` date, and it is timestamp(6)"),
        ("clock: timestamp", "clock: date", "declares `clock` date, and it is datetime(6)"),
        ("paid: boolean", "paid: {type: boolean, column: flag}", "declares `paid` boolean, and it is bit(1)"),
        ("made: integer", "made: {type: integer, column: of}", "declares `made` integer, and it is year(4)"),
        ("table: Orders", "table: orders", "reads the table `orders`, and the connection has none"),
    ],
)
def test_what_would_be_another_number_is_refused(
    empty: Connection, tmp_path: Path, written: str, instead: str, told: str
) -> None:
    empty.fetch(
        "CREATE TABLE Orders (id INT PRIMARY KEY, at TIMESTAMP(6), clock DATETIME(6), paid BOOLEAN, flag BIT(1), "
        "made INT, of YEAR)"
    )
    # Two o'clock of the next morning in Kathmandu.
    empty.fetch(
        "INSERT INTO Orders VALUES (1, '2026-01-31 20:15:00', '2026-01-31 20:15:00', 1, b'1', 2026, 2026)"
    )
    assert written in OF_ANOTHER_TYPE
    for part, name in ((OF_ANOTHER_TYPE, "right"), (OF_ANOTHER_TYPE.replace(written, instead), "wrong")):
        zone, _, definitions = part.partition("datasets:")
        folder = tmp_path / name
        folder.mkdir()
        (folder / "kpidsl.yml").write_text(f"project: shop\nlanguage: 1\ninclude: [all.yml]{zone}")
        (folder / "all.yml").write_text("datasets:" + definitions)
        query = load(folder).query(["placed"], by=["day"])
        if name == "right":
            assert query.run(mariadb.url(mariadb.DATABASE)).rows()[0]["day"] == date(2026, 2, 1)
            continue
        with pytest.raises(EngineError) as caught:
            query.run(mariadb.url(mariadb.DATABASE))
        assert told in caught.value.message
        assert caught.value.help
