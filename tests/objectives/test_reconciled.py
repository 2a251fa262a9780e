"""Targets of members against the target of the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from .standing import codes, stands
from .test_targets_of import stands as stands_by_plan

WHOLE = """\
  whole:
    kpi: revenue
    kind: at_least
    period: month
    effective: {from: 2026-01-01, until: 2026-04-01}
    target: 100
    targets: [{period: 2026-02, target: 120}]
    owner: shop@example.com
"""
PARTS = """\
kpi: revenue
kind: at_least
by: [channel]
period: month
effective: {from: 2026-01-01, until: 2026-04-01}
"""
ROWS = """\
targets:
  - {channel: web, target: 70}
  - {channel: mail, target: 30}
  - {channel: mail, period: 2026-02, target: 50}
"""
SALES = [
    ("2026-01-10", "web", 80.0, True),
    ("2026-02-28", "mail", 5.0, True),
    ("2026-03-31", "shop", 1.0, True),
]


def test_numbers_that_add_up(tmp_path: Path) -> None:
    beside = WHOLE
    assert codes(tmp_path / "a", PARTS + ROWS + "reconcile: {with: whole}", beside) == []
    off = ROWS.replace("target: 50", "target: 49")
    assert codes(tmp_path / "b", PARTS + off + "reconcile: {with: whole}", beside) == ["objective/reconcile"]
    assert codes(tmp_path / "c", PARTS + off + "reconcile: {with: whole, tolerance: 1%}", beside) == []
    assert codes(tmp_path / "d", PARTS + off + "reconcile: {with: whole, tolerance: 0.9}", beside) == [
        "objective/reconcile"
    ]


def test_what_they_add_up_to_is_told(tmp_path: Path) -> None:
    off = ROWS.replace("target: 50", "target: 40") + "reconcile: {with: whole, tolerance: 10%}"
    rows = stands(tmp_path, PARTS + off + "\n", SALES, beside=WHOLE, as_of="2026-04-01")
    assert [
        (str(r["month"]), r["channel"], r["target"], r["sum_of_targets"], r["total_target"], r["reconciled"])
        for r in rows
    ] == [
        ("2026-01-01", "mail", 30, 100, 100, True),
        ("2026-01-01", "web", 70, 100, 100, True),
        ("2026-02-01", "mail", 40, 110, 120, True),
        ("2026-02-01", "web", 70, 110, 120, True),
        ("2026-03-01", "mail", 30, 100, 100, True),
        ("2026-03-01", "shop", None, 100, 100, True),
        ("2026-03-01", "web", 70, 100, 100, True),
    ]


def test_what_a_table_adds_up_to_is_told(tmp_path: Path) -> None:
    asked = PARTS + "target_from: {dataset: plans, value: aim}\nreconcile: {with: whole}\n"
    rows = stands_by_plan(tmp_path, asked, "2026-03-01", beside=WHOLE.replace("120", "85"))
    assert [
        (
            str(r["month"])[:7],
            r["channel"],
            r["target"],
            r["sum_of_targets"],
            r["total_target"],
            r["reconciled"],
        )
        for r in rows
    ] == [
        ("2026-01", "mail", None, 50, 100, False),
        ("2026-01", "web", 50, 50, 100, False),
        ("2026-02", "shop", 15, 85, 85, True),
        ("2026-02", "web", 70, 85, 85, True),
    ]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("reconcile: {with: wholes}", "name/unknown"),
        ("reconcile: {with: o}", "objective/reconcile"),
        ("by: []\nreconcile: {with: whole}", "objective/reconcile"),
        ("period: quarter\nreconcile: {with: whole}", "objective/reconcile"),
        ("where: channel = 'web'\nreconcile: {with: whole}", "objective/reconcile"),
        ("effective: {from: 2025-01-01, until: 2026-04-01}\nreconcile: {with: whole}", "objective/reconcile"),
        ("target: 5\nreconcile: {with: whole}", "objective/reconcile"),
        ("targets: [{channel: web, target: revenue}]\nreconcile: {with: whole}", "objective/reconcile"),
        ("reconcile: {with: whole, tolerance: -1}", "objective/reconcile"),
        ("kind: within\nreconcile: {with: whole}", "objective/keys"),
    ],
)
def test_what_has_no_whole(tmp_path: Path, written: str, found: str) -> None:
    keys = {"targets": "targets: [{channel: web, target: 5}]"}
    keys |= {line.split(":")[0]: line for line in (PARTS + written).splitlines()}
    asked = "\n".join(line for line in keys.values() if line != "by: []")
    if "kind: within" in asked:
        asked = asked.replace("target: 5", "range: [1, 2]")
    if "by:" not in asked:
        asked = asked.replace("targets: [{channel: web, target: 5}]", "target: 3")
        asked = asked.replace("at_least", "more_than")
    assert found in codes(tmp_path, asked, WHOLE)
