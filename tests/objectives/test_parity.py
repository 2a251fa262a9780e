"""Objectives by which members are not to differ: what is refused, how lines are told, what dialects say."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.compiler import compile_objective
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.sql.dialects import DIALECTS
from tests import answers
from tests.dialects.evidence import WITHOUT_SERIES

from .standing import SALES, codes, sale, stands

PARITY = "kpi: revenue\nkind: parity\nby: [channel]\nperiod: month\n"
NEAR = "tolerance: 10%\n"
WEB = "reference: channel = 'web'\n"
RATE = PARITY.replace("revenue", "win_rate") + WEB
RATES = PARITY.replace("revenue", "win_rate") + "tolerance: 5pp\n"
SEGMENT = PARITY.replace("by: [channel]\n", "") + "segment: channel = 'a'\n"
CODE = ["objective/parity"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PARITY + NEAR + WEB, []),
        (PARITY + NEAR + "reference: overall\nside: worse\n", []),
        (PARITY + NEAR + "reference: best\n", []),
        (PARITY + NEAR + "reference: channel is null\namong: channel\n", []),
        (SEGMENT + WEB + NEAR, []),
        (SEGMENT + "reference: overall\n" + NEAR, []),
        (SEGMENT + "reference: best\n" + NEAR, CODE),
        (SEGMENT + WEB + NEAR + "among: channel\n", CODE),
        (PARITY.replace("by: [channel]\n", "") + WEB + NEAR, CODE),
        (PARITY + WEB, ["objective/keys"]),
        (PARITY + NEAR, ["objective/keys"]),
        (PARITY + WEB + NEAR + "target: 4\n", ["objective/keys"]),
        (PARITY + WEB + NEAR + "targets: [{channel: a, target: 4}]\n", ["objective/keys"]),
        (PARITY + WEB + NEAR + "each: week\n", ["objective/keys"]),
        (PARITY + WEB + NEAR + "baseline: 5\n", ["objective/baseline"]),
        (PARITY + WEB + NEAR + "relative: true\n", ["objective/change"]),
        (PARITY + WEB + NEAR + "status: {of: gap, on_track: 2, at_risk: 1}\n", ["objective/bands"]),
        (PARITY + WEB + "tolerance: -1\n", ["objective/range"]),
        (PARITY + WEB + "tolerance: 0\n", ["objective/range"]),
        (PARITY + "reference: revenue > 4\n" + NEAR, ["name/unknown"]),
        (PARITY + "reference: channl = 'web'\n" + NEAR, ["name/unknown"]),
        (RATE + "tolerance: 5pp\n", []),
        (RATE + "tolerance: 5%\n", ["objective/fraction"]),
        (RATE + "tolerance: 5%\nrelative: true\n", []),
        (RATE + "tolerance: 5pp\nrelative: true\n", ["objective/change"]),
        (PARITY.replace("parity", "at_least") + "target: 4\nside: worse\n", ["objective/keys"]),
        (PARITY.replace("parity", "at_least") + "target: 4\nsegment: channel = 'a'\n", ["objective/keys"]),
    ],
)
def test_what_is_refused(text: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, text) == expected


@pytest.mark.parametrize("rest", ["reference: best\n", WEB + "side: worse\n"])
def test_no_direction(rest: str, tmp_path: Path) -> None:
    sink = Sink()
    text = SALES.replace("direction: up", "direction: none") + "objectives:\n  o:\n    owner: a\n"
    text += "".join(f"    {line}\n" for line in (PARITY + NEAR + rest).splitlines())
    load(answers.write_project(tmp_path, "timezone: UTC\n", text), sink)
    assert [d.code for d in sink.diagnostics()] == CODE


def test_a_reference_that_a_row_keeps_is_none(tmp_path: Path) -> None:
    definitions = SALES.replace(
        "  channel: {type: text", "  won: {type: boolean, from: {sales: is_won}}\n  channel: {type: text"
    )
    definitions = definitions.replace("  won: count", "  all_won: count").replace(
        "formula: won", "formula: all_won"
    )
    text = definitions + "objectives:\n  o:\n    owner: a\n"
    written = PARITY.replace("[channel]", "[channel, won]") + NEAR + "among: channel\nreference: won\n"
    sink = Sink()
    load(answers.write_project(tmp_path, "timezone: UTC\n", text + _indented(written)), sink)
    assert [d.code for d in sink.diagnostics()] == CODE


def test_a_reference_without_rows(tmp_path: Path) -> None:
    sales = [sale("2026-01-05", 10, "a"), sale("2026-02-05", 20, "web"), sale("2026-02-05", 19, "a")]
    rows = stands(tmp_path, PARITY + NEAR + WEB, sales, as_of="2026-03-01")
    assert [(r["month"].month, r["channel"], r["target"], r["lower"], r["status"]) for r in rows] == [
        (1, "a", None, None, "target_missing"),
        (1, "web", None, None, "target_missing"),
        (2, "a", 20, 18, "immature"),
        (2, "web", 20, 18, "immature"),
    ]


def test_beside_a_guardrail_and_in_a_scorecard(tmp_path: Path) -> None:
    sales = [sale("2026-01-05", 10, "a"), sale("2026-01-31", 20, "b"), sale("2026-01-31", 0, "b", won=False)]
    text = PARITY + "reference: best\ntolerance: 20%\nguardrails: [win_rate >= 80%]\n"
    rows = stands(tmp_path, text, sales, as_of="2026-02-01")
    assert [(r["channel"], r["target"], r["lower"], r["met"], r["status"], r["guardrail"]) for r in rows] == [
        ("a", 20, 16, False, "missed", None),
        ("b", 20, 16, False, "missed", "win_rate >= 80%"),
    ]


@pytest.mark.parametrize("rest", ["reference: best\n", WEB, "reference: overall\n"])
def test_every_dialect_compares(rest: str, tmp_path: Path) -> None:
    text = SALES + "objectives:\n  o:\n    owner: a\n" + _indented(RATES + rest + "min_sample: 3\n")
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", text))
    for dialect in DIALECTS.keys() - WITHOUT_SERIES:
        sink = Sink()
        asked = query_text((), as_of="2026-02-01", period="2026-01")
        compiled = compile_objective(project, project.objectives["o"], asked, dialect, sink)
        assert compiled is not None, dialect
        assert ("reference_sample" in compiled.sql) == ("best" not in rest), dialect


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def test_a_reference_has_the_sample_of_what_is_ripe(tmp_path: Path) -> None:
    """Rows of the last ten days are in neither value nor sample, of the reference as little as of others."""
    definitions = SALES.replace("direction: up", "direction: up\n    maturity: 10 days", 1)
    sales = [sale("2026-01-05", 10, "a"), sale("2026-01-06", 20, "web"), sale("2026-01-30", 90, "web")]
    rows = stands(tmp_path, PARITY + NEAR + WEB, sales, definitions, as_of="2026-01-31")
    assert [(r["channel"], r["target"], r["reference_sample"]) for r in rows] == [
        ("a", 20, 1),
        ("web", 20, 1),
    ]
