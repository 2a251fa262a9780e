"""`currency:` of a project: what the unit `money` is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.semantics.units import CURRENCIES, Unit, in_currency, named
from tests import answers

SCHEMA = Path(__file__).parents[2] / "schemas" / "project.schema.json"
DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    unit: order
    columns:
      id: integer
      amount: {type: "decimal(12,2)", unit: money}
      wage: {type: "decimal(12,2)", unit: money/hour}
      fee: {type: "decimal(12,2)", unit: EUR}
metrics:
  revenue: sum(orders.amount)
  per_order: revenue / count(orders)
  wages: sum(orders.wage)
  dear: count(orders where amount > 62 money)
  net: {formula: revenue - sum(orders.fee), unit: EUR}
"""


def read(settings: str, tmp_path: Path) -> tuple[dict[str, str], list[str]]:
    """Return the units of a project's metrics, and the codes of its mistakes with the texts at their places."""
    sink = Sink()
    project = load(answers.write_project(tmp_path, settings, DEFINITIONS), sink)
    assert project is not None
    facts = {name: metric.bound.unit for name, metric in project.metrics.items()}
    units = {name: str(fact.unit) for name, fact in facts.items() if fact is not None}
    return units, [f"{found.code} {found.primary.span.excerpt()}" for found in sink.diagnostics()]


def test_money_is_of_the_projects_currency(tmp_path: Path) -> None:
    units, mistakes = read("currency: EUR\n", tmp_path)
    assert units == {
        "revenue": "EUR",
        "per_order": "EUR/order",
        "wages": "EUR/hour",
        "dear": "order",
        "net": "EUR",
    }
    assert mistakes == []


def test_money_of_another_currency_is_another_unit(tmp_path: Path) -> None:
    units, mistakes = read("currency: GBP\n", tmp_path)
    assert units["per_order"] == "GBP/order"
    assert mistakes == ["unit/currencies revenue - sum(orders.fee)"]


def test_without_a_currency_money_is_a_noun(tmp_path: Path) -> None:
    units, mistakes = read("", tmp_path)
    assert units["per_order"] == "money/order"
    assert mistakes == ["unit/mismatch revenue - sum(orders.fee)"]


SAID = "say `currency: EUR` in kpidsl.yml: amounts in `money` are in `EUR` then"
KPI = """
kpis:
  turnover: {label: Turnover, owner: shop@example.com, direction: up, formula: sum(orders.amount)}
objectives:
  enough: {kpi: turnover, kind: at_least, period: month, target: 5 EUR, owner: shop@example.com}
"""


@pytest.mark.parametrize(
    ("more", "code", "help"),
    [
        ("", "unit/mismatch", SAID),
        ("  x: sum(orders.amount where amount > 62 EUR)\n", "unit/mismatch", SAID),
        ("  x: sum(orders.fee) / count(orders) + per_order\n", "unit/mismatch", SAID),
        ("  x: coalesce(sum(orders.fee / wage), 1 hour)\n", "unit/mismatch", None),
        ("  x: {formula: sum(orders.amount), unit: EUR}\n", "unit/declared", SAID),
        ("  x: {formula: per_order, unit: EUR/order}\n", "unit/declared", SAID),
        ("  x: {formula: per_order, unit: EUR/hour}\n", "unit/declared", None),
        (KPI, "objective/unit", SAID),
    ],
)
def test_the_currency_that_lacks_is_told(tmp_path: Path, more: str, code: str, help: str | None) -> None:
    sink = Sink()
    definitions = (
        DEFINITIONS
        if not more
        else DEFINITIONS.replace("  net: {formula: revenue - sum(orders.fee), unit: EUR}\n", more)
    )
    load(
        answers.write_project(
            tmp_path,
            "",
            definitions.replace("    key: id\n", "    key: id\n    time: day\n").replace(
                "id: integer", "id: integer\n      day: date"
            ),
        ),
        sink,
    )
    (only,) = sink.diagnostics()
    assert only.code == code
    assert (only.help == SAID) == (help == SAID)


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("EURO", "write `EUR`"),
        ("euro", "write `EUR`"),
        ("eur", "write `EUR`"),
        ("€", "write `EUR`"),
        ("$", "write `USD`"),
        ("£", "write `GBP`"),
        ("EUX", "did you mean `EUR` or `UGX`?"),
        ("shells", "write the currency's code of ISO 4217, such as `EUR` or `USD`"),
    ],
)
def test_a_currency_that_there_is_not(tmp_path: Path, written: str, help: str) -> None:
    sink = Sink()
    load(answers.write_project(tmp_path, f"currency: {written}\n", DEFINITIONS), sink)
    (only,) = (found for found in sink.diagnostics() if found.code == "schema/not-in-list")
    assert only.primary.span.excerpt() == written
    assert only.help == help


def test_editors_know_all_currencies() -> None:
    found = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["currency"]["enum"]
    assert found == sorted(CURRENCIES)


def test_money_in_a_unit() -> None:
    squared = named("money") ** 2 / named("order")
    assert in_currency(squared, "EUR") == named("EUR") ** 2 / named("order")
    assert in_currency(named("EUR") / named("money"), "EUR") == Unit(named("EUR").scale, ())
    assert in_currency(squared, None) is squared
