"""Several periods side by side: each KPI in each of them, on the same rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text

from .asking import ask, columns, refused, shop

D = Decimal


def test_each_kpi_has_a_column_for_each_period(tmp_path: Path) -> None:
    project = shop(tmp_path)
    periods = ["2026", "2025"]
    asked = {"by": "channel", "period": periods}
    assert columns(project, ["revenue", "traffic"], **asked) == [
        "channel",
        "revenue_2026",
        "revenue_2025",
        "traffic_2026",
        "traffic_2025",
    ]
    assert ask(project, ["revenue", "traffic"], **asked) == [
        ("direct", D("0.00"), D("0.00"), 1, 0),
        ("email", D("100.10"), D("10.10"), 1, 1),
        ("search", D("0.00"), D("20.20"), 1, 0),
        ("social", D("0.30"), D("0.00"), 0, 0),
        (None, D("0.00"), D("30.30"), 1, 0),
    ]


def test_rows_are_those_of_any_period_and_periods_may_overlap(tmp_path: Path) -> None:
    project = shop(tmp_path)
    periods = ["2026-Q1", "2026-01", "2026-01-05..2026-02-02"]
    assert columns(project, "revenue", by="channel", period=periods)[1:] == [
        "revenue_2026_q1",
        "revenue_2026_01",
        "revenue_2026_01_05_2026_02_02",
    ]
    assert ask(project, ["revenue", "n = min(orders.amount)"], by="channel", period=periods) == [
        ("email", D("100.10"), D("100.10"), D("100.10"), D("5.00"), D("5.00"), D("5.00")),
        ("social", D("0.30"), D("0.00"), D("0.30"), D("0.30"), None, D("0.30")),
    ]
    assert ask(project, "revenue", period=["2024", "2025"]) == [(D("0.00"), D("60.60"))]


def test_shares_are_of_their_own_period(tmp_path: Path) -> None:
    rows = ask(
        shop(tmp_path),
        "s = share(orders_placed across channel)",
        by="channel",
        period=["2025", "2026"],
        where="channel is not null",
    )
    assert rows == [("email", 0.5, round(2 / 3, 9)), ("search", 0.5, 0.0), ("social", 0.0, round(1 / 3, 9))]


def test_order_having_and_one_period(tmp_path: Path) -> None:
    project = shop(tmp_path)
    rows = ask(
        project,
        "revenue",
        by="channel",
        period=["2025", "2026"],
        having="revenue_2026 < revenue_2025",
        order="-revenue_2025",
        limit=1,
    )
    assert rows == [(None, D("30.30"), D("0.00"))]
    assert refused(project, "revenue", period=["2025", "2026"], order="revenue") == ["query/order"]
    assert refused(project, "revenue", period=["2025", "2026"], having="revenue > 1") == ["query/having"]
    assert columns(project, "revenue", period=["2025"]) == ["revenue"]


def test_what_cannot_stand_side_by_side(tmp_path: Path) -> None:
    project = shop(tmp_path)
    both = ["2025", "2026"]
    assert refused(project, "revenue", by="month", period=both) == ["query/periods-and-grain"]
    assert refused(project, "revenue", period=["2025", "2025"]) == ["query/twice"]
    assert refused(project, "revenue", period=["2025", "2026-13"]) == ["query/period"]


def test_one_scan_serves_all_periods(tmp_path: Path) -> None:
    compiled = compile_query(
        shop(tmp_path), query_text("revenue", by="channel", period=["2025", "2026"]), "duckdb", Sink()
    )
    assert compiled is not None
    assert compiled.sql.count("FROM orders AS") == 1
    assert '"revenue_2026" /* metric revenue, 2026 */' in compiled.sql
