"""`kpidsl bind`: which tables and columns are taken, why, and what is left open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kpidsl.engines.stored_types import type_of_engine
from kpidsl.formatting.files import format_text
from kpidsl.proposing.phrases import PHRASES
from tests.binding.projects import ENGINES, asked, with_tables, written
from tests.binding.test_what_is_available import FIGURES
from tests.cli.running import call

SHOP = """\
create table fct_orders (
  id bigint, customer_id bigint, session_key bigint, placed_at timestamp, is_test boolean,
  gross numeric(12,2), discount numeric(12,4)
);
create table clients (id bigint, country text, land text);
create table other (a integer, b text);
"""


def proposed(folder: Path, url: str, *options: str) -> dict[str, Any]:
    done = call("bind", "./figures", "--connection", url, "--format", "json", *options, cwd=folder)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_each_guess_says_what_it_rests_on(engine: str, tmp_path: Path) -> None:
    folder = written(tmp_path, FIGURES)
    found = proposed(folder, with_tables(folder, engine, SHOP))
    orders = found["tables"]["orders"]
    assert (orders["table"], orders["by"]) == ("fct_orders", "name")
    assert orders["columns"] == {
        "order_id": {"column": "id", "by": "synonym"},
        "customer_id": {"column": "customer_id", "by": "name"},
        "session_id": {"column": "session_key", "by": "synonym"},
        "ordered_at": {"column": "placed_at", "by": "synonym"},
        "is_test": {"column": "is_test", "by": "name"},
        "gross": {"column": "gross", "by": "name"},
        "discount": {"column": "discount", "by": "name"},
    }
    assert found["tables"]["customers"]["table"] == "clients"
    assert found["tables"]["customers"]["by"] == "synonym"
    assert "sessions" not in found["tables"]
    assert found["open"] == {}


def test_the_yaml_is_laid_out_and_can_be_asked(tmp_path: Path) -> None:
    folder = written(tmp_path, FIGURES)
    url = with_tables(
        folder,
        "duckdb",
        f"{SHOP}insert into fct_orders values (1, 5, 7, '2026-01-02 10:00', false, 50, 5.5);",
    )
    done = call("bind", "./figures", "--connection", url, cwd=folder)
    assert (
        done.out
        == f"""\
project: {folder.name.lower().strip("_")}
language: 1
use: [./figures]
bind:
  orders:
    table: fct_orders
    columns:
      order_id: id                                    # another name for it
      session_id: session_key                         # another name for it
      ordered_at: {{column: placed_at, timezone: UTC}}  # another name for it; without a zone in the table: is it UTC?
      discount: {{type: "decimal(12,4)"}}               # stored as decimal(12,4)
  customers:
    table: clients  # another name for `customers`
    columns:
      customer_id: id  # another name for it
    own: {{land: text}}  # the table's other columns, for formulas under `columns:`
connection: {url}
"""
    )
    assert format_text(done.out, "project") == done.out
    assert done.err.startswith("tables that are not used: `other`\navailable: 0 of 0 KPIs\n")
    written(folder, {"kpidsl.yml": done.out})
    assert call("check", "--connection", cwd=folder).code == 0
    assert [float(row["net_sales"]) for row in asked(folder, url, "net_sales")] == [44.5]


def test_what_is_ambiguous_is_not_bound(tmp_path: Path) -> None:
    folder = written(tmp_path, FIGURES)
    tables = SHOP.replace(
        "create table other", "create table stg_orders as select * from fct_orders;\ncreate table other"
    )
    url = with_tables(folder, "duckdb", tables)
    found = proposed(folder, url)
    assert found["open"] == {"orders": ["fct_orders", "stg_orders"]}
    assert "orders" not in found["tables"]
    told = call("bind", "./figures", "--connection", url, cwd=folder).err
    assert "`orders` is not bound: `fct_orders`, `stg_orders` would do, and nothing decides" in told
    two = "create table orders (order_id bigint, placed_at timestamp, purchased_at timestamp, gross numeric(12,2));"
    (tmp_path / "b").mkdir()
    folder = written(tmp_path / "b", FIGURES)
    found = proposed(folder, with_tables(folder, "duckdb", two))
    assert found["open"] == {"orders": ["orders"]}
    told = call("bind", "./figures", "--connection", f"duckdb:///{folder}/shop.duckdb", cwd=folder).err
    assert "`orders` is not bound: `orders` does not have `ordered_at`" in told


def test_types_decide_after_names(tmp_path: Path) -> None:
    folder = written(tmp_path, FIGURES)
    tables = (
        "create table orders (order_id bigint, customer_id bigint, stamp timestamp, is_test boolean, gross text);"
        "create table sessions (session_id bigint, started_at text, channel text);"
    )
    found = proposed(folder, with_tables(folder, "duckdb", tables))
    orders = found["tables"]["orders"]
    assert orders["columns"]["ordered_at"] == {"column": "stamp", "by": "type"}
    assert orders["mistyped"] == {"gross": {"column": "gross", "type": "VARCHAR"}}
    assert "lacks: [session_id, gross, discount]" in found["yaml"]
    # The time of a session is a text: no session has a time.
    assert found["open"] == {"sessions": ["sessions"]}


def test_columns_that_every_use_reads_are_asked_for(tmp_path: Path) -> None:
    folder = written(tmp_path, FIGURES)
    url = with_tables(folder, "duckdb", SHOP.replace("is_test boolean,", ""))
    found = proposed(folder, url)
    assert (
        "# nothing of this can be asked without `is_test`: under `columns:` say what it is, such as `is_test: false`"
        in found["yaml"]
    )
    french = proposed(folder, url, "--locale", "fr")
    assert "# rien n'en est disponible sans `is_test`" in french["yaml"]


def test_a_file_that_is_there_is_kept_and_a_lexicon_that_is_not_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path, {**FIGURES, "mine.yml": "a: 1\n"})
    url = with_tables(folder, "duckdb", SHOP)
    refused = call("bind", "./figures", "--connection", url, "--output", "mine.yml", cwd=folder)
    assert (refused.code, (folder / "mine.yml").read_text()) == (2, "a: 1\n")
    assert call("bind", "./figures", "--connection", url, "--output", "new.yml", cwd=folder).code == 0
    assert (folder / "new.yml").read_text().startswith("project:")
    unknown = call("bind", "markting", "--connection", url, cwd=folder)
    assert unknown.code == 1
    assert "error[use/unknown]" in unknown.err


def test_the_same_tables_give_the_same_text(tmp_path: Path) -> None:
    folder = written(tmp_path, FIGURES)
    url = with_tables(folder, "duckdb", SHOP)
    assert len({call("bind", "./figures", "--connection", url, cwd=folder).out for _ in range(3)}) == 1


def test_phrases_stand_in_both_languages() -> None:
    assert PHRASES["en"].keys() == PHRASES["fr"].keys()
    for name, phrase in PHRASES["en"].items():
        assert {part for part in "012" if f"{{{part}}}" in phrase} == {
            part for part in "012" if f"{{{part}}}" in PHRASES["fr"][name]
        }


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("BIGINT", "integer"),
        ("DECIMAL(12,2)", "decimal(12,2)"),
        ("NUMBER(38,0)", "integer"),
        ("DOUBLE", "float"),
        ("VARCHAR(20)", "text"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp"),
        ("DATE", "date"),
        ("BOOLEAN", "boolean"),
        ("GEOMETRY", "None"),
    ],
)
def test_types_of_engines(text: str, type: str) -> None:
    assert str(type_of_engine(text)) == type
