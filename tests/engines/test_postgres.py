"""PostgreSQL's connection: URLs without secrets, sessions that only read, exact types, failures in one line."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpidsl.engines import Connection, EngineError, ResultColumn, connect
from kpidsl.engines.urls import ServerAddress, parse_url
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type
from tests.answers import type_named
from tests.servers import postgres

from .asking import STOPPED, interrupted, one

HERE = Path(".")
needs_postgres = pytest.mark.asks("postgres")


def refused(url: str) -> EngineError:
    with pytest.raises(EngineError) as caught:
        connect(url, base=HERE)
    assert "\n" not in caught.value.message + (caught.value.help or "")
    assert "s3cret" not in caught.value.message + (caught.value.help or "")
    return caught.value


# URLs


def test_a_url_names_a_server_and_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3:cr@et/%20")
    found = parse_url("postgresql://ann%20b:${SHOP_PASSWORD}@db.example:6432/shop?sslmode=require", HERE)
    assert isinstance(found, ServerAddress)
    assert found.engine == "postgres"
    assert dict(found.parts) == {
        "user": "ann b",
        "password": "s3:cr@et/%20",
        "host": "db.example",
        "port": "6432",
        "dbname": "shop",
        "sslmode": "require",
    }
    assert found.shown == "db.example:6432/shop"
    assert "s3" not in repr(found)
    assert found.without_secrets("FATAL: s3:cr@et/%20 is wrong") == "FATAL: … is wrong"


@pytest.mark.parametrize(
    "url", ["postgres://h/d", "postgresql://h/d", "postgresql://[::1]:5432/d", "postgresql:///d"]
)
def test_shapes_of_urls(url: str) -> None:
    found = parse_url(url, HERE)
    assert isinstance(found, ServerAddress)
    assert found.parts["dbname"] == "d"


@pytest.mark.parametrize(
    "url",
    [
        "postgres://ann:s3cret@db.example/shop",
        "postgresql://ann:x${PGPASSWORD}s3cret@db.example/shop",
        "postgresql://db.example/shop?password=s3cret",
        "postgresql://ann:s3cret@db.example:port/shop",
        "postgresql://db.example/shop?options=s3cret",
        "postgresql://db.example/shop?statement_timeout=s3cret",
        "postgresql://db.example/shop\ns3cret",
    ],
)
def test_a_url_that_is_refused_shows_no_secret(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "s3cret")
    assert refused(url).help


def test_a_password_stands_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    told = refused("postgresql://ann:s3cret@db.example/shop")
    assert (told.message, told.help) == (
        "the `postgres` connection holds a password",
        "keep it in the environment and write its name in its place: `${PGPASSWORD}`",
    )
    missing = refused("postgresql://ann:${SHOP_PASSWORD}@db.example/shop")
    assert missing.message.endswith("names `${SHOP_PASSWORD}`, which the environment does not have")


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "kpidsl.engines.postgres", raising=False)
    told = refused("postgresql://db.example/shop")
    assert told.message == "postgres connections need the driver `psycopg`, which is not installed"
    assert told.help == "install it: pip install 'kpidsl[postgres]'"


@needs_postgres
def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    told = refused("postgresql://ann:${SHOP_PASSWORD}@127.0.0.1:1/shop?connect_timeout=2")
    assert told.message.startswith("`127.0.0.1:1/shop` could not be opened: ")


# sessions


@pytest.fixture
def opened() -> Any:
    with connect(postgres.url(), base=HERE) as connection:
        yield connection


@pytest.fixture
def empty() -> Any:
    with postgres.borrowed() as connection:
        yield connection


@needs_postgres
def test_a_session_only_reads_and_is_in_utc(opened: Connection) -> None:
    assert opened.dialect == "postgres"
    assert opened.fetch("SHOW TimeZone") == [("UTC",)]
    for statement in ("CREATE TABLE t (n int)", "CREATE SCHEMA s", "DROP TABLE IF EXISTS t"):
        with pytest.raises(EngineError, match="read-only transaction"):
            opened.fetch(statement)


OWN_SETTINGS = {
    "TimeZone": "Asia/Tokyo",
    "DateStyle": "SQL, DMY",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "backslash_quote": "on",
    "IntervalStyle": "iso_8601",
    "bytea_output": "escape",
}


@needs_postgres
def test_no_value_hangs_on_what_a_role_has_set() -> None:
    with connect(postgres.url(), base=HERE, read_only=False) as own:
        for name, value in OWN_SETTINGS.items():
            own.fetch(f"ALTER ROLE postgres SET {name} TO '{value}'")
        try:
            with connect(postgres.url(), base=HERE) as connection:
                assert one(connection, "2::float8 / 3", FLOAT) == 2 / 3
                assert one(connection, "DATE '2026-02-01'", DATE) == date(2026, 2, 1)
                assert one(connection, r"'\'", TEXT) == "\\"
                shown = Type(TIMESTAMP.kind, shown_in="Europe/Paris")
                found = one(connection, "TIMESTAMPTZ '2026-02-01 12:00:00+00'", shown)
                assert found == datetime(2026, 2, 1, 12, tzinfo=UTC)
        finally:
            own.fetch("ALTER ROLE postgres RESET ALL")


@needs_postgres
def test_a_statement_has_a_timeout() -> None:
    with (
        connect(f"{postgres.url()}&statement_timeout=200ms", base=HERE) as connection,
        pytest.raises(EngineError, match=r"took longer than statement_timeout=200ms$"),
    ):
        connection.fetch("SELECT pg_sleep(20)")


@needs_postgres
@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT * FROM missing", "SELECT 'a\0", "SELECT '\ud800'", "SELECT f(1)"]
)
def test_a_failing_statement_is_one_line(opened: Connection, sql: str) -> None:
    for ask in (opened.fetch, lambda text: opened.run(text, [ResultColumn("n", INTEGER)])):
        with pytest.raises(EngineError) as caught:
            ask(sql)
        assert caught.value.message.startswith("postgres ")
        assert caught.value.message.isprintable()


@needs_postgres
def test_a_connection_that_the_server_ends(opened: Connection) -> None:
    (pid,) = opened.fetch("SELECT pg_backend_pid()")[0]
    with connect(postgres.url(), base=HERE) as other:
        other.fetch(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(EngineError, match=r"^the connection to postgres is closed") as caught:
        opened.fetch("SELECT 1")
    assert "\n" not in caught.value.message


@needs_postgres
def test_a_closed_connection() -> None:
    connection = connect(postgres.url(), base=HERE)
    connection.close()
    with pytest.raises(EngineError, match=r"^the connection to postgres is closed$"):
        connection.fetch("SELECT 1")


@needs_postgres
def test_a_statement_is_cancelled_on_the_server(opened: Any) -> None:
    timer = threading.Timer(0.5, opened.cancel)
    timer.start()
    with pytest.raises(EngineError, match="canceling statement due to user request"):
        opened.fetch("SELECT pg_sleep(20)")
    timer.join()
    assert opened.fetch("SELECT 1") == [(1,)]


@needs_postgres
def test_control_c_stops_a_statement_on_the_server() -> None:
    marked = "SELECT pg_sleep(60), 41 + 1 AS kpidsl_marker"
    assert interrupted(postgres.url(), marked) == STOPPED
    with connect(postgres.url(), base=HERE) as other:
        running = (
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%kpidsl\\_marker%'"
        )
        assert other.fetch(f"{running} AND pid <> pg_backend_pid()") == [(0,)]


# types


@needs_postgres
def test_values_keep_their_types(opened: Connection) -> None:
    for sql, type_, value in (
        ("true", BOOLEAN, True),
        ("9223372036854775807", INTEGER, 2**63 - 1),
        ("CAST(12 AS numeric)", INTEGER, 12),
        (
            "CAST('99999999999999999999999999999999999.99' AS numeric)",
            type_named("decimal(38,2)"),
            Decimal(f"{'9' * 35}.99"),
        ),
        ("CAST('1.500000' AS numeric)", type_named("decimal(12,2)"), Decimal("1.50")),
        ("CAST(0.1 AS double precision)", FLOAT, 0.1),
        ("CAST(0.1 AS numeric)", FLOAT, 0.1),
        ("'é'", TEXT, "é"),
        ("DATE '0001-01-01'", DATE, date(1, 1, 1)),
        ("TIMESTAMP '2026-03-09 01:00:00.000001'", TIMESTAMP, datetime(2026, 3, 9, 1, 0, 0, 1)),
        ("NULL", INTEGER, None),
    ):
        assert one(opened, sql, type_) == value


@needs_postgres
def test_an_instant_is_shown_in_its_zone(opened: Connection) -> None:
    shown = Type(TIMESTAMP.kind, shown_in="Europe/Paris")
    found = one(opened, "TIMESTAMPTZ '2026-03-09 01:00:00+02'", shown)
    assert found.astimezone(UTC) == datetime(2026, 3, 8, 23, tzinfo=UTC)


@needs_postgres
@pytest.mark.parametrize(
    ("sql", "type_"),
    [
        ("CAST(9223372036854775808 AS numeric)", INTEGER),
        ("CAST(1.5 AS numeric)", INTEGER),
        ("CAST(1.005 AS numeric)", type_named("decimal(12,2)")),
        ("CAST('NaN' AS numeric)", type_named("decimal(12,2)")),
        ("CAST(1.0 AS double precision)", INTEGER),
        ("CAST(1.0 AS double precision)", type_named("decimal(12,2)")),
        ("'1'", INTEGER),
        ("DATE 'infinity'", DATE),
        ("TIMESTAMP '-infinity'", TIMESTAMP),
        ("DATE '20000-01-01'", DATE),
        ("TIMESTAMPTZ '2026-03-09 01:00:00+02'", TIMESTAMP),
        ("9223372036854775807 + 1", INTEGER),
    ],
)
def test_what_does_not_fit_is_an_error(opened: Connection, sql: str, type_: Type) -> None:
    with pytest.raises(EngineError) as caught:
        one(opened, sql, type_)
    assert "\n" not in caught.value.message


# tables


@needs_postgres
def test_tables_are_created_described_and_listed(empty: Connection) -> None:
    columns = [("n", INTEGER), ("Amount Due", type_named("decimal(12,2)")), ("t", TIMESTAMP), ("b", BOOLEAN)]
    rows = [(1, Decimal("1.50"), datetime(2026, 1, 1), None), (2, None, date(2026, 1, 2), True)]
    empty.create_table(("orders",), columns, rows)
    empty.create_table(("shop", "Lines"), [("x", TEXT), ("f", FLOAT)], [("a\tb\\\n", 0.1), (None, None)])
    assert empty.fetch("SELECT * FROM orders ORDER BY n")[1] == (2, None, datetime(2026, 1, 2), True)
    assert empty.fetch('SELECT * FROM shop."Lines"')[0] == ("a\tb\\\n", 0.1)
    assert empty.tables() == ("orders", "shop.Lines")
    assert empty.describe(("orders",)) == (
        ("n", "bigint"),
        ("Amount Due", "numeric(12,2)"),
        ("t", "timestamp without time zone"),
        ("b", "boolean"),
    )
    assert empty.describe(("shop", "lines")) is None
    assert empty.describe(("gone",)) is None
    assert empty.describe(("elsewhere", "public", "orders")) is None


@needs_postgres
def test_a_select_is_described(empty: Connection) -> None:
    empty.fetch("CREATE TYPE mood AS ENUM ('good', 'bad')")
    select = (
        "SELECT 1 AS n, 1.5::numeric(12,2) AS m, 1.5::numeric AS w, now() AS t, date '2026-01-01' AS d, "
        "'a'::varchar(3) AS c, NULL AS o, true AS b, 'good'::mood AS \"Mood\" "
    )
    assert empty.describe_select(select) == (
        ("n", "integer"),
        ("m", "numeric(12,2)"),
        ("w", "numeric"),
        ("t", "timestamp with time zone"),
        ("d", "date"),
        ("c", "character varying"),
        ("o", "text"),
        ("b", "boolean"),
        ("Mood", "mood"),
    )
    with pytest.raises(EngineError, match=r'^postgres refused the statement: column "gone" does not exist'):
        empty.describe_select("SELECT gone")


@needs_postgres
def test_columns_tell_a_collation_that_is_not_exact(empty: Connection) -> None:
    empty.fetch("CREATE TABLE t (a text, b timestamptz)")
    assert empty.describe(("t",)) == (("a", "text"), ("b", "timestamp with time zone"))
