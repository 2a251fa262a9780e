"""Scores, told again from the rows of the objectives alone, one by one; and what is checked of a scorecard."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpidsl.checking import load
from kpidsl.compiler import compile_objective
from kpidsl.diagnostics import Sink
from kpidsl.diagnostics.render_text import render
from kpidsl.engines import Connection
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import CheckedObjective, CheckedScorecard
from tests import answers, servers

DEFINITIONS = """\
datasets:
  sales:
    table: sales
    key: id
    time: day
    unit: sale
    columns: {id: integer, day: date, channel: text, country: text, amount: "decimal(10,2)", is_won: boolean}
dimensions:
  channel: {type: text, from: {sales: channel}}
  country: {type: text, from: {sales: country}}
kpis:
  revenue: {label: R, owner: a, direction: up, formula: sum(sales.amount)}
  refunds: {label: R, owner: a, direction: down, formula: sum(case when is_won then 0 else sales.amount end)}
  win_rate: {label: W, owner: a, direction: up, formula: count(sales where is_won) / count(sales)}
  basket: {label: B, owner: a, direction: up, formula: avg(sales.amount)}
objectives:
  sold: {kpi: revenue, kind: at_least, period: month, by: [channel], target: 100, weight: 2, owner: a}
  refunded: {kpi: refunds, kind: at_most, period: month, by: [channel], target: 30, owner: a}
  won:
    kpi: win_rate
    kind: at_least
    period: month
    by: [channel]
    target: 50%
    min_sample: 3
    weight: 0.5
    owner: a
  grown: {kpi: basket, kind: change, against: 1 month, period: month, by: [channel], target: 10%, owner: a}
  big: {kpi: basket, kind: at_least, period: month, by: [channel], where: country = 'FR', target: 60, owner: a}
  posted: {kpi: basket, kind: at_most, override_direction: so, period: month, by: [channel], where: channel = 'post', target: 60, owner: a}
  whole: {kpi: revenue, kind: at_least, period: month, target: 100, owner: a}
  weekly: {kpi: revenue, kind: at_least, period: week, by: [channel], target: 100, owner: a}
  light: {kpi: revenue, kind: more_than, period: month, by: [channel], target: 100, weight: 0, owner: a}
  later:
    kpi: basket
    kind: more_than
    period: month
    by: [channel]
    effective: {from: 2026-03-01}
    target: 40
    owner: a
  earlier:
    kpi: basket
    kind: at_least
    period: month
    by: [channel]
    effective: {until: 2026-03-01}
    target: 40
    owner: a
"""

ALL = ("sold", "refunded", "won", "grown", "big")
AS_OF = "2026-04-12"
JUDGED = ("met", "missed", "on_track", "at_risk", "off_track")


def card(text: str, names: Sequence[str] = ALL) -> str:
    return f"scorecards:\n  c: {{owner: a, objectives: [{', '.join(names)}]{', ' if text else ''}{text}}}\n"


def sales(seed: int) -> list[tuple[Any, ...]]:
    drawn = random.Random(seed)
    days = [date(2026, 1, 1) + timedelta(days=drawn.randrange(101)) for _ in range(drawn.randrange(0, 40))]
    return [
        (
            n,
            day,
            drawn.choice(["web", "shop", "post", None]),
            drawn.choice(["FR", "FR", "DE"]),
            Decimal(drawn.randrange(-2000, 9000)) / 100,
            drawn.random() < 0.6,
        )
        for n, day in enumerate(days, 1)
    ]


KINDS = {
    "id": "integer",
    "day": "date",
    "channel": "text",
    "country": "text",
    "amount": "decimal(10,2)",
    "is_won": "boolean",
}


def rows_of(
    project: CheckedProject,
    asked: CheckedObjective | CheckedScorecard,
    engine: str,
    strategy: answers.Strategy,
    connection: Connection,
) -> list[dict[str, Any]]:
    sink = Sink()
    dialect = servers.ENGINES[engine].dialect
    compiled = compile_objective(project, asked, query_text((), as_of=AS_OF), dialect, sink, strategy)
    assert compiled is not None, render(sink.diagnostics(), width=100, color=False)
    names, found = answers.answer(compiled, connection)
    return [dict(zip(names, row, strict=True)) for row in found]


def told_again(
    children: Mapping[str, Mapping[str, Any] | None],
    weights: Mapping[str, float],
    policy: str,
    missing: str,
    clamp: tuple[float, float],
    min_weight: float,
    veto: Sequence[str] = (),
) -> tuple[float | None, str]:
    """Return the score and status of one row, from the rows of the objectives."""
    counts = policy.endswith(f"of {len(children)}")
    judged = {
        name: row
        for name, row in children.items()
        if row is not None and row["status"] in JUDGED and (counts or row["attainment"] is not None)
    }
    statuses = ["" if row is None else row["status"] for row in children.values()]
    parts = {
        name: min(max(row["attainment"], clamp[0]), clamp[1]) for name, row in judged.items() if not counts
    }
    there = sum(weights[name] for name in judged) / sum(weights.values())
    score: float | None
    if not judged:
        score = None
    elif counts:
        score = sum(bool(row["met"]) for row in judged.values()) / int(policy.split()[0])
    elif (missing == "null" and len(judged) < len(children)) or (
        missing == "redistribute" and there < min_weight - 1e-12
    ):
        score = None
    else:
        if missing == "zero":
            parts = {name: parts.get(name, 0.0) for name in children}
        if policy == "geometric":
            there = sum(weights[n] for n in parts)
            score = math.prod(part ** (weights[n] / there) for n, part in parts.items())
        elif policy == "weighted":
            score = sum(weights[n] * part for n, part in parts.items()) / sum(weights[n] for n in parts)
        else:
            score = (min if policy == "worst" else max)(parts.values())
    if "immature" in statuses:
        return score, "immature"
    if not judged:
        return score, "no_data"
    if score is None:
        return score, "insufficient_data"
    against = [row["status"] for name in veto if (row := children[name]) is not None]
    if {"missed", "off_track"} & set(against):
        return score, "missed" if {"met", "missed"} & set(statuses) else "off_track"
    if any(status in ("met", "missed") for status in statuses):
        return score, "met" if score >= 1 - 1e-9 else "missed"
    if counts:
        wanted = int(policy.split()[0])
        if sum(status in ("met", "on_track") for status in statuses) >= wanted:
            return score, "on_track"
        good = sum(status in ("met", "on_track", "at_risk") for status in statuses)
        return score, "at_risk" if good >= wanted else "off_track"
    return score, "on_track" if score >= 1 - 1e-9 else "at_risk" if score >= 0.9 - 1e-9 else "off_track"


CARDS: dict[str, tuple[str, str, tuple[float, float], float]] = {
    "": ("weighted", "redistribute", (0, 1.2), 0.5),
    "policy: weighted, min_weight: 80%": ("weighted", "redistribute", (0, 1.2), 0.8),
    "policy: weighted, missing: zero": ("weighted", "zero", (0, 1.2), 0.5),
    "policy: weighted, missing: null": ("weighted", "null", (0, 1.2), 0.5),
    'clamp: ["-50%", 2], min_weight: 0': ("weighted", "redistribute", (-0.5, 2), 0),
    "policy: worst": ("worst", "redistribute", (0, 1.2), 0.5),
    "policy: worst, missing: zero": ("worst", "zero", (0, 1.2), 0.5),
    "policy: best, clamp: [0, 100%]": ("best", "redistribute", (0, 1), 0.5),
    "policy: geometric": ("geometric", "redistribute", (0, 1.2), 0.5),
    "policy: geometric, missing: zero": ("geometric", "zero", (0, 1.2), 0.5),
    "policy: geometric, clamp: [10%, 300%], min_weight: 0": ("geometric", "redistribute", (0.1, 3), 0),
    "veto: [sold, won]": ("weighted", "redistribute", (0, 1.2), 0.5),
    "policy: 1 of 5, veto: big": ("1 of 5", "redistribute", (0, 1.2), 0.5),
    "policy: 3 of 5": ("3 of 5", "redistribute", (0, 1.2), 0.5),
    "policy: 1 of 5": ("1 of 5", "redistribute", (0, 1.2), 0.5),
}


def cards() -> str:
    return "scorecards:\n" + "".join(
        f"  c{place}: {{owner: a, objectives: [{', '.join(ALL)}]{', ' if text else ''}{text}}}\n"
        for place, text in enumerate(CARDS)
    )


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_made_of_the_objectives(seed: int, tmp_path: Path) -> None:
    stored = sales(seed)
    typed = [(name, answers.type_named(kind)) for name, kind in KINDS.items()]
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", DEFINITIONS + cards()))
    weights = {name: float(project.objectives[name].weight) for name in ALL}
    engine = answers.ENGINES[seed % len(answers.ENGINES)]
    strategy = answers.STRATEGIES[seed // 2 % 2]
    with answers.loaded(engine, [(("sales",), typed, stored)]) as connection:
        children: dict[str, dict[tuple[Any, Any], dict[str, Any]]] = {}
        for name in ALL:
            rows = rows_of(project, project.objectives[name], engine, "fast", connection)
            children[name] = {(row["month"], row["channel"]): row for row in rows}
        for place, (text, spoken) in enumerate(CARDS.items()):
            found = rows_of(project, project.scorecards[f"c{place}"], engine, strategy, connection)
            for row in found:
                own = {name: children[name].get((row["month"], row["channel"])) for name in ALL}
                for name, child in own.items():
                    assert child is None or child["status"] == row[f"{name}_status"]
                veto = ["sold", "won"] if "veto: [" in text else ["big"] if "veto" in text else []
                score, status = told_again(own, weights, *spoken, veto)
                against = {row[f"{name}_status"] for name in veto} & {"missed", "off_track"}
                assert (row["reason"] == "veto") == (bool(against) and status in ("missed", "off_track"))
                assert row["status"] == status, (text, row, own)
                assert row["score"] == (None if score is None else pytest.approx(score)), (text, row)
            assert {(row["month"], row["channel"]) for row in found} >= children["sold"].keys()


NESTED = """\
scorecards:
  growth: {owner: a, objectives: [sold, grown], weight: 3}
  quality: {owner: a, objectives: [refunded, won], policy: worst, min_weight: 0}
  both: {owner: a, objectives: [growth, quality, big], clamp: [10%, 110%]}
  all: {owner: a, objectives: [both, quality, sold], policy: 2 of 3, veto: quality}
"""


@pytest.mark.parametrize("seed", range(3))
def test_scorecards_inside_others(seed: int, tmp_path: Path) -> None:
    """A scorecard inside another is what it is alone: its score is an attainment, with its own weight."""
    typed = [(name, answers.type_named(kind)) for name, kind in KINDS.items()]
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", DEFINITIONS + NESTED))
    engine, strategy = answers.ENGINES[seed % len(answers.ENGINES)], answers.STRATEGIES[seed % 2]
    with answers.loaded(engine, [(("sales",), typed, sales(seed))]) as connection:

        def alone(asked: CheckedObjective | CheckedScorecard) -> dict[tuple[Any, Any], dict[str, Any]]:
            rows = rows_of(project, asked, engine, strategy, connection)
            return {(row["month"], row["channel"]): row for row in rows}

        inner = {name: alone(project.scorecards[name]) for name in ("growth", "quality", "both")}
        own = {name: alone(project.objectives[name]) for name in ("big", "sold")}
        for key, row in alone(project.scorecards["both"]).items():
            children: dict[str, Mapping[str, Any] | None] = {"big": own["big"].get(key)}
            for name in ("growth", "quality"):
                children[name] = as_child(inner[name].get(key))
            weights = {"growth": 3.0, "quality": 1.0, "big": 1.0}
            score, status = told_again(children, weights, "weighted", "redistribute", (0.1, 1.1), 0.5)
            assert row["status"] == status, (row, children)
            assert row["score"] == (None if score is None else pytest.approx(score))
            for name in ("growth", "quality"):
                found = inner[name].get(key)
                if found is not None:
                    assert (row[f"{name}_score"], row[f"{name}_status"]) == (found["score"], found["status"])
        for key, row in alone(project.scorecards["all"]).items():
            parts = {name: as_child(inner[name].get(key)) for name in ("both", "quality")}
            parts["sold"] = own["sold"].get(key)
            every = dict.fromkeys(parts, 1.0)
            score, status = told_again(parts, every, "2 of 3", "redistribute", (0, 1.2), 0.5, ["quality"])
            assert (row["score"], row["status"]) == (score, status), (row, parts)


def test_a_statement_grows_with_its_objectives(tmp_path: Path) -> None:
    """Layers are not unfolded into one another: SQLite's program would have 591,000 steps."""
    definitions = DEFINITIONS + card("") + "  inner: {owner: a, objectives: [c]}\n"
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", definitions))
    typed = [(name, answers.type_named(kind)) for name, kind in KINDS.items()]
    with answers.loaded("sqlite", [(("sales",), typed, [])]) as connection:
        for name in ("c", "inner"):
            told, asked = Sink(), query_text((), as_of=AS_OF)
            compiled = compile_objective(project, project.scorecards[name], asked, "sqlite", told)
            assert compiled is not None
            assert len(connection.fetch(f"EXPLAIN {compiled.sql}")) < 10_000, name


def as_child(row: dict[str, Any] | None) -> Mapping[str, Any] | None:
    if row is None:
        return None
    reached = row["score"] is not None and row["score"] >= 1 - 1e-9
    met = reached and row["status"] not in ("missed", "off_track")
    return {"status": row["status"], "attainment": row["score"], "met": met}


@pytest.mark.parametrize(
    "objectives",
    [{"c": "sold, c"}, {"c": "sold, d", "d": "c, won"}, {"c": "d", "d": "e", "e": "c"}],
)
def test_a_scorecard_is_no_part_of_itself(objectives: dict[str, str], tmp_path: Path) -> None:
    sink = Sink()
    text = "".join(f"  {name}: {{owner: a, objectives: [{held}]}}\n" for name, held in objectives.items())
    project = load(answers.write_project(tmp_path, "", DEFINITIONS + f"scorecards:\n{text}"), sink)
    assert project is not None
    assert [d.code for d in sink.diagnostics()] == ["scorecard/objectives"]
    assert not project.scorecards


RIGHT = {
    "": ALL,
    "policy: best": ("sold",),
    "policy: 1 of 1": ("sold",),
    "status: {on_track: 95%, at_risk: 80%}": ALL,
    "clamp: [0.2, 1]": ALL,
    "policy: worst, missing: zero": ("light",),
}
WRONG: dict[tuple[str, tuple[str, ...]], str] = {
    ("", ("sold", "revenue")): "name/unknown",
    ("", ("sold", "solt")): "name/unknown",
    ("", ("sold", "c")): "scorecard/objectives",
    ("", ("sold", "sold")): "scorecard/objectives",
    ("", ("sold", "whole")): "scorecard/objectives",
    ("", ("sold", "weekly")): "scorecard/objectives",
    ("", ("earlier", "later")): "scorecard/objectives",
    ("", ("sold", "posted")): "scorecard/objectives",
    ("", ("light",)): "scorecard/weights",
    ("policy: mean", ALL): "scorecard/policy",
    ("policy: 2 of 3", ALL): "scorecard/policy",
    ("policy: 6 of 5", ALL): "scorecard/policy",
    ("policy: 0 of 5", ALL): "scorecard/policy",
    ("policy: 2 of 5, clamp: [0, 1]", ALL): "scorecard/policy",
    ("clamp: [0, 90%]", ALL): "scorecard/parts",
    ("status: {on_track: 130%, at_risk: 90%}", ALL): "scorecard/parts",
    ("clamp: [0, 110%], status: {on_track: 1.15, at_risk: 90%}", ALL): "scorecard/parts",
    ("policy: geometric, clamp: [-10%, 120%]", ALL): "scorecard/parts",
    ("policy: geometric", ("light",)): "scorecard/weights",
    ("veto: whole", ALL): "scorecard/objectives",
    ("veto: [sold, sold]", ALL): "scorecard/objectives",
    ("clamp: [100%, 120%]", ALL): "scorecard/parts",
    ("clamp: [0, 120]", ALL): "objective/fraction",
    ("min_weight: 120%", ALL): "scorecard/parts",
    ("min_weight: revenue", ALL): "scorecard/parts",
    ("missing: null, min_weight: 80%", ALL): "scorecard/policy",
    ("missing: zero, min_weight: 80%", ALL): "scorecard/policy",
    ("status: {on_track: 80%, at_risk: 90%}", ALL): "objective/bands",
}


@pytest.mark.parametrize(("text", "names"), RIGHT.items(), ids=list(RIGHT))
def test_right(text: str, names: tuple[str, ...], tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS + card(text, names)))
    assert list(project.scorecards) == ["c"]


@pytest.mark.parametrize(("asked", "code"), WRONG.items(), ids=[f"{a} {b}" for a, b in WRONG])
def test_wrong(asked: tuple[str, tuple[str, ...]], code: str, tmp_path: Path) -> None:
    sink = Sink()
    project = load(answers.write_project(tmp_path, "", DEFINITIONS + card(*asked)), sink)
    assert project is not None
    assert [d.code for d in sink.diagnostics()] == [code]
    assert not project.scorecards


def test_the_best_score_that_counts_may_be_on_track(tmp_path: Path) -> None:
    asked = "clamp: [0, 130%], status: {on_track: 130%, at_risk: 90%}"
    sink = Sink()
    project = load(answers.write_project(tmp_path, "", DEFINITIONS + card(asked, ALL)), sink)
    assert project is not None
    assert not sink.diagnostics()


def test_days_on_which_all_hold(tmp_path: Path) -> None:
    text = DEFINITIONS + card("", ("sold", "later"))
    project = answers.checked(answers.write_project(tmp_path, "", text))
    assert project.scorecards["c"].effective.start == date(2026, 3, 1)


def test_nobody_is_blamed_for_an_objective_that_is_wrong(tmp_path: Path) -> None:
    sink = Sink()
    text = DEFINITIONS.replace("target: 30,", "target: 30 USD, baselin: 3,") + card("")
    project = load(answers.write_project(tmp_path, "", text), sink)
    assert project is not None
    assert [d.code for d in sink.diagnostics()] == ["schema/unknown-key"]
