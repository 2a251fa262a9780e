"""`having` keeps result rows, by members and by values, after everything is computed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from .asking import ask, messages, refused, shop

D = Decimal


def test_rows_are_kept_by_an_exact_value(tmp_path: Path) -> None:
    project = shop(tmp_path)
    # email 110.20, search 20.20, social 0.30, no channel 30.30 and an order that is not paid
    assert ask(project, "revenue", by="channel", having="revenue > 20.20") == [
        ("email", D("110.20")),
        (None, D("30.30")),
    ]
    assert ask(project, "revenue", by="channel", having="revenue = 0.3") == [("social", D("0.30"))]
    assert ask(project, "r = revenue * 1.001", by="channel", having="r = 0.3003") == [
        ("social", D("0.30030"))
    ]


def test_a_share_is_of_all_rows_kept_or_not(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path), "s = share(orders_placed across channel)", by="channel", having="channel = 'search'"
    )
    assert rows == [("search", round(1 / 7, 9))]


def test_conditions_are_two_valued(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert ask(project, "orders_placed", by="channel", having="channel != 'email'") == [
        ("search", 1),
        ("social", 1),
        (None, 2),
    ]
    kpis = ["orders_placed", "per_visit = orders_placed / traffic"]
    # direct 0 orders a visit, email 3/2, search 1/1, social no visit, none 2/1
    assert ask(project, kpis, by="channel", having="not per_visit > 1") == [
        ("direct", 0, 0.0),
        ("search", 1, 1.0),
        ("social", 1, None),
    ]
    assert ask(project, kpis, by="channel", having="per_visit <= 1") == [
        ("direct", 0, 0.0),
        ("search", 1, 1.0),
    ]
    assert ask(project, kpis, by="channel", having="per_visit is null or channel is null") == [
        ("social", 1, None),
        (None, 2, 2.0),
    ]


def test_columns_may_be_grains_paths_and_texts(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert ask(project, "orders_placed", by="month", having="month >= 2026-02-01") == [
        (date(2026, 2, 1), 1),
        (date(2026, 8, 1), 1),
    ]
    assert ask(
        project, "n = count(orders)", by="orders.channel", having="orders.channel in ('email', 'Search')"
    ) == [("email", 3)]
    assert ask(
        project, "last = max(orders.status)", by="country", having="last like 'ref%' or last = 'PAID'"
    ) == [("DE", "refunded")]


def test_text_is_exact_though_the_table_compares_otherwise(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert ask(project, "n = count(orders)", by="channel", having="channel = 'EMAIL'") == []


def test_without_groups_the_one_row_may_go(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert ask(project, "revenue", having="revenue > 1000") == []
    assert ask(project, "revenue", having="revenue > 100") == [(D("161.00"),)]
    assert ask(project, "one = 1", having="one = 2") == []
    assert ask(project, "one = total(orders_placed)", by="channel", having="one > 0") == []


def test_limit_counts_what_is_kept(tmp_path: Path) -> None:
    rows = ask(shop(tmp_path), "revenue", by="channel", having="revenue < 100", order="-revenue", limit=2)
    assert rows == [(None, D("30.30")), ("search", D("20.20"))]


def test_what_the_result_does_not_show_is_refused(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert refused(project, "revenue", by="channel", having="traffic > 1") == ["query/having"]
    assert "ask for `traffic` too" in messages(project, "revenue", having="traffic > 1")
    assert "--by country" in messages(project, "revenue", having="country = 'FR'")
    assert "did you mean `revenue`?" in messages(project, "revenue", having="revenu > 1")
    assert refused(project, "revenue", having="sum(orders.amount) > 1") == ["query/having"]
    assert refused(project, "revenue", having="revenue") == ["type/not-a-condition"]
    assert refused(project, "revenue", by="channel", having="channel > 1") == ["type/mismatch"]
    assert refused(project, "revenue", having="revenue > 1 where channel = 'email'") == ["filter/misplaced"]
