"""Windows and `as_of`, worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from . import OracleRefuses, evaluate
from .boutique import D, ask, at, one, orders
from .table import Value

PARIS = {"timezone": "Europe/Paris"}
JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, m, 1) for m in (1, 2, 3, 4))


def days(*places: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """Return orders at noon of these days, of 1, 2, 4, … so that every sum tells which are in it."""
    return orders(
        *({"ordered_at": at(f"{day} 12:00:00"), "amount": D(2**n), **more} for n, day in enumerate(places))
    )


SALES = days("2025-02-28", "2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30")
#             1             2             4             8             16            32


@pytest.mark.parametrize(
    ("formula", "period", "value"),
    [
        ("prior(revenue, 1 month)", "2026-02", D(4)),
        ("prior(revenue, 1 year)", "2026-02", D(1)),
        # 1 to 28 February is no whole month: its last day goes to 28 January.
        ("prior(revenue, 1 month)", "2026-02-01..2026-02-28", 0),
        ("prior(revenue, 1 month)", "2026-02-02..2026-03-01", 0),
        # 31 March goes to 28 February, and so does 28 March.
        ("prior(revenue, 1 month)", "2026-03-31", D(8)),
        ("prior(revenue, 1 month)", "2026-03-28", D(8)),
        # 28 February goes to 28 January, 30 March to 28 February.
        ("prior(revenue, 1 month)", "2026-02-28..2026-03-31", D(12)),
        ("prior(revenue, 2 months)", "2026-03-31", D(4)),
        ("prior(revenue, 28 days)", "2026-02-28", D(4)),
        ("prior(revenue, 1 quarter)", "2026-04-30", 0),
        ("prior(revenue, 1 period)", "2026-Q1", D(2)),
        ("prior(revenue, 1 period)", "2026-02-28", 0),
        ("rolling(revenue, 28 days)", "2026-03", D(16)),
        ("rolling(revenue, 32 days)", "2026-03", D(24)),
        ("rolling(revenue, 1 month)", "2026-03-30", D(8)),  # from 28 February
        ("rolling(revenue, 1 month)", "2026-03-31", D(16)),  # from 1 March
        ("to_date(revenue, quarter)", "2026-03-31", D(28)),
        ("to_date(revenue, year)", "2026-02", D(12)),
        ("cumulative(revenue)", "2026-02", D(15)),
        ("opening(revenue)", "2026-02", D(7)),
        ("prior(opening(revenue), 1 month)", "2026-02", D(3)),
        ("during(revenue, 2025-01-01, 2026-01-01)", "2026-02", D(3)),
        ("change(revenue, 1 month)", "2026-02", D(4)),
        ("growth(revenue, 1 month)", "2026-02", 1.0),
        ("growth(revenue, 3 months)", "2026-02", None),
        ("prior(rolling(revenue, 32 days), 1 month)", "2026-04", D(24)),
        # 31 March to 30 April, each day a month ago: 28 February to 30 March.
        ("rolling(prior(revenue, 1 month), 31 days)", "2026-04", D(8)),
        ("prior(to_date(revenue, year), 1 year)", "2026-04", D(1)),
        ("prior(cumulative(revenue), 1 month)", "2026-02", D(7)),
        ("cumulative(prior(revenue, 1 month))", "2026-02", D(7)),
        ("prior(during(revenue, 2026-02-01, 2026-03-01), 1 month)", "2026-04", D(8)),
        ("during(prior(revenue, 1 month), 2026-02-01, 2026-03-01)", "2026-04", D(4)),
        ("prior(revenue / count(orders), 1 month)", "2026-02", 4.0),
        ("period_end - period_start", "2026-02", 28),
        ("prior(period_start, 1 month)", "2026-02", JANUARY),
        ("rolling(date_diff(day, period_start, period_end), 28 days)", "2026-04", 28),
        ("count(orders where ordered_at >= period_start)", "2026-02", 1),
        ("cumulative(count(orders where ordered_at < period_end - 30 days))", "2026-02", 2),
    ],
)
def test_windows_of_a_period(formula: str, period: str, value: Value) -> None:
    assert one(SALES, formula, period=period) == value


def test_windows_of_buckets() -> None:
    kpis = ("revenue", "p = prior(revenue, 1 month)", "c = cumulative(revenue)")
    assert ask(SALES, *kpis, by=["month"], period="2026-Q1") == [
        (JANUARY, D(4), D(2), D(7)),
        (FEBRUARY, D(8), D(4), D(15)),
        (MARCH, D(16), D(8), D(31)),
    ]
    # The period cuts February: its part has no month before, and its row is partial.
    assert ask(SALES, *kpis, by=["month"], period="2026-02-15..2026-04-01") == [
        (FEBRUARY, D(8), 0, D(15), True),
        (MARCH, D(16), D(8), D(31), False),
    ]
    assert ask(SALES, "p = prior(revenue, 52 weeks)", by=["week"], period="2026-W09") == [
        (date(2026, 2, 23), D(1))
    ]
    with pytest.raises(OracleRefuses, match="52 weeks"):
        ask(SALES, "p = prior(revenue, 1 year)", by=["week"], period="2026-W09")


def test_the_buckets_of_a_result_without_a_period() -> None:
    rows = days("2026-01-05", "2026-03-05")
    moved = "p = prior(revenue, 1 month)"
    # From the first to the last bucket of what is unmoved: April is none, February has a row before it.
    assert ask(rows, "revenue", moved, by=["month"]) == [
        (JANUARY, D(1), 0),
        (FEBRUARY, 0, D(1)),
        (MARCH, D(2), 0),
    ]
    # Where all is moved, of the rows themselves.
    assert ask(rows, moved, by=["month"]) == [(FEBRUARY, D(1))]
    assert ask(rows, "c = cumulative(revenue)", by=["month"]) == [
        (JANUARY, D(1)),
        (FEBRUARY, D(1)),
        (MARCH, D(3)),
    ]
    frozen = "d = during(revenue, 2026-01-01, 2026-02-01)"
    assert ask(rows, "revenue", frozen, by=["month"]) == [
        (JANUARY, D(1), D(1)),
        (FEBRUARY, 0, D(1)),
        (MARCH, D(2), D(1)),
    ]
    assert ask(rows, "revenue", moved, by=["month"], as_of="2026-02-01") == [(JANUARY, D(1), 0, False)]


def test_a_member_that_only_was_there_before_has_a_row() -> None:
    rows = orders(
        {"ordered_at": at("2026-01-05 12:00:00"), "amount": D(1), "status": "a"},
        {"ordered_at": at("2026-02-05 12:00:00"), "amount": D(2), "status": "b"},
    )
    assert ask(rows, "revenue", "p = prior(revenue, 1 month)", by=["channel"], period="2026-02") == [
        ("a", 0, D(1)),
        ("b", D(2), 0),
    ]


def test_rows_without_a_time_are_moved_nowhere() -> None:
    rows = orders(
        {"ordered_at": at("2026-01-05 12:00:00"), "amount": D(1)}, {"ordered_at": None, "amount": D(2)}
    )
    kpis = (
        "revenue",
        "p = prior(count(orders), 1 month)",
        "c = cumulative(count(orders))",
        "t = total(revenue)",
    )
    assert ask(rows, *kpis, by=["month"]) == [(JANUARY, D(1), 0, 1, D(1)), (None, D(2), None, None, D(2))]
    assert one(rows, "cumulative(revenue)") == D(3)
    assert one(rows, "cumulative(revenue)", as_of="2026-03-01") == D(3)
    assert one(rows, "cumulative(revenue)", period="2026") == D(1)
    # A dataset without a time is read whole by what begins with time itself.
    products = {"products": [{"shop": "a", "sku": 1}]}
    assert one(products, "cumulative(count(products))", period="2026") == 1
    with pytest.raises(OracleRefuses, match="no time"):
        one(products, "rolling(count(products), 2 days)", period="2026")


@pytest.mark.parametrize(
    "formula",
    ["prior(revenue, 1 month)", "growth(revenue, 1 period)", "rolling(revenue, 2 days)", "period_start"],
)
def test_windows_that_nothing_bounds(formula: str) -> None:
    with pytest.raises(OracleRefuses):
        one(SALES, formula)
    with pytest.raises(OracleRefuses):
        ask(SALES, f"x = {formula}", by=["month"], totals=True)


def test_hours_move_by_their_start() -> None:
    rows = orders(
        {"ordered_at": at("2026-03-28 00:30:00"), "amount": D(1)},  # 01:30 in Paris
        {"ordered_at": at("2026-03-28 01:30:00"), "amount": D(2)},  # 02:30
        {"ordered_at": at("2026-03-29 00:30:00"), "amount": D(4)},  # 01:30, the last hour of winter
        {"ordered_at": at("2026-03-29 01:30:00"), "amount": D(8)},  # 03:30
    )
    kpis = ("revenue", "p = prior(revenue, 1 day)", "r = rolling(revenue, 2 hours)")
    found = ask(rows, *kpis, by=["hour"], period="2026-03-29", changes=PARIS)
    assert [row[1:] for row in found] == [(D(4), D(1), D(4)), (D(8), 0, D(12)), (0, 0, D(8))]
    # A day of 23 hours, moved by elapsed time.
    assert one(rows, "prior(revenue, 24 hours)", period="2026-03-29", changes=PARIS) == D(3)


# As of an instant


def test_rows_at_or_after_as_of_do_not_exist() -> None:
    noon = "2026-01-31 12:00"
    assert one(SALES, "revenue", as_of="2026-01-31") == D(3)
    assert one(SALES, "revenue", as_of=noon) == D(3)
    assert one(SALES, "revenue", as_of="2026-01-31 12:00:01") == D(7)
    assert one(SALES, "revenue", as_of="2026-01-31T12:30:00Z", changes=PARIS) == D(7)
    assert one(SALES, "revenue", as_of="2026-01-31 12:30", changes=PARIS) == D(3)  # 13:00 there
    # A day is known from its beginning; a customer who does not exist yet is no partner.
    customers = {"customers": [{"customer_id": 1, "signed_on": date(2026, 1, 10), "country_code": "FR"}]}
    rows = orders({"ordered_at": at("2026-01-05 12:00:00"), "buyer": 1, "amount": D(1)}) | customers
    assert one(rows, "count(customers)", as_of="2026-01-10") == 0
    assert one(rows, "count(customers)", as_of="2026-01-10 00:01") == 1
    assert ask(rows, "revenue", by=["customers.label"], as_of="2026-01-10") == [(None, D(1))]
    assert ask(rows, "revenue", by=["customers.label"], as_of="2026-01-11") == [("FR", D(1))]


def test_an_unfinished_bucket_is_compared_with_its_same_part() -> None:
    rows = days("2026-02-10", "2026-02-14", "2026-02-20", "2026-03-10", "2026-03-14", "2026-03-20")
    kpis = ("revenue", "p = prior(revenue, 1 month)")
    march = {"by": ["month"], "period": "2026-03-01..2026-05-01"}
    assert ask(rows, *kpis, **march, as_of="2026-03-14") == [(MARCH, D(8), D(1), True)]
    assert ask(rows, *kpis, **march, as_of="2026-03-14 12:30") == [(MARCH, D(24), D(3), True)]
    assert ask(rows, *kpis, **march, as_of="2026-03-14", partial="whole") == [(MARCH, D(8), D(7), True)]
    assert ask(rows, *kpis, **march, as_of="2026-03-14", partial="drop") == []
    assert ask(rows, *kpis, **march, as_of="2026-04-01") == [(MARCH, D(56), D(7), False)]
    # Without a grain the period is cut in the same way.
    assert ask(rows, *kpis, period="2026-03", as_of="2026-03-14") == [(D(8), D(1))]
    # After the move the cut is made at `as_of` itself: here behind the end of the earlier bucket.
    whole = ask(
        rows, "p = rolling(prior(revenue, 10 days), 31 days)", **march, as_of="2026-03-14", partial="whole"
    )
    # [1 March, 1 April) by 31 days, 10 days back: from 19 February to 22 March, cut on the 14th.
    assert whole == [(MARCH, D(12), True)]


def test_windows_end_at_as_of() -> None:
    rows = days("2026-02-10", "2026-03-05", "2026-03-10")
    assert one(rows, "rolling(revenue, 7 days)", as_of="2026-03-12") == D(6)
    assert one(rows, "rolling(revenue, 7 days)", as_of="2026-03-12 12:00") == D(6)
    assert one(rows, "rolling(revenue, 7 days)", as_of="2026-03-12 12:01") == D(4)
    assert one(rows, "to_date(revenue, month)", as_of="2026-03-10") == D(2)
    assert one(rows, "rolling(revenue, 30 days)", period="2026", as_of="2026-03-11") == D(7)
    assert one(rows, "prior(to_date(revenue, year), 1 month)", period="2026", as_of="2026-03-11") == D(1)
    assert one(rows, "period_end", period="2026", as_of="2026-03-11") == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("period", "as_of", "value"),
    [
        ("last 3 days", "2026-03-12 18:00", D(4)),  # 9 to 11 March
        ("last 1 week", "2026-03-12", D(2)),  # Monday 2 to Sunday 8 March
        ("last 1 month", "2026-03-01", D(1)),
        ("last 2 months", "2026-04-30", D(6)),  # February and March: 10 February is in it
        ("last 1 year", "2027-01-01", D(7)),
    ],
)
def test_relative_periods(period: str, as_of: str, value: Value) -> None:
    rows = days("2026-02-10", "2026-03-05", "2026-03-10")
    value = D(7) if period == "last 2 months" else value
    assert one(rows, "revenue", period=period, as_of=as_of) == value
    with pytest.raises(OracleRefuses):
        one(rows, "revenue", period=period)


def dataset(name: str, **more: Any) -> dict[str, Any]:
    from .boutique import PROJECT

    return {"datasets": PROJECT["datasets"] | {name: PROJECT["datasets"][name] | more}}


def test_plans_lie_ahead() -> None:
    rows = days("2026-03-05", "2026-03-20", "2026-04-10")
    ahead = dataset("orders", plan=True)
    assert ask(rows, "revenue", by=["month"], as_of="2026-03-10", changes=ahead) == [(MARCH, D(3), True)]
    assert one(rows, "revenue", period="2026", as_of="2026-03-10", changes=ahead) == D(7)
    assert one(rows, "to_date(revenue, month)", period="2026-03", as_of="2026-03-10", changes=ahead) == D(3)
    far = days("2026-02-05", "2026-04-10")
    assert ask(far, "p = cumulative(revenue)", by=["month"], as_of="2026-03-10", changes=ahead) == [
        (FEBRUARY, D(1), False),
        (MARCH, D(1), True),
    ]
    known = dataset("orders", known_at="shipped_on")
    for order, day in zip(rows["orders"], (9, 10, 11), strict=True):
        order["shipped_on"] = date(2026, 3, day)
    assert one(rows, "revenue", period="2026", as_of="2026-03-10", changes=known) == D(1)
    assert one(rows, "revenue", period="2026", as_of="2026-03-10 08:00", changes=known) == D(3)


def test_what_is_not_settled() -> None:
    rows = days("2026-02-10", "2026-03-05")
    slow = dataset("orders", settles_after="3 days")
    kpis = ("revenue", "p = prior(revenue, 1 month)")
    columns = evaluate(
        {**_project(), **slow}, rows, {"kpis": ["revenue"], "by": ["month"], "as_of": "2026-04-03"}
    ).columns
    assert columns == ("month", "revenue", "_partial", "_provisional")
    found = ask(rows, *kpis, by=["month"], as_of="2026-04-03", changes=slow)
    # Up to 31 March all is settled on 4 April only.
    assert found == [(FEBRUARY, D(1), 0, False, False), (MARCH, D(2), D(1), False, True)]
    found = ask(rows, kpis[1], by=["month"], as_of="2026-04-03", changes=slow)
    assert found == [(MARCH, D(1), False, False)]
    assert ask(rows, "revenue", as_of="2026-04-03", changes=slow) == [(D(3), True)]
    assert ask(rows, "revenue", as_of="2026-04-03", period="2026-02", changes=slow) == [(D(1), False)]


def _project() -> dict[str, Any]:
    from .boutique import PROJECT

    return PROJECT


def test_maturity_leaves_out_what_is_young() -> None:
    rows = days("2026-03-01", "2026-03-05", "2026-03-10")
    ripe = {"kpis": {"old": {"formula": "sum(orders.amount)", "maturity": "7 days"}, "older": "old / 1"}}
    # 5 March, noon, is 7 days old on 12 March at noon.
    for as_of, value in (("2026-03-12", D(1)), ("2026-03-12 12:00", D(3)), ("2026-03-12 11:59", D(1))):
        assert ask(rows, "old", as_of=as_of, changes=ripe) == [(value,)]
    assert ask(rows, "older", as_of="2026-03-12", changes=ripe) == [(1.0,)]
    with pytest.raises(OracleRefuses, match="maturity"):
        ask(rows, "old", changes=ripe)


def test_a_bucket_ends_at_as_of_for_other_times_too() -> None:
    rows = {
        "orders": [{"order_id": 1, "ordered_at": at("2026-01-05 10:00:00"), "shipped_on": date(2026, 3, 20)}]
    }
    shipped = "x = count(orders at shipped_on)"
    assert ask(rows, shipped, by=["month"], as_of="2026-03-15") == []
    assert ask(rows, shipped, by=["month"], as_of="2026-03-21") == [(date(2026, 3, 1), 1, True)]
    # Without a window, too: by then it is not shipped (decision 0177).
    assert ask(rows, shipped, as_of="2026-03-15") == [(0,)]
