"""Sequences: whose rows they are, what is told of them, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import Aggregate
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import facts_of
from kpidsl.semantics.lints import lint
from tests import answers

DEFINITIONS = """
datasets:
  visits:
    table: visits
    key: visit_id
    time: visited_at
    columns: {{visit_id: integer, visitor_id: integer, visited_at: timestamp, shown_on: date, pages: integer}}
  orders:
    table: orders
    key: order_id
    time: ordered_at
    {where}
    columns: {{order_id: integer, visitor_id: integer, visit_id: text, ordered_at: timestamp, amount: integer}}
  days:
    table: days
    key: day
    time: day
    columns: {{day: date, visitor_id: integer}}
  people:
    table: people
    key: visitor_id
    columns: {{visitor_id: integer}}
parameters:
  patience: {{type: duration, default: 7 days}}
  many: {{type: integer, default: 7}}
metrics:
  asked: {formula}
"""


def checked(folder: Path, formula: str, where: str = "") -> tuple[CheckedProject, Sink]:
    sink = Sink()
    text = DEFINITIONS.format(formula=formula, where=where)
    project = load(answers.write_project(folder, "", text), sink)
    assert project is not None
    return project, sink


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("count(visits where followed_by(order per visitor_id))", "sequence/dataset"),
        ("count(visits where followed_by(orders.amount per visitor_id))", "sequence/dataset"),
        ("count(visits where followed_by(orders, visits per visitor_id))", "sequence/dataset"),
        ("count(visits where followed_by(orders then amount per visitor_id))", "sequence/dataset"),
        ("count(visits where followed_by(orders))", "sequence/key"),
        ("count(visits where followed_by(orders per order_id))", "sequence/key"),
        ("count(visits where followed_by(orders per pages))", "sequence/key"),
        ("count(visits where followed_by(orders per many))", "sequence/key"),
        ("count(visits where followed_by(orders per visit_id))", "type/mismatch"),
        ("count(visits where followed_by(orders per visitor_id within 7))", "sequence/window"),
        ("count(visits where followed_by(orders per visitor_id within many))", "sequence/window"),
        ("count(visits where followed_by(orders per visitor_id within 7 EUR))", "sequence/window"),
        ("count(visits where followed_by(orders per visitor_id within 1 day + 1 hour))", "sequence/window"),
        ("count(visits where followed_by(orders per visitor_id within 0 days))", "sequence/window"),
        ("count(visits where followed_by(orders per visitor_id within 2000 years))", "sequence/window"),
        ("count(visits where followed_by(orders per visitor_id within 0.5 months))", "sequence/window"),
        ("count(visits where followed_by(orders per visitor_id from -1 day))", "sequence/window"),
        ("count(visits where followed_by(orders per visitor_id from 2 days to 48 hours))", "sequence/window"),
        (
            "count(visits where followed_by(orders per visitor_id within 1 day from 2 days))",
            "sequence/window",
        ),
        (
            "count(visits where followed_by(days per visitor_id within 12 hours) at shown_on)",
            "sequence/window",
        ),
        ("count(visits where followed_by(people per visitor_id))", "time/no-time-column"),
        ("count(people where followed_by(orders per visitor_id))", "time/no-time-column"),
        ("count(visits where followed_by(orders where amount per visitor_id))", "type/not-a-condition"),
        ("count(visits where followed_by(orders where pages > 1 per visitor_id))", "name/unknown"),
        ("count(visits where followed_by(orders per visitor_id order by visitor_id))", "function/modifier"),
        ("count(visits) where followed_by(orders per visitor_id)", "sequence/misplaced"),
        ("followed_by(orders per visitor_id)", "sequence/misplaced"),
        ("count(visits within 7 days)", "function/modifier"),
    ],
)
def test_what_is_refused(tmp_path: Path, formula: str, code: str) -> None:
    _, sink = checked(tmp_path, formula)
    assert {found.rule.code for found in sink.reported if found.rule.severity == "error"} == {code}


@pytest.mark.parametrize(
    "formula",
    [
        "count(visits where followed_by(days per visitor_id within 12 hours))",
        "count(visits where followed_by(days per visitor_id within 48 hours) at shown_on)",
        "count(visits where followed_by(orders per visitor_id from patience))",
        "count(visits where followed_by(orders then days where day = 2026-01-01 per visitor_id))",
        "sum(case when preceded_by(orders where orders.amount > 5 per visitor_id) then visits.pages else 0 end)",
    ],
)
def test_what_is_taken(tmp_path: Path, formula: str) -> None:
    project, sink = checked(tmp_path, formula)
    assert not sink.reported
    bound = project.metrics["asked"].bound
    assert isinstance(bound, Aggregate)
    assert bound.dataset == "visits"


def test_counts_stay_additive_and_tell_what_they_read(tmp_path: Path) -> None:
    project, _ = checked(
        tmp_path, "count(visits where followed_by(orders where amount > 0 per visitor_id within patience))"
    )
    facts = facts_of(project.metrics["asked"].bound, project)
    assert facts.additivity is Additivity.ADDITIVE
    assert facts.reads == {
        "visits": ("visitor_id", "visited_at"),
        "orders": ("visitor_id", "ordered_at", "amount"),
    }
    assert facts.parameters == ("patience",)


def test_rows_that_depend_on_themselves(tmp_path: Path) -> None:
    _, sink = checked(tmp_path, "count(orders)", "where: not preceded_by(orders per visitor_id)")
    assert [found.rule.code for found in sink.reported] == ["name/cycle"]


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ("not followed_by(orders per visitor_id)", True),
        ("not (pages > 1 or followed_by(orders per visitor_id))", True),
        ("case when not followed_by(orders per visitor_id) then true else false end", True),
        ("followed_by(orders per visitor_id)", False),
        ("not (not followed_by(orders per visitor_id))", False),
        ("visitor_id is not null and not followed_by(orders per visitor_id)", False),
        ("visitor_id > 10 and not followed_by(orders per visitor_id)", False),
        ("not followed_by(orders per visitor_id including null)", False),
        ("not followed_by(visits per visit_id from 0 days)", False),
    ],
)
def test_null_keys_are_warned_of(tmp_path: Path, condition: str, *, warned: bool) -> None:
    project, _ = checked(tmp_path, f"count(visits where {condition})")
    sink = Sink()
    lint(project, sink)
    assert ("sequence/null-key" in {found.rule.code for found in sink.reported}) is warned
