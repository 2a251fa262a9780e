"""Aggregates, conditions and scalar values, worked out by hand from the language's description."""

from __future__ import annotations

import pytest

from .boutique import NOTHING, D, one, orders
from .table import Value


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


def test_a_sign_does_not_round_long_decimals() -> None:
    rows = orders({"amount": D("1234567890123456789.01")})
    product = "sum(orders.amount) * 1.0000000000000000001"
    # The sum and 10 to the -19 of it: .01 + .123456789012345678901.
    assert one(rows, f"0 - ({product})") == D("-1234567890123456789.133456789012345678901")
    assert one(rows, f"-({product})") == D("-1234567890123456789.133456789012345678901")
    assert one(rows, f"abs(-({product}))") == D("1234567890123456789.133456789012345678901")
