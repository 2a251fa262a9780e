"""The oracle against tables worked out by hand from the language's description."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from . import OracleRefuses, evaluate
from .definitions import Definitions
from .table import Value
from .worlds import World, worlds

PROJECT: dict[str, Any] = {
    "datasets": {
        "countries": {"table": "countries", "key": "code", "columns": {"code": "text", "name": "text"}},
        "customers": {
            "table": "customers",
            "key": "customer_id",
            "where": "not is_fake",
            "time": "signed_on",
            "columns": {
                "customer_id": "integer",
                "country_code": "text",
                "is_fake": "boolean",
                "signed_on": "date",
                "label": {"type": "text", "expr": "coalesce(country_code, 'unknown')"},
            },
            "joins": {"country": {"to": "countries", "using": {"code": "country_code"}}},
        },
        "products": {
            "table": "products",
            "key": ["shop", "sku"],
            "columns": {"shop": "text", "sku": "integer", "family": "text"},
        },
        "orders": {
            "table": "orders",
            "key": "order_id",
            "time": "ordered_at",
            "where": "not is_test",
            "columns": {
                "order_id": "integer",
                "customer_id": {"type": "integer", "column": "buyer"},
                "ordered_at": {"type": "timestamp", "timezone": "UTC"},
                "shipped_on": "date",
                "status": "text",
                "amount": "decimal(10,2)",
                "quantity": "integer",
                "weight": "float",
                "is_test": "boolean",
                "shop": "text",
                "sku": "integer",
                "double_amount": {"type": "decimal(12,2)", "expr": "amount * 2"},
            },
            "joins": {
                "customer": {"to": "customers", "using": "customer_id"},
                "product": {"to": "products", "using": ["shop", "sku"]},
            },
        },
        "sessions": {
            "table": "sessions",
            "key": "session_id",
            "time": "started_at",
            "columns": {
                "session_id": "integer",
                "started_at": "timestamp",
                "channel": "text",
                "visitor_id": "integer",
            },
            "joins": {"visitor": {"to": "customers", "using": {"customer_id": "visitor_id"}}},
        },
        "order_lines": {
            "table": "order_lines",
            "key": ["order_id", "line"],
            "time": "order.ordered_at",
            "columns": {"order_id": "integer", "line": "integer", "units": "integer"},
            "joins": {"order": {"to": "orders", "using": "order_id"}},
        },
    },
    "dimensions": {
        "market": {"type": "text", "from": {"customers": "coalesce(country.name, 'none')"}},
        "channel": {"type": "text", "from": {"orders": "status", "sessions": "channel"}},
    },
    "metrics": {
        "revenue": "sum(orders.amount)",
        "visits": "count(sessions)",
        "revenue_or_null": {"formula": "sum(orders.amount)", "empty": None},
    },
    "kpis": {"basket": {"formula": "revenue / count(orders)"}},
}


def orders(*rows: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {"orders": [{"order_id": i, **row} for i, row in enumerate(rows, 1)]}


def ask(
    rows: dict[str, list[dict[str, Any]]], *kpis: str, changes: dict[str, Any] | None = None, **query: Any
) -> list[tuple[Value, ...]]:
    return evaluate(PROJECT | (changes or {}), rows, {"kpis": list(kpis), **query}).rows


def one(rows: dict[str, list[dict[str, Any]]], formula: str, **query: Any) -> Value:
    ((value,),) = ask(rows, f"x = {formula}", **query)
    return value


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


NOTHING: dict[str, list[dict[str, Any]]] = {}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("sum(orders.amount)", 0),
        ("count(orders)", 0),
        ("count(orders.amount)", 0),
        ("count_distinct(orders.status)", 0),
        ("avg(orders.amount)", None),
        ("min(orders.amount)", None),
        ("max(orders.status)", None),
        ("revenue_or_null", None),
        ("revenue_or_null + 1", None),
        ("total(revenue_or_null)", None),
        ("basket", None),
    ],
)
def test_an_aggregate_of_nothing(formula: str, value: Value) -> None:
    assert one(NOTHING, formula) == value


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("sum(orders.amount)", D("3.30")),
        ("avg(orders.amount)", 1.65),
        ("min(orders.amount)", D("1.10")),
        ("max(orders.amount)", D("2.20")),
        ("count(orders)", 3),
        ("count(orders.amount)", 2),
        ("count_distinct(orders.status)", 2),
        ("max(orders.status)", "paid"),  # 'P' (U+0050) comes before 'p' (U+0070)
        ("sum(orders.double_amount)", D("6.60")),
        ("sum(orders.amount * orders.quantity)", D("2.20")),  # null where a factor is null
        ("sum(orders.weight)", 0.6),  # correctly rounded, where adding one by one gives 0.6000000000000001
    ],
)
def test_aggregates_skip_nulls(formula: str, value: Value) -> None:
    rows = orders(
        {"amount": D("1.10"), "quantity": 2, "status": "paid", "weight": 0.1},
        {"amount": D("2.20"), "quantity": None, "status": "Paid", "weight": 0.2},
        {"amount": None, "quantity": 5, "status": None, "weight": 0.3},
    )
    assert one(rows, formula) == value


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("status = 'paid'", {1}),
        ("status != 'paid'", {2, 3}),
        ("status in ('paid', 'open')", {1}),
        ("status not in ('paid')", {2, 3}),
        ("status like 'p%'", {1}),
        ("status like '_aid'", {1, 2}),
        ("status not like 'p%'", {2, 3}),
        ("status is null", {3}),
        ("status is not null", {1, 2}),
        ("not (status = 'paid')", {2, 3}),
        ("quantity > 1", {1}),
        ("not (quantity > 1)", {2, 3}),
        ("quantity <= 1", {2}),
        ("quantity between 0 and 1", {2}),
        ("quantity not between 0 and 1", {1, 3}),
        ("quantity != null", {1, 2, 3}),
        ("status = 'paid' and quantity = 2", {1}),
        ("status = 'paid' or quantity is null", {1, 3}),
        ("starts_with(status, 'P') or contains(status, 'ai') and quantity > 1", {1, 2}),
        ("status in ('', null)", set()),
    ],
)
def test_conditions_are_two_valued(condition: str, kept: set[int]) -> None:
    rows = orders(
        {"status": "paid", "quantity": 2},
        {"status": "Paid", "quantity": 1},
        {"status": None, "quantity": None},
    )
    found = {i for i in (1, 2, 3) if one(rows, f"count(orders where ({condition}) and order_id = {i})")}
    assert found == kept


def test_a_null_boolean_is_false_in_a_condition() -> None:
    rows = orders({"is_test": None, "quantity": 1}, {"is_test": False, "quantity": 2}, {"is_test": True})
    # The dataset's `not is_test` keeps the first two; `is_test` itself keeps neither.
    assert one(rows, "count(orders)") == 2
    assert one(rows, "count(orders where is_test)") == 0
    assert one(rows, "count(orders where not is_test)") == 2
    assert one(rows, "count(orders where is_test = false)") == 1
    assert one(rows, "sum(case when orders.is_test then 1 else orders.quantity end)") == 3


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 / 0", None),
        ("0 / 5", 0.0),
        ("7 / 2", 3.5),
        ("1 / null", None),
        ("null + 1", None),
        ("2.5%", D("0.025")),
        ("0.5pp", D("0.005")),
        ("1.50 * 1.25", D("1.8750")),
        ("1 - -1", 2),
        ("2 + 3 * 4", 14),
        ("1e1 + 0.5", 10.5),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(1.005, 2)", D("1.01")),
        ("round(14, -1)", 10),
        ("floor(-1.5)", -2),
        ("ceil(-1.5)", -1),
        ("abs(-1.5)", D("1.5")),
        ("coalesce(null, 2)", 2),
        ("nullif(2, 2)", None),
        ("nullif(2, 3)", 2),
        ("least(3, 1, 2)", 1),
        ("greatest(1, null)", None),
        ("length('naïve')", 5),
        ("substring('héros', 2, 3)", "éro"),
        ("trim('  a b ')", "a b"),
        ("concat('l''', 'été')", "l'été"),
        ("upper('ab')", "AB"),
        ("year(2024-02-29) + month(2024-02-29) + day(2024-02-29)", 2055),
        ("case when 1 > 2 then 'a' when 2 > 1 then 'b' end", "b"),
        ("case when null = null then 1 end", None),
        ("'a ' = 'a'", False),
        ("'EU' = 'eu'", False),
        ("0.1 + 0.2 = 0.3", True),
    ],
)
def test_scalar_values(formula: str, value: Value) -> None:
    assert one(NOTHING, formula) == value


def test_whole_and_decimal_numbers_stay_exact() -> None:
    rows = orders({"amount": D("90071992547409.93")}, {"amount": D("0.01")})
    assert one(rows, "sum(orders.amount) * 1.01") == D("90972712472884.0394")
    assert isinstance(one(rows, "sum(orders.amount)"), D)
    assert isinstance(one(rows, "sum(orders.amount) / 1"), float)


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
    assert found == [(date(2026, 1, 1), 1)]


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


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_a_drawn_world_has_a_table(world: World) -> None:
    table = evaluate(*world)
    by, kpis = world.query["by"], world.query["kpis"]
    assert len(table.columns) == len(by) + len(kpis)
    keys = [row[: len(by)] for row in table.rows]
    assert len(set(keys)) == len(keys)
    assert len(keys) <= world.query.get("limit", len(keys))
    if not by:
        assert len(keys) == 1


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_the_order_of_rows_in_the_data_does_not_matter(world: World) -> None:
    turned = {name: rows[::-1] for name, rows in world.rows.items()}
    assert repr(evaluate(*world).columns) == repr(evaluate(world.project, turned, world.query).columns)
    straight, back = evaluate(*world).rows, evaluate(world.project, turned, world.query).rows
    assert straight == back


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_declared_keys_are_unique_in_drawn_rows(world: World) -> None:
    definitions = Definitions.read(world.project)
    for name, dataset in definitions.datasets.items():
        keys = [tuple(row[dataset.columns[k].physical] for k in dataset.key) for row in world.rows[name]]
        assert len(set(keys)) == len(keys)
        assert all(None not in key for key in keys)
