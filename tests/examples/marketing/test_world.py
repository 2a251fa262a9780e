"""The roastery's data: the same each time, in itself consistent, and with what real data have."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from examples.marketing.roastery.stored import stored
from examples.marketing.roastery.tables import COLUMNS
from examples.marketing.roastery.world import tables

from .roastery import LARGE, SMALL, built, project

Found = list[dict[str, Any]]


def rows(table: str, scale: float = LARGE) -> Found:
    names = [name for name, _ in COLUMNS[table]]
    return [dict(zip(names, row, strict=True)) for row in built(scale)[table]]


def test_a_seed_gives_the_same_rows_and_another_one_others() -> None:
    assert tables(SMALL) == built(SMALL)
    assert tables(SMALL, seed=2)["orders"] != built(SMALL)["orders"]


@pytest.mark.parametrize("scale", [SMALL, LARGE])
def test_every_dataset_has_rows_and_a_key(scale: float) -> None:
    tables = stored(built(scale))
    star = project().project.datasets
    assert set(tables) == set(star)
    for name, dataset in star.items():
        table = tables[name]
        assert tuple(part.text for part in dataset.table or ()) == (table.schema, table.table)
        assert table.rows, name
        places = {column: place for place, (column, _) in enumerate(table.columns)}
        keys = [places[dataset.columns[key].physical.text] for key in dataset.key]
        found = Counter(tuple(row[place] for place in keys) for row in table.rows)
        assert set(found.values()) == {1}, name


def test_amounts_hang_together() -> None:
    lines: dict[str, Decimal] = defaultdict(Decimal)
    for line in rows("order_lines"):
        lines[line["order_id"]] += line["net_amount"]
    back: dict[str, Decimal] = defaultdict(Decimal)
    for refund in rows("refunds"):
        if refund["order_id"]:
            back[refund["order_id"]] += refund["refunded_amount"]
    orders = {order["order_id"]: order for order in rows("orders")}
    assert set(back) <= set(orders)
    for order_id, order in orders.items():
        assert order["gross_amount"] - (order["discount_amount"] or 0) == lines[order_id]
        assert (order["refunded_amount"] or 0) == back.get(order_id, 0) <= lines[order_id]


def test_visits_are_what_their_events_say() -> None:
    events: dict[str, Found] = defaultdict(list)
    for event in rows("web_events"):
        events[event["session_id"]].append(event)
    for session in rows("sessions"):
        own = events.pop(session["session_id"])
        assert session["pageviews"] == sum(event["event_name"] == "page_view" for event in own)
        assert session["key_events"] == sum(event["is_key_event"] for event in own)
        assert session["started_at"] == own[0]["happened_at"]
        for told in ("visitor_id", "is_bot", "is_internal"):
            assert {event[told] for event in own} == {session[told]}
    assert not events


def test_what_ones_own_people_order_is_a_test() -> None:
    staff = {customer["customer_id"] for customer in rows("customers") if customer["is_internal"]}
    visits = {session["session_id"] for session in rows("sessions") if session["is_internal"]}
    orders = [
        order for order in rows("orders") if order["customer_id"] in staff or order["session_id"] in visits
    ]
    assert orders
    assert all(order["is_test"] for order in orders)
    assert any(order["currency"] for order in orders)
    for table in ("memberships", "tickets", "interactions", "customer_scores"):
        assert not [row for row in rows(table) if row["customer_id"] in staff], table
    known = {session["visitor_id"] for session in rows("sessions") if session["is_internal"]} - {None}
    assert known
    carts = {order["cart_id"] for order in orders} - {None}
    assert not [cart for cart in rows("carts") if cart["cart_id"] in carts]


def test_a_customer_orders_one_thing_after_the_other() -> None:
    found = Counter(
        (order["customer_id"], order["ordered_at"]) for order in rows("orders") if order["customer_id"]
    )
    assert max(found.values()) == 1


def test_real_data_have_gaps_and_so_have_these() -> None:
    orders, sessions, leads = rows("orders"), rows("sessions"), rows("leads")
    known = {customer["customer_id"] for customer in rows("customers")}
    for part in (
        [order for order in orders if order["customer_id"] is None],  # guests
        [order for order in orders if order["is_test"] and order["currency"] is None],
        [order for order in orders if order["cancelled_at"]],
        [order for order in orders if order["session_id"] is None],
        [order for order in orders if order["customer_id"] and order["customer_id"] not in known],
        [session for session in sessions if session["visitor_id"] is None],  # no consent
        [session for session in sessions if session["medium"] is None],
        [session for session in sessions if session["is_bot"]],
        [session for session in sessions if session["is_internal"]],
        [lead for lead in leads if lead["is_duplicate"]],
        [refund for refund in rows("refunds") if refund["order_id"] is None],
        [row for row in rows("ad_performance") if row["viewable_impressions"] is None],
        [ticket for ticket in rows("tickets") if ticket["first_reopened_at"]],
        [answer for answer in rows("survey_responses") if answer["responded_at"] and answer["score"] is None],
        [row for row in rows("search_site") if row["query"] == ""],
    ):
        assert part
    assert {order["currency"] for order in orders} == {"EUR", "CHF", "GBP", None}
    assert {row["currency"] for row in rows("ad_performance")} == {"EUR", "CHF", "GBP", "USD"}
    served = {row["served_on"] for row in rows("ad_performance")}
    assert date(2026, 5, 1) not in served
    assert max(served) == date(2026, 9, 29)
    assert max(row["data_date"] for row in rows("search_site")) == date(2026, 9, 27)


def test_days_are_as_busy_as_they_should_be() -> None:
    visits = Counter(session["started_at"].date() for session in rows("sessions"))

    def of(first: date, last: date) -> int:
        return sum(visits[first + timedelta(days=day)] for day in range((last - first).days))

    # Growth, Christmas, summer; Sundays rather than Saturdays.
    assert of(date(2025, 10, 1), date(2026, 10, 1)) > 1.2 * of(date(2024, 10, 1), date(2025, 10, 1))
    assert of(date(2025, 12, 1), date(2026, 1, 1)) > 1.5 * of(date(2026, 8, 1), date(2026, 9, 1))
    by_day = Counter({day: sum(n for on, n in visits.items() if on.weekday() == day) for day in range(7)})
    assert by_day[6] > by_day[5]
