"""Facts about formulas, as tables: a formula, and what is true of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import kpidsl
from kpidsl.engines import connect
from kpidsl.running import run_on
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.facts import facts_of
from kpidsl.semantics.printing import print_bound
from tests.examples.test_boutique import BOUTIQUE
from tests.examples.test_boutique import database as database

from .shop import bound, shop

ADDITIVITY = [
    ("1", "constant"),
    ("sum(orders.amount)", "additive"),
    ("count(orders where status = 'paid')", "additive"),
    ("count_distinct(orders.order_id)", "additive"),
    ("count_distinct(orders.customer_id)", "distinct"),
    ("revenue", "additive"),
    ("revenue - cost", "additive"),
    ("revenue * 1.2 / 100", "additive"),
    ("-cost + 0", "additive"),
    ("coalesce(known_cost, 0)", "additive"),
    ("revenue where channel = 'email'", "additive"),
    ("revenue + 1", "composite"),
    ("round(revenue, 0)", "composite"),
    ("revenue * cost", "composite"),
    ("basket", "ratio"),
    ("revenue / nullif(cost, 0)", "ratio"),
    ("1 - (paid where channel = 'email') / paid", "ratio"),
    ("avg(orders.amount)", "ratio"),
    ("share(revenue across channel)", "ratio"),
    ("revenue / buyers", "ratio with a distinct part"),
    ("share(buyers)", "ratio with a distinct part"),
    ("buyers + paid", "distinct"),
    ("basket / avg(ads.cost)", "composite"),
    ("basket + basket", "composite"),
    ("total(revenue)", "composite"),
    ("max(orders.amount)", "quantile"),
    ("revenue / (period_end - period_start)", "derived over time"),
    ("count(orders where ordered_at >= period_start)", "derived over time"),
    ("count(orders where ordered_at < as_of)", "additive"),
    ("min(orders.ordered_at)", "quantile"),
    ("case when paid > 1 then revenue end", "composite"),
    ("count(orders where customer_id in values(orders.customer_id where status = 'paid'))", "composite"),
    ("count_distinct(orders.order_id where customer_id in values(orders.customer_id))", "composite"),
    ("count_distinct(orders.customer_id where customer_id in values(orders.customer_id))", "distinct"),
    (
        "count_distinct(orders.customer_id where customer_id in prior(values(orders.customer_id), 1 month))",
        "cohort",
    ),
    (
        "count(orders where customer_id in values(orders.customer_id having count(orders) >= 2))",
        "composite",
    ),
    (
        "count(orders where customer_id in prior(values(orders.customer_id having count(orders) > 1), 1 month))",
        "cohort",
    ),
    ("paid / count(orders where customer_id not in cumulative(values(orders.customer_id)))", "cohort"),
]


@pytest.mark.parametrize(("formula", "kind"), ADDITIVITY)
def test_additivity(formula: str, kind: str) -> None:
    assert facts_of(bound(formula), shop()).additivity.value == kind


SAMPLE = [
    ("1 + 2", None),
    ("count(orders)", "count(orders)"),
    ("buyers", "count_distinct(orders.customer_id)"),
    ("sum(ads.cost where network = 'x')", "count(ads.cost where ads.network = 'x')"),
    ("known_cost", "count(ads.cost)"),
    ("avg(ads.cost)", "count(ads.cost)"),
    ("sum(ads.clicks)", "sum(ads.clicks)"),
    ("sum(ads.seconds)", "count(ads.seconds)"),
    ("max(ads.cost)", "count(ads.cost)"),
    # The trials, where the denominator counts them.
    ("sum(ads.cost) / sum(ads.clicks)", "sum(ads.clicks)"),
    ("paid / count(orders)", "count(orders)"),
    ("cost / buyers", "count_distinct(orders.customer_id)"),
    ("100 * paid / nullif(count(orders), 0)", "count(orders)"),
    # Else the scarcer side.
    ("count(orders) / cost", "least(count(orders), count(ads.cost))"),
    ("basket / sum(ads.clicks)", "least(count(orders where orders.status = 'paid'), sum(ads.clicks))"),
    ("count(orders) - count(ads)", "least(count(orders), count(ads))"),
    ("count(orders) + count(ads)", "count(orders) + count(ads)"),
    ("count(orders) - 1", "count(orders)"),
    # A changed context changes the sample's too.
    ("cost where channel = 'email'", "(count(ads.cost) where channel = 'email')"),
    ("share(paid across channel)", "total(count(orders where orders.status = 'paid') across channel)"),
    ("1 / cost", "count(ads.cost)"),
]


@pytest.mark.parametrize(("formula", "sample"), SAMPLE)
def test_sample(formula: str, sample: str | None) -> None:
    found = facts_of(bound(formula), shop()).sample
    assert (None if found is None else print_bound(found)) == sample


MEMBERS = [
    ("count(orders)", "day week month quarter year", "channel country"),
    ("cost", "day week month quarter year", "channel"),
    ("revenue / cost", "day week month quarter year", "channel"),
    ("count(customers)", "day week month quarter year", "country"),
    ("count(customers) / cost", "day week month quarter year", ""),
    ("count(rates)", "", ""),
    ("1", "", ""),
]


@pytest.mark.parametrize(("formula", "grains", "dimensions"), MEMBERS)
def test_what_it_can_be_asked_by(formula: str, grains: str, dimensions: str) -> None:
    facts = facts_of(bound(formula), shop())
    kept = [grain for grain in facts.grains if grain in ["day", "week", "month", "quarter", "year"]]
    assert (" ".join(kept), " ".join(facts.dimensions)) == (grains, dimensions)


READS = [
    ("cost", {"ads": "cost day"}),
    ("count(ads)", {"ads": "day"}),
    ("revenue", {"orders": "price quantity status ordered_at is_test"}),
    ("count(customers at first_at where vip)", {"customers": "vip first_at"}),
    (
        "sum(orders.price where customer.vip)",
        {"orders": "price customer_id ordered_at is_test", "customers": "customer_id vip"},
    ),
    (
        "sum(orders.quantity * rate.factor)",
        {"orders": "quantity status ordered_at is_test", "rates": "status valid_from valid_to factor"},
    ),
    ("cost where channel = 'x'", {"ads": "cost day network"}),
    # A condition is read where it holds, and a part of the date is the aggregate's own time.
    ("(cost where channel = 'x') / count(customers)", {"ads": "cost day network", "customers": "first_at"}),
    (
        "cost / (count(orders) where channel = 'x')",
        {"ads": "cost day", "orders": "channel_code ordered_at is_test"},
    ),
    ("cost where weekday in (6, 7)", {"ads": "cost day"}),
    ("avg(sum(orders.price) per orders.status)", {"orders": "price status ordered_at is_test"}),
    (
        "count(ads where network in values(orders.status having sum(orders.price) > 5))",
        {"ads": "network day", "orders": "status price ordered_at is_test"},
    ),
]


@pytest.mark.parametrize(("formula", "reads"), READS)
def test_what_it_reads(formula: str, reads: dict[str, str]) -> None:
    written = formula.replace(" at first_at where vip", " where vip at first_at")
    found = facts_of(bound(written), shop()).reads
    assert {name: set(columns) for name, columns in found.items()} == {
        name: set(columns.split()) for name, columns in reads.items()
    }


def test_grain_and_metrics() -> None:
    facts = facts_of(bound("basket / cost"), shop())
    assert facts.keys == {"orders": ("order_id",), "ads": ("day", "network")}
    assert facts.metrics == ("basket", "revenue", "paid", "cost")


def test_what_is_called_additive_adds_up(database: Path) -> None:
    """On the example's data: the parts by any dimension, or by month, make up the whole."""
    project = kpidsl.load(BOUTIQUE)
    with connect(f"duckdb:///{database}", base=Path.cwd()) as opened:

        def added_up(name: str, by: str | None) -> object:
            rows = run_on(project.query(name, by=by or ()), opened).rows()
            return sum((row[name] for row in rows if row[name] is not None), start=Decimal(0))

        checked = 0
        for name, metric in project.checked.metrics.items():
            facts = facts_of(metric.bound, project.checked)
            if facts.additivity is Additivity.ADDITIVE:
                for member in ("month", *facts.dimensions):
                    assert added_up(name, member) == added_up(name, None), (name, member)
                    checked += 1
    assert checked > 20
