"""Redshift's connection, asked of the embedded PostgreSQL, whose protocol it speaks.

Redshift itself cannot be had. Its own views of columns and tables are made here from PostgreSQL's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from kpidsl.engines import EngineError, ResultColumn, connect
from kpidsl.engines.connection import Connection
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, instant
from tests.answers import type_named
from tests.engines.warehouses.common import HERE, refused
from tests.servers import postgres

needs_postgres = pytest.mark.asks("postgres")


@needs_postgres
def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "s3cret")
    told = refused("redshift://ann:${SHOP_PASSWORD}@127.0.0.1:1/shop?connect_timeout=2")
    assert told.message.startswith("`127.0.0.1:1/shop` could not be opened: ")


# sessions


_VIEWS = """
CREATE SCHEMA IF NOT EXISTS redshift;
CREATE OR REPLACE VIEW redshift.svv_columns AS SELECT * FROM information_schema.columns;
CREATE OR REPLACE VIEW redshift.svv_tables AS SELECT * FROM information_schema.tables;
CREATE TABLE redshift.orders (id bigint, amount numeric(12,2), at timestamptz, status varchar(10), done boolean);
"""


@pytest.fixture
def url() -> Iterator[str]:
    host = parse_qs(urlsplit(postgres.url()).query)["host"][0]
    with connect(postgres.url(), base=HERE, read_only=False) as own:
        before = own.fetch("SELECT current_setting('search_path')")[0][0]
        for statement in filter(str.strip, _VIEWS.split(";")):
            own.fetch(statement)
        own.fetch("ALTER ROLE postgres SET search_path TO redshift")
        own.fetch("ALTER ROLE postgres SET timezone TO 'Asia/Tokyo'")
        # What Redshift's sessions have by themselves.
        own.fetch("ALTER ROLE postgres SET extra_float_digits TO 0")
        try:
            yield f"redshift://postgres@/postgres?host={quote(host)}&port=5432&sslmode=disable"
        finally:
            own.fetch("ALTER ROLE postgres RESET ALL")
            own.fetch("DROP SCHEMA redshift CASCADE")
            assert before


@pytest.fixture
def opened(url: str) -> Iterator[Connection]:
    with connect(url, base=HERE) as connection:
        yield connection


@needs_postgres
def test_a_session_is_in_utc(opened: Connection) -> None:
    assert opened.dialect == "redshift"
    assert opened.fetch("SELECT current_setting('TimeZone'), current_setting('client_encoding')") == [
        ("UTC", "UTF8")
    ]


@needs_postgres
def test_floats_have_all_their_digits(opened: Connection) -> None:
    assert opened.fetch("SELECT 2::float8 / 3, 0.1::float8, 1e300::float8") == [(2 / 3, 0.1, 1e300)]
    assert opened.run("SELECT 2::float8 / 3", [ResultColumn("x", FLOAT)]).to_pylist() == [{"x": 2 / 3}]


@needs_postgres
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "SELECT * INTO copied FROM orders",
        "UNLOAD ('SELECT 1') TO 's3://x'",
        "WITH a AS (DELETE FROM orders RETURNING id) SELECT id FROM a",
        "SELECT 1; DROP TABLE orders",
    ],
)
def test_only_queries_are_sent(opened: Connection, sql: str) -> None:
    with pytest.raises(
        EngineError, match=r"^the connection to redshift only reads: the statement is no query$"
    ):
        opened.fetch(sql)
    with pytest.raises(EngineError, match="only reads"):
        opened.create_table(("t",), [("n", INTEGER)], [(1,)])


@needs_postgres
def test_a_statement_that_is_late_is_stopped(url: str) -> None:
    with connect(f"{url}&statement_timeout=300ms", base=HERE) as connection:
        for _ in range(2):
            with pytest.raises(EngineError, match=r"statement timeout|statement_timeout=300ms"):
                connection.fetch("SELECT pg_sleep(20)")


@needs_postgres
def test_a_statement_is_cancelled(opened: Any) -> None:
    timer = threading.Timer(0.4, opened.cancel)
    timer.start()
    with pytest.raises(EngineError, match=r"^redshift refused the statement: canceling statement"):
        opened.fetch("SELECT pg_sleep(20)")
    timer.join()
    assert opened.fetch("SELECT 1") == [(1,)]


# what is read


@needs_postgres
def test_values_keep_their_types(opened: Connection) -> None:
    for sql, type_, value in (
        ("1 < 2", BOOLEAN, True),
        ("9223372036854775807::bigint", INTEGER, 2**63 - 1),
        ("12::numeric(38,0)", INTEGER, 12),
        ("12.5::numeric(12,6)", type_named("decimal(12,2)"), Decimal("12.50")),
        (f"{'9' * 36}.99::numeric(38,2)", type_named("decimal(38,2)"), Decimal(f"{'9' * 36}.99")),
        ("0.1::float8", FLOAT, 0.1),
        ("'é'::varchar(10)", TEXT, "é"),
        ("date '0001-01-01'", DATE, date(1, 1, 1)),
        ("timestamp '2026-03-09 01:00:00.000001'", TIMESTAMP, datetime(2026, 3, 9, 1, 0, 0, 1)),
        ("NULL::numeric", type_named("decimal(12,2)"), None),
        ("NULL::timestamp", TIMESTAMP, None),
    ):
        assert opened.run(f"SELECT {sql} AS x", [ResultColumn("x", type_)]).to_pydict() == {"x": [value]}


@needs_postgres
@pytest.mark.parametrize("sql", ["timestamp '2026-03-08 23:00:00'", "timestamptz '2026-03-09 08:00:00+09'"])
def test_an_instant_is_shown_in_its_zone(opened: Connection, sql: str) -> None:
    shown = [ResultColumn("x", instant("Europe/Paris"))]
    (found,) = opened.run(f"SELECT {sql} AS x", shown).to_pydict()["x"]
    assert found.astimezone(UTC) == datetime(2026, 3, 8, 23, tzinfo=UTC)
    assert found.utcoffset().total_seconds() == 3600


@needs_postgres
def test_tables_are_described_and_listed(opened: Connection) -> None:
    columns = (
        ("id", "bigint"),
        ("amount", "numeric(12,2)"),
        ("at", "timestamp with time zone"),
        ("status", "character varying"),
        ("done", "boolean"),
    )
    for parts in (("orders",), ("Orders",), ("redshift", "orders"), ("shop", "redshift", "orders")):
        assert opened.describe(parts) == columns
    for parts in (("missing",), ("sh'op", "orders")):
        assert opened.describe(parts) is None
    assert "orders" in opened.tables()


@needs_postgres
def test_a_select_is_described(opened: Connection) -> None:
    assert opened.describe_select("SELECT * FROM orders") == (
        ("id", "bigint"),
        ("amount", "numeric(12,2)"),
        ("at", "timestamp with time zone"),
        ("status", "character varying"),
        ("done", "boolean"),
    )


# what fails


@needs_postgres
def test_a_failing_statement_is_one_line(opened: Connection) -> None:
    with pytest.raises(EngineError) as caught:
        opened.fetch("SELECT * FROM missing")
    assert caught.value.message == 'redshift refused the statement: relation "missing" does not exist'
    assert caught.value.__cause__ is None


@needs_postgres
def test_a_connection_that_the_server_ends(opened: Connection) -> None:
    (number,) = opened.fetch("SELECT pg_backend_pid()")[0]
    with connect(postgres.url(), base=HERE) as other:
        other.fetch(f"SELECT pg_terminate_backend({number})")
    with pytest.raises(EngineError, match=r"^the connection to redshift is closed") as caught:
        opened.fetch("SELECT 1")
    assert "\n" not in caught.value.message
    opened.close()
    with pytest.raises(EngineError, match=r"^the connection to redshift is closed$"):
        opened.fetch("SELECT 1")
