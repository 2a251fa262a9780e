"""Texts of MariaDB compare by exact characters, whatever the collation and the character set of their columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import answers
from tests.servers import mariadb

pytestmark = pytest.mark.asks("mariadb")

PROJECT = """
datasets:
  orders:
    table: orders
    key: id
    columns:
      id: integer
      code: text
      place: {type: integer, expr: "row_number(per code order by id)"}
    joins: {product: {to: products, using: code}}
  products:
    table: products
    key: code
    columns: {code: text, name: text}
metrics:
  count: count(orders)
  codes: count_distinct(orders.code)
  last: max(orders.place)
"""
LONG = "x" * 3000
CODES = ("a", "A", "a ", "é", "e", LONG + "1", LONG + "2", "a")
COLLATIONS = {
    "utf8mb4": ("utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_nopad_bin", "utf8mb4_unicode_520_ci"),
    "latin1": ("latin1_swedish_ci", "latin1_bin"),
}


@pytest.fixture(params=[(charset, one) for charset, names in COLLATIONS.items() for one in names])
def found(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    charset, collation = request.param
    text = f"TEXT CHARACTER SET {charset} COLLATE {collation}"
    project = answers.checked(answers.write_project(tmp_path, "", PROJECT))
    with mariadb.borrowed() as connection:
        connection.fetch(f"CREATE TABLE orders (id INT, code {text})")
        # The other side has a collation of its own.
        connection.fetch("CREATE TABLE products (code TEXT COLLATE utf8mb4_spanish_ci, name TEXT)")
        values = ", ".join(f"({number}, '{code}')" for number, code in enumerate(CODES))
        connection.fetch(f"INSERT INTO orders VALUES {values}")
        connection.fetch("INSERT INTO products VALUES ('a', 'small'), ('A', 'large'), ('É', 'capital')")

        def ask(**query: Any) -> list[tuple[Any, ...]]:
            by_strategy = []
            for strategy in answers.STRATEGIES:
                compiled, wrong = answers.ask(project, query, "mariadb", strategy)
                assert compiled is not None, wrong
                by_strategy.append(answers.answer(compiled, connection)[1])
            assert by_strategy[0] == by_strategy[1]
            return by_strategy[0]

        yield ask


def test_groups_are_of_exact_texts(found: Any) -> None:
    rows = found(kpis=["count", "last"], by=["orders.code"])
    ordered = sorted(set(CODES))
    assert rows == [(code, CODES.count(code), CODES.count(code)) for code in ordered]
    assert found(kpis=["codes"]) == [(len(ordered),)]


def test_conditions_and_joins_are_of_exact_texts(found: Any) -> None:
    assert found(kpis=["count"], where="orders.code = 'a'") == [(2,)]
    assert found(kpis=["count"], where="orders.code in ('É', 'e', 'A ')") == [(1,)]
    assert found(kpis=["count"], where="orders.code != 'é'") == [(7,)]
    assert found(kpis=["count"], where="orders.code like '_ '") == [(1,)]
    assert found(kpis=["count"], by=["products.name"]) == [("large", 1), ("small", 2), (None, 5)]


def test_windows_are_by_many_texts() -> None:
    names = [f"t{number}" for number in range(20)]
    with mariadb.borrowed() as connection:
        connection.fetch(f"CREATE TABLE texts ({', '.join(f'{name} TEXT' for name in names)})")
        rows = ", ".join(f"({', '.join(repr(f'{row % 2} {name}') for name in names)})" for row in range(100))
        connection.fetch(f"INSERT INTO texts VALUES {rows}")
        keys = ", ".join(f"BINARY {name}" for name in names)
        found = connection.fetch(f"SELECT DISTINCT COUNT(*) OVER (PARTITION BY {keys}) FROM texts")
    assert found == [(50,)]
