"""Named filters: one condition on dimensions, the same wherever it is named."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpidsl.semantics.check import CheckedProject

from .asking import ask, codes_of, messages, refused, shop

D = Decimal

MORE = """\
parameters:
  places: {type: text, list: true, default: FR}
filters:
  owned: channel in ('email', 'direct')
  here: {condition: country in (places), label: Here}
  owned_here: owned and here
  by_path: orders.country = 'DE'
metrics:
  owned_revenue: revenue where owned
  not_owned: count(orders where not owned)
  owned_traffic: traffic where owned
  owned_paid: sum(orders.amount where status = 'paid' and owned_here)
  share_owned: (revenue where owned) / revenue
  german: count(orders where by_path)
  either: sum(case when owned then orders.amount else 0 end)
"""


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return shop(tmp_path, MORE)


def test_a_filter_is_the_same_in_every_place(project: CheckedProject) -> None:
    assert ask(project, "owned_revenue") == [(D("110.20"),)]
    assert ask(project, "revenue", where="owned") == [(D("110.20"),)]
    # without a channel, not owned is true
    assert ask(project, "not_owned") == [(4,)]
    assert ask(project, "orders_placed", where="not owned") == [(4,)]
    assert ask(project, ["owned_traffic", "owned_revenue"]) == [(3, D("110.20"))]
    assert ask(project, "owned_paid") == [(D("110.20"),)]
    assert ask(project, "share_owned") == [(round(110.2 / 161, 9),)]
    assert ask(project, "german") == [(2,)]
    assert ask(project, "either") == [(D("115.20"),)]
    assert ask(project, "n = count(orders where owned or status is null)") == [(4,)]


def test_parameters_reach_into_filters(project: CheckedProject) -> None:
    assert ask(project, "orders_placed", where="owned_here") == [(2,)]
    assert ask(project, "orders_placed", where="owned_here", parameters={"places": ["DE"]}) == [(1,)]
    assert ask(project, "owned_paid", parameters={"places": "'DE'"}) == [(D("0.00"),)]


def test_over_joins_a_missing_partner_is_seen(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        """\
datasets:
  parcels:
    table: visits
    key: visit_id
    columns:
      visit_id: integer
      is_known: {type: boolean, expr: known}
    joins:
      order: {to: orders, using: {order_id: visit_id}}
  slips:
    table: visits
    key: visit_id
    columns: {visit_id: integer}
    joins:
      parcel: {to: parcels, using: {visit_id: visit_id}}
dimensions:
  place: {from: {orders: "coalesce(country, 'nowhere')"}}
filters:
  known: place != 'nowhere' and channel is not null
metrics:
  known_parcels: count(parcels where known)
  known_columns: count(parcels where is_known)
  known_slips: count(slips where parcel.is_known)
""",
    )
    # visits 1..5 meet orders 1..5; order 3 has no channel
    assert ask(project, ["known_parcels", "known_columns", "known_slips"]) == [(4, 4, 4)]


def test_a_dataset_that_lacks_the_dimension_is_named_with_the_filter(tmp_path: Path) -> None:
    assert codes_of(tmp_path, MORE + "  wrong: count(visits where here)\n") == ["dimension/unreachable"]
    assert codes_of(tmp_path, MORE + "  wrong: traffic where owned_here\n") == ["dimension/unreachable"]
    project = shop(tmp_path, MORE)
    said = messages(project, "traffic", where="owned_here")
    assert "`visits` does not reach the dimension `country`" in said
    assert "the filter `owned_here` tests it" in said


def test_wrong_filters_are_told(tmp_path: Path) -> None:
    def codes(text: str) -> list[str]:
        return codes_of(tmp_path, text)

    assert codes("filters: {a: b, b: not a}\n") == ["name/cycle"]
    assert codes("filters: {a: channel}\n") == ["type/not-a-condition"]
    assert codes("filters: {a: chanel = 'x'}\n") == ["name/unknown"]
    assert codes("filters: {a: revenue > 1}\n") == ["name/unknown"]
    assert codes("filters: {a: count(orders) > 1}\n") == ["aggregate/nested"]
    assert codes("filters: {channel: country = 'FR'}\nmetrics:\n  m: revenue where channel\n") == [
        "name/ambiguous"
    ]
    assert codes("filters: {a: amount > 1}\nmetrics:\n  m: count(orders where a)\n") == [
        "filter/not-a-dimension"
    ]
    assert codes('filters: {a: "channel = "}\nmetrics:\n  m: count(orders where a)\n') == ["formula/syntax"]
    assert codes("filters:\n  a: {condition: country = 'FR', lable: x}\n") == ["schema/unknown-key"]
    project = shop(tmp_path, MORE)
    assert refused(project, "revenue", by="owned") == ["query/not-a-member"]
    assert refused(project, "revenue", where="ownd") == ["name/unknown"]


def test_a_filter_on_a_date_part_is_of_the_aggregates_time(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        """\
filters:
  in_january: month_of_year = 1
datasets:
  parcels:
    table: orders
    key: order_id
    time: ordered_on
    columns:
      order_id: integer
      ordered_on: date
      sent_on: {type: date, expr: case when amount > 50 then 2026-01-02 else 2026-02-02 end}
      amount: decimal(12,2)
      is_early: {type: boolean, expr: in_january}
metrics:
  early: count(parcels where in_january)
  early_sent: count(parcels where in_january at sent_on)
  early_column: count(parcels where is_early at sent_on)
  early_orders: count(orders) where in_january
""",
    )
    # ordered in January: orders 1, 4, 5; sent in January: order 4
    kpis = ["early", "early_sent", "early_column", "early_orders"]
    assert ask(project, kpis) == [(3, 1, 3, 3)]
    assert ask(project, "parcels_sent = count(parcels at sent_on)", where="in_january") == [(1,)]


def test_names_of_times_are_taken(tmp_path: Path) -> None:
    assert codes_of(tmp_path, "filters: {weekday: channel = 'a'}\n") == ["name/reserved"]
    assert codes_of(tmp_path, "parameters: {month: integer}\n") == ["name/reserved"]
