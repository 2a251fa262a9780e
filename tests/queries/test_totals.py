"""Total rows, each by the KPI's own meaning, and the first members of a ranking."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text

from .asking import ask, refused, shop

D = Decimal


def plan_of(folder: Path, *kpis: str, **parts: object) -> str:
    from kpidsl.plan.printing import print_plan

    sink = Sink()
    compiled = compile_query(shop(folder), query_text(kpis, **parts), "duckdb", sink)  # type: ignore[arg-type]
    assert compiled is not None, [d.message for d in sink.diagnostics()]
    return print_plan(compiled.plan)


def test_a_total_row_stands_after_the_rows_that_it_sums_up(tmp_path: Path) -> None:
    # 2025 paid: email 10.10, search 20.20, no channel 30.30
    rows = ask(shop(tmp_path), "revenue", by="channel", period="2025", totals=True)
    assert rows == [
        ("email", "detail", D("10.10")),
        ("search", "detail", D("20.20")),
        (None, "detail", D("30.30")),
        (None, "total", D("60.60")),
    ]


def test_a_null_member_that_is_kept_is_told_from_one_that_is_dropped(tmp_path: Path) -> None:
    rows = ask(shop(tmp_path), "orders_placed", by=["country", "channel"], period="2026", totals="cube")
    assert rows == [
        ("DE", "email", "detail", 1),
        ("DE", None, "by country", 1),
        ("FR", "email", "detail", 1),
        ("FR", None, "detail", 1),
        ("FR", None, "by country", 2),
        (None, "social", "detail", 1),
        (None, None, "by country", 1),
        (None, "email", "by channel", 2),
        (None, "social", "by channel", 1),
        (None, None, "by channel", 1),
        (None, None, "total", 4),
    ]


def test_a_query_without_members_has_its_one_row(tmp_path: Path) -> None:
    assert ask(shop(tmp_path), "orders_placed", totals=True) == [("detail", 7)]
    assert ask(shop(tmp_path), "n = 1 + 1", by="channel", totals=True) == [(None, "total", 2)]


def test_the_grand_total_of_nothing_is_there(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path), ["orders_placed", "m = avg(orders.minutes)"], by="channel", period="2024", totals=True
    )
    assert rows == [(None, "total", 0, None)]


def test_totals_of_what_adds_up_read_the_dataset_once(tmp_path: Path) -> None:
    parts = {"by": ["month", "channel", "country"], "totals": "cube"}
    assert plan_of(tmp_path / "a", "revenue", "r = avg(orders.minutes)", **parts).count("Scan orders") == 1
    distinct = plan_of(tmp_path / "b", "revenue", "c = count_distinct(orders.country)", **parts)
    assert distinct.count("Scan orders") == 8


def test_totals_with_a_share_and_another_fact(tmp_path: Path) -> None:
    # visits of 2026: email 1, search 1, none 1, direct 1; orders: email 2, social 1, none 1
    rows = ask(
        shop(tmp_path),
        ["traffic", "s = share(orders_placed)"],
        by="channel",
        period="2026",
        totals=True,
    )
    assert rows == [
        ("direct", "detail", 1, 0.0),
        ("email", "detail", 1, 0.5),
        ("search", "detail", 1, 0.0),
        ("social", "detail", 0, 0.25),
        (None, "detail", 1, 0.25),
        (None, "total", 4, 1.0),
    ]


def test_the_first_members_by_a_share_and_by_month(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path),
        "s = share(orders_placed)",
        by=["year", "channel"],
        top="1 by s others",
        totals=True,
    )
    # over all time: email 3 of 7, no channel 2
    assert rows == [
        (date(2025, 1, 1), "email", "detail", round(1 / 3, 9)),
        (date(2025, 1, 1), None, "others", round(2 / 3, 9)),
        (date(2025, 1, 1), None, "by year", 1.0),
        (date(2026, 1, 1), "email", "detail", 0.5),
        (date(2026, 1, 1), None, "others", 0.5),
        (date(2026, 1, 1), None, "by year", 1.0),
        (None, None, "total", 1.0),
    ]


def test_the_others_of_a_total_across_the_bucket(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path),
        ["orders_placed", "ever = total(orders_placed across year)"],
        by=["year", "channel"],
        top="1 by orders_placed others",
    )
    assert rows == [
        (date(2025, 1, 1), "email", "detail", 1, 3),
        (date(2025, 1, 1), None, "others", 2, 4),
        (date(2026, 1, 1), "email", "detail", 2, 3),
        (date(2026, 1, 1), None, "others", 2, 4),
    ]


def test_a_ranking_reads_each_fact_once(tmp_path: Path) -> None:
    both = {"by": ["month", "channel"], "top": "2 by -revenue"}
    plan = plan_of(tmp_path / "a", "revenue", "orders_placed", "traffic", **both)
    assert "where v_revenue_rows > 0" in plan
    assert (plan.count("Scan orders"), plan.count("Scan visits")) == (1, 1)
    alone = plan_of(tmp_path / "b", "revenue", **both)
    assert "rows > 0" not in alone
    assert alone.count("Scan orders") == 1


def test_others_where_nothing_adds_up(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path), "c = count_distinct(orders.country)", by="channel", top="2 by c others", totals=True
    )
    # email DE FR, no channel DE FR, search FR, social none
    assert rows == [
        ("email", "detail", 2),
        (None, "detail", 2),
        (None, "others", 1),
        (None, "total", 2),
    ]


def test_no_leaf_with_all_members_gives_no_rows(tmp_path: Path) -> None:
    project = shop(tmp_path)
    ever = "ever = total(orders_placed across year)"
    assert ask(project, ever, by="year", top="1 by ever others") == []
    assert ask(project, ever, by="year", top="1 by ever others", totals=True) == [(None, "total", 7)]


def test_others_need_rows_of_others(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path),
        ["orders_placed", "c = count_distinct(orders.country)", "traffic"],
        by="channel",
        top="9 by orders_placed others",
        period="2025",
    )
    assert [row[1] for row in rows] == ["detail"] * 3


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"totals": "roll"}, "query/totals"),
        ({"by": "channel", "top": "3"}, "query/top"),
        ({"by": "channel", "top": "0 by revenue"}, "query/top"),
        ({"by": "channel", "top": "3 by traffic"}, "query/top"),
        ({"by": "channel", "top": "3 by revenue and others"}, "query/top"),
        ({"top": "3 by revenue"}, "query/top"),
    ],
)
def test_what_cannot_be_asked(tmp_path: Path, parts: dict[str, str], code: str) -> None:
    assert refused(shop(tmp_path), "revenue", **parts) == [code]


def test_a_part_of_the_others_is_no_total(tmp_path: Path) -> None:
    wrong = refused(
        shop(tmp_path),
        ["revenue", "s = share(revenue across channel)"],
        by=["channel", "country"],
        top="1 by revenue others",
    )
    assert wrong == ["query/others"]
