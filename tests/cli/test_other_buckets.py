"""Values of all days that are asked by a date part, which only some days have: warned of, and the way out."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from .running import call, write
from .test_helps import help_of

TABLES = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_at
    columns: {order_id: integer, ordered_at: timestamp, channel: text, amount: "decimal(10,2)"}
dimensions:
  channel: {from: {orders: channel}}
  day_of_order: {from: {orders: weekday(ordered_at)}}
metrics:
  orders_a_day: avg(count(orders) per day)
"""
CODE = "warning[entity/other-buckets]"


@pytest.mark.parametrize(
    ("formula", "asked", "is_told"),
    [
        ("avg(count(orders) per day)", "--by weekday", True),
        ("median(count(orders) per day)", "--by weekday", True),
        ("count(count(orders) per day)", "--by weekday", True),
        ("2 * orders_a_day", "--by weekday", True),
        ("avg(count(orders) per day)", "--by orders.ordered_at.weekday", True),
        ("avg(count(orders) per day)", "--by day_of_order", True),
        ("avg(count(orders) per day)", "--by channel --by weekday", True),
        ("avg(count(orders) per day)", "--where 'weekday in (6, 7)'", True),
        ("avg(count(orders) per day) where weekday = 1", "--by channel", True),
        ("avg(count(orders) per hour)", "--by hour_of_day", True),
        ("avg(count(orders) per week)", "--by month_of_year", True),
        ("avg(count(orders) per month)", "--by quarter_of_year", True),
        # Each week has each weekday, each day each hour of the day.
        ("avg(count(orders) per week)", "--by weekday", False),
        ("avg(count(orders) per month)", "--by weekday", False),
        ("avg(count(orders) per day)", "--by hour_of_day", False),
        ("avg(count(orders) per year)", "--by month_of_year", False),
        # Days of others have no value, or change none.
        ("avg(max(orders.amount) per day)", "--by weekday", False),
        ("avg(count(orders where channel = 'x') / count(orders) per day)", "--by weekday", False),
        ("sum(count(orders) per day)", "--by weekday", False),
        ("max(count(orders) per day)", "--by weekday", False),
        ("avg(count(orders) per day, weekday)", "--by weekday", False),
        ("avg(count(orders) per channel)", "--by weekday", False),
        ("total(avg(count(orders) per day))", "--by weekday", False),
        ("avg(count(orders) per day)", "--by channel --by month", False),
    ],
)
def test_days_of_other_weekdays_are_told(tmp_path: Path, formula: str, asked: str, is_told: bool) -> None:
    options = [*shlex.split(asked), "--period", "2026-01-01..2026-07-01"]
    said = call("compile", f"x = {formula}", *options, cwd=write(tmp_path, TABLES))
    assert said.code == 0
    assert (CODE in said.err) is is_told


def test_it_says_what_divides_rightly(tmp_path: Path) -> None:
    folder = write(tmp_path, TABLES)
    said = call(
        "compile", "orders_a_day", "--by", "weekday", "--period", "2026-01-05..2026-01-19", cwd=folder
    )
    assert " --> definitions/" in said.err
    assert help_of(said.err) == (
        "write `avg(count(orders) per week)`: each week has each `weekday` once, so that whole weeks are "
        "divided rightly; `avg(count(orders) per day, weekday)` is over every day that has rows"
    )
    said = call("compile", "orders_a_day", "--by", "month_of_year", "--period", "2025", cwd=folder)
    assert help_of(said.err) == (
        "group by `month` for each by itself; `avg(count(orders) per day, month_of_year)` is over every day "
        "that has rows"
    )


TESTED = """\
  orders_a_week:
    formula: avg(count(orders) per week)
    tests:
      - name: three orders on two Mondays, one on one Tuesday of two
        rows:
          orders:
            - {order_id: 1, ordered_at: 2026-01-05 10:00}
            - {order_id: 2, ordered_at: 2026-01-05 11:00}
            - {order_id: 3, ordered_at: 2026-01-12 10:00}
            - {order_id: 4, ordered_at: 2026-01-13 10:00}
        query: {by: [weekday], period: 2026-01-05..2026-01-19}
        expect: [{weekday: 1, orders_a_week: 1.5}, {weekday: 2, orders_a_week: 0.5}]
  of_days_with_orders:
    formula: avg(count(orders) per day, weekday)
    tests:
      - name: only days with orders
        rows:
          orders:
            - {order_id: 1, ordered_at: 2026-01-05 10:00}
            - {order_id: 2, ordered_at: 2026-01-05 11:00}
            - {order_id: 3, ordered_at: 2026-01-12 10:00}
            - {order_id: 4, ordered_at: 2026-01-13 10:00}
        query: {by: [weekday], period: 2026-01-05..2026-01-19}
        expect: [{weekday: 1, of_days_with_orders: 1.5}, {weekday: 2, of_days_with_orders: 1}]
"""


def test_what_it_offers_is_what_is_meant(tmp_path: Path) -> None:
    said = call("test", cwd=write(tmp_path, TABLES + TESTED))
    assert said.out.endswith("2 passed, 0 failed\n"), said.out + said.err
