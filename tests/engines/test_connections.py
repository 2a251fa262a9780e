"""Connections: what they open, what they refuse, and that a failure is one line without secrets."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import sqlglot
import yaml

from kpidsl.engines import EngineError, ResultColumn, connect
from kpidsl.engines.urls import ServerAddress, parse_url
from kpidsl.model.definitions import Column, Identifier
from kpidsl.model.types import INTEGER, parse_type
from kpidsl.source import SourceFile, Span
from kpidsl.sql.dialects import DIALECTS
from kpidsl.verifying.columns import is_of_another_type
from kpidsl.verifying.errors import help_for_type
from tests.servers import postgres

from .asking import STOPPED, interrupted

ENGINES = ("duckdb", "sqlite")


def refused(url: str, base: Path) -> EngineError:
    with pytest.raises(EngineError) as caught:
        connect(url, base=base)
    assert "\n" not in caught.value.message
    assert "\n" not in (caught.value.help or "")
    return caught.value


@pytest.fixture
def files(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as duck:
        duck.execute("CREATE TABLE t AS SELECT 42 AS n")
    lite = sqlite3.connect(tmp_path / "shop.sqlite")
    lite.execute("CREATE TABLE t (n INTEGER)")
    lite.execute("INSERT INTO t VALUES (42)")
    lite.commit()
    lite.close()
    return tmp_path


@pytest.mark.parametrize("engine", ENGINES)
def test_relative_and_absolute_files_open_read_only(files: Path, engine: str) -> None:
    for url in (f"{engine}:///shop.{engine}", f"{engine}:///{files}/shop.{engine}"):
        with connect(url, base=files) as connection:
            assert connection.dialect == engine
            assert connection.fetch("SELECT n FROM t") == [(42,)]
            with pytest.raises(EngineError, match=r"read-?only"):
                connection.create_table(("u",), [("n", INTEGER)], [(1,)])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_writable_file_is_created_and_kept(tmp_path: Path, engine: str) -> None:
    url = f"{engine}:///new.{engine}"
    with connect(url, base=tmp_path, read_only=False) as connection:
        connection.create_table(("t",), [("n", INTEGER)], [(1,)])
    with connect(url, base=tmp_path) as connection:
        assert connection.fetch("SELECT n FROM t") == [(1,)]


@pytest.mark.parametrize("engine", ENGINES)
def test_files_that_are_none(tmp_path: Path, engine: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken").write_bytes(b"this is no database" * 1000)
    missing = refused(f"{engine}:///gone.db", tmp_path)
    assert missing.message == "`gone.db` does not exist"
    assert str(tmp_path) in (missing.help or "")
    assert not (tmp_path / "gone.db").exists()
    assert refused(f"{engine}:///folder", tmp_path).message == f"`folder` is a directory, not a {engine} file"
    assert "`broken` could not be opened" in refused(f"{engine}:///broken", tmp_path).message
    assert refused(f"{engine}:///no/where/x.db", tmp_path).message == "`no/where/x.db` does not exist"


def test_a_duckdb_file_locked_by_another_process(files: Path) -> None:
    hold = "import duckdb,sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(files / "shop.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert "lock" in refused("duckdb:///shop.duckdb", files).message
    finally:
        holder.communicate()


def test_a_locked_sqlite_file(files: Path) -> None:
    holder = sqlite3.connect(files / "shop.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert "locked" in refused("sqlite:///shop.sqlite", files).message
    finally:
        holder.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgres://ann:s3cret@db.example/shop",
        "snowflake://ann:s3cret@account/db?token=s3cret",
        "redshift://ann:s3cret@account/db?token=s3cret",
        "duckdb://ann:s3cret@host/x.duckdb",
        "duckdb:///x.duckdb?token=s3cret",
        "s3cret.duckdb",
        "duckdb:s3cret",
        "sqlite:///",
        "sqlite:///x\0s3cret",
        "",
    ],
)
def test_urls_that_are_refused_keep_their_secrets(tmp_path: Path, url: str) -> None:
    error = refused(url, tmp_path)
    assert error.help
    assert "s3cret" not in error.message + error.help


def test_an_unknown_engine_is_named(tmp_path: Path) -> None:
    error = refused("oracle://localhost/x", tmp_path)
    assert error.message == "no engine is known for `oracle` connections"
    engines = "`duckdb`, `sqlite`, `postgresql`, `mysql`, `clickhouse`, `bigquery`, `trino`, `snowflake`, `redshift`, `databricks`, `sqlserver`, `spark` and `chdb`"
    assert engines in (error.help or "")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "sql", ["SELEC 1", "SELECT * FROM missing", "SELECT 'a\0", "SELECT '\ud800'", "SELECT f(1)"]
)
def test_a_failing_statement_is_one_line(engine: str, sql: str) -> None:
    with connect(f"{engine}://", base=Path("/")) as connection:
        for ask in (connection.fetch, lambda text: connection.run(text, [ResultColumn("n", INTEGER)])):
            with pytest.raises(EngineError) as caught:
                ask(sql)
            assert caught.value.message.startswith(f"{engine} ")
            assert caught.value.message.isprintable()


@pytest.mark.parametrize("engine", ENGINES)
def test_another_number_of_columns(engine: str) -> None:
    with (
        connect(f"{engine}://", base=Path("/")) as connection,
        pytest.raises(EngineError, match=f"{engine} returned 2 columns where 1 are due"),
    ):
        connection.run("SELECT 1, 2", [ResultColumn("n", INTEGER)])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_closed_connection(engine: str) -> None:
    connection = connect(f"{engine}://", base=Path("/"))
    connection.close()
    for ask in (
        lambda: connection.fetch("SELECT 1"),
        lambda: connection.run("SELECT 1", [ResultColumn("n", INTEGER)]),
        lambda: connection.describe(("t",)),
        lambda: connection.create_table(("t",), [("n", INTEGER)], []),
    ):
        with pytest.raises(EngineError, match=f"the connection to {engine} is closed"):
            ask()


def test_an_engines_message_loses_its_credentials() -> None:
    with connect("duckdb://", base=Path("/")) as duck, pytest.raises(EngineError) as caught:
        duck.fetch("SELECT * FROM 'postgres://ann:s3cret@host/db'")
    assert "s3cret" not in caught.value.message


def test_python_variables_are_no_tables() -> None:
    import pyarrow as pa

    local_table = pa.table({"n": [1]})
    assert local_table.num_rows == 1
    with connect("duckdb://", base=Path("/")) as duck, pytest.raises(EngineError, match="local_table"):
        duck.fetch("SELECT * FROM local_table")


ENDLESS = {
    "duckdb": "SELECT COUNT(*) FROM range(1000000000000) AS r(n) WHERE n % 7 = 3",
    "sqlite": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT COUNT(*) FROM t",
}


@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_stops_the_statement(engine: str) -> None:
    assert interrupted(f"{engine}://", ENDLESS[engine]) == STOPPED


@pytest.mark.parametrize("url", ["postgresql://h:70000/d", "mysql://h:0/d", "clickhouse://h:123456/d"])
def test_strange_ports_are_refused(tmp_path: Path, url: str) -> None:
    assert "has a port that is none" in refused(url, tmp_path).message


@pytest.mark.parametrize("url", ["postgresql://h%0a/d", "mysql://h/d%00", "clickhouse://a%7f@h/d"])
def test_control_characters_are_refused(tmp_path: Path, url: str) -> None:
    assert "holds a control character" in refused(url, tmp_path).message


@pytest.mark.parametrize(
    ("url", "said", "help"),
    [
        ("mysql://h/d?sslmode=verify_identity", "has an `sslmode` that is none", "the modes are disable"),
        ("mysql://h/d?sslmode=verify-ful", "has an `sslmode` that is none", "did you mean `verify-full`?"),
        ("mysql://h/d?sslmode=allow", "has an `sslmode` that is none", "prefer, require, verify-ca"),
        ("postgresql://h/d?sslmode=on", "has an `sslmode` that is none", "allow, prefer, require"),
        ("redshift://h/d?sslmode=off", "has an `sslmode` that is none", "allow, prefer, require"),
        ("mysql://h/d?ssl_mode=require", "has an option that is not known", "did you mean `sslmode`?"),
        ("mysql://h/d?connect_timeout=0", "has a timeout that is none", "`connect_timeout=10`"),
        ("trino://h/d?connect_timeout=99999999", "has a timeout that is none", "`connect_timeout=10`"),
        ("postgresql://h/d?statement_timeout=0", "has a timeout that is none", "`statement_timeout=30s`"),
        ("postgresql://h/d?statement_timeout=169h", "has a timeout that is none", "a week at most"),
        ("spark://h:15002?use_ssl=yes", "has a `use_ssl` that is neither", "write `use_ssl=false`"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, url: str, said: str, help: str) -> None:
    told = refused(url, tmp_path)
    assert (
        told.message == f"the `{url.partition(':')[0].replace('postgresql', 'postgres')}` connection {said}"
    )
    assert help in (told.help or "")


def test_an_option_from_the_environment_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_MODE", "s3cret")
    told = refused("mysql://h/d?sslmode=${SHOP_MODE}", tmp_path)
    assert told.message == "the `mysql` connection has an `sslmode` that is none"
    assert "s3cret" not in (told.help or "")
    monkeypatch.setenv("SHOP_PATIENCE", "90s")
    monkeypatch.setenv("SHOP_MODE", "verify-full")
    read = parse_url("mysql://h/d?sslmode=${SHOP_MODE}&statement_timeout=${SHOP_PATIENCE}", tmp_path)
    assert isinstance(read, ServerAddress)
    assert (read.parts["sslmode"], read.parts["statement_timeout"]) == ("verify-full", "90s")


@pytest.mark.parametrize(
    ("url", "help"),
    [
        ("postgresql+psycopg2://ann:s3cret@h/d", "write `postgresql://…`: the driver is not named"),
        ("duckdb+engine:///s3cret", "write `duckdb://…`: the driver is not named"),
        (
            "jdbc:postgresql://h/d?password=s3cret",
            "write `postgresql://user:${PGPASSWORD}@host:5432/database`",
        ),
        (
            "jdbc:sqlserver://h;password=s3cret",
            "write `sqlserver://user:${MSSQL_PASSWORD}@host:1433/database`",
        ),
        ("duckdb:///x.duckdb?threads=4", "leave out what follows `?`"),
        (
            "host=h password=s3cret",
            "for a server, write `postgresql://user:${PGPASSWORD}@host:5432/database`",
        ),
    ],
)
def test_urls_of_other_programs_lead_to_ours(tmp_path: Path, url: str, help: str) -> None:
    told = refused(url, tmp_path)
    assert help in (told.help or "")
    assert "s3cret" not in told.message + (told.help or "")


def test_a_port_from_the_environment_is_a_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PORT", "s3cret")
    told = refused("mysql://h:${SHOP_PORT}/d", tmp_path)
    assert told.message == "the `mysql` connection has a port that is none"


def test_columns_that_are_refused_have_another_way() -> None:
    for dialect in DIALECTS.values():
        assert set(dialect.other_types) <= set(dialect.declared_instead), dialect.name


@pytest.mark.parametrize(
    ("dialect", "declared", "found", "instead"),
    [
        ("duckdb", "timestamp", "TIMESTAMP WITH TIME ZONE", "c at time zone 'UTC'"),
        ("duckdb", "timestamp", "TIMESTAMP", None),
        ("duckdb", "timestamp", "TIMESTAMP_NS", None),
        ("duckdb", "date", "TIMESTAMP", "c: timestamp"),
        ("duckdb", "date", "DATE", None),
        ("bigquery", "timestamp", "timestamp", "datetime(c, 'UTC')"),
        ("bigquery", "timestamp", "datetime", None),
        ("bigquery", "date", "datetime", "c: timestamp"),
        ("bigquery", "text", "string collate 'und:ci'", "collate(c, '')"),
        ("trino", "timestamp", "timestamp(3) with time zone", "cast(at_timezone(c, 'UTC') as timestamp(6))"),
        ("trino", "timestamp", "timestamp(6)", None),
        ("trino", "date", "timestamp(6)", "c: timestamp"),
        ("trino", "text", "padded char(3)", "rtrim(cast(c as varchar))"),
        ("trino", "text", "varchar(3)", None),
        ("snowflake", "timestamp", "timestamp_ltz(9)", "convert_timezone('UTC', c)::timestamp_ntz"),
        ("snowflake", "timestamp", "timestamp_tz(9)", "convert_timezone('UTC', c)::timestamp_ntz"),
        ("snowflake", "timestamp", "timestamp_ntz(9)", None),
        ("snowflake", "text", "varchar(10) collate 'en-ci'", "collate(c, 'utf8')"),
        ("postgres", "text", "character(5)", 'CAST(c AS TEXT) COLLATE "C"'),
        ("postgres", "text", "bpchar", 'CAST(c AS TEXT) COLLATE "C"'),
        ("postgres", "text", "character varying(5)", None),
        ("mysql", "timestamp", "timestamp(6)", "c: {type: timestamp, timezone: UTC}"),
        ("mysql", "timestamp", "datetime(6)", None),
        ("mysql", "date", "datetime", "c: timestamp"),
        ("mysql", "date", "date", None),
        ("mysql", "boolean", "bit(1)", "c + 0"),
        ("mysql", "boolean", "boolean, tinyint(1)", None),
        ("mysql", "integer", "year(4)", "c + 0"),
        ("redshift", "timestamp", "timestamp with time zone", "c at time zone 'UTC'"),
        ("redshift", "timestamp", "timestamp without time zone", None),
        ("redshift", "date", "timestamp without time zone", "c: timestamp"),
        ("tsql", "timestamp", "datetimeoffset", "cast(c at time zone 'UTC' as datetime2(6))"),
        ("tsql", "timestamp", "datetime2", None),
        ("tsql", "date", "datetime2", "c: timestamp"),
        ("tsql", "decimal(19,4)", "decimal(19,4), money", "cast(c as decimal(19,4))"),
        ("tsql", "decimal(19,4)", "decimal(10,4), smallmoney", "cast(c as decimal(19,4))"),
        ("tsql", "decimal(19,4)", "decimal(19,4)", None),
        ("tsql", "float", "decimal(19,4), money", "cast(c as float)"),
        ("tsql", "text", "padded nchar", "rtrim(c)"),
        ("tsql", "text", "nvarchar", None),
    ],
)
def test_columns_that_compare_otherwise_are_told(
    dialect: str, declared: str, found: str, instead: str | None
) -> None:
    type_ = parse_type(declared)
    assert type_ is not None
    span = Span(SourceFile("shop.yml", "c"), 0, 1)
    column = Column("c", type_, Identifier("c", False), None, None, None, (), {}, {}, span)
    assert is_of_another_type(column, found, DIALECTS[dialect]) is (instead is not None)
    if instead is not None:
        help = help_for_type(column, DIALECTS[dialect])
        told = yaml.safe_load(help.removeprefix("declare ").strip("`"))["c"]
        if instead.startswith("c: "):
            assert yaml.safe_load(instead)["c"] == told
        else:
            assert _is_same(told["sql"], instead, dialect)


def _is_same(found: str, expected: str, dialect: str) -> bool:
    one, other = (sqlglot.parse_one(sql.lower(), dialect=dialect) for sql in (found, expected))
    return one == other


def test_drivers_are_imported_when_a_connection_is_opened() -> None:
    ask = "import sys, kpidsl.engines; print(sorted({'duckdb', 'sqlite3', 'pyarrow'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


def test_postgres_is_asked_wherever_its_server_can_be_had() -> None:
    """Its tests are left out where the packages are missing: that must not go unseen."""
    assert postgres.IS_THERE or sys.platform == "win32", postgres.WHY_NOT


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_sqlite_in_utf_16_is_refused_as_its_texts_are_in_another_order(encoding: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.sqlite") as file:
        file.execute(f"PRAGMA encoding = '{encoding}'")
        file.execute("CREATE TABLE orders (channel text)")
        file.execute("INSERT INTO orders VALUES ('web'), ('\u0101b')")
    file.close()
    told = refused("sqlite:///shop.sqlite", tmp_path)
    assert f"its texts are in {encoding}" in told.message
    assert "sqlite3 new.sqlite" in str(told.help)
