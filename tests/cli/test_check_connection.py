"""`kpidsl check --connection`: definitions against the data, on DuckDB and SQLite files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from .running import call, found_in, installed

ENGINES = ("duckdb", "sqlite")


def change(folder: Path, engine: str, *statements: str) -> None:
    """Change the data in an engine's file."""
    connection = (
        duckdb.connect(str(folder / "shop.duckdb"))
        if engine == "duckdb"
        else sqlite3.connect(folder / "shop.sqlite", isolation_level=None)
    )
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_data_as_declared_is_right(filled: Path, engine: str) -> None:
    assert found_in(filled, engine) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("statements", "code", "line", "said"),
    [
        (["insert into orders values (1, 10, null, 'email', 1)"], "data/duplicate-key", 5, "order_id"),
        (["insert into orders values (null, 10, null, 'email', 1)"], "data/null-key", 5, "order_id"),
        (["drop table visits"], "data/missing-table", 20, "visits"),
        (["alter table visits drop column channel"], "data/missing-column", 23, "channel"),
        (
            ["alter table orders drop column amount", "alter table orders add column amount varchar(9)"],
            "data/column-type",
            12,
            "amount",
        ),
    ],
    ids=["duplicate key", "null key", "no table", "no column", "type"],
)
def test_data_that_is_not_as_declared(
    filled: Path, engine: str, statements: list[str], code: str, line: int, said: str
) -> None:
    change(filled, engine, *statements)
    (diagnostic,) = found_in(filled, engine)
    assert (diagnostic["code"], diagnostic["file"], diagnostic["line"]) == (
        code,
        "definitions/shop.yml",
        line,
    )
    assert said in diagnostic["message"]


@pytest.mark.parametrize("engine", ENGINES)
def test_everything_wrong_is_told_at_once(filled: Path, engine: str) -> None:
    change(
        filled,
        engine,
        "insert into orders values (1, 10, null, 'email', 1), (null, 10, null, 'email', 1)",
        "drop table customers",
        "alter table visits drop column channel",
    )
    assert sorted(d["code"] for d in found_in(filled, engine)) == [
        "data/duplicate-key",
        "data/missing-column",
        "data/missing-table",
        "data/null-key",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_null_key_is_no_duplicate(filled: Path, engine: str) -> None:
    change(filled, engine, "insert into orders values (null, 10, null, 'a', 1), (null, 10, null, 'b', 1)")
    assert [d["code"] for d in found_in(filled, engine)] == ["data/null-key"]


@pytest.mark.parametrize("engine", ENGINES)
def test_parts_of_a_composite_key_may_repeat(filled: Path, engine: str) -> None:
    definitions = filled / "definitions" / "shop.yml"
    definitions.write_text(
        definitions.read_text(encoding="utf-8").replace("key: visit_id", "key: [visit_id, channel]"),
        encoding="utf-8",
    )
    change(filled, engine, "insert into visits values (1, null, 'fair')")
    assert found_in(filled, engine) == []
    change(filled, engine, "insert into visits values (1, null, 'fair')")
    assert [d["code"] for d in found_in(filled, engine)] == ["data/duplicate-key"]


PRICES = """
datasets:
  sales:
    table: sales
    key: sale_id
    columns: {sale_id: integer, sku: text, sold_on: date}
    joins:
      price: {to: prices, using: sku, between: [valid_from, valid_to], at: sold_on}
  prices:
    table: prices
    key: [sku, valid_from]
    where: not is_draft
    columns: {sku: text, valid_from: date, valid_to: date, is_draft: boolean}
"""


@pytest.mark.parametrize(
    ("rows", "keys"),
    [
        (["'a', '2026-01-01', '2026-03-01', false", "'a', '2026-03-01', null, false"], 0),
        (["'a', '2026-01-01', '2026-03-02', false", "'a', '2026-03-01', null, false"], 1),
        (["'a', '2026-01-01', null, false", "'a', '2026-03-01', '2026-04-01', false"], 1),
        (["'a', '2026-01-01', null, true", "'a', '2026-03-01', '2026-04-01', false"], 0),
        (["'a', '2026-01-01', null, false", "'b', '2026-03-01', null, false"], 0),
        (["null, '2026-01-01', null, false", "null, '2026-03-01', null, false"], 0),
        # The first and the third overlap around one that ends before it begins.
        (
            [
                "'a', '2026-01-01', '2026-06-01', false",
                "'a', '2026-02-01', '2026-02-01', false",
                "'a', '2026-05-01', null, false",
                "'b', '2026-01-01', null, false",
                "'b', '2026-01-02', null, false",
            ],
            2,
        ),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_intervals_that_overlap_are_told(filled: Path, engine: str, rows: list[str], keys: int) -> None:
    (filled / "definitions" / "prices.yml").write_text(PRICES, encoding="utf-8")
    change(
        filled,
        engine,
        "create table sales (sale_id bigint, sku varchar, sold_on date)",
        "create table prices (sku varchar, valid_from date, valid_to date, is_draft boolean)",
        *(f"insert into prices values ({row})" for row in rows),
    )
    told = [d for d in found_in(filled, engine) if d["code"] != "data/null-key"]
    assert [d["code"] for d in told] == ["data/overlapping-intervals"] * (keys > 0)
    if keys:
        assert ("sku = a" in told[0]["message"], f"{keys} key" in told[0]["message"]) == (True, True)


STOCK = """\
datasets:
  stock:
    table: stock
    key: [sku, valid_from]
    time: [valid_from, valid_to]
    where: not is_draft
    columns: {sku: text, valid_from: date, valid_to: date, is_draft: boolean}
"""


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (["'a', '2026-01-01', '2026-01-01', false", "'a', '2026-03-01', null, false"], 0),
        (["'a', '2026-01-01', '2025-12-31', true", "'a', null, '2026-04-01', false"], 0),
        (["'b', '2026-01-01', '2025-12-31', false"], 1),
        (["'a', '2026-03-02', '2026-03-01', false", "'b', '2026-01-01', '2025-12-31', false"], 2),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_rows_that_end_before_they_begin_are_told(
    filled: Path, engine: str, rows: list[str], count: int
) -> None:
    (filled / "definitions" / "stock.yml").write_text(STOCK, encoding="utf-8")
    change(
        filled,
        engine,
        "create table stock (sku varchar, valid_from date, valid_to date, is_draft boolean)",
        *(f"insert into stock values ({row})" for row in rows),
    )
    told = [d for d in found_in(filled, engine) if d["code"] == "data/ends-before-it-begins"]
    assert len(told) == (count > 0)
    if told:
        assert f"{count} row" in told[0]["message"]
        assert told[0]["severity"] == "warning"


CALENDAR = """\
calendars:
  trading:
    table: trading_days
    day: calendar_date
    comparable: before
    columns: {calendar_date: date, before: date, week_key: text}
    grains: {trading_week: week_key}
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_keys_and_days_hide_no_interval(filled: Path, engine: str) -> None:
    (filled / "definitions" / "stock.yml").write_text(STOCK, encoding="utf-8")
    (filled / "definitions" / "days.yml").write_text(CALENDAR, encoding="utf-8")
    change(
        filled,
        engine,
        "insert into orders values (1, 10, null, 'email', 1)",
        "create table stock (sku varchar, valid_from date, valid_to date, is_draft boolean)",
        "insert into stock values ('b', '2026-01-01', '2025-12-31', false)",
        "create table trading_days (calendar_date date, before date, week_key varchar)",
        "insert into trading_days values ('2026-01-01', null, 'a'), ('2026-01-03', null, 'a')",
        "insert into trading_days values ('2026-01-03', null, 'a')",
    )
    codes = {d["code"] for d in found_in(filled, engine)}
    assert codes >= {
        "data/duplicate-key",
        "data/duplicate-day",
        "data/missing-day",
        "data/ends-before-it-begins",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_a_calendar_without_its_comparable_days_is_told(filled: Path, engine: str) -> None:
    (filled / "definitions" / "days.yml").write_text(CALENDAR, encoding="utf-8")
    change(filled, engine, "create table trading_days (calendar_date date, week_key varchar)")
    told = [d for d in found_in(filled, engine) if d["severity"] == "error"]
    assert [d["code"] for d in told] == ["data/missing-column"]


def test_the_text_goes_to_stderr(filled: Path) -> None:
    change(filled, "sqlite", "drop table visits")
    here = call("check", "--connection", "sqlite:///shop.sqlite", cwd=filled)
    assert (here.code, here.out) == (1, "")
    assert "data/missing-table" in here.err
    there = installed("check", "--connection", "sqlite:///shop.sqlite", cwd=filled)
    assert (there.code, there.out, there.err) == (1, "", here.err)


def test_wrong_definitions_are_told_before_the_data_is_looked_at(filled: Path) -> None:
    (filled / "definitions" / "b.yml").write_text("metrics: {a: sum(orders.nope)}\n", encoding="utf-8")
    checked = call("check", "--connection", "duckdb:///nope.duckdb", cwd=filled)
    assert checked.code == 1
    assert "nope" in checked.err


@pytest.mark.parametrize(
    "url",
    ["duckdb:///nope.duckdb", "sqlite:///nope.sqlite", "sqlite:///kpidsl.yml", "mysql://a:hidden@h/d", ""],
)
def test_a_connection_that_fails_ends_with_3(filled: Path, url: str) -> None:
    checked = call("check", "--connection", url, cwd=filled)
    assert (checked.code, checked.out) == (3, "")
    assert "hidden" not in checked.err
    assert not (filled / "nope.duckdb").exists()
    assert not (filled / "nope.sqlite").exists()


@pytest.mark.parametrize("engine", ENGINES)
def test_checking_changes_no_byte_of_the_data(filled: Path, engine: str) -> None:
    before = (filled / f"shop.{engine}").read_bytes()
    assert found_in(filled, engine) == []
    assert (filled / f"shop.{engine}").read_bytes() == before


SOME_ROWS = """
datasets:
  plans:
    table: plans
    key: plan_id
    where: not is_test and shop.is_open
    columns: {plan_id: integer, is_test: boolean, shop_id: integer}
    joins: {shop: {to: shops, using: shop_id}}
  shops:
    table: shops
    key: shop_id
    columns: {shop_id: integer, is_open: boolean}
metrics:
  plans_sold: count(plans)
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_keys_are_those_of_the_rows_that_a_dataset_has(filled: Path, engine: str) -> None:
    (filled / "definitions" / "plans.yml").write_text(SOME_ROWS, encoding="utf-8")
    change(
        filled,
        engine,
        "create table shops (shop_id integer, is_open boolean)",
        "insert into shops values (1, true), (2, false)",
        "create table plans (plan_id integer, is_test boolean, shop_id integer)",
        "insert into plans values (1, false, 1), (1, true, 1), (1, false, 2), (null, true, 1), (null, false, 2)",
    )
    assert found_in(filled, engine) == []
    change(filled, engine, "insert into plans values (1, false, 1), (null, false, 1)")
    told = {d["code"]: d["message"] for d in found_in(filled, engine)}
    assert told == {
        "data/null-key": "1 row of `plans` has no `plan_id`, which is part of the key",
        "data/duplicate-key": "1 key of `plans` belongs to several rows, for example plan_id = 1",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_keys_of_some_rows_wait_for_what_tells_these(filled: Path, engine: str) -> None:
    (filled / "definitions" / "plans.yml").write_text(SOME_ROWS, encoding="utf-8")
    change(
        filled,
        engine,
        "create table shops (shop_id integer)",
        "create table plans (plan_id integer, is_test boolean, shop_id integer)",
        "insert into plans values (1, false, 1), (1, false, 1)",
    )
    assert [d["code"] for d in found_in(filled, engine)] == ["data/missing-column"]
