"""What `check` warns of, and that a warning stops nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.semantics.lints import lint

from .asking import shop

KPI = "    label: a\n    direction: up\n    owner: me\n"


def warned(folder: Path, more: str) -> list[str]:
    shop(folder, more)
    sink = Sink()
    checked = load(folder, sink)
    assert checked is not None
    lint(checked, sink)
    assert not sink.has_errors
    return [diagnostic.code for diagnostic in sink.warnings]


LINES = """\
datasets:
  lines:
    table: lines
    key: line_id
    columns:
      line_id: integer
      order_id: integer
      quantity: integer
      of_order: {type: "decimal(12,2)", expr: order.amount}
    joins:
      order: {to: orders, using: order_id}
metrics:
  m: %s
"""


@pytest.mark.parametrize(
    ("formula", "codes"),
    [
        ("sum(lines.order.amount)", ["grain/repeated-parent"]),
        ("sum(lines.order.amount * 2 where quantity > 1)", ["grain/repeated-parent"]),
        ("1 + sum(lines.order.amount) / count(lines)", ["grain/repeated-parent"]),
        ("sum(lines.quantity * order.amount)", []),
        ("sum(lines.of_order)", []),
        ("avg(lines.order.amount)", []),
        ("max(lines.order.amount)", []),
        ("sum(orders.amount)", []),
    ],
)
def test_a_parents_value_summed_per_child(formula: str, codes: list[str], tmp_path: Path) -> None:
    assert warned(tmp_path, LINES % formula) == codes


def test_two_kpis_of_one_formula(tmp_path: Path) -> None:
    same = f"kpis:\n  a:\n    formula: revenue / traffic\n{KPI}  b:\n    formula: (revenue) / traffic\n{KPI}"
    assert warned(tmp_path, same) == ["kpi/same-formula"]
    assert warned(tmp_path, same.replace("(revenue)", "revenue * 1")) == []


def test_what_nothing_uses(tmp_path: Path) -> None:
    assert warned(tmp_path, "parameters: {a: integer}\n") == ["name/unused"]
    assert warned(tmp_path, "parameters: {a: integer}\nmetrics: {m: count(orders where minutes > a)}\n") == []
    joined = (
        "datasets:\n  looks: {table: v, key: k, time: at_, columns: {k: integer, at_: timestamp, who: integer}}\n"
        "  buys:\n    table: b\n    key: k\n    time: at_\n"
        "    columns: {k: integer, at_: timestamp, who: integer}\n"
        "    joins: {look: {to: looks, using: who, match: latest, before: at_, within: a}}\n"
    )
    assert warned(tmp_path, joined + "parameters: {a: {type: duration, default: 3 days}}\n") == []
    assert warned(tmp_path, "filters: {f: channel = 'a'}\n") == ["name/unused"]
    assert warned(tmp_path, "filters: {f: channel = 'a', g: f}\nmetrics: {m: revenue where g}\n") == []
    tested = (
        "filters: {f: channel = 'a'}\nmetrics:\n  m:\n    formula: count(orders)\n    tests:\n"
        "      - {name: t, query: {where: not f}, expect: []}\n"
    )
    assert warned(tmp_path, tested) == []
    lonely = (
        "datasets:\n  stores: {table: s, key: k, columns: {k: integer, town: text}}\n"
        "dimensions: {town: {from: {stores: town}}}\n"
    )
    assert warned(tmp_path, lonely) == ["name/unused"]
    assert warned(tmp_path, lonely + "metrics: {m: count(stores)}\n") == []


def test_deprecated_ones_in_formulas(tmp_path: Path) -> None:
    more = (
        "metrics:\n  old: {formula: revenue, deprecated: {since: 2026-01-01}}\n  m: old + old\n  n: m + old\n"
    )
    assert warned(tmp_path, more) == ["kpi/deprecated", "kpi/deprecated"]


def test_a_plain_project_has_no_warning(tmp_path: Path) -> None:
    assert warned(tmp_path, "") == []
