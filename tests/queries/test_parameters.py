"""Parameters: typed values that a query sets, used by name, never anything but values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import kpidsl
from kpidsl.diagnostics import Sink
from kpidsl.planning import plan_query
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject

from .asking import ask, codes_of, messages, refused, shop

D = Decimal

MORE = """\
parameters:
  smallest: {type: "decimal(12,2)", default: 20}
  longest: {type: integer, default: 60, label: {en: Longest, fr: Plus long}}
  factor: {type: float, default: 0.5}
  the_channel: {type: text, default: email}
  channels: {type: text, list: true, default: "'email', 'search'"}
  countries: {type: text, list: true}
  since: {type: date}
  moment: {type: timestamp, default: 2026-01-31}
  only_paid: {type: boolean, default: false}
  digits: {type: integer, default: 1}
  days: {type: date, list: true, default: [2026-01-05, 2026-01-31]}
metrics:
  large_orders: count(orders where amount >= smallest)
  quick_orders: count(orders where minutes < longest)
  scaled: sum(orders.amount * smallest)
  of_channel: revenue where channel = the_channel
  of_channels: orders_placed where channel in (channels)
  not_of_channels: orders_placed where channel not in (channels)
  of_countries: count(orders where country in (countries))
  since_then: count(orders where ordered_on >= since)
  until_then: count(orders where ordered_on < moment)
  of_days: count(orders where ordered_on in (days))
  maybe_paid: count(orders where status = 'paid' or not only_paid)
  rounded: round(revenue, digits)
  rounded_rows: sum(round(orders.amount, digits))
  half: revenue * factor
"""


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return shop(tmp_path, MORE)


def test_defaults_and_values_in_rows_and_formulas(project: CheckedProject) -> None:
    # amounts 10.10 20.20 30.30 100.10 5.00 0.30 7.00
    assert ask(project, "large_orders") == [(3,)]
    assert ask(project, "large_orders", parameters={"smallest": "20.21"}) == [(2,)]
    assert ask(project, "large_orders", parameters={"smallest": D("0.3")}) == [(7,)]
    assert ask(project, "large_orders", parameters={"smallest": -1}) == [(7,)]
    assert ask(project, "quick_orders", parameters={"longest": 25}) == [(2,)]
    assert ask(project, "scaled", parameters={"smallest": "0.01"}) == [(D("1.7300"),)]
    assert ask(project, "half") == [(80.5,)]
    assert ask(project, "half", parameters={"factor": "1e1"}) == [(1610.0,)]
    assert ask(project, "r = revenue / longest", parameters={"longest": 10}) == [(16.1,)]


def test_texts_lists_times_and_booleans(project: CheckedProject) -> None:
    assert ask(project, "of_channel") == [(D("110.20"),)]
    assert ask(project, "of_channel", parameters={"the_channel": "social"}) == [(D("0.30"),)]
    assert ask(project, "of_channel", parameters={"the_channel": "'social'"}) == [(D("0.30"),)]
    assert ask(project, ["of_channels", "not_of_channels"]) == [(4, 3)]
    assert ask(project, "of_channels", parameters={"channels": "'social'"}) == [(1,)]
    assert ask(project, "of_channels", parameters={"channels": "'a,b', 'email'"}) == [(3,)]
    assert ask(project, "of_countries", parameters={"countries": ["FR", "DE"]}) == [(6,)]
    assert ask(project, "since_then", parameters={"since": date(2026, 1, 31)}) == [(3,)]
    assert ask(project, "since_then", parameters={"since": "2026-02-01"}) == [(2,)]
    assert ask(project, "until_then") == [(4,)]
    assert ask(project, "until_then", parameters={"moment": "2026-01-31 00:00:01"}) == [(5,)]
    assert ask(project, "until_then", parameters={"moment": datetime(2025, 7, 1)}) == [(2,)]
    assert ask(project, "of_days") == [(2,)]
    assert ask(project, "maybe_paid") == [(7,)]
    assert ask(project, "maybe_paid", parameters={"only_paid": True}) == [(5,)]


def test_digits_of_round_are_exact_on_every_engine(project: CheckedProject) -> None:
    assert ask(project, ["rounded", "rounded_rows"]) == [(D("161.0"), D("173.0"))]
    assert ask(project, "rounded_rows", parameters={"digits": 0}) == [(D("172.00"),)]
    assert ask(project, "rounded_rows", parameters={"digits": -1}) == [(D("180.00"),)]
    assert ask(project, "rounded_rows", parameters={"digits": 5}) == [(D("173.00"),)]


def test_parameters_reach_every_place_of_a_definition(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        """\
parameters:
  smallest: {type: "decimal(12,2)", default: 6}
  cut: {type: integer, default: 30}
  scope: {type: text, list: true, default: [FR, DE]}
datasets:
  big_orders:
    table: orders
    key: order_id
    time: ordered_on
    where: amount >= smallest
    columns:
      order_id: integer
      ordered_on: date
      amount: decimal(12,2)
      minutes: integer
      is_slow: {type: boolean, expr: minutes >= cut}
      extra: {type: "decimal(13,2)", expr: amount - smallest}
    joins:
      same: {to: orders, using: order_id}
  all_visits:
    table: visits
    key: visit_id
    columns: {visit_id: integer}
    joins:
      big: {to: big_orders, using: {order_id: visit_id}}
dimensions:
  speed: {from: {big_orders: case when is_slow then 'slow' else 'quick' end}}
  place: {from: {big_orders: "case when same.country in (scope) then 'here' else 'there' end"}}
metrics:
  big: count(big_orders)
  rest: sum(big_orders.extra)
  matched: sum(all_visits.big.amount)
""",
    )
    # at least 6: orders 1 2 3 4 7; slow is 4 (35), the minutes of 7 are unknown
    assert ask(project, "big", by="speed") == [("quick", 4), ("slow", 1)]
    assert ask(project, "big", by="speed", parameters={"smallest": 20, "cut": 15}) == [("slow", 3)]
    assert ask(project, "rest", parameters={"smallest": 100}) == [(D("0.10"),)]
    assert ask(project, "big", by="place", parameters={"scope": ["DE"]}) == [("here", 1), ("there", 4)]
    # visits 1..5 meet orders 1..5, of which 5 is too small for the joined dataset
    assert ask(project, "matched") == [(D("160.70"),)]
    assert ask(project, "matched", parameters={"smallest": 30}) == [(D("130.40"),)]


def test_conditions_of_queries_use_parameters(project: CheckedProject) -> None:
    assert ask(project, "orders_placed", where="channel = the_channel") == [(3,)]
    assert ask(project, "n = count(orders where channel in (channels))") == [(4,)]
    assert ask(project, "revenue", by="channel", having="revenue > smallest") == [
        ("email", D("110.20")),
        ("search", D("20.20")),
        (None, D("30.30")),
    ]


def test_what_does_not_fit_is_refused(project: CheckedProject) -> None:
    def given(**values: object) -> list[str]:
        return refused(project, "revenue", parameters=values)

    assert given(smallest="abc") == ["parameter/value"]
    assert given(smallest="1.005") == ["parameter/value"]
    assert given(smallest="1e3") == ["parameter/value"]
    assert given(smallest="12345678901.00") == ["parameter/value"]
    assert given(smallest="revenue") == ["parameter/value"]
    assert given(smallest="1 + 1") == ["parameter/value"]
    assert given(smallest="true") == ["parameter/value"]
    assert given(longest="1.5") == ["parameter/value"]
    assert given(longest=2**63) == ["parameter/value"]
    assert given(longest="") == ["parameter/value"]
    assert given(longest="null") == ["parameter/value"]
    assert given(since="2026-02-30") == ["parameter/value"]
    assert given(since="'2026-02-03'") == ["parameter/value"]
    assert given(moment="2026-02-30") == ["parameter/value"]
    assert given(moment="2026-02-03 10:00:00+02:00") == ["parameter/value"]
    assert given(only_paid="yes") == ["parameter/value"]
    assert given(the_channel="it's") == ["parameter/value"]
    assert given(countries=[]) == ["parameter/value"]
    assert given(countries="'a',") == ["parameter/value"]
    assert given(smalest=3) == ["name/unknown"]
    assert refused(project, "revenue", parameters=[("longest", "1"), ("longest", "1")]) == ["parameter/twice"]
    assert refused(project, "since_then") == ["parameter/missing"]
    assert refused(project, "of_countries") == ["parameter/missing"]
    assert refused(project, "x = revenue where channel = channels") == ["parameter/list"]
    assert "did you mean `smallest`?" in messages(project, "revenue", parameters={"smalest": 1})


def test_a_text_is_only_a_text(project: CheckedProject) -> None:
    for text in ("x' or 1=1 --", "'); drop table orders; --", "*/ select 1 /*", "a\\'b", "{{x}}", ";"):
        quoted = "'" + text.replace("'", "''") + "'"
        assert ask(project, "of_channel", parameters={"the_channel": quoted}) == [(0,)], text
        assert ask(project, "of_countries", parameters={"countries": [text]}) == [(0,)], text
    assert refused(project, "of_channel", parameters={"the_channel": "a\x00b"}) == ["parameter/value"]


def test_wrong_definitions_are_told(tmp_path: Path) -> None:
    def codes(text: str) -> list[str]:
        return codes_of(tmp_path, text)

    assert codes(
        "parameters:\n  a: {type: integer, default: x}\nmetrics:\n  m: sum(orders.amount) + a\n"
    ) == ["parameter/value"]
    assert codes("parameters:\n  a: {type: money}\nmetrics:\n  m: sum(orders.amount) + a\n") == [
        "type/unknown"
    ]
    assert codes("parameters:\n  a: {type: integer, default: [1, 2]}\nmetrics: {m: count(orders) + a}\n") == [
        "parameter/list"
    ]
    assert codes("parameters:\n  a: {type: text}\nmetrics:\n  m: revenue + a\n") == ["type/mismatch"]
    assert codes("parameters:\n  revenue: {type: integer}\nmetrics:\n  m: revenue + 1\n") == [
        "name/ambiguous"
    ]
    assert codes("parameters:\n  channel: {type: text}\nmetrics:\n  m: revenue where channel = 'a'\n") == [
        "name/ambiguous"
    ]
    # inside an aggregate a column comes first
    assert codes("parameters:\n  amount: {type: integer}\nmetrics:\n  m: sum(orders.amount)\n") == []


def test_the_answer_tells_which_values_it_rests_on(tmp_path: Path) -> None:
    shop(tmp_path, MORE)
    query = kpidsl.load(tmp_path).query(
        ["large_orders", "of_channels", "half", "until_then"], parameters={"smallest": 5}
    )
    assert query.parameters == {
        "smallest": "5.00",
        "factor": "0.5e0",
        "channels": "'email', 'search'",
        "moment": "2026-01-31T00:00:00",
    }


def test_a_join_on_a_computed_column_has_the_value(tmp_path: Path) -> None:
    project = shop(
        tmp_path,
        """\
parameters:
  shift: {type: integer, default: 0}
datasets:
  shifted:
    table: visits
    key: visit_id
    columns: {visit_id: integer, wanted: {type: integer, expr: visit_id + shift}}
    joins:
      order: {to: orders, using: {order_id: wanted}}
metrics:
  found: sum(shifted.order.amount)
""",
    )
    # visits 1..5
    assert ask(project, "found") == [(D("165.70"),)]
    assert ask(project, "found", parameters={"shift": 3}) == [(D("112.40"),)]
    sink = Sink()
    planned = plan_query(project, query_text("found"), sink)
    assert planned is not None
    assert set(planned.parameters) == {"shift"}
