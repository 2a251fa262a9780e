"""Joins, dimensions, time and contexts, worked out by hand from the language's description."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from . import OracleRefuses, evaluate
from .boutique import NOTHING, PROJECT, D, ask, at, one, orders
from .table import Value

PARTNERS: dict[str, list[dict[str, Any]]] = {
    "countries": [{"code": "FR", "name": "France"}],
    "customers": [
        {"customer_id": 1, "country_code": "FR", "signed_on": date(2026, 1, 5)},
        {"customer_id": 2, "country_code": "fr", "signed_on": date(2026, 2, 5)},
        {"customer_id": 3, "country_code": None, "signed_on": date(2026, 2, 6)},
        {"customer_id": 4, "country_code": "FR", "signed_on": date(2026, 2, 7), "is_fake": True},
        {"customer_id": None, "country_code": "FR", "signed_on": None},
    ],
    "orders": [
        {"order_id": i, "buyer": buyer, "amount": D(2) ** i, "status": s}
        for i, buyer, s in [(1, 1, "a"), (2, 2, "b"), (3, 3, None), (4, 4, "a"), (5, 99, "b"), (6, None, "c")]
    ],
    "sessions": [
        {"session_id": 1, "visitor_id": 1, "channel": "a"},
        {"session_id": 2, "visitor_id": 77, "channel": None},
        {"session_id": 3, "visitor_id": 3, "channel": "z"},
    ],
}


def test_facts_without_a_partner_stay_under_a_null_member() -> None:
    # Customer 4 is fake, 99 is nobody's number and a null key matches nothing, not even a null key.
    assert ask(PARTNERS, "revenue", by=["customers.country_code"]) == [
        ("FR", D(2)),
        ("fr", D(4)),
        (None, D(8 + 16 + 32 + 64)),
    ]


def test_a_derived_column_of_a_missing_partner_is_null() -> None:
    # `label` is coalesce(…, 'unknown'): customer 3 has it, the missing partners have nothing.
    assert ask(PARTNERS, "revenue", by=["customers.label"]) == [
        ("FR", D(2)),
        ("fr", D(4)),
        ("unknown", D(8)),
        (None, D(16 + 32 + 64)),
    ]


def test_a_dimension_is_evaluated_on_the_facts_row() -> None:
    # `market` is coalesce(country.name, 'none') and sees the missing partners; 'fr' is not 'FR'.
    assert ask(PARTNERS, "revenue", by=["market"]) == [("France", D(2)), ("none", D(124))]


def test_facts_line_up_on_a_conformed_dimension_null_members_included() -> None:
    assert ask(PARTNERS, "revenue", "visits", by=["channel"]) == [
        ("a", D(18), 1),
        ("b", D(36), 0),
        ("c", D(64), 0),
        ("z", 0, 1),
        (None, D(8), 1),
    ]


def test_a_member_over_two_hops_and_inside_an_aggregate() -> None:
    assert one(PARTNERS, "sum(orders.amount where customer.country.name = 'France')") == D(2)
    assert one(PARTNERS, "sum(orders.amount where customers.country_code != 'FR')") == D(124)
    assert one(PARTNERS, "sum(orders.amount where market = 'none')") == D(124)
    assert one(PARTNERS, "revenue", where="customers.country.name is null") == D(124)


def test_a_composite_key_matches_as_a_whole() -> None:
    rows = orders(
        {"shop": "a", "sku": 1, "amount": D(1)},
        {"shop": "a", "sku": 2, "amount": D(2)},
        {"shop": "b", "sku": 1, "amount": D(4)},
        {"shop": None, "sku": 1, "amount": D(8)},
    )
    rows["products"] = [{"shop": "a", "sku": 1, "family": "x"}, {"shop": "b", "sku": 1, "family": "y"}]
    assert ask(rows, "revenue", by=["products.family"]) == [("x", D(1)), ("y", D(4)), (None, D(10))]


def test_an_unlisted_dataset_takes_the_nearest_listed_one() -> None:
    rows = orders({"status": "paid", "amount": D(5)})
    rows["order_lines"] = [{"order_id": 1, "line": 1, "units": 3}, {"order_id": 9, "line": 1, "units": 4}]
    assert ask(rows, "x = sum(order_lines.units)", by=["channel"]) == [("paid", 3), (None, 4)]


def test_buckets_are_cut_in_the_projects_zone() -> None:
    # In Paris the first is 1 February 00:00, the second 31 January 23:59:59; July is at +2.
    rows = orders(
        {"ordered_at": at("2026-01-31 23:00:00"), "amount": D(1)},
        {"ordered_at": at("2026-01-31 22:59:59"), "amount": D(2)},
        {"ordered_at": at("2026-07-31 22:00:00"), "amount": D(4)},
        {"ordered_at": None, "amount": D(8)},
    )
    paris = {"timezone": "Europe/Paris"}
    assert ask(rows, "revenue", by=["month"], changes=paris) == [
        (date(2026, 1, 1), D(2)),
        (date(2026, 2, 1), D(1)),
        (date(2026, 8, 1), D(4)),
        (None, D(8)),
    ]
    assert ask(rows, "revenue", period="2026-02", changes=paris) == [(D(1),)]
    assert ask(rows, "revenue", changes=paris) == [(D(15),)]  # no window: rows without a time are in


def test_timestamps_without_a_zone_are_local_and_dates_are_days() -> None:
    rows = {"sessions": [{"session_id": 1, "started_at": at("2026-03-29 23:30:00")}]}
    paris = {"timezone": "Europe/Paris"}
    assert ask(rows, "visits", by=["day"], changes=paris) == [(date(2026, 3, 29), 1)]


@pytest.mark.parametrize(
    ("grain", "week_start", "first_day"),
    [
        ("day", "monday", date(2026, 8, 15)),
        ("week", "monday", date(2026, 8, 10)),
        ("week", "sunday", date(2026, 8, 9)),
        ("week", "saturday", date(2026, 8, 15)),
        ("month", "monday", date(2026, 8, 1)),
        ("quarter", "monday", date(2026, 7, 1)),
        ("year", "monday", date(2026, 1, 1)),
    ],
)
def test_a_bucket_is_its_first_day(grain: str, week_start: str, first_day: date) -> None:
    rows = orders({"ordered_at": at("2026-08-15 12:00:00"), "amount": D(1)})  # a Saturday
    assert ask(rows, "revenue", by=[grain], changes={"week_start": week_start}) == [(first_day, D(1))]


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("2026", 4),
        ("2026-Q3", 2),
        ("2026-08", 2),
        ("2026-W33", 1),  # 10 to 16 August
        ("2026-08-15", 1),
        ("2026-01-01..2026-08-15", 1),
        ("2026-01-01..2026-08-16", 2),
        ("2025", 0),
    ],
)
def test_periods(period: str, days: int) -> None:
    moments = ("2026-01-01 00:00:00", "2026-08-15 23:59:59", "2026-08-31 23:59:59", "2026-12-31 23:59:59")
    rows = orders(*({"ordered_at": at(m)} for m in moments), {"ordered_at": None})
    assert one(rows, "count(orders)", period=period) == days


def test_a_bucket_is_cut_by_the_period() -> None:
    rows = orders(*({"ordered_at": at(f"2026-01-{d} 12:00:00")} for d in ("05", "20")), {"ordered_at": None})
    found = ask(rows, "x = count(orders)", by=["month"], period="2026-01-10..2026-02-10")
    assert found == [(date(2026, 1, 1), 1, True)]


def test_at_takes_another_time_and_only_the_rows_that_have_one() -> None:
    rows = orders(
        {"ordered_at": at("2026-01-05 00:00:00"), "shipped_on": date(2026, 2, 1)},
        {"ordered_at": at("2026-01-06 00:00:00"), "shipped_on": None},
    )
    assert one(rows, "count(orders at shipped_on)") == 1
    assert ask(rows, "x = count(orders at shipped_on)", by=["month"]) == [(date(2026, 2, 1), 1)]
    both = ask(rows, "x = count(orders at shipped_on)", "y = count(orders)", by=["month"])
    assert both == [(date(2026, 1, 1), 0, 2), (date(2026, 2, 1), 1, 0)]


def test_a_time_that_walks_a_join() -> None:
    rows = orders({"ordered_at": at("2026-05-05 00:00:00")})
    rows["order_lines"] = [{"order_id": 1, "line": 1, "units": 3}, {"order_id": 9, "line": 1, "units": 4}]
    assert ask(rows, "x = sum(order_lines.units)", by=["year"]) == [(date(2026, 1, 1), 3), (None, 4)]
    joined = one(PARTNERS, "count(orders at customer.signed_on)", period="2026-02")
    assert joined == 2  # customers 2 and 3


def test_where_on_a_formula_adds_to_the_filter() -> None:
    assert one(PARTNERS, "revenue where channel = 'a'") == D(18)
    assert one(PARTNERS, "(revenue / visits) where channel = 'a'") == 18.0
    assert one(PARTNERS, "(revenue where channel = 'a') where market = 'none'") == D(16)
    assert one(PARTNERS, "revenue where channel != 'a'") == D(4 + 8 + 32 + 64)
    # It makes no rows for what it leaves out.
    assert ask(PARTNERS, "x = revenue where channel = 'a'", by=["channel"]) == [("a", D(18))]


def test_rows_of_an_aggregate_are_those_that_satisfy_its_where() -> None:
    rows = orders({"status": "a", "quantity": 1}, {"status": "b", "quantity": None}, {"status": "b"})
    assert ask(rows, "x = sum(orders.quantity where quantity > 0)", by=["orders.status"]) == [("a", 1)]
    # A null quantity is skipped by the sum, but its row is there.
    assert ask(rows, "x = sum(orders.quantity)", by=["orders.status"]) == [("a", 1), ("b", 0)]
    assert ask(rows, "x = count(orders.quantity)", by=["orders.status"]) == [("a", 1), ("b", 0)]


MONTHS = orders(
    {"ordered_at": at("2026-01-05 00:00:00"), "status": "a", "amount": D(1)},
    {"ordered_at": at("2026-01-06 00:00:00"), "status": "b", "amount": D(3)},
    {"ordered_at": at("2026-02-05 00:00:00"), "status": "a", "amount": D(4)},
    {"ordered_at": at("2025-02-05 00:00:00"), "status": "a", "amount": D(8)},
)
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def test_total_removes_members_and_leaves_the_bucket() -> None:
    found = ask(MONTHS, "revenue", "x = total(revenue)", by=["channel", "month"], period="2026")
    assert found == [(JANUARY, "a", D(1), D(4)), (JANUARY, "b", D(3), D(4)), (FEBRUARY, "a", D(4), D(4))]


def test_total_across_the_bucket_reads_the_querys_period() -> None:
    formulas = ("x = total(revenue across month)", "y = total(revenue across month, channel)")
    found = ask(MONTHS, "revenue", *formulas, by=["month", "channel"], period="2026")
    assert found == [
        (JANUARY, "a", D(1), D(5), D(8)),
        (JANUARY, "b", D(3), D(3), D(8)),
        (FEBRUARY, "a", D(4), D(5), D(8)),
    ]
    ever = ask(MONTHS, "x = total(revenue across month)", "revenue", by=["month"])
    assert [row[1] for row in ever] == [D(16)] * 3


def test_members_go_and_conditions_stay() -> None:
    found = ask(MONTHS, "revenue", "x = total(revenue)", by=["channel"], where="channel = 'a'")
    assert found == [("a", D(13), D(13))]
    assert ask(MONTHS, "revenue", "x = total(revenue where channel = 'b')", by=["channel"]) == [
        ("a", D(13), D(3)),
        ("b", D(3), D(3)),
    ]


def test_a_leaf_that_drops_members_makes_no_rows() -> None:
    assert ask(MONTHS, "x = total(revenue)", by=["channel"]) == []
    # The bucket stays, so with nothing else in the group every member is kept.
    assert len(ask(MONTHS, "x = total(revenue)", by=["month"])) == 3
    assert ask(MONTHS, "x = total(revenue across month)", by=["month"]) == []
    assert ask(MONTHS, "x = total(revenue)") == [(D(16),)]


def test_share() -> None:
    assert ask(MONTHS, "x = share(revenue)", by=["channel"]) == [("a", 13 / 16), ("b", 3 / 16)]
    found = ask(MONTHS, "x = share(revenue across month)", by=["month", "channel"], period="2026")
    assert [row[2] for row in found] == [1 / 5, 1.0, 4 / 5]
    with pytest.raises(OracleRefuses, match="does not group"):
        ask(MONTHS, "x = share(revenue across channel)", by=["month"])


def test_metrics_and_kpis_are_evaluated_in_the_context_they_stand_in() -> None:
    assert ask(MONTHS, "x = basket / total(basket)", by=["channel"]) == [
        ("a", (13 / 3) / 4.0),
        ("b", 3.0 / 4.0),
    ]


def test_without_by_there_is_one_row() -> None:
    assert ask(NOTHING, "revenue", "basket") == [(0, None)]
    assert ask(NOTHING, "revenue", by=["channel"]) == []


def test_order_puts_nulls_last_both_ways_and_breaks_ties_by_members() -> None:
    rows = orders(
        {"status": "b", "quantity": 1},
        {"status": "a", "quantity": 1},
        {"status": None, "quantity": 1},
        {"status": "c", "quantity": 2},
        {"status": "É", "quantity": None},
        {"status": "Z", "quantity": None},
    )

    def statuses(*order: str, limit: int | None = None) -> list[Value]:
        found = ask(rows, "x = max(orders.quantity)", by=["orders.status"], order=order, limit=limit)
        return [row[0] for row in found]

    assert statuses() == ["Z", "a", "b", "c", "É", None]
    assert statuses("orders.status") == ["Z", "a", "b", "c", "É", None]
    assert statuses("-orders.status") == ["É", "c", "b", "a", "Z", None]
    assert statuses("x") == ["a", "b", None, "c", "Z", "É"]
    assert statuses("-x") == ["c", "a", "b", None, "Z", "É"]
    assert statuses("-x", limit=2) == ["c", "a"]
    assert statuses("x", "-orders.status") == ["b", "a", None, "c", "É", "Z"]


def test_columns_are_bucket_then_members_then_kpis() -> None:
    query = {"kpis": ["basket", "revenue"], "by": ["market", "month"]}
    assert evaluate(PROJECT, NOTHING, query).columns == ("month", "market", "basket", "revenue")


@pytest.mark.parametrize(
    ("formula", "query"),
    [
        ("count(products)", {"by": ["month"]}),  # no time column under a window
        ("count(products)", {"period": "2026"}),
        ("count(sessions)", {"by": ["orders.status"]}),  # out of reach
        ("revenue", {"by": ["order_lines.units"]}),  # a fan-out
        ("orders.amount", {}),  # a row value outside an aggregate
        ("sum(amount)", {}),  # no dataset
        ("nobody", {}),
        ("count(orders where nobody = 1)", {}),
        ("sum(sum(orders.amount))", {}),
        ("sum(orders.status)", {}),
    ],
)
def test_what_has_no_right_number_is_refused(formula: str, query: dict[str, Any]) -> None:
    with pytest.raises(OracleRefuses):
        ask(PARTNERS, f"x = {formula}", **query)


@pytest.mark.parametrize(
    ("formula", "query"),
    [
        ("count(products)", {"where": "month = 2026-01-01"}),
        ("count(sessions)", {"by": ["orders.status"]}),
        ("count(sessions)", {"where": "orders.status = 'a'"}),
        ("count(sessions) where orders.status = 'a'", {}),
        ("count(products)", {"by": ["channel"]}),
        ("count(products)", {"by": ["day"]}),
    ],
)
def test_what_is_out_of_reach_is_refused_whatever_the_rows(formula: str, query: dict[str, Any]) -> None:
    with pytest.raises(OracleRefuses):
        ask(NOTHING, f"x = {formula}", **query)


def test_a_grain_in_a_condition_is_the_first_day_of_the_rows_bucket() -> None:
    assert one(MONTHS, "revenue", where="month = 2026-01-01") == D(4)
    assert one(MONTHS, "revenue where year != 2026-01-01") == D(8)


def test_rows_without_a_key_are_nobodys_partner() -> None:
    nobody = {"customer_id": None, "country_code": "FR", "signed_on": None}
    rows = orders({"buyer": None, "amount": D(1)}, {"buyer": 1, "amount": D(2)})
    rows["customers"] = [nobody, nobody, {"customer_id": 1, "country_code": "DE", "signed_on": None}]
    assert ask(rows, "revenue", by=["customers.country_code"]) == [("DE", D(2)), (None, D(1))]
    rows["customers"].append({"customer_id": 1, "country_code": "FR", "signed_on": None})
    with pytest.raises(OracleRefuses, match="have the key"):
        ask(rows, "revenue", by=["customers.country_code"])


def test_two_paths_are_refused() -> None:
    datasets = PROJECT["datasets"]
    twice = datasets["orders"]["joins"] | {"payer": {"to": "customers", "using": "customer_id"}}
    changes = {"datasets": datasets | {"orders": datasets["orders"] | {"joins": twice}}}
    assert ask(PARTNERS, "x = count(orders where payer.country_code = 'FR')", changes=changes) == [(1,)]
    with pytest.raises(OracleRefuses, match="2 ways"):
        ask(PARTNERS, "revenue", by=["customers.country_code"], changes=changes)
    with pytest.raises(OracleRefuses, match="several ways"):
        ask(PARTNERS, "revenue", by=["market"], changes=changes)


def test_a_name_that_is_column_and_dimension_with_two_sources_is_refused() -> None:
    changes = {"dimensions": {"status": {"type": "text", "from": {"orders": "upper(status)"}}}}
    assert ask(PARTNERS, "x = count(orders where orders.status = 'a')", changes=changes) == [(2,)]
    with pytest.raises(OracleRefuses, match="another source"):
        ask(PARTNERS, "x = count(orders where status = 'a')", changes=changes)
