"""`kpidsl check --dialect D`: what a dialect cannot say of a whole project, at its places in the files."""

from __future__ import annotations

import json
from pathlib import Path

from .running import call

DEFINITIONS = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_at
    joins:
      shop: {to: shops, using: shop_id}
    columns:
      order_id: integer
      shop_id: integer
      ordered_at: timestamp
      status: text
      low: {type: text, expr: lower(status)}
      own: {type: text, sql: "upper(status)", dialect: duckdb}
  shops:
    sql: select * from s
    dialect: duckdb
    key: shop_id
    columns: {shop_id: integer, town: text}
calendars:
  retail:
    sql: select * from days
    dialect: sqlite
    day: day
    columns: {day: date, retail_week: date}
    grains: {retail_week: retail_week}
dimensions:
  town: {from: {orders: upper(shop.town)}}
metrics:
  paid: count(orders where lower(status) = 'payé')
  growing: paid / rolling(count(orders), 2 months)
  holds: count(orders where status = 'open') / count(orders)
"""


def written(folder: Path, definitions: str) -> Path:
    (folder / "definitions").mkdir()
    (folder / "kpidsl.yml").write_text("project: p\nlanguage: 1\n", encoding="utf-8")
    (folder / "definitions" / "all.yml").write_text(definitions, encoding="utf-8")
    return folder


def told(folder: Path, *dialects: str) -> list[tuple[str, str]]:
    asked = [part for dialect in dialects for part in ("--dialect", dialect)]
    checked = call("check", *asked, "--format", "json", cwd=folder)
    found = json.loads(checked.out)
    assert checked.code == (1 if found else 0)
    lines = (folder / "definitions" / "all.yml").read_text(encoding="utf-8").splitlines()
    assert {d["code"] for d in found} <= {"dialect/unsupported"}
    return [
        (lines[d["line"] - 1][d["column"] - 1 : d["end_column"] - 1], d["message"].split()[0]) for d in found
    ]


def test_each_construct_is_told_once_at_its_place(tmp_path: Path) -> None:
    written(tmp_path, DEFINITIONS)
    assert told(tmp_path, "sqlite") == [
        ("lower(status)", "sqlite"),
        ('"upper(status)"', "sqlite"),
        ("select * from s", "sqlite"),
        ("upper(shop.town)", "sqlite"),
        ("lower(status)", "sqlite"),
    ]
    assert told(tmp_path, "duckdb") == [("select * from days", "duckdb")]


def test_several_dialects_are_asked_side_by_side(tmp_path: Path) -> None:
    written(tmp_path, DEFINITIONS)
    assert told(tmp_path, "duckdb", "postgres", "duckdb") == [
        ('"upper(status)"', "postgres"),
        ("select * from s", "postgres"),
        ("select * from days", "duckdb"),
        ("select * from days", "postgres"),
    ]


def test_a_project_that_can_be_said_is_said_so(tmp_path: Path) -> None:
    written(
        tmp_path,
        "datasets: {orders: {table: orders, key: id, columns: {id: integer}}}\nmetrics: {n: count(orders)}\n",
    )
    shown = call("check", "--dialect", "sqlite", "--dialect", "postgres", cwd=tmp_path)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.endswith("no mistakes; sqlite can say all of it; postgres can say all of it\n")


def test_an_unknown_dialect_is_an_error(tmp_path: Path) -> None:
    written(tmp_path, DEFINITIONS)
    shown = call("check", "--dialect", "postgress", cwd=tmp_path)
    assert shown.code == 1
    assert "error[dialect/unknown]: there is no dialect `postgress`" in shown.err
    assert "did you mean `postgres`?" in shown.err
