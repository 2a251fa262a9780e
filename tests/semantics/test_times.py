"""Time roles and date parts: what is refused, and where names meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: ordered_at
    columns: {id: integer, ordered_at: timestamp, due_on: date, status: text, customer_id: integer}
    joins:
      customer: {to: customers, using: customer_id}
  customers:
    table: customers
    key: customer_id
    columns: {customer_id: integer, signed_up_at: timestamp, month: integer}
  budgets:
    table: budgets
    key: day
    time: day
    columns: {day: date, amount: integer}
dimensions:
  signup:
    type: timestamp
    from: {orders: customer.signed_up_at, customers: signed_up_at}
  due:
    type: date
    from: {orders: due_on}
  status:
    type: text
    from: {orders: status}
  customers:
    type: timestamp
    from: {orders: ordered_at}
metrics:
  orders: count(orders)
  customers: count(customers)
  budget: sum(budgets.amount)
"""


def codes(folder: Path, **query: object) -> tuple[str, ...]:
    sink = Sink()
    project = load(answers.write_project(folder, "", DEFINITIONS), sink)
    assert project is not None
    assert not sink.has_errors
    _, wrong = answers.ask(project, query, "duckdb")
    return tuple(d.code for d in wrong)


@pytest.mark.parametrize(
    "by",
    [
        "signup.month",
        "signup.hour",
        "signup.weekday",
        "due.fiscal_year",
        "due.day_of_year",
        "customers.signed_up_at.quarter",
        "orders.customer.signed_up_at.minute",
        "customers.month",
    ],
)
def test_what_may_stand_in_by(by: str, tmp_path: Path) -> None:
    expected = ("name/ambiguous",) if by == "customers.month" else ()
    assert codes(tmp_path, kpis=["orders"], by=[by]) == expected


@pytest.mark.parametrize(
    ("kpi", "by", "code"),
    [
        ("orders", "status.month", "time/not-a-time"),
        ("orders", "orders.status.weekday", "time/not-a-time"),
        ("orders", "due.hour", "time/no-time-of-day"),
        ("orders", "due.hour_of_day", "time/no-time-of-day"),
        ("budget", "hour", "time/no-time-of-day"),
        ("budget", "hour_of_day", "time/no-time-of-day"),
        ("customers", "weekday", "time/no-time-column"),
        ("budget", "signup.month", "dimension/unreachable"),
        ("orders", "signup.moth", "name/unknown"),
    ],
)
def test_what_may_not(kpi: str, by: str, code: str, tmp_path: Path) -> None:
    assert codes(tmp_path, kpis=[kpi], by=[by]) == (code,)


@pytest.mark.parametrize(
    ("kpi", "code"),
    [
        ("x = count(orders) where weekday in (6, 7)", None),
        ("x = count(orders) where signup.month = 2026-01-01", None),
        ("x = count(orders) where week = 2026-01-05", "filter/not-a-dimension"),
        ("x = count(customers) where weekday = 1", "time/no-time-column"),
        ("x = customers where weekday = 1", "time/no-time-column"),
        ("x = sum(budgets.amount) where hour_of_day = 1", "time/no-time-of-day"),
        ("x = sum(orders.id where hour(due_on) = 1)", "type/mismatch"),
        ("x = sum(orders.id where weekday(status) = 1)", "type/mismatch"),
        ("x = count(orders) where weekday = 'monday'", "type/mismatch"),
        ("x = total(orders across weekday, signup.month)", None),
    ],
)
def test_parts_and_roles_in_conditions(kpi: str, code: str | None, tmp_path: Path) -> None:
    assert codes(tmp_path, kpis=[kpi]) == (() if code is None else (code,))


@pytest.mark.parametrize("name", ["weekday", "hour", "fiscal_year", "week_of_year"])
def test_names_that_are_taken(name: str, tmp_path: Path) -> None:
    sink = Sink()
    load(answers.write_project(tmp_path, "", DEFINITIONS.replace("  signup:\n", f"  {name}:\n")), sink)
    assert [d.code for d in sink.diagnostics()] == ["name/reserved"]


@pytest.mark.parametrize("years", ["2040..2000", "1800..2000", "2000-2040"])
def test_zone_years_are_a_range(years: str, tmp_path: Path) -> None:
    sink = Sink()
    load(answers.write_project(tmp_path, f"zone_years: {years}\n", DEFINITIONS), sink)
    assert "project/zone-years" in [d.code for d in sink.diagnostics()]
