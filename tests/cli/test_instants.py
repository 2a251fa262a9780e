"""`--as-of` and `--partial`, and the present instant where a query that is run names none."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

import kpidsl
from kpidsl.project import asked_at, query_text

from .running import DEFINITIONS, call, fill, write

NEXT_MILLENNIUM = "2999-01-01"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return the shop, with an order that lies ahead."""
    write(
        tmp_path,
        DEFINITIONS.replace("\nkpis:\n", "  ripe: {formula: count(orders), maturity: 7 days}\n\nkpis:\n"),
    )
    fill(tmp_path)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(f"insert into orders values (99, null, '{NEXT_MILLENNIUM}', 'email', 1000)")
    return tmp_path


def csv(folder: Path, *arguments: str) -> list[str]:
    done = call("run", *arguments, "--format", "csv", cwd=folder)
    assert (done.code, done.err) == (0, "")
    return done.out.splitlines()


def test_rows_that_lie_ahead_do_not_exist_yet(shop: Path) -> None:
    (_, now), (_, later) = csv(shop, "revenue"), csv(shop, "revenue", "--as-of", "2999-01-02")
    assert (now, later) == ("60.90", "1060.90")


def test_an_instant_on_the_command_line(shop: Path) -> None:
    asked = ("orders_placed", "before = prior(orders_placed, 1 month)", "--by", "month")
    parts = ("--as-of", "2026-02-04", "--period", "2026-Q1")
    assert csv(shop, *asked, *parts)[1:] == ["2026-01-01,2,0,false", "2026-02-01,1,1,true"]
    assert csv(shop, *asked, *parts, "--partial", "whole")[1:] == [
        "2026-01-01,2,0,false",
        "2026-02-01,1,2,true",
    ]
    assert csv(shop, *asked, *parts, "--partial", "drop")[1:] == ["2026-01-01,2,0,false"]


def test_what_needs_an_instant_has_one_when_it_is_run(shop: Path) -> None:
    assert csv(shop, "orders_placed", "--period", "last 1 day") == ["orders_placed", "0"]
    assert csv(shop, "ripe") == ["ripe", "4"]
    assert csv(shop, "n = rolling(orders_placed, 900 years)") == ["n", "4"]


def test_sql_that_is_compiled_knows_no_clock(shop: Path) -> None:
    first = call("compile", "revenue", "--by", "month", cwd=shop)
    assert (first.code, first.err) == (0, "")
    assert "_partial" not in first.out
    assert "ordered" not in first.out
    assert "day <" not in first.out
    for arguments in (("revenue", "--period", "last 1 day"), ("ripe",)):
        done = call("compile", *arguments, cwd=shop)
        assert done.code == 1
        assert "query/no-as-of" in done.err
        assert call("compile", *arguments, "--as-of", "2026-08-15", cwd=shop).code == 0
    assert call("explain", "ripe", "--stage", "sql", cwd=shop).code == 1
    assert call("explain", "ripe", "--stage", "sql", "--as-of", "2026-08-15", cwd=shop).code == 0


def test_mistakes_in_options(shop: Path) -> None:
    assert call("run", "revenue", "--partial", "half", cwd=shop).code == 2
    done = call("run", "revenue", "--as-of", "yesterday", "--format", "json", cwd=shop)
    assert done.code == 1
    assert json.loads(done.out)[0]["code"] == "query/as-of"
    done = call("compile", "revenue", "--as-of", "2026-02-30", cwd=shop)
    assert "February 2026 has 28 days" in done.err


def test_python_asks_at_the_present_instant_too(shop: Path) -> None:
    project = kpidsl.load(shop)
    query = project.query("orders_placed", period="last 1 day")
    assert query.run().rows() == [{"orders_placed": 0}]
    with pytest.raises(kpidsl.DefinitionError, match="depends on the instant"):
        query.sql("duckdb")
    with pytest.raises(kpidsl.DefinitionError, match="depends on the instant"):
        query.columns()
    with pytest.raises(kpidsl.DefinitionError):
        project.query("orders_placd", period="last 1 day")
    with pytest.raises(kpidsl.DefinitionError):
        project.query("n = prior(orders_placed, 1 year)")


def test_a_query_at_an_instant(shop: Path) -> None:
    project = kpidsl.load(shop)
    query = project.query("orders_placed", by="month", period="2026")
    assert [column.name for column in query.columns()] == ["month", "orders_placed"]
    then = query.at(datetime(2026, 2, 4, tzinfo=UTC))
    assert [column.name for column in then.columns()] == ["month", "orders_placed", "_partial"]
    assert then.run().rows() == [
        {"month": date(2026, 1, 1), "orders_placed": 2, "_partial": False},
        {"month": date(2026, 2, 1), "orders_placed": 1, "_partial": True},
    ]
    assert then.at(date(2027, 1, 1)) is then
    given = query_text("revenue", as_of="2026-02-04")
    assert asked_at(given, date(2027, 1, 1)) is given
