"""The commands on PostgreSQL: check the data, answer a question, tell what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpidsl.engines import connect
from tests.servers import postgres

from .running import call

pytestmark = pytest.mark.asks("postgres")

PROJECT = "project: shop\nlanguage: 1\ntimezone: Europe/Paris\n"
DEFINITIONS = """\
datasets:
  orders:
    table: shop.orders
    key: order_id
    time: ordered_at
    columns:
      order_id: integer
      ordered_at: {type: timestamp, timezone: UTC}
      status: text
      amount: decimal(12,2)
metrics:
  revenue: {formula: sum(orders.amount where status = 'paid'), unit: EUR}
"""
ROWS = """\
CREATE TABLE shop.orders (order_id int PRIMARY KEY, ordered_at timestamp, status text, amount numeric(12, 2));
INSERT INTO shop.orders VALUES
  (1, '2026-01-31 23:30', 'paid', 10.10), (2, '2026-01-31 22:30', 'paid', 20.20), (3, '2026-02-03', 'open', 1)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "kpidsl.yml").write_text(f"{PROJECT}connection: {postgres.url()}\n")
    (tmp_path / "definitions" / "all.yml").write_text(DEFINITIONS)
    change("CREATE SCHEMA shop", *ROWS.split(";"))
    yield tmp_path
    change("DROP SCHEMA shop CASCADE")


def change(*statements: str) -> None:
    with connect(postgres.url(), base=Path("."), read_only=False) as connection:
        for statement in statements:
            connection.fetch(statement)


def test_a_question_is_answered(shop: Path) -> None:
    assert call("check", "--connection", cwd=shop).code == 0
    ran = call("run", "revenue", "--by", "month", "--format", "csv", cwd=shop)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "month,revenue,_partial\n2026-01-01,20.20,false\n2026-02-01,10.10,false\n"


@pytest.mark.parametrize(
    ("statement", "code", "said"),
    [
        ('ALTER TABLE shop.orders RENAME TO "Orders"', "data/missing-table", "`table: shop.Orders`"),
        ('ALTER TABLE shop.orders RENAME status TO "Status"', "data/missing-column", "Status"),
        ("ALTER TABLE shop.orders ALTER amount TYPE numeric(12, 4)", "data/column-type", "numeric(12,4)"),
        ("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey", "", ""),
        (
            "ALTER TABLE shop.orders ALTER ordered_at TYPE timestamptz",
            "data/column-type",
            "sql: ordered_at AT TIME ZONE 'UTC', dialect: postgres",
        ),
    ],
)
def test_data_that_are_not_as_declared(shop: Path, statement: str, code: str, said: str) -> None:
    change(statement)
    checked = call("check", "--connection", cwd=shop)
    assert checked.code == (1 if code else 0)
    assert code in checked.err
    assert said in checked.err


def test_keys_that_are_not_unique(shop: Path) -> None:
    change("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey", "INSERT INTO shop.orders VALUES (1)")
    checked = call("check", "--connection", cwd=shop)
    assert (checked.code, "order_id = 1" in checked.err) == (1, True)


def test_what_a_question_lacks_is_told(shop: Path) -> None:
    change("ALTER TABLE shop.orders RENAME amount TO total")
    ran = call("run", "revenue", cwd=shop)
    assert ran.code == 3
    assert "reads the column `amount` of `shop.orders`" in " ".join(ran.err.split())


def test_an_instant_is_not_read_as_a_local_time(shop: Path) -> None:
    change("ALTER TABLE shop.orders ALTER ordered_at TYPE timestamptz USING ordered_at AT TIME ZONE 'UTC'")
    ran = call("run", "revenue", cwd=shop)
    assert ran.code == 3
    assert "declares `ordered_at` timestamp, and it is timestamp with time zone" in " ".join(ran.err.split())
    own = DEFINITIONS.replace(
        "{type: timestamp, timezone: UTC}",
        "{type: timestamp, timezone: UTC, sql: \"ordered_at at time zone 'UTC'\", dialect: postgres}",
    )
    (shop / "definitions" / "all.yml").write_text(own)
    ran = call("run", "revenue", "--by", "month", "--format", "csv", cwd=shop)
    assert ran.out == "month,revenue,_partial\n2026-01-01,20.20,false\n2026-02-01,10.10,false\n"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_the_session_s_zone_changes_nothing(shop: Path, zone: str) -> None:
    compiled = call("compile", "revenue", "--by", "month,hour_of_day", "--dialect", "postgres", cwd=shop).out
    with connect(postgres.url(), base=Path(".")) as connection:
        expected = connection.fetch(compiled)
        connection.fetch(f"SET TimeZone = '{zone}'")
        assert connection.fetch(compiled) == expected
    assert len(expected) == 2


def test_integers_of_32_bits_are_counted_in_64(shop: Path) -> None:
    change("ALTER TABLE shop.orders ADD pieces int DEFAULT 2000000000")
    formulas = "  twice: sum(orders.pieces + orders.pieces)\n  squares: max(orders.pieces * orders.pieces)\n"
    own = (
        DEFINITIONS.replace("      status: text\n", "      status: text\n      pieces: integer\n") + formulas
    )
    (shop / "definitions" / "all.yml").write_text(own)
    ran = call("run", "twice", "squares", "--format", "csv", cwd=shop)
    assert (ran.code, ran.out) == (0, "twice,squares\n12000000000,4000000000000000000\n")
    ran = call("run", "x = sum(orders.pieces * orders.pieces)", cwd=shop)
    assert (ran.code, "cannot hold exactly as integer" in ran.err) == (3, True)
