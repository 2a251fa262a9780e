"""Every expected table against its hand-written check query: nothing of the product is used here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path

import duckdb
import pytest

from .reader import (
    Case,
    CaseQuery,
    case_paths,
    parse_csv,
    parse_yaml,
    physical_tables,
    read_case,
)

CASES = {f"{path.parent.name}/{path.stem}": path for path in case_paths()}
DUCKDB_TYPES = {
    "boolean": "boolean",
    "integer": "bigint",
    "float": "double",
    "text": "varchar",
    "date": "date",
    "timestamp": "timestamp",
}


@pytest.fixture(scope="module")
def _opened() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def empty(_opened: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty DuckDB: what is created in its transaction is gone at the end."""
    _opened.execute("begin")
    yield _opened
    _opened.execute("rollback")
    assert _opened.execute("select count(*) from duckdb_tables()").fetchone() == (0,)


@pytest.mark.parametrize("path", CASES.values(), ids=CASES.keys())
def test_the_check_queries_give_the_expected_tables(path: Path, empty: duckdb.DuckDBPyConnection) -> None:
    case = read_case(path)
    assert case.queries, "a case file asks at least one thing"
    create_tables(empty, case)
    for asked in case.queries:
        if asked.refused:
            assert asked.check is None
            continue
        assert asked.check, f"`{asked.heading}` has no check query"
        cursor = empty.execute(asked.check)
        columns = tuple(column[0] for column in cursor.description or ())
        assert columns == asked.expected_columns, asked.heading
        assert differences(asked, cursor.fetchall()) == [], asked.heading


def test_each_title_is_used_once() -> None:
    titles = [read_case(path).title for path in CASES.values()]
    assert len(titles) == len(set(titles))


def test_a_csv_tells_null_from_the_empty_text() -> None:
    assert parse_csv('a,b\n,""\n"x, ""y""",\n') == [["a", "b"], [None, ""], ['x, "y"', None]]
    assert parse_csv("a\n\n1\n") == [["a"], [None], ["1"]]


def test_yaml_scalars_stay_text() -> None:
    tree = parse_yaml("{a: no, b: 2026-01-03 10:00:00, c: 0.10, d: null, e: 'null', f: 12:30}")
    assert tree == {"a": "no", "b": "2026-01-03 10:00:00", "c": "0.10", "d": None, "e": "null", "f": "12:30"}


def create_tables(connection: duckdb.DuckDBPyConnection, case: Case) -> None:
    """Create and fill the case's physical tables."""
    for table in physical_tables(case):
        if table.schema is not None:
            connection.execute(f"create schema if not exists {quoted(table.schema)}")
        target = ".".join(quoted(part) for part in (table.schema, table.name) if part is not None)
        columns = ", ".join(f"{quoted(name)} {DUCKDB_TYPES.get(kind, kind)}" for name, kind in table.columns)
        connection.execute(f"create table {target} ({columns})")
        if table.rows:
            places = ", ".join("?" for _ in table.columns)
            rows = ", ".join([f"({places})"] * len(table.rows))
            connection.execute(f"insert into {target} values {rows}", [*chain(*table.rows)])


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def answered_otherwise(
    asked: CaseQuery, columns: tuple[str, ...], rows: list[tuple[object, ...]]
) -> list[str]:
    """What differs between the expected table and an answer, a line each; of an objective's or a scorecard's many
    columns those that the table names are compared."""
    if not (
        set(asked.expected_columns) <= set(columns) if asked.is_judged else columns == asked.expected_columns
    ):
        return [f"columns {columns}, expected {asked.expected_columns}"]
    places = [columns.index(name) for name in asked.expected_columns]
    return differences(asked, [tuple(row[place] for place in places) for row in rows])


def differences(asked: CaseQuery, rows: list[tuple[object, ...]]) -> list[str]:
    """What differs between the expected table and the rows, a line each; nothing where they are the same."""
    if len(rows) != len(asked.expected_rows):
        return [f"{len(rows)} rows, expected {len(asked.expected_rows)}: {rows}"]
    return [
        f"row {number}, {column}: {got!r}, expected {text!r}"
        for number, (row, expected) in enumerate(zip(rows, asked.expected_rows, strict=True), start=1)
        for column, got, text in zip(asked.expected_columns, row, expected, strict=True)
        if not (is_same_number if asked.is_judged else is_same)(got, text)
    ]


def is_same_number(got: object, text: str | None) -> bool:
    """Whether a value is what the text says, a number whatever its type and scale."""
    if text is None or isinstance(got, bool) or not isinstance(got, int | Decimal | float):
        return is_same(got, text)
    if isinstance(got, float):
        return math.isclose(got, float(text), rel_tol=1e-9, abs_tol=1e-12)
    exact = Decimal(got)
    return exact == Decimal(text) if "e" not in text else math.isclose(exact, float(text), rel_tol=1e-9)


def is_same(got: object, text: str | None) -> bool:
    """Whether a value is what the text says: decimals with their scale, floats to 1e-9 of their size."""
    if got is None or text is None:
        return got is None and text is None
    match got:
        case bool():
            return text == ("true" if got else "false")
        case int():
            return text == str(got)
        case Decimal():
            return text == format(got, "f")
        case float():
            is_written_as_float = "." in text or "e" in text
            return is_written_as_float and math.isclose(got, float(text), rel_tol=1e-9, abs_tol=1e-12)
        case datetime() if got.tzinfo is not None:
            wanted = datetime.fromisoformat(text)
            # Python calls a time that exists twice equal to no time of another zone, hence UTC.
            return wanted.tzinfo is not None and wanted.astimezone(UTC) == got.astimezone(UTC)
        case datetime():
            return text == got.isoformat(sep=" ")
        case date():
            return text == got.isoformat()
        case str():
            return text == got
        case _:
            raise AssertionError(f"no rule compares a {type(got).__name__}")
