"""Per entity, having, sets, sequences, histories, joins as of a time, stretches of time: worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from . import OracleRefuses
from .boutique import PROJECT, D, ask, at, one, orders
from .table import Value

JANUARY, FEBRUARY, MARCH = (date(2026, m, 1) for m in (1, 2, 3))


def order(day: str, buyer: int | None, amount: int, **more: Any) -> dict[str, Any]:
    return {"ordered_at": at(f"{day} 12:00:00"), "buyer": buyer, "amount": D(amount), **more}


SALES = orders(
    order("2026-01-05", 1, 10, status="web"),
    order("2026-01-05", 1, 30, status="shop"),
    order("2026-01-06", 2, 20, status="web"),
    order("2026-02-07", 1, 50, status="web"),
    order("2026-02-07", None, 70, status="app"),
    order("2026-02-08", None, 90, status="app"),
)


def sales(*kpis: str, **query: Any) -> list[tuple[Value, ...]]:
    return ask(SALES, *kpis, **query)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("avg(sum(orders.amount) per customer_id)", 55.0),  # 90 and 20
        ("avg(sum(orders.amount) per customer_id including null)", 90.0),  # and 160 of nobody
        ("median(count(orders) per customer_id)", 2.0),
        ("max(sum(orders.amount) per customer_id, channel)", D(60)),
        ("count(count(orders) per customer_id)", 2),
        ("count(avg(orders.amount where status = 'shop') per customer_id)", 1),
        ("count((avg(orders.amount) where channel = 'shop') per customer_id)", 1),
        ("sum(last(orders.amount) per customer_id)", D(70)),
        ("percentile(sum(orders.amount), 0.25 per customer_id)", 37.5),
        ("avg(max(sum(orders.amount) per day) per customer_id)", 35.0),  # 50 and 20
        ("max(sum(orders.amount) / total(sum(orders.amount)) per customer_id)", 90 / 270),
        ("sum(sum(orders.amount) per customer_id)", D(110)),
        ("avg(sum(orders.amount) per customer_id) where channel = 'web'", 40.0),
        ("count_distinct(orders.customer_id having count(orders) >= 2)", 1),
        ("count_distinct(orders.customer_id where status = 'web' having count(orders) >= 2)", 1),
        ("count_distinct(orders.customer_id where status = 'web' having sum(orders.amount) > 60)", 0),
        ("count_distinct(orders.customer_id including null)", 3),
        ("count_distinct(orders.customer_id having min(orders.amount) > 15 including null)", 2),
        ("count(orders.customer_id)", 4),
        ("count(orders where customer_id in values(orders.customer_id where status = 'shop'))", 3),
        ("count(orders where customer_id not in values(orders.customer_id where status = 'shop'))", 3),
        ("count(orders where customer_id in values(orders.customer_id having count(orders) > 2))", 3),
    ],
)
def test_per_entity(formula: str, value: Value) -> None:
    assert one(SALES, formula) == value


def test_entities_of_a_bucket() -> None:
    spend = "x = avg(sum(orders.amount) per customer_id)"
    assert sales(spend, by=["month"]) == [(JANUARY, 30.0), (FEBRUARY, 50.0)]
    # Nobody's orders make a row, and no entity.
    assert sales(spend, "n = count(count(orders) per customer_id)", by=["channel"], period="2026-02") == [
        ("app", None, 0),
        ("web", 50.0, 1),
    ]
    # Who only bought a month before is an entity there.
    assert sales("x = avg(prior(sum(orders.amount), 1 month) per customer_id)", period="2026-02") == [(30.0,)]
    assert sales(
        "x = avg(coalesce(sum(orders.amount), 0) - prior(sum(orders.amount), 1 month) per customer_id)",
        period="2026-02",
    ) == [
        (-5.0,)  # 50 - 40 and 0 - 20
    ]
    assert sales("x = prior(avg(sum(orders.amount) per customer_id), 1 month)", period="2026-02") == [(30.0,)]


def test_entities_that_are_buckets() -> None:
    # Every day of the window counts, and those to come do not.
    assert one(SALES, "avg(count(orders) per day)", period="2026-01") == 3 / 31
    assert one(SALES, "avg(count(orders) per day)", period="2026-01", as_of="2026-01-11") == 0.3
    assert one(SALES, "avg(count(orders) per day)", period="2026-01", as_of="2026-01-11 08:00") == 3 / 11
    assert one(SALES, "count(count(orders) per day)") == 35  # 5 January to 8 February
    assert one(SALES, "max(sum(orders.amount) per month)") == D(210)
    assert sales("x = max(count(orders) per week)", by=["month"], period="2026-Q1") == [
        (JANUARY, 3),
        (FEBRUARY, 3),
    ]
    assert one(SALES, "rolling(count(count(orders) per day), 7 days)", period="2026-01") == 7
    assert one(SALES, "max(rolling(count(orders), 2 days) per day)", period="2026-01") == 3


def test_sets_of_another_time() -> None:
    kept = (
        "count_distinct(orders.customer_id where customer_id in prior(values(orders.customer_id), 1 month))"
    )
    assert sales(
        f"x = {kept} / prior(count_distinct(orders.customer_id), 1 month)", by=["month"], period="2026-02"
    ) == [(FEBRUARY, 0.5)]
    # In Γ: the group of the row counts, and `total` drops it.
    inside = "x = count(orders where customer_id in values(orders.customer_id where status = 'shop'))"
    assert sales(inside, by=["channel"], period="2026-01") == [("shop", 1)]
    whole = "x = count(orders where customer_id in total(values(orders.customer_id where status = 'shop')))"
    assert sales(whole, by=["channel"], period="2026-01") == [("shop", 1), ("web", 1)]


VISITS = {
    "sessions": [
        {"session_id": n, "started_at": at(f"2026-01-{day:02d} 10:00:00"), "visitor_id": who}
        for n, (day, who) in enumerate([(1, 1), (5, 1), (6, 2), (8, None), (9, 3)], 1)
    ]
}
SEEN: dict[str, Any] = {
    "datasets": PROJECT["datasets"]
    | {
        "sessions": PROJECT["datasets"]["sessions"]
        | {
            "columns": PROJECT["datasets"]["sessions"]["columns"]
            | {"customer_id": {"type": "integer", "column": "visitor_id"}}
        }
    }
}


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("followed_by(orders per customer_id within 7 days)", 3),
        ("followed_by(orders per customer_id within 4 days)", 2),  # the first comes in 4 days and 2 hours
        ("followed_by(orders per customer_id within 2 hours)", 2),
        ("followed_by(orders per customer_id within 1 hour)", 0),
        ("followed_by(orders per customer_id within 98 hours)", 3),  # the bound is in
        ("followed_by(orders per customer_id)", 3),
        ("not followed_by(orders per customer_id)", 2),  # nobody, and 3
        ("followed_by(orders where amount > 40 per customer_id)", 2),
        ("followed_by(orders per customer_id from 2 hours to 3 hours)", 2),
        ("followed_by(orders per customer_id from 1 hour to 2 hours)", 0),
        ("followed_by(orders per customer_id from 5 days)", 2),
        ("preceded_by(sessions per customer_id within 4 days)", 1),
        ("preceded_by(sessions per customer_id within 3 days)", 0),
        ("followed_by(sessions then orders per customer_id)", 1),
        ("followed_by(sessions then orders per customer_id within 4 days)", 0),
        (
            "followed_by(orders where amount = 10 then orders where amount = 30 per customer_id)",
            0,
        ),  # at one time
        ("followed_by(sessions where followed_by(orders per customer_id within 1 day) per customer_id)", 1),
    ],
)
def test_sequences(condition: str, count: int) -> None:
    assert ask(SALES | VISITS, f"x = count(sessions where {condition})", changes=SEEN) == [(count,)]


def test_a_sequence_reads_its_dataset_whole() -> None:
    kpi = "x = count(sessions where followed_by(orders where amount = 50 per customer_id))"
    rows = SALES | VISITS
    assert ask(rows, kpi, period="2026-01", changes=SEEN) == [(2,)]
    assert ask(rows, kpi, period="2026-01", as_of="2026-02-07", changes=SEEN) == [(0,)]


def test_days_of_a_sequence() -> None:
    rows = {
        "customers": [{"customer_id": n, "signed_on": date(2026, 3, day)} for n, day in enumerate((1, 1, 8))]
    }
    within = "x = count(customers where followed_by(customers per country_code including null {0}))"
    for words, count in (
        ("within 7 days", 2),
        ("within 6 days", 0),
        ("from 0 days to 1 day", 2),
        ("from 1 day", 2),
    ):
        assert ask(rows, within.format(words)) == [(count,)], words


HISTORY = {
    "number": "row_number(per customer_id order by ordered_at, order_id)",
    "backwards": "row_number(per customer_id order by -ordered_at)",
    "before": "lag(amount per customer_id order by ordered_at)",
    "later": "lead(amount, 2 per customer_id order by ordered_at)",
    "so_far": "sum(amount per customer_id order by ordered_at)",
    "of_web": "sum(amount where status = 'web' per customer_id)",
    "all_so_far": "count(orders order by ordered_at)",
}


def test_window_forms() -> None:
    types = {
        "before": "decimal(10,2)",
        "later": "decimal(10,2)",
        "so_far": "decimal(12,2)",
        "of_web": "decimal(12,2)",
    }
    columns = PROJECT["datasets"]["orders"]["columns"] | {
        name: {"type": types.get(name, "integer"), "expr": expr} for name, expr in HISTORY.items()
    }
    changes = {
        "datasets": PROJECT["datasets"] | {"orders": PROJECT["datasets"]["orders"] | {"columns": columns}}
    }
    kpis = [f"{name} = max(orders.{name})" for name in HISTORY]
    assert ask(SALES, *kpis, by=["orders.order_id"], changes=changes) == [
        (1, 1, 2, None, D(50), D(10), D(60), 1),
        (2, 2, 3, D(10), None, D(40), D(60), 2),  # ties by the key, also where the order descends
        (3, 1, 1, None, None, D(20), D(20), 3),
        (4, 3, 1, D(30), None, D(90), D(60), 4),
        (5, None, None, None, None, None, None, 5),
        (6, None, None, None, None, None, None, 6),
    ]


def test_columns_that_aggregate_what_reaches_them() -> None:
    people = PROJECT["datasets"]["customers"]
    derived = {
        "first_order_at": {"type": "timestamp", "expr": "min(orders.ordered_at)"},
        "spent": {"type": "decimal(12,2)", "expr": "sum(orders.amount where status = 'web')"},
        "is_regular": {"type": "boolean", "expr": "count(orders) > 1"},
    }
    changes = {
        "datasets": PROJECT["datasets"] | {"customers": people | {"columns": people["columns"] | derived}}
    }
    rows = SALES | {"customers": [{"customer_id": n, "signed_on": JANUARY} for n in (1, 2, 3)]}
    kpis = (
        "f = min(customers.first_order_at)",
        "s = sum(customers.spent)",
        "n = count(customers where is_regular)",
    )
    assert ask(rows, *kpis, by=["customers.customer_id"], changes=changes) == [
        (1, at("2026-01-05 12:00:00"), D(60), 1),
        (2, at("2026-01-06 12:00:00"), D(20), 0),
        (3, None, 0, 0),
    ]
    # Neither period nor filter touch it, `as_of` does; of a missing partner it is null.
    assert ask(rows, *kpis, period="2026-01", as_of="2026-02-01", changes=changes)[0][1] == D(30)
    assert ask(rows, "x = count(orders)", by=["customers.is_regular"], changes=changes) == [
        (False, 1),
        (True, 3),
        (None, 2),
    ]


TOUCH: dict[str, Any] = {
    "to": "sessions",
    "using": {"visitor_id": "customer_id"},
    "match": "latest",
    "before": "ordered_at",
}


@pytest.mark.parametrize(
    ("changed", "channels"),
    [
        ({}, ["c", "c", "d", "c", None, None]),
        ({"match": "earliest"}, ["a", "a", "d", "a", None, None]),
        ({"within": "2 hours"}, ["c", "c", None, None, None, None]),
        ({"within": "1 hour"}, [None] * 6),
        ({"within": "4 days", "match": "earliest"}, ["a", "a", None, None, None, None]),  # the bound is in
        ({"where": "channel != 'c'"}, ["b", "b", "d", "b", None, None]),
    ],
)
def test_joins_as_of_a_time(changed: dict[str, Any], channels: list[str | None]) -> None:
    visits = [
        (1, "2026-01-01 12:00", 1, "a"),
        (2, "2026-01-05 10:00", 1, "b"),
        (3, "2026-01-05 10:00", 1, "c"),
        (4, "2025-12-06 12:00", 2, "d"),
        (5, "2026-01-06 12:00", 2, "e"),
        (6, "2026-01-06 11:00", None, "f"),
    ]
    rows = SALES | {
        "sessions": [
            {"session_id": n, "started_at": at(when), "visitor_id": who, "channel": channel}
            for n, when, who, channel in visits
        ]
    }
    shop = PROJECT["datasets"]["orders"]
    columns = shop["columns"] | {"touch_channel": {"type": "text", "expr": "touch.channel"}}
    changes = {
        "datasets": PROJECT["datasets"]
        | {"orders": shop | {"columns": columns, "joins": {**shop["joins"], "touch": TOUCH | changed}}}
    }
    found = ask(rows, "x = max(orders.touch_channel)", by=["orders.order_id"], changes=changes)
    assert [channel for _, channel in found] == channels


HELD: dict[str, Any] = {
    "datasets": {
        "memberships": {
            "table": "memberships",
            "key": ["member", "since"],
            "time": ["since", "until"],
            "columns": {"member": "integer", "since": "date", "until": "date", "fee": "integer"},
        }
    }
}


def test_rows_that_hold_over_a_stretch_of_time() -> None:
    rows = {
        "memberships": [
            {"member": 1, "since": date(2026, 1, 10), "until": date(2026, 2, 1), "fee": 1},
            {"member": 2, "since": date(2026, 1, 20), "until": None, "fee": 2},
            {"member": 3, "since": date(2026, 2, 5), "until": date(2026, 2, 20), "fee": 4},
        ]
    }
    fees, begun = "x = sum(memberships.fee)", "y = count(memberships at since)"
    found = ask(rows, fees, begun, by=["month"], period="2026-Q1", changes=HELD)
    # The first holds at the last instant of January, the third at no month's.
    assert found == [(JANUARY, 3, 2), (FEBRUARY, 2, 1), (MARCH, 2, 0)]
    assert ask(rows, fees, by=["month"], as_of="2026-02-15", changes=HELD) == [
        (JANUARY, 3, False),
        (FEBRUARY, 6, True),
    ]
    assert ask(rows, fees, period="2026", as_of="2026-02-01", changes=HELD) == [(3,)]
    assert ask(rows, "x = prior(sum(memberships.fee), 1 month)", period="2026-02", changes=HELD) == [(3,)]
    assert ask(
        rows, "x = avg(sum(memberships.fee) per day)", period="2026-02-19..2026-02-21", changes=HELD
    ) == [(4.0,)]


def test_what_is_no_entity() -> None:
    for formula in ("last(sum(orders.amount) per customer_id)", "sum(sum(orders.amount))"):
        with pytest.raises(OracleRefuses):
            one(SALES, formula)


def test_the_total_of_what_is_tested_is_that_of_all_values() -> None:
    shares = "count_distinct(orders.customer_id having share(count(orders)) {0})"
    assert one(SALES, shares.format(">= 0.5")) == 1  # three orders of six
    assert one(SALES, shares.format("< 0.2")) == 1  # one order of six
    # Nobody's orders count in the whole, those that `where` left out do not.
    assert (
        one(SALES, "count_distinct(orders.customer_id where status = 'web' having total(count(orders)) = 3)")
        == 2
    )
    kept = "x = count_distinct(orders.customer_id having total(count(orders) across channel) = 3)"
    assert sales(kept, by=["channel"]) == [("app", 0), ("shop", 1), ("web", 1)]


def test_entities_of_a_total_make_no_rows() -> None:
    whole = "x = total(count(count(orders) per channel) across channel)"
    assert sales(whole, by=["channel"]) == []
    assert sales(whole, "n = count(orders)", by=["channel"]) == [("app", 3, 2), ("shop", 3, 1), ("web", 3, 3)]


def test_months_of_all_time_are_those_of_the_group() -> None:
    counts = [
        "n = count(count(orders) + total(count(orders)) per month)",
        "t = count(total(count(orders)) per month)",
    ]
    assert sales("o = count(orders)", *counts, by=["channel"]) == [
        ("app", 2, 1, 2),
        ("shop", 1, 1, 2),
        ("web", 3, 2, 2),
    ]
    assert sales(*counts) == [(2, 2)]
