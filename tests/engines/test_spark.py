"""Spark's connection: URLs without secrets, queries only, exact types, failures in one line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpidsl.engines import Connection, EngineError, ResultColumn, connect
from kpidsl.engines.urls import ServerAddress, parse_url
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type
from tests.answers import type_named
from tests.servers import spark

from .asking import STOPPED, interrupted, one

HERE = Path(".")
needs_spark = pytest.mark.asks("spark")


def refused(url: str) -> EngineError:
    with pytest.raises(EngineError) as caught:
        connect(url, base=HERE)
    assert "\n" not in caught.value.message + (caught.value.help or "")
    assert "s3cret" not in caught.value.message + (caught.value.help or "")
    return caught.value


# URLs


@pytest.mark.parametrize(
    ("url", "host", "cores", "port", "shown"),
    [
        ("spark://local", "local", "2", "", "local"),
        ("spark://local[4]", "local", "4", "", "local"),
        ("spark://local[*]?statement_timeout=30s", "local", "*", "", "local"),
        ("spark://localhost:15002", "localhost", "2", "15002", "localhost:15002"),
        ("spark://spark.example:15002/?use_ssl=true", "spark.example", "2", "15002", "spark.example:15002"),
    ],
)
def test_shapes_of_urls(url: str, host: str, cores: str, port: str, shown: str) -> None:
    found = parse_url(url, HERE)
    assert isinstance(found, ServerAddress)
    assert (found.engine, found.shown) == ("spark", shown)
    assert (found.parts["host"], found.parts["cores"], found.parts["port"]) == (host, cores, port)


def test_a_warehouse_is_a_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    found = parse_url("spark://local?warehouse=lake", tmp_path)
    assert isinstance(found, ServerAddress)
    assert found.parts["warehouse"] == str((tmp_path / "lake").resolve())
    assert refused("spark://local?warehouse=gone").message == "`gone` is no directory"


@pytest.mark.parametrize(
    "url",
    [
        "spark://",
        "spark://local:15002",
        "spark://spark.example",
        "spark://spark.example:15002?token=s3cret",
        "spark://spark.example:15002?password=s3cret",
        "spark://local?statement_timeout=s3cret",
        "spark://local\ns3cret",
    ],
)
def test_a_url_that_is_refused_shows_no_secret(url: str) -> None:
    assert refused(url).help


def test_a_token_stands_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_TOKEN", "s3cret")
    found = parse_url("spark://spark.example:15002?token=${SPARK_TOKEN}", HERE)
    assert isinstance(found, ServerAddress)
    assert found.parts["token"] == "s3cret"
    assert "s3cret" not in repr(found)
    assert found.without_secrets("no s3cret here") == "no … here"


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.spark", raising=False)
    told = refused("spark://local")
    assert told.message == "spark connections need the driver `pyspark`, which is not installed"
    assert told.help == "install it: pip install 'kpidsl[spark]'"


@needs_spark
def test_a_missing_java_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "Java 17" in refused("spark://local").message


@needs_spark
@pytest.mark.parametrize("answers", [False, True])
def test_a_server_that_is_not_there(answers: bool, capfd: Any) -> None:
    """One that is none is as one that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        hangs_up = threading.Thread(target=_hang_up, args=(server,), daemon=True)
        if answers:
            hangs_up.start()
        else:
            server.close()
        before = dict(os.environ)
        told = refused(f"spark://127.0.0.1:{port}").message
    assert told.startswith(f"`127.0.0.1:{port}` could not be opened: failed to connect")
    assert capfd.readouterr() == ("", "")
    # By pyspark's builder, no session of one's own could be opened any more, nor by what this process starts.
    assert dict(os.environ) == before


@needs_spark
def test_a_session_of_ones_own_opens_whatever_server_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = {
        "SPARK_REMOTE": "sc://127.0.0.1:9",
        "SPARK_CONNECT_MODE_ENABLED": "1",
        "SPARK_API_MODE": "connect",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    with spark.empty() as connection:
        assert connection.fetch("SELECT 1") == [(1,)]
    assert {name: os.environ[name] for name in named} == named


def _hang_up(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            server.accept()[0].close()


# sessions


@pytest.fixture
def empty() -> Iterator[Any]:
    with spark.empty() as connection:
        yield connection


@pytest.fixture
def opened(empty: Connection) -> Iterator[Any]:  # noqa: ARG001
    with connect(spark.URL, base=HERE) as connection:
        yield connection


@needs_spark
def test_a_session_takes_queries_only_and_is_in_utc(opened: Connection) -> None:
    assert opened.dialect == "spark"
    assert opened.fetch("SELECT current_timezone()") == [("UTC",)]
    for statement in ("CREATE TABLE t (n int)", "DROP TABLE IF EXISTS t", "SET spark.sql.ansi.enabled=false"):
        with pytest.raises(EngineError, match="only reads"):
            opened.fetch(statement)


@needs_spark
@pytest.mark.parametrize(
    "sql", ["SELECT FROM WHERE", "SELECT * FROM missing", "SELECT '\ud800'", "SELECT f(1)", "SELECT 1/0"]
)
def test_a_failing_statement_is_one_line(opened: Connection, sql: str, capfd: Any) -> None:
    for ask in (opened.fetch, lambda text: opened.run(text, [ResultColumn("n", INTEGER)])):
        with pytest.raises(EngineError) as caught:
            ask(sql)
        assert caught.value.message.startswith("spark ")
        assert caught.value.message.isprintable()
    assert capfd.readouterr() == ("", "")


_LONG = "SELECT sum(id % 7) FROM range(100000000000000)"


@needs_spark
def test_a_statement_has_a_timeout(empty: Connection) -> None:  # noqa: ARG001
    with (
        connect(f"{spark.URL}?statement_timeout=2s", base=HERE) as connection,
        pytest.raises(EngineError, match="longer than statement_timeout=2s"),
    ):
        connection.fetch(_LONG)


@needs_spark
def test_a_statement_is_cancelled(opened: Any) -> None:
    timer = threading.Timer(3, opened._interrupt)
    timer.start()
    with pytest.raises(EngineError, match="cancelled"):
        opened.fetch(_LONG)
    timer.join()
    assert opened.fetch("SELECT 1") == [(1,)]


@needs_spark
def test_control_c_stops_a_statement() -> None:
    assert interrupted(spark.URL, _LONG, after=3) == STOPPED


_STOPPED = f"""
from pathlib import Path
from kpidsl.engines import EngineError, connect
from kpidsl.model.types import INTEGER

try:
    with connect({spark.URL!r}, base=Path("."), read_only=False) as connection:
        connection.create_table(("t",), [("n", INTEGER)], [[1]])
        connection._session.sparkContext._jsc.sc().stop()  # as Spark itself does
        connection.fetch("SELECT n FROM t")
except EngineError as error:
    print(error.message)
"""


@needs_spark
def test_a_session_that_has_ended_is_a_closed_connection() -> None:
    """As one that ran out of memory: what closes the connection afterwards tells nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", _STOPPED], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stdout) == (0, "the connection to spark is closed\n")


# types


@needs_spark
def test_values_keep_their_types(opened: Connection) -> None:
    for sql, type_, value in (
        ("true", BOOLEAN, True),
        ("9223372036854775807", INTEGER, 2**63 - 1),
        ("CAST(12 AS decimal(38, 0))", INTEGER, 12),
        (
            "CAST('99999999999999999999999999999999999.99' AS decimal(38, 2))",
            type_named("decimal(38,2)"),
            Decimal(f"{'9' * 35}.99"),
        ),
        ("CAST('1.500000' AS decimal(20, 6))", type_named("decimal(12,2)"), Decimal("1.50")),
        ("CAST(0.1 AS double)", FLOAT, 0.1),
        ("CAST(0.1 AS decimal(2, 1))", FLOAT, 0.1),
        ("'é'", TEXT, "é"),
        ("DATE '0001-01-01'", DATE, date(1, 1, 1)),
        ("TIMESTAMP_NTZ '2026-03-09 01:00:00.000001'", TIMESTAMP, datetime(2026, 3, 9, 1, 0, 0, 1)),
        ("NULL", INTEGER, None),
    ):
        assert one(opened, sql, type_) == value


@needs_spark
def test_an_instant_is_shown_in_its_zone(opened: Connection) -> None:
    shown = Type(TIMESTAMP.kind, shown_in="Europe/Paris")
    found = one(opened, "TIMESTAMP_NTZ '2026-03-08 23:00:00'", shown)
    assert found.astimezone(UTC) == datetime(2026, 3, 8, 23, tzinfo=UTC)


@needs_spark
@pytest.mark.parametrize(
    ("sql", "type_"),
    [
        ("CAST(9223372036854775808 AS decimal(38, 0))", INTEGER),
        ("CAST(1.5 AS decimal(2, 1))", INTEGER),
        ("CAST(1.005 AS decimal(4, 3))", type_named("decimal(12,2)")),
        ("CAST(1.0 AS double)", INTEGER),
        ("CAST(1.0 AS double)", type_named("decimal(12,2)")),
        ("'1'", INTEGER),
        ("9223372036854775807 + 1", INTEGER),
        (
            "CAST('99999999999999999999' AS decimal(38, 18)) * CAST('99999999999999999999' AS decimal(38, 18))",
            FLOAT,
        ),
    ],
)
def test_what_does_not_fit_is_an_error(opened: Connection, sql: str, type_: Type) -> None:
    with pytest.raises(EngineError) as caught:
        one(opened, sql, type_)
    assert "\n" not in caught.value.message


# tables


@needs_spark
def test_tables_are_created_described_and_listed(empty: Connection) -> None:
    columns = [("n", INTEGER), ("Amount Due", type_named("decimal(12,2)")), ("t", TIMESTAMP), ("b", BOOLEAN)]
    rows = [(1, Decimal("1.50"), datetime(2026, 1, 1), None), (2, None, date(2026, 1, 2), True)]
    empty.create_table(("orders",), columns, rows)
    empty.create_table(("shop", "Lines"), [("x", TEXT), ("f", FLOAT)], [("a\tb\\\n", 0.1), (None, None)])
    assert empty.fetch("SELECT * FROM orders ORDER BY n")[1] == (2, None, datetime(2026, 1, 2), True)
    assert empty.fetch("SELECT * FROM shop.lines")[0] == ("a\tb\\\n", 0.1)
    assert empty.tables() == ("orders", "shop.lines")
    assert empty.describe(("orders",)) == (
        ("n", "bigint"),
        ("Amount Due", "decimal(12,2)"),
        ("t", "timestamp_ntz"),
        ("b", "boolean"),
    )
    assert empty.describe(("gone",)) is None


@needs_spark
def test_a_select_is_described(empty: Connection) -> None:
    select = (
        "SELECT 1L AS n, CAST(1.5 AS DECIMAL(12, 2)) AS `Amount Due`, TIMESTAMP '2026-01-01' AS t, NULL AS o"
    )
    assert empty.describe_select(select) == (
        ("n", "bigint"),
        ("Amount Due", "decimal(12,2)"),
        ("t", "timestamp_ltz"),
        ("o", "void"),
    )
    with pytest.raises(EngineError, match=r"^spark refused the statement: .*gone"):
        empty.describe_select("SELECT gone")


@needs_spark
def test_columns_tell_instants_and_collations_that_are_not_exact(empty: Connection) -> None:
    empty.fetch("CREATE TABLE t (a string COLLATE UNICODE_CI, b timestamp) USING parquet")
    try:
        assert empty.describe(("t",)) == (("a", "string collate UNICODE_CI"), ("b", "timestamp_ltz"))
    finally:
        empty.fetch("DROP TABLE t")
