"""What Trino's SQL says where its manual leaves one way only; it is executed nowhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.sql import nodes
from kpidsl.sql.trino_times import TIMESTAMP_TYPE, TRINO_TIME_ARITHMETIC
from kpidsl.sql.trino_tree import series_of, spelled
from tests import answers

series = series_of(TIMESTAMP_TYPE)

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: day
    columns: {id: integer, day: date, seen_at: timestamp, note: text, skip: text}
metrics:
  ids: sum(orders.id)
  seen: count(orders at seen_at)
  latest: max(orders.seen_at)
  noted: "count(orders where trim(note) = 'x')"
"""


def written(folder: Path, dialect: str, kpi: str, **parts: object) -> tuple[str, list[str]]:
    project = answers.checked(answers.write_project(folder, "timezone: Europe/Paris\n", DEFINITIONS))
    sink = Sink()
    compiled = compile_query(project, query_text([kpi], **parts), dialect, sink)  # type: ignore[arg-type]
    return "" if compiled is None else compiled.sql, [d.message for d in sink.diagnostics()]


def day(value: str) -> exp.Expr:
    return nodes.cast(nodes.text(value), "date")


def made(query_of: exp.Expr) -> str:
    return spelled(exp.Select(expressions=[nodes.alias(query_of, "day")])).sql("trino")


@pytest.mark.parametrize("years", [1, 27])
def test_a_short_series_is_one_sequence(years: int) -> None:
    found = made(series(day("2000-01-01"), day(f"{2000 + years}-01-01"), 1, "DAY"))
    assert found.count("SEQUENCE") == 1


def test_a_long_series_is_made_of_blocks() -> None:
    found = made(series(day("2000-01-01"), day("2028-01-01"), 1, "DAY"))
    assert found.count("SEQUENCE") == 2
    assert "INTERVAL '10000' DAY" in found
    assert "LEAST(DATE_ADD('day', 9999, block), CAST('2028-01-01' AS DATE))" in found


def test_a_series_that_goes_backwards_is_empty() -> None:
    assert "SEQUENCE" not in made(series(day("2026-01-02"), day("2026-01-01"), 1, "DAY"))


@pytest.mark.parametrize(
    ("microseconds", "expected"),
    [
        (1_500_000, "DATE_ADD('millisecond', 500, DATE_ADD('second', 1, t))"),
        (-500_000, "DATE_ADD('millisecond', 500, DATE_ADD('second', -1, t))"),
        (3_000_000, "DATE_ADD('second', 3, t)"),
    ],
)
def test_fractions_of_a_second_are_added_in_milliseconds(microseconds: int, expected: str) -> None:
    time = exp.Column(this=exp.Identifier(this="t", quoted=False))
    found = TRINO_TIME_ARITHMETIC.add_microseconds(time, nodes.integer(microseconds))
    assert found.sql("trino") == expected


def test_microseconds_are_added_by_nanoseconds() -> None:
    time = exp.Column(this=exp.Identifier(this="t", quoted=False))
    found = TRINO_TIME_ARITHMETIC.add_microseconds(time, nodes.integer(1)).sql("trino")
    assert "FROM_UNIXTIME_NANOS" in found


def test_presto_takes_dates_as_they_are(tmp_path: Path) -> None:
    sql, _ = written(tmp_path, "presto", "ids", period="2026")
    assert str(date(2026, 1, 1)) in sql
    assert "TIMEZONE" not in sql


def test_its_own_reserved_words_are_quoted(tmp_path: Path) -> None:
    assert 'orders."skip"' in written(tmp_path, "trino", "ids", by=["orders.skip"])[0]


def test_blanks_are_named(tmp_path: Path) -> None:
    assert "TRIM(BOTH ' ' FROM orders.note)" in written(tmp_path / "a", "trino", "noted")[0]
    assert written(tmp_path / "b", "presto", "noted")[1]


@pytest.mark.parametrize("dialect", ["trino", "athena", "dune", "presto"])
def test_written_decimals_hang_on_no_session(dialect: str, tmp_path: Path) -> None:
    # "parse_decimal_literals_as_double: parse decimal literals as DOUBLE instead of DECIMAL", a session property.
    found, _ = written(tmp_path, dialect, "x = sum(orders.id) * 1.05")
    assert "v_orders_sum * DECIMAL '1.05'" in found
    assert "2.5e0" in written(tmp_path / "a", dialect, "x = sum(orders.id) / 2.5")[0]
