"""Windows that are moved and widened, the query's instant, and what it flags."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.planning import plan_query
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.queries import check_query
from tests import answers

from .asking import SHOP, ask, codes_of, columns, messages, refused, shop

D = Decimal
TWO_MONTHS = {"by": "month", "period": "2026-01-01..2026-03-01"}
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@pytest.mark.parametrize(
    ("formula", "january", "february"),
    [
        ("prior(revenue, 1 year)", D("10.10"), D("20.20")),
        ("prior(revenue, 12 months)", D("10.10"), D("20.20")),
        ("prior(revenue, 4 quarters)", D("10.10"), D("20.20")),
        ("prior(revenue, 1 period)", D("0.00"), D("100.10")),
        ("prior(revenue, 1 month)", D("0.00"), D("100.10")),
        ("prior(revenue, 5 days)", D("100.10"), D("0.30")),
        ("prior(revenue, 1 week)", D("100.10"), D("0.30")),
        ("prior(revenue, 36 hours)", D("100.10"), D("0.30")),
        ("change(revenue, 1 year)", D("90.00"), D("-19.90")),
        ("growth(revenue, 1 year)", round(100.10 / 10.10 - 1, 9), round(0.30 / 20.20 - 1, 9)),
        ("growth(revenue, 1 month)", None, round(0.30 / 100.10 - 1, 9)),
        ("rolling(revenue, 28 days)", D("100.10"), D("0.30")),
        ("rolling(revenue, 2 months)", D("100.10"), D("100.40")),
        ("to_date(revenue, year)", D("100.10"), D("100.40")),
        ("to_date(revenue, month)", D("100.10"), D("0.30")),
        ("cumulative(revenue)", D("160.70"), D("161.00")),
        ("during(revenue, 2025-01-01, 2026-01-01)", D("60.60"), D("60.60")),
        ("prior(rolling(revenue, 2 months), 1 year)", D("10.10"), D("30.30")),
        ("rolling(prior(revenue, 1 year), 2 months)", D("10.10"), D("30.30")),
        ("prior(cumulative(revenue), 1 month)", D("60.60"), D("160.70")),
        ("revenue / to_date(revenue, year)", 1.0, round(0.30 / 100.40, 9)),
        ("period_start", JANUARY, FEBRUARY),
        ("period_end", FEBRUARY, date(2026, 3, 1)),
        ("period_end - period_start", 31, 28),
        ("prior(period_start, 1 year)", date(2025, 1, 1), date(2025, 2, 1)),
    ],
)
def test_each_construct(tmp_path: Path, formula: str, january: Any, february: Any) -> None:
    rows = ask(shop(tmp_path), ["orders_placed", f"x = {formula}"], **TWO_MONTHS)
    assert rows == [(JANUARY, 2, january), (FEBRUARY, 1, february)]


def test_a_month_without_rows_is_a_month(tmp_path: Path) -> None:
    rows = ask(shop(tmp_path), "x = prior(revenue, 1 month)", by="month", period="2026-01-01..2026-09-01")
    assert rows == [(FEBRUARY, D("100.10")), (date(2026, 3, 1), D("0.30"))]
    filled = ask(
        shop(tmp_path),
        ["orders_placed", "x = growth(revenue, 1 month)"],
        by="month",
        period="2026-Q2",
        fill=True,
    )
    assert filled == [(date(2026, month, 1), 0, None) for month in (4, 5, 6)]


def test_a_member_of_the_earlier_window_is_shown(tmp_path: Path) -> None:
    asked = ["revenue", "x = growth(revenue, 1 year)"]
    assert ask(shop(tmp_path), asked, by="channel", period="2026-Q1") == [
        ("email", D("100.10"), round(100.10 / 10.10 - 1, 9)),
        ("search", D("0.00"), -1.0),
        ("social", D("0.30"), None),
    ]


def test_totals_have_the_window_of_the_period(tmp_path: Path) -> None:
    rows = ask(shop(tmp_path), "x = prior(revenue, 1 year)", **TWO_MONTHS, totals=True)
    assert rows == [
        (JANUARY, "detail", D("10.10")),
        (FEBRUARY, "detail", D("20.20")),
        (None, "total", D("30.30")),
    ]
    open_end = {"by": "month", "totals": True}
    assert refused(shop(tmp_path), "x = prior(revenue, 1 year)", **open_end) == ["window/unbounded"]
    assert ask(shop(tmp_path), "x = cumulative(orders_placed)", **open_end)[-1] == (None, "total", 7)


@pytest.mark.parametrize(
    ("formula", "parts", "code", "place"),
    [
        ("prior(revenue, 0.5 months)", {}, "window/amount", "0.5 months"),
        ("prior(revenue, 0 days)", {}, "window/amount", "0 days"),
        ("prior(revenue, month)", {}, "window/amount", "month"),
        ("growth(revenue, 12)", {}, "window/amount", "12"),
        ("rolling(revenue, 1 period)", {}, "window/amount", "1 period"),
        ("prior(revenue, 9 lightyears)", {}, "window/amount", "9 lightyears"),
        ("prior(revenue)", {}, "function/arguments", "prior(revenue)"),
        ("cumulative(revenue, month)", {}, "function/arguments", "cumulative(revenue, month)"),
        ("to_date(revenue, hour)", {}, "name/unknown", "hour"),
        ("to_date(revenue, 1 year)", {}, "name/unknown", "1 year"),
        ("during(revenue, 2025, 2026)", {}, "window/during", "2025"),
        ("during(revenue, 2025-01-01, 2025-01-01)", {}, "window/during", "2025-01-01"),
        ("1 + prior(revenue, 1 year)", {"by": "channel"}, "window/unbounded", "prior(revenue, 1 year)"),
        ("1 + prior(revenue, 1 period)", {}, "window/unbounded", "prior(revenue, 1 period)"),
        ("1 + rolling(revenue, 7 days)", {}, "window/unbounded", "rolling(revenue, 7 days)"),
        ("1 + to_date(revenue, year)", {}, "window/unbounded", "to_date(revenue, year)"),
        ("period_end", {"as_of": "2026-08-15"}, "window/unbounded", "period_end"),
        ("period_end", {"by": "hour"}, "window/edge-within-day", "period_end"),
        ("prior(revenue, 1 quarter)", {"by": "week"}, "window/week-by-months", "prior(revenue, 1 quarter)"),
        ("as_of", {"by": "month"}, "query/no-as-of", "as_of"),
        ("revenue", {"period": "last 3 days"}, "query/no-as-of", "last 3 days"),
        ("revenue", {"period": "last 0 days", "as_of": "2026-08-15"}, "query/period", "last 0 days"),
        ("revenue", {"as_of": "soon"}, "query/as-of", "soon"),
        ("revenue", {"as_of": "2026-W31"}, "query/as-of", "2026-W31"),
        ("revenue", {"as_of": "0026-08-15"}, "query/as-of", "0026-08-15"),
        ("revenue", {"by": "month", "partial": "half"}, "query/partial", "half"),
        ("sum(orders.amount where prior(amount, 1 day) > 1)", {}, None, None),
    ],
)
def test_what_is_refused_and_where(
    tmp_path: Path, formula: str, parts: dict[str, Any], code: str | None, place: str | None
) -> None:
    sink = Sink()
    assert compile_query(shop(tmp_path), query_text(f"x = {formula}", **parts), "duckdb", sink) is None
    found = sink.diagnostics()
    assert code is None or {one.code for one in found} == {code}
    assert place is None or found[0].primary.span.excerpt() == place


def test_keys_of_definitions_take_lengths_of_time(tmp_path: Path) -> None:
    assert codes_of(tmp_path, "metrics:\n  x: {formula: revenue, maturity: 1 period}\n") == ["window/amount"]
    assert codes_of(tmp_path, "metrics:\n  x: {formula: revenue, maturity: 7 days}\n") == []


@pytest.mark.parametrize(
    ("parts", "flags"),
    [
        ({"by": "month"}, []),
        ({"by": "month", "period": "2026"}, []),
        ({"by": "month", "period": "2026-01-10..2026-03-01"}, ["_partial"]),
        ({"by": "week", "period": "2026"}, ["_partial"]),
        ({"by": "week", "period": "2026-W31"}, []),
        ({"by": "day", "period": "2026-01-10..2026-03-01"}, []),
        ({"by": "channel", "period": "2026-01-10..2026-03-01"}, []),
        ({"by": "month", "as_of": "2026-08-15"}, ["_partial"]),
        ({"by": "channel", "as_of": "2026-08-15"}, []),
        ({"by": "month", "period": "2026-Q1", "as_of": "2026-04-01"}, []),
        ({"by": "month", "period": "2026-Q1", "as_of": "2026-03-31"}, ["_partial"]),
    ],
)
def test_rows_are_flagged_where_something_can_cut_a_bucket(
    tmp_path: Path, parts: dict[str, Any], flags: list[str]
) -> None:
    found = columns(shop(tmp_path), "revenue", **parts)
    assert found == [parts["by"], "revenue", *flags]


def test_cut_buckets_are_flagged_and_later_ones_left_out(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert ask(project, "orders_placed", by="month", period="2026", as_of="2026-02-10") == [
        (JANUARY, 2, False),
        (FEBRUARY, 1, True),
    ]
    assert ask(project, "orders_placed", by="month", period="2026", as_of="2026-02-01") == [
        (JANUARY, 2, False)
    ]
    assert ask(project, "orders_placed", as_of="2026-02-01") == [(5,)]


@pytest.mark.parametrize(
    ("partial", "rows"),
    [
        (None, [(JANUARY, 2, 0, False), (FEBRUARY, 1, 1, True)]),
        ("same_elapsed", [(JANUARY, 2, 0, False), (FEBRUARY, 1, 1, True)]),
        ("whole", [(JANUARY, 2, 0, False), (FEBRUARY, 1, 2, True)]),
        ("drop", [(JANUARY, 2, 0, False)]),
    ],
)
def test_unfinished_buckets(tmp_path: Path, partial: str | None, rows: list[tuple[Any, ...]]) -> None:
    asked = ["orders_placed", "before = prior(orders_placed, 1 month)"]
    parts = {"by": "month", "period": "2026-Q1", "as_of": "2026-02-10", "partial": partial}
    assert ask(shop(tmp_path), asked, **parts) == rows


@pytest.mark.parametrize(
    ("as_of", "count"),
    [
        ("2026-02-01", 5),
        (" 2026-02-01 ", 5),
        ("2026-02-01 00:00", 5),
        ("2026-02-01T00:00", 5),
        ("2026-02-01T00:00:00Z", 5),
        ("2026-02-01T01:00:00+01:00", 5),
        ("2026-02-01T00:00:00.000001Z", 6),
        ("2026-02-01 14:30", 6),
        (date(2026, 2, 1), 5),
        (datetime(2026, 2, 1), 5),
        (datetime(2026, 2, 1, 0, 0, 1, tzinfo=UTC), 6),
        (datetime(2026, 2, 1, 1, tzinfo=timezone(timedelta(hours=2))), 5),
    ],
)
def test_spellings_of_an_instant(tmp_path: Path, as_of: str | date, count: int) -> None:
    assert ask(shop(tmp_path), "orders_placed", as_of=as_of) == [(count,)]


@pytest.mark.parametrize(
    ("period", "week_start", "start", "end"),
    [
        ("last 30 days", "monday", "2026-07-16", "2026-08-15"),
        ("last 1 day", "monday", "2026-08-14", "2026-08-15"),
        ("last 1 days", "monday", "2026-08-14", "2026-08-15"),
        ("last 4 weeks", "monday", "2026-07-13", "2026-08-10"),
        ("last 4 weeks", "sunday", "2026-07-12", "2026-08-09"),
        ("last 1 week", "saturday", "2026-08-08", "2026-08-15"),
        ("last 3 months", "monday", "2026-05-01", "2026-08-01"),
        ("last 1 month", "monday", "2026-07-01", "2026-08-01"),
        ("last 2 quarters", "monday", "2026-01-01", "2026-07-01"),
        ("last 1 year", "monday", "2025-01-01", "2026-01-01"),
        ("last 2 years", "monday", "2024-01-01", "2026-01-01"),
    ],
)
@pytest.mark.parametrize("as_of", ["2026-08-15", "2026-08-15 14:30"])
def test_periods_relative_to_the_instant(
    tmp_path: Path, period: str, week_start: str, start: str, end: str, as_of: str
) -> None:
    answers.write_project(tmp_path, f"week_start: {week_start}\n", SHOP)
    project = answers.checked(tmp_path)
    checked = check_query(project, query_text("revenue", period=period, as_of=as_of), Sink())
    assert checked is not None
    assert (str(checked.period.start), str(checked.period.end)) == (start, end)


def test_relative_periods_stand_side_by_side(tmp_path: Path) -> None:
    parts = {"period": ["last 1 month", "last 1 year"], "as_of": "2026-02-20"}
    project = shop(tmp_path)
    assert columns(project, "revenue", **parts) == ["revenue_last_1_month", "revenue_last_1_year"]
    assert ask(project, "revenue", **parts) == [(D("100.10"), D("60.60"))]


DURATIONS = """\
parameters:
  back: {type: duration, default: 1 year}
  length: {type: duration, default: 2 months}
metrics:
  earlier: prior(revenue, back)
  recent: rolling(revenue, length)
"""


def test_a_duration_is_an_amount(tmp_path: Path) -> None:
    project = shop(tmp_path, DURATIONS)
    assert ask(project, ["earlier", "recent"], **TWO_MONTHS) == [
        (JANUARY, D("10.10"), D("100.10")),
        (FEBRUARY, D("20.20"), D("100.40")),
    ]
    given = {"back": "1 month", "length": "7 days"}
    assert ask(project, ["earlier", "recent"], **TWO_MONTHS, parameters=given) == [
        (FEBRUARY, D("100.10"), D("0.00")),
    ]
    planned = plan_query(project, query_text("earlier", **TWO_MONTHS), Sink())  # type: ignore[arg-type]
    assert planned is not None
    assert list(planned.parameters) == ["back"]


def test_a_duration_that_moves_no_window_is_refused(tmp_path: Path) -> None:
    project = shop(tmp_path, DURATIONS)
    for value in ("0.5 months", "0 days"):
        parts = {**TWO_MONTHS, "parameters": {"back": value}}
        assert refused(project, "earlier", **parts) == ["window/amount"], value
    assert "whole lengths of time" in messages(
        project, "earlier", **TWO_MONTHS, parameters={"back": "0.5 days"}
    )


RIPENING = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_on
    settles_after: 3 days
    columns: {order_id: integer, ordered_on: date, channel: text, country: text, status: text, amount: "decimal(12,2)", minutes: integer}
  visits:
    table: visits
    key: visit_id
    time: visited_on
    columns: {visit_id: integer, visited_on: date, channel: text}
metrics:
  orders_placed: count(orders)
  traffic: count(visits)
kpis:
  ripe: {formula: count(orders), maturity: 7 days, direction: up, owner: a@b.example, label: Ripe}
  riper: {formula: ripe / count(visits), maturity: 14 days, direction: up, owner: a@b.example, label: Riper}
"""


@pytest.fixture
def ripening(tmp_path: Path) -> CheckedProject:
    return shop(tmp_path, definitions=RIPENING)


def test_young_rows_are_outside_a_kpi_that_waits(ripening: CheckedProject) -> None:
    for as_of, count in (("2026-02-07", 5), ("2026-02-08", 6), ("2026-02-08 10:00", 6)):
        assert ask(ripening, "ripe", as_of=as_of)[0][0] == count, as_of
    assert ask(ripening, ["orders_placed", "ripe", "x = ripe + 0"], as_of="2026-02-05")[0][:3] == (6, 4, 4)
    assert ask(ripening, ["riper", "n = ripe"], as_of="2026-02-15")[0][:2] == (round(6 / 3, 9), 6)
    assert refused(ripening, "riper") == ["query/no-as-of"] * len(refused(ripening, "riper"))


def test_rows_that_may_still_change_are_flagged(ripening: CheckedProject) -> None:
    by_month = {"by": "month", "period": "2026-Q1", "as_of": "2026-02-02"}
    assert ask(ripening, "orders_placed", **by_month) == [
        (JANUARY, 2, False, True),
        (FEBRUARY, 1, True, True),
    ]
    assert ask(ripening, "orders_placed", **{**by_month, "as_of": "2026-02-04"})[0] == (
        JANUARY,
        2,
        False,
        False,
    )
    assert ask(ripening, "traffic", by="month", as_of="2026-02-04", period="2026-01") == [(JANUARY, 2)]
    assert ask(ripening, "orders_placed", as_of="2030-01-01") == [(7, True)]
    assert ask(ripening, "orders_placed", period="2026", as_of="2030-01-01") == [(4, False)]
    assert columns(ripening, "orders_placed", by="month") == ["month", "orders_placed"]


PLANNED = RIPENING.replace("    settles_after: 3 days\n", "    plan: true\n")


def test_the_rows_of_a_plan_lie_ahead(tmp_path: Path) -> None:
    project = shop(tmp_path, definitions=PLANNED)
    assert ask(project, ["orders_placed", "traffic"], as_of="2026-01-03") == [(7, 2)]
    rows = ask(project, "x = to_date(orders_placed, year)", by="month", period="2026", as_of="2026-01-10")
    assert rows == [(JANUARY, 2, True)]
