"""`kpidsl compile`: SQL and nothing else, right on both engines."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .running import call, installed


def rows(folder: Path, sql: str, dialect: str) -> list[tuple[Any, ...]]:
    """Run SQL as a user would who knows nothing of this package."""
    if dialect == "duckdb":
        with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()
    lite = sqlite3.connect(folder / "shop.sqlite")
    found = lite.execute(sql).fetchall()
    lite.close()
    return [tuple(row) for row in found]


def compiled(folder: Path, *arguments: str, dialect: str = "duckdb") -> list[tuple[Any, ...]]:
    done = call("compile", *arguments, "--dialect", dialect, cwd=folder)
    assert (done.code, done.err) == (0, "")
    return rows(folder, done.out, dialect)


QUESTIONS: list[tuple[list[str], list[tuple[Any, ...]]]] = [
    (["orders_placed"], [(5,)]),
    (["orders_placed", "--by", "channel"], [("email", 2), ("it's", 1), ("search", 1), (None, 1)]),
    (["orders_placed", "--by", "country"], [("BE", 1), ("FR", 2), (None, 2)]),
    (["orders_placed", "--by", "channel,country", "--limit", "2"], [("email", "FR", 1), ("email", None, 1)]),
    (["orders_placed", "--where", "channel = 'email'"], [(2,)]),
    (["orders_placed", "--where", "channel = 'it\\'s'"], [(1,)]),
    (["orders_placed", "--period", "2026-02"], [(2,)]),
    (["orders_placed", "--period", "2026-01-20..2026-02-04"], [(2,)]),
    (["orders_placed", "--by", "channel", "--order", "-orders_placed,channel", "--limit", "2"],
     [("email", 2), ("it's", 1)]),
    (["orders_placed", "--by", "channel", "--by", "country", "--order", "-channel", "--limit", "1"],
     [("search", "FR", 1)]),
    (["n = count(orders where amount > 5)"], [(3,)]),
    (["orders_placed", "per_visit=visits_seen / orders_placed", "--where", "channel = 'email'"],
     [(2, 2.0)]),
    (["visits_seen", "orders_placed", "--by", "channel"],
     [("email", 4, 2), ("it's", 0, 1), ("search", 4, 1), (None, 0, 1)]),
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    ("arguments", "expected"), QUESTIONS, ids=lambda value: " ".join(map(str, value))[:60]
)
def test_the_sql_gives_the_answer(
    filled: Path, dialect: str, arguments: list[str], expected: list[tuple[Any, ...]]
) -> None:
    if "it\\'s" in arguments[-1]:
        arguments = [*arguments[:-1], "channel = 'it''s'"]
    assert compiled(filled, *arguments, dialect=dialect) == expected


def test_decimals_and_buckets(filled: Path) -> None:
    assert compiled(filled, "revenue", "--by", "month") == [
        (date(2026, 1, 1), Decimal("50.00")),
        (date(2026, 2, 1), Decimal("9.90")),
        (None, Decimal("1.00")),
    ]


def test_duckdb_is_the_default_and_the_json_holds_the_same_sql(filled: Path) -> None:
    query = ("revenue", "ratio = revenue / orders_placed", "last_day", "--by", "month,channel")
    text = call("compile", *query, cwd=filled)
    found = json.loads(call("compile", *query, "--format", "json", cwd=filled).out)
    assert list(found) == ["sql", "dialect", "columns"]
    assert (found["sql"].rstrip("\n"), found["dialect"]) == (text.out.rstrip("\n"), "duckdb")
    assert found["columns"] == [
        {"name": "month", "type": "date", "unit": None},
        {"name": "channel", "type": "text", "unit": None},
        {"name": "revenue", "type": "decimal(38,2)", "unit": "EUR"},
        {"name": "ratio", "type": "float", "unit": None},
        {"name": "last_day", "type": "date", "unit": None},
    ]


def test_an_ad_hoc_kpi_may_stand_on_others(filled: Path) -> None:
    assert compiled(filled, "a = revenue * 2", "b = share(revenue across channel)", "--by", "channel") == [
        ("email", Decimal("99.60"), pytest.approx(49.80 / 60.90)),
        ("it's", Decimal("2.00"), pytest.approx(1.00 / 60.90)),
        ("search", Decimal("19.80"), pytest.approx(9.90 / 60.90)),
        (None, Decimal("0.40"), pytest.approx(0.20 / 60.90)),
    ]


@pytest.mark.parametrize("dialect", ["duckdbb", "DUCKDB", "", "duckdb; drop", "\x1b[31m"])
def test_a_dialect_without_a_column_in_the_table_is_refused_by_name(filled: Path, dialect: str) -> None:
    done = call("compile", "revenue", "--dialect", dialect, cwd=filled)
    assert (done.code, done.out) == (1, "")
    assert "dialect/unknown" in done.err
    assert f"`{dialect}`" in done.err or not dialect.isprintable()
    assert "`duckdb`" in done.err
    assert "\x1b" not in done.err
    as_json = call("compile", "revenue", "--dialect", dialect, "--format", "json", cwd=filled)
    assert as_json.code == 1
    assert [d["code"] for d in json.loads(as_json.out)] == ["dialect/unknown"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["revenu"], "`revenue`"),
        (["revenue", "--by", "chanel"], "`channel`"),
        (["revenue", "--where", "chanel = 'a'"], "chanel"),
        (["revenue", "--where", "channel ="], "--where:1:"),
        (["revenue", "--where", "channel"], "condition"),
        (["revenue", "--where", "channel = 1"], "--where:1:"),
        (["revenue", "--where", ""], "--where"),
        (["revenue", "--period", "soon"], "soon"),
        (["revenue", "--period", "2026-13"], "2026-13"),
        (["revenue", "--order", "-revenu"], "revenu"),
        (["revenue", "revenue"], "revenue"),
        (["conversion", "--by", "country"], "country"),
        (["a = sum(orders.amont)"], "amount"),
        (["a = sum(orders.amount"], "KPI:1:"),
        (["a b = 1"], "KPI:1:"),
        (["= 1"], "KPI:1:"),
        (["a ="], "KPI"),
        (["sum(orders.amount)"], "KPI:1:"),
        (["a = orders.amount"], "KPI:1:"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_asked_is_a_diagnostic(filled: Path, arguments: list[str], said: str) -> None:
    done = call("compile", *arguments, cwd=filled)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error[")
    assert said in done.err
    found = json.loads(call("compile", *arguments, "--format", "json", cwd=filled).out)
    assert found
    assert all(d["line"] == 1 and d["column"] >= 1 and d["severity"] == "error" for d in found)
    run = call("run", *arguments, cwd=filled)
    assert (run.code, run.out, run.err) == (1, "", done.err)


def test_several_mistakes_of_a_query_are_told_at_once(filled: Path) -> None:
    arguments = ("nope", "--by", "nowhere", "--where", "nothing = 1", "--period", "never", "--order", "no")
    found = json.loads(call("compile", *arguments, "--format", "json", cwd=filled).out)
    assert {"KPI", "--by", "--where", "--period"} <= {d["file"] for d in found}


def test_the_installed_command_prints_the_same_bytes(filled: Path) -> None:
    query = ("compile", "conversion", "--by", "month,channel", "--dialect", "sqlite")
    there = installed(*query, cwd=filled)
    assert (there.code, there.err) == (0, "")
    assert there.bytes == call(*query, cwd=filled).bytes


def test_compiling_needs_no_data(filled: Path) -> None:
    for name in ("shop.duckdb", "shop.sqlite"):
        (filled / name).unlink()
    assert call("compile", "revenue", cwd=filled).code == 0
    assert not (filled / "shop.duckdb").exists()
