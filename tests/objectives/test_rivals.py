"""Objectives that compare members with each other: what is refused, and how lines are told."""

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

RANK = "kpi: revenue\nkind: rank\nby: [channel]\nperiod: month\n"
CODE = ["objective/rivals"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RANK + "target: 2\n", []),
        (RANK + "share: 20%\n", []),
        (RANK + "share: 0.2\n", []),
        (RANK + "target: 2\namong: channel\n", []),
        (RANK, ["objective/keys"]),
        (RANK + "target: 2\nshare: 20%\n", CODE),
        (RANK + "target: 0\n", CODE),
        (RANK + "target: 1.5\n", CODE),
        (RANK + "target: 30%\n", CODE),
        (RANK + "target: 2 EUR\n", CODE),
        (RANK + "target: revenue / 2\n", CODE),
        (RANK + "share: 120%\n", CODE),
        (RANK + "share: 0\n", CODE),
        (RANK + "share: 5 EUR\n", CODE),
        (RANK.replace("revenue", "win_rate") + "target: 2\n", []),
        (RANK.replace("revenue", "win_rate") + "share: 20%\n", CODE),
        (RANK.replace("by: [channel]\n", "") + "target: 2\n", CODE),
        (RANK + "target: 2\namong: country\n", CODE),
        (RANK + "target: 2\nstatus: {of: value, on_track: 2, at_risk: 1}\n", ["objective/bands"]),
        (RANK + "target: 2\neach: week\n", ["objective/keys"]),
        (RANK + "target: 2\nbaseline: 5\n", ["objective/baseline"]),
        (RANK + "target: 2\nlevels: {threshold: 3, stretch: 1}\n", ["objective/keys"]),
        (RANK.replace("rank", "at_least") + "target: 2\nshare: 20%\n", ["objective/keys"]),
    ],
)
def test_what_is_refused(text: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, text) == expected


def test_no_direction(tmp_path: Path) -> None:
    sink = Sink()
    text = SALES.replace("direction: up", "direction: none") + "objectives:\n  o:\n    owner: a\n"
    text += "".join(f"    {line}\n" for line in (RANK + "target: 2").splitlines())
    load(answers.write_project(tmp_path, "timezone: UTC\n", text), sink)
    assert [d.code for d in sink.diagnostics()] == CODE


def test_periods_apart(tmp_path: Path) -> None:
    sales = [sale("2026-01-05", 10, "a"), sale("2026-01-05", 20, "b"), sale("2026-02-05", 9, "a")]
    rows = stands(tmp_path, RANK + "target: 1\n", sales, as_of="2026-02-20")
    assert [(r["month"].month, r["channel"], r["value"], r["rank"], r["status"]) for r in rows] == [
        (1, "a", 10, 2, "missed"),
        (1, "b", 20, 1, "met"),
        (2, "a", 9, 1, "on_track"),
        (2, "b", 0, 2, "off_track"),
    ]


def test_every_dialect_ranks(tmp_path: Path) -> None:
    text = SALES + "objectives:\n  o:\n    owner: a\n"
    text += "".join(f"    {line}\n" for line in (RANK + "share: 20%\nmin_sample: 3").splitlines())
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", text))
    for dialect in DIALECTS.keys() - WITHOUT_SERIES:
        sink = Sink()
        asked = query_text((), as_of="2026-02-01", period="2026-01")
        compiled = compile_objective(project, project.objectives["o"], asked, dialect, sink)
        assert compiled is not None, dialect
        assert "RANK()" in compiled.sql.upper(), dialect
