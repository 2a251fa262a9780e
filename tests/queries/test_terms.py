"""Variants, what a KPI requires and forbids, bounds, and what is deprecated."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import kpidsl
from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.engines.columns import ResultColumn
from kpidsl.model.types import FLOAT, INTEGER, TEXT, decimal
from kpidsl.planning import plan_query
from kpidsl.project import query_text
from kpidsl.report.violations import violations
from kpidsl.semantics.check import CheckedProject

from .asking import ask, codes_of, messages, refused, shop

D = Decimal

MORE = """\
parameters:
  one: {type: text, default: FR}
metrics:
  daily:
    formula: count_distinct(orders.channel)
    requires: [day]
  of_country:
    formula: revenue
    requires: country
  never_by_status:
    formula: count(orders)
    forbids: [status]
  often: never_by_status + 1
  resting: daily / of_country
  in_france: of_country where country = 'FR'
  in_one: of_country where country = one
  share_of_country: share(of_country across country)
  of_countries: sum(of_country per country)
  monthly: {formula: revenue, requires: [month]}
kpis:
  basket_value:
    label: {en: Basket value, fr: Panier en valeur}
    formula: revenue / orders_placed
    variant_of: basket
    direction: up
    owner: me
  basket_size:
    label: Basket size
    formula: orders_placed / traffic
    variant_of: basket
    direction: up
    owner: me
  old_revenue:
    label: Old
    formula: revenue
    deprecated: {since: 2026-01-01, use: revenue}
    direction: up
    owner: me
"""


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return shop(tmp_path, MORE)


def test_a_required_grain_is_grouped_by_or_fixed(project: CheckedProject) -> None:
    assert refused(project, "daily") == ["kpi/requires"]
    assert refused(project, "daily", by="month") == ["kpi/requires"]
    assert refused(project, "daily", period="2026-01") == ["kpi/requires"]
    assert len(ask(project, "daily", by="day")) == 7
    assert ask(project, "daily", period="2026-01-05") == [(1,)]
    assert ask(project, "daily", period="2026-01-05..2026-01-06") == [(1,)]
    assert ask(project, "daily", period=["2026-01-05", "2026-01-31"]) == [(1, 1)]
    assert refused(project, "daily", period=["2026-01-05", "2026-01"]) == ["kpi/requires"]
    # a finer bucket lies inside one of the required grain; a week does not
    assert len(ask(project, "monthly", by="day")) == 5
    assert refused(project, "monthly", by="week") == ["kpi/requires"]
    assert ask(project, "monthly", period="2026-01-02..2026-01-31") == [(D("100.10"),)]


def test_a_required_dimension_is_grouped_by_or_fixed(project: CheckedProject) -> None:
    assert refused(project, "of_country") == ["kpi/requires"]
    assert ask(project, "of_country", where="country = 'FR'") == [(D("130.40"),)]
    assert ask(project, "of_country", where="'FR' = country and channel = 'email'") == [(D("110.20"),)]
    assert ask(project, "of_country", where="country in ('FR')") == [(D("130.40"),)]
    assert ask(project, "of_country", where="country is null") == [(D("0.30"),)]
    assert ask(project, "of_country", where="country = one", parameters={"one": "DE"}) == [(D("30.30"),)]
    assert refused(project, "of_country", where="country in ('FR', 'DE')") == ["kpi/requires"]
    assert refused(project, "of_country", where="country = 'FR' or country = 'DE'") == ["kpi/requires"]
    assert refused(project, "of_country", where="country != 'FR'") == ["kpi/requires"]
    assert "--by country" in messages(project, "of_country")


def test_demands_travel_with_a_formula(project: CheckedProject) -> None:
    assert refused(project, "resting") == ["kpi/requires", "kpi/requires"]
    assert refused(project, "x = resting * 2", by="day") == ["kpi/requires"]
    assert "`resting` rests on `of_country`" in messages(project, "resting", by="day")
    assert len(ask(project, "resting", by=["day", "country"])) == 7
    assert ask(project, "in_france") == [(D("130.40"),)]
    assert ask(project, "in_one", parameters={"one": "DE"}) == [(D("30.30"),)]
    assert len(ask(project, "share_of_country", by="country")) == 3


def test_values_per_member_are_asked_of_it(project: CheckedProject) -> None:
    # paid: 130.40 in France, 30.30 in Germany, 0.30 without a country
    assert ask(project, "x = sum(of_country per country)") == [(D("160.70"),)]
    assert ask(project, "x = max(of_country per country)") == [(D("130.40"),)]
    assert ask(project, "of_countries") == [(D("160.70"),)]
    assert refused(project, "x = sum(of_country per channel)") == ["kpi/requires"]
    assert refused(project, "x = sum(of_country per country) / of_country") == ["kpi/requires"]
    # seven days with one order each, five of them with a channel
    assert ask(project, "x = sum(daily per day)") == [(5,)]
    assert ask(project, "x = sum(monthly per day)") == [(D("161.00"),)]
    assert refused(project, "x = sum(daily per month)") == ["kpi/requires"]
    assert refused(project, "x = sum(monthly per week)") == ["kpi/requires"]


def test_a_forbidden_member(project: CheckedProject) -> None:
    assert refused(project, "never_by_status", by="status") == ["kpi/forbids"]
    assert refused(project, "x = never_by_status + 1", by=["status"]) == ["kpi/forbids"]
    assert ask(project, "never_by_status", where="status = 'paid'") == [(5,)]


def test_a_forbidden_member_among_the_keys(project: CheckedProject, tmp_path: Path) -> None:
    assert refused(project, "x = max(never_by_status per status)") == ["kpi/forbids"]
    assert refused(project, "x = sum(1 + often per channel, status)") == ["kpi/forbids"]
    assert "`often` rests on `never_by_status`" in messages(project, "x = max(often per status)")
    # three orders by e-mail, one each by search and social; nobody is asked by status below the total
    assert ask(project, "x = max(never_by_status per channel)") == [(3,)]
    assert ask(project, "x = max(total(never_by_status across status) + 0 * orders_placed per status)") == [
        (7,)
    ]
    defined = "metrics:\n  n: {formula: count(orders), forbids: [status]}\n  most: max(n per status)\n"
    assert codes_of(tmp_path, defined) == ["kpi/forbids"]


def test_what_drops_all_members_warns_that_there_are_no_rows(project: CheckedProject) -> None:
    def warned(kpis: object, **parts: object) -> list[str]:
        sink = Sink()
        assert plan_query(project, query_text(kpis, **parts), sink) is not None
        return [d.message.split(":")[0] for d in sink.warnings]

    total = "x = total(revenue across month)"
    assert ask(project, total, by="month") == []
    assert warned(total, by="month") == ["nothing that is asked keeps `month`"]
    both = ["x = total(revenue across month)", "y = total(revenue across channel)"]
    assert warned(both, by=["month", "channel"]) == ["nothing that is asked keeps all of `month`, `channel`"]
    assert warned([total, "revenue"], by="month") == []
    assert warned(total, by="month", totals="true") == []
    assert warned(total, by="month", period="2026", fill=True) == []


def test_an_everyday_name_lists_the_variants(project: CheckedProject) -> None:
    assert refused(project, "basket") == ["name/variants"]
    assert refused(project, "x = basket * 2") == ["name/variants"]
    said = messages(project, "basket")
    assert "`basket_value` (Basket value / Panier en valeur), `basket_size` (Basket size)" in said
    assert len(ask(project, "basket_value")) == 1


def test_deprecated_is_a_warning_that_stops_nothing(project: CheckedProject, tmp_path: Path) -> None:
    for kpis in ("old_revenue", ["x = old_revenue + old_revenue", "y = old_revenue"]):
        sink = Sink()
        assert plan_query(project, query_text(kpis), sink) is not None
        assert {d.code for d in sink.warnings} == {"kpi/deprecated"}
        assert len(sink.diagnostics()) == 1
    query = kpidsl.load(tmp_path).query("old_revenue")
    assert [d.help for d in query.warnings] == ["use `revenue`"]


def test_wrong_terms_are_told(tmp_path: Path) -> None:
    def codes(terms: str) -> list[str]:
        return codes_of(tmp_path, f"metrics:\n  m: {{formula: count(orders), {terms}}}\n")

    assert codes("requires: [days]") == ["name/unknown"]
    assert codes("requires: [1 + 1]") == ["query/not-a-member"]
    assert codes("forbids: [amount]") == ["query/not-a-member"]
    assert codes("requires: [day], forbids: [day]") == ["kpi/required-and-forbidden"]
    assert codes("variant_of: revenue") == ["kpi/variant-name"]
    assert codes("bounds: [1, 0]") == ["kpi/bounds"]
    assert codes("bounds: [zero, null]") == ["kpi/bounds"]
    assert codes("bounds: [0]") == ["schema/bad-value"]
    assert codes("deprecated: {since: 2026-01-01, use: reveneu}") == ["name/unknown"]
    assert codes_of(tmp_path, "metrics:\n  m: {formula: max(orders.status), bounds: [0, 1]}\n") == [
        "kpi/bounds"
    ]


def found(bounds: tuple[Any, Any], type: Any, values: list[Any]) -> list[str]:
    import pyarrow as pa

    from kpidsl.engines.columns import arrow_schema

    columns = [ResultColumn("channel", TEXT, is_kpi=False), ResultColumn("v", type, None, bounds)]
    names = [None if n == 0 else f"c{n}" for n in range(len(values))]
    table = pa.table({"channel": names, "v": values}, schema=arrow_schema(columns))
    return [str(violation) for violation in violations(columns, table)]


def test_values_outside_their_bounds() -> None:
    assert found((D(0), None), INTEGER, [-1, 0, None, 5]) == ["row 1 (channel = null): v is -1, below 0"]
    assert found((D(0), D("0.3")), decimal(9, 2), [D("0.30"), D("0.31")]) == [
        "row 2 (channel = c1): v is 0.31, above 0.3"
    ]
    assert found((None, D("0.3")), FLOAT, [0.1 + 0.2, 0.3001]) == [
        "row 2 (channel = c1): v is 0.3001, above 0.3"
    ]
    assert found((D(0), None), FLOAT, [float("nan"), float("inf")]) == [
        "row 1 (channel = null): v is nan, which is no number"
    ]


def test_bounds_are_asserted_by_tests_and_results(tmp_path: Path) -> None:
    shop(
        tmp_path,
        """\
metrics:
  rate:
    formula: count(orders) / 2
    bounds: [0, 100%]
    tests:
      - name: too many
        rows: {orders: [{order_id: 1}, {order_id: 2}, {order_id: 3}]}
        query: {}
        expect: [{rate: 1.5}]
""",
    )
    from kpidsl.testing import run_tests

    checked = load(tmp_path, Sink())
    assert checked is not None
    (outcome,) = run_tests(checked, (), "duckdb://", Sink())
    assert outcome.difference == ("row 1: rate is 1.5, above 1",)
    import duckdb

    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute(
            "create table orders as select unnest([1, 2, 3]) order_id, date '2026-01-05' ordered_on"
        )
    result = kpidsl.load(tmp_path).query("rate").run(f"duckdb:///{tmp_path}/a.duckdb")
    assert [(v.row, v.column, v.value) for v in result.violations] == [(1, "rate", 1.5)]
