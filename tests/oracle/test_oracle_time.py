"""Hours, fiscal grains, custom calendars, date parts and time roles, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from . import OracleRefuses, evaluate
from .boutique import PROJECT, D, ask, at, one, orders
from .table import Value

PARIS = {"timezone": "Europe/Paris"}


def test_the_hour_that_exists_twice_is_two_buckets() -> None:
    rows = orders(
        {"ordered_at": at("2026-10-25 00:10:00")},  # 02:10 at +2
        {"ordered_at": at("2026-10-25 00:50:00")},
        {"ordered_at": at("2026-10-25 01:30:00")},  # 02:30 at +1
        {"ordered_at": at("2026-10-25 02:00:00")},
        {"ordered_at": None},
    )
    found = ask(rows, "x = count(orders)", by=["hour"], changes=PARIS)
    assert [(h, n) for h, n in found if isinstance(h, datetime)] == [
        (datetime(2026, 10, 25, 0, tzinfo=UTC), 2),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), 1),
        (datetime(2026, 10, 25, 2, tzinfo=UTC), 1),
    ]
    assert found[3] == (None, 1)
    assert [h.utcoffset() for h, _ in found[:3] if isinstance(h, datetime)] == [
        timedelta(hours=2),
        timedelta(hours=1),
        timedelta(hours=1),
    ]
    filled = ask(rows, "x = count(orders)", by=["hour"], period="2026-10-25", fill=True, changes=PARIS)
    assert [n for _, n in filled] == [0, 0, 2, 1, 1, *([0] * 20)]
    minutes = ask(rows, "x = count(orders)", by=["minute"], period="2026-10-25", changes=PARIS)
    assert [h for h, _ in minutes][1] == datetime(2026, 10, 25, 2, 50, tzinfo=timezone(timedelta(hours=2)))
    # As a part of the day all of it is two o'clock.
    parts = ask(rows, "x = count(orders)", by=["hour_of_day"], changes=PARIS)
    assert parts == [(2, 3), (3, 1), (None, 1)]


def test_hours_of_a_zone_off_the_full_hour() -> None:
    rows = orders({"ordered_at": at("2026-06-01 00:10:00")}, {"ordered_at": at("2026-06-01 00:20:00")})
    found = ask(rows, "x = count(orders)", by=["hour"], changes={"timezone": "Asia/Kolkata"})  # +5:30
    assert found == [(datetime(2026, 5, 31, 23, 30, tzinfo=UTC), 2)]


def test_clocks_that_jump_by_half_an_hour() -> None:
    # Lord Howe goes back from 02:00 to 01:30 at 15:00 UTC.
    rows = orders(
        *({"ordered_at": at(f"2026-04-04 {time}:00")} for time in ("14:10", "14:50", "15:10", "15:40"))
    )
    found = ask(rows, "x = count(orders)", by=["hour"], changes={"timezone": "Australia/Lord_Howe"})
    assert [
        (h.astimezone(UTC).hour, h.astimezone(UTC).minute, n) for h, n in found if isinstance(h, datetime)
    ] == [
        (14, 0, 2),  # 01:00 +11:00
        (15, 0, 1),  # 01:30 +10:30, of the hour that began before the jump
        (15, 30, 1),  # 02:00 +10:30
    ]


def test_a_day_has_no_hours() -> None:
    for by in ("hour", "hour_of_day"):
        with pytest.raises(OracleRefuses, match="no hour"):
            ask(rows_of_customers, "x = count(customers)", by=[by])


rows_of_customers = {"customers": [{"customer_id": 1, "signed_on": date(2026, 1, 31)}]}


def test_a_local_time_that_does_not_exist_shifts_forward() -> None:
    rows = {"sessions": [{"session_id": 1, "started_at": at("2026-03-29 02:30:00")}]}
    found = ask(rows, "visits", by=["hour"], changes=PARIS)
    assert found == [(datetime(2026, 3, 29, 1, tzinfo=UTC), 1)]


@pytest.mark.parametrize(
    ("day", "quarter", "year"),
    [
        ("2026-03-31", date(2026, 1, 1), date(2025, 4, 1)),
        ("2026-04-01", date(2026, 4, 1), date(2026, 4, 1)),
        ("2026-12-31", date(2026, 10, 1), date(2026, 4, 1)),
        ("2027-01-01", date(2027, 1, 1), date(2026, 4, 1)),
    ],
)
def test_fiscal_grains(day: str, quarter: date, year: date) -> None:
    rows = orders({"ordered_at": at(f"{day} 12:00:00")})
    april = {"fiscal_year_start": 4}
    assert ask(rows, "x = count(orders)", by=["fiscal_quarter"], changes=april) == [(quarter, 1)]
    assert ask(rows, "x = count(orders)", by=["fiscal_year"], changes=april) == [(year, 1)]
    february = ask(rows, "x = count(orders)", by=["fiscal_quarter"], changes={"fiscal_year_start": 2})
    months = {"2026-03-31": 2, "2026-04-01": 2, "2026-12-31": 11, "2027-01-01": 11}
    assert [start.month for start, _ in february if isinstance(start, date)] == [months[day]]


def test_date_parts() -> None:
    rows = orders(
        {"ordered_at": at("2026-12-31 23:30:00")}, {"ordered_at": None}
    )  # Friday, 1 January in Paris
    parts = ("weekday", "hour_of_day", "day_of_month", "day_of_year", "week_of_year", "month_of_year")
    for part, utc, paris in zip(parts, (4, 23, 31, 365, 53, 12), (5, 0, 1, 1, 53, 1), strict=True):
        assert ask(rows, "x = count(orders)", by=[part]) == [(utc, 1), (None, 1)]
        assert ask(rows, "x = count(orders)", by=[part], changes=PARIS) == [(paris, 1), (None, 1)]
    assert ask(rows, "x = count(orders)", by=["quarter_of_year"]) == [(4, 1), (None, 1)]


def test_date_parts_are_members_and_may_filter() -> None:
    rows = orders(
        {"ordered_at": at("2026-01-03 12:00:00"), "amount": D(1)},  # Saturday
        {"ordered_at": at("2026-01-04 12:00:00"), "amount": D(2)},
        {"ordered_at": at("2026-02-07 12:00:00"), "amount": D(4)},  # Saturday
        {"ordered_at": None, "amount": D(8)},
    )
    assert one(rows, "revenue", where="weekday in (6, 7)") == D(7)
    assert one(rows, "revenue where weekday != 6") == D(10)
    found = ask(rows, "revenue", "x = total(revenue)", "y = share(revenue across weekday)", by=["weekday"])
    assert found == [(6, D(5), D(15), 5 / 15), (7, D(2), D(15), 2 / 15), (None, D(8), D(15), 8 / 15)]
    both = ask(rows, "revenue", "x = total(revenue)", by=["weekday", "month"], period="2026")
    assert both == [
        (date(2026, 1, 1), 6, D(1), D(3)),
        (date(2026, 1, 1), 7, D(2), D(3)),
        (date(2026, 2, 1), 6, D(4), D(4)),
    ]
    with pytest.raises(OracleRefuses, match="no time column"):
        one(rows, "count(products)", where="weekday = 1")


def test_time_roles() -> None:
    changes = {"dimensions": {"signup": {"type": "date", "from": {"customers": "signed_on"}}}}
    rows = orders({"buyer": 1, "amount": D(1)}, {"buyer": 2, "amount": D(2)}, {"buyer": 9, "amount": D(4)})
    rows["customers"] = [
        {"customer_id": 1, "signed_on": date(2026, 1, 31)},
        {"customer_id": 2, "signed_on": date(2026, 2, 1)},
    ]
    query = {"kpis": ["revenue", "x = total(revenue)"], "by": ["signup.month"]}
    table = evaluate(PROJECT | changes, rows, query)
    assert table.columns == ("signup.month", "revenue", "x")
    expected: list[tuple[Value, ...]] = [
        (date(2026, 1, 1), D(1), D(7)),
        (date(2026, 2, 1), D(2), D(7)),
        (None, D(4), D(7)),
    ]
    assert table.rows == expected
    assert ask(rows, "revenue", "x = total(revenue)", by=["customers.signed_on.month"]) == expected
    assert ask(rows, "revenue", by=["signup.weekday"], changes=changes) == [
        (6, D(1)),
        (7, D(2)),
        (None, D(4)),
    ]
    assert ask(rows, "revenue", where="signup.month = 2026-02-01", changes=changes) == [(D(2),)]


RETAIL = {
    "calendars": {
        "retail": {
            "table": "retail_days",
            "day": "calendar_date",
            "columns": {"calendar_date": "date", "week_key": "text", "period_key": "text"},
            "grains": {"retail_week": "week_key", "retail_month": "period_key"},
        }
    }
}


def test_a_custom_calendar() -> None:
    days = [date(2026, 1, 28) + timedelta(days=n) for n in range(10)]
    rows = orders(
        *({"ordered_at": at(f"{d} 12:00:00"), "quantity": d.day} for d in days), {"ordered_at": None}
    )
    rows["retail"] = [
        {"calendar_date": d, "week_key": f"w{n // 4}", "period_key": "p" if n < 6 else None}
        for n, d in enumerate(days[1:])
    ]
    found = ask(rows, "x = count(orders)", by=["retail_week"], changes=RETAIL)
    first, second, third = days[1], days[5], days[9]
    # The first day is not in the calendar.
    assert found == [(first, 4), (second, 4), (third, 1), (None, 2)]
    months = ask(rows, "x = count(orders)", by=["retail_month"], period="2026-02", fill=True, changes=RETAIL)
    assert months == [(first, 3, True), (None, 3, False)]
    filled = ask(
        rows,
        "x = count(orders)",
        by=["retail_week"],
        period="2026-02-01..2026-02-03",
        fill=True,
        changes=RETAIL,
        where="day != 2026-02-02",
    )
    assert filled == [(first, 1, True), (second, 0, True)]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("min(weekday(orders.shipped_on))", 6),
        ("min(hour(orders.ordered_at))", 1),
        ("min(date_trunc(month, orders.shipped_on))", date(2026, 8, 1)),
        ("min(date_trunc(week, orders.shipped_on))", date(2026, 8, 9)),  # weeks begin on Sunday
        ("min(date_trunc(hour, orders.ordered_at))", datetime(2026, 8, 16, 1)),
        ("min(date_diff(day, orders.ordered_at, shipped_on))", -1),  # local: 16 August 01:30
        ("min(date_diff(month, orders.shipped_on, 2027-01-01))", 5),
        ("min(date_diff(year, 2027-01-01, orders.shipped_on))", -1),
        ("min(date_diff(week, orders.shipped_on, orders.ordered_at))", 1),
        ("min(date_diff(quarter, orders.shipped_on, 2026-10-01))", 1),
        ("min(date_diff(fiscal_year, orders.shipped_on, 2026-10-01))", 0),
        ("date_diff(day, 2026-01-01, max(orders.shipped_on))", 226),
        ("min(date_diff(day, orders.shipped_on, null))", None),
    ],
)
def test_functions_of_time(formula: str, value: Value) -> None:
    rows = orders({"ordered_at": at("2026-08-15 23:30:00"), "shipped_on": date(2026, 8, 15)})  # a Saturday
    changes = PARIS | {"week_start": "sunday", "fiscal_year_start": 4}
    assert ask(rows, f"x = {formula}", changes=changes) == [(value,)]
