"""Names and texts that try to be SQL: refused with a diagnostic, or harmless on both engines."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import duckdb
import pytest

from .running import DEFINITIONS, Ran, call

ENGINES = ("duckdb", "sqlite")
ATTEMPTS = [
    "'; drop table orders; --",
    "' or 1=1 --",
    "x' union select 1 --",
    '"; drop table orders; --',
    "*/ ; drop table orders; /*",
    "-- drop table orders",
    "/* drop table orders",
    "a\0'; drop table orders; --",
    "\\'; drop table orders; --",
    "a\n; drop table orders;",
    "ʼ; drop table orders; --",
    "＇; drop table orders; --",
    "оrders",
    "\u202eorders",
    "\u200borders",
    "\x1b[2J\x1b[31morders",
    "orders); drop table orders; --",
    "${orders}{{orders}}%s%(a)s:orders?1$1",
    "a`; drop table orders; `",
    "a]; drop table orders; [",
]
FEWER = [ATTEMPTS[n] for n in (0, 3, 4, 7, 9, 12, 13, 15)]


def orders_left(folder: Path, engine: str) -> int:
    """Return how many orders an engine's file still has; every table must still be there."""
    statement = "select (select count(*) from orders), (select count(*) from visits)"
    if engine == "duckdb":
        with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as duck:
            found = duck.execute(statement).fetchone()
    else:
        lite = sqlite3.connect(folder / "shop.sqlite")
        found = lite.execute(statement).fetchone()
        lite.close()
    assert found is not None
    assert found[1] == 8
    return int(found[0])


def run(folder: Path, engine: str, *arguments: str) -> Ran:
    """Run a query on an engine's file."""
    connection = ("--connection", f"{engine}:///shop.{engine}")
    done = call("run", "--format", "csv", *connection, *arguments, cwd=folder)
    assert "\x1b" not in done.err
    return done


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=ascii)
def test_a_text_in_a_condition_is_a_text(filled: Path, engine: str, attempt: str) -> None:
    done = run(filled, engine, "orders_placed", "--where", f"channel = {literal(attempt)}")
    assert (done.code, done.out) in ((0, "orders_placed\n0\n"), (1, ""))
    if done.code == 1:
        assert not attempt.replace("\n", " ").isprintable()
        assert done.err.startswith("error[")
    among = run(filled, engine, f"n = count(orders where channel in ('email', {literal(attempt)}))")
    assert (among.code, among.out) == ((0, "n\n2\n") if done.code == 0 else (1, ""))
    assert orders_left(filled, engine) == 5


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "attempt", [text for text in ATTEMPTS if text.replace("\n", " ").isprintable()], ids=ascii
)
def test_a_text_in_the_data_is_found_by_itself(filled: Path, engine: str, attempt: str) -> None:
    if engine == "duckdb":
        with duckdb.connect(str(filled / "shop.duckdb")) as duck:
            duck.execute("update orders set channel = ? where order_id = 1", [attempt])
    else:
        lite = sqlite3.connect(filled / "shop.sqlite")
        lite.execute("update orders set channel = ? where order_id = 1", [attempt])
        lite.commit()
        lite.close()
    done = run(filled, engine, "revenue", "--where", f"channel = {literal(attempt)}")
    assert (done.code, done.out) == (0, "revenue\n40.10\n")
    assert orders_left(filled, engine) == 5


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=ascii)
def test_a_raw_attempt_in_a_query_is_refused(filled: Path, engine: str, attempt: str) -> None:
    for arguments in (
        ("revenue", "--by", attempt),
        ("revenue", "--where", attempt),
        ("revenue", "--period", attempt),
        ("revenue", "--order", attempt),
        ("--", attempt),
        ("--", f"{attempt} = count(orders)"),
        (f"n = {attempt}",),
        (f"n = count({attempt})",),
        (f"n = count(orders {attempt})",),
    ):
        done = run(filled, engine, *arguments)
        assert (done.code, done.out) == (1, ""), arguments
        assert done.err.startswith("error["), arguments
    assert orders_left(filled, engine) == 5


@pytest.mark.parametrize("attempt", FEWER, ids=ascii)
@pytest.mark.parametrize("section", ["datasets", "dimensions", "metrics", "kpis", "columns", "joins"])
def test_names_in_definitions_are_names(filled: Path, section: str, attempt: str) -> None:
    name = json.dumps(attempt)
    bodies = {
        "datasets": f"datasets:\n  {name}: {{table: t, key: a, columns: {{a: integer}}}}\n",
        "dimensions": f"dimensions:\n  {name}: {{from: {{orders: channel}}}}\n",
        "metrics": f"metrics:\n  {name}: count(orders)\n",
        "kpis": f"kpis:\n  {name}: {{formula: count(orders), label: a, direction: up, owner: a@example.com}}\n",
        "columns": f"datasets:\n  more: {{table: t, key: a, columns: {{a: integer, {name}: text}}}}\n",
        "joins": f"datasets:\n  more: {{table: t, key: a, columns: {{a: integer}}, "
        f"joins: {{{name}: {{to: customers, using: {{customer_id: a}}}}}}}}\n",
    }
    (filled / "definitions" / "more.yml").write_text(bodies[section], encoding="utf-8")
    for command in (["check"], ["compile", "revenue"]):
        done = call(*command, cwd=filled)
        assert (done.code, done.out) == (1, "")
        assert "definitions/more.yml:2:" in done.err
        assert "\x1b" not in done.err
        assert "\0" not in done.err
        assert "\u202e" not in done.err


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("attempt", FEWER, ids=ascii)
@pytest.mark.parametrize("key", ["table", "column", "label", "description", "unit", "version"])
def test_texts_in_definitions_are_harmless(filled: Path, engine: str, key: str, attempt: str) -> None:
    text = json.dumps(attempt)
    bodies = {
        "table": f"datasets:\n  more: {{table: {text}, key: a, columns: {{a: integer}}}}\nmetrics: {{m: count(more)}}\n",
        "column": "datasets:\n  more:\n    table: orders\n    key: order_id\n"
        f"    columns: {{order_id: integer, c: {{type: text, column: {text}}}}}\nmetrics: {{m: count(more.c)}}\n",
        "label": f"metrics: {{m: {{formula: count(orders), label: {text}}}}}\n",
        "description": f"metrics: {{m: {{formula: count(orders), description: {text}}}}}\n",
        "unit": f"metrics: {{m: {{formula: count(orders), unit: {text}}}}}\n",
        "version": f"kpis: {{m: {{formula: count(orders), label: a, direction: up, owner: a@b.c, version: {text}}}}}\n",
    }
    (filled / "definitions" / "more.yml").write_text(bodies[key], encoding="utf-8")
    done = run(filled, engine, "m", "revenue")
    assert orders_left(filled, engine) == 5
    assert done.code in ((1, 3) if key in ("table", "column") else (0, 1))
    assert (done.out == "") == (done.code != 0)
    if done.code == 0:
        assert done.out == "m,revenue\n5,60.90\n"
    for command in (["check"], ["list"], ["explain", "m"]):
        shown = call(*command, cwd=filled)
        assert shown.code == (1 if done.code == 1 else 0)
        assert "\x1b" not in shown.out + shown.err


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "name", ["group", "select", "order", "Weird Name", 'a"b', "a;b", "a--b", "été", "sélect"]
)
def test_tables_and_columns_with_any_name_are_read(filled: Path, engine: str, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    statements = [
        f"create table {quoted} ({quoted} integer, n integer)",
        f"insert into {quoted} values (1, 10), (2, 20)",
    ]
    if engine == "duckdb":
        with duckdb.connect(str(filled / "shop.duckdb")) as duck:
            for statement in statements:
                duck.execute(statement)
    else:
        lite = sqlite3.connect(filled / "shop.sqlite")
        for statement in statements:
            lite.execute(statement)
        lite.commit()
        lite.close()
    written = "'" + quoted.replace("'", "''") + "'"
    (filled / "definitions" / "more.yml").write_text(
        f"datasets:\n  more:\n    table: {written}\n    key: k\n"
        f"    columns: {{k: {{type: integer, column: {written}}}, n: integer}}\n"
        "metrics: {m: sum(more.n where k > 1)}\n",
        encoding="utf-8",
    )
    done = run(filled, engine, "m", "--by", "more.k")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1:] == ["2,20"]
    checked = call("check", "--connection", f"{engine}:///shop.{engine}", cwd=filled)
    assert (checked.code, checked.err) == (0, "")


def test_the_shop_of_these_tests_is_right(filled: Path) -> None:
    assert call("check", cwd=filled).code == 0
    assert (filled / "definitions" / "shop.yml").read_text(encoding="utf-8") == DEFINITIONS


def test_bytes_that_are_no_text_are_refused(filled: Path) -> None:
    for command in ("compile", "run"):
        done = call(command, "revenue", "--where", "channel = '\udce9'", cwd=filled)
        assert (done.code, done.bytes) == (1, b"")
        assert done.err.startswith("error[")
