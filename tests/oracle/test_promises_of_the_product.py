"""The product judges a hundred thousand drawn values as the judge does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kpidsl.model.types import Type
from tests import answers

from .drawn_promises import KINDS, draw
from .judge import Bands, Kind, Number, Promise, Standing, judge, status

ROWS = 2_500
UNDER_WAY = Standing(has_begun=True, is_over=False, is_loaded=True, has_settled=True)
_DAY, _LAST = date(2026, 1, 2), date(2026, 1, 31)
OVER = Standing(has_begun=True, is_over=True, is_loaded=True, has_settled=True)
COLUMNS = ("met", "gap", "gap_relative", "attainment", "status", "reason")
DEFINITIONS = """
datasets:
  trials:
    table: trials
    key: id
    time: day
    columns: {{id: integer, day: date, v: "{type}", t: "{type}", b: "{type}", low: "{type}", high: "{type}"}}
dimensions:
  trial: {{type: integer, from: {{trials: id}}}}
metrics:
  lowest: min(trials.low)
  highest: min(trials.high)
  aimed: min(trials.t)
  start: min(trials.b)
kpis:
  score:
    label: Score
    owner: drawn@example.org
    direction: {direction}
    formula: min(trials.v)
objectives:
  drawn:
    kpi: score
    kind: {kind}
    by: [trial]
    period: month
    effective: {{from: 2026-01-01, until: 2026-02-01}}
{rest}
    owner: drawn@example.org
"""


def written(kind: Kind, *, has_baseline: bool, doubles: bool) -> str:
    direction = {"at_least": "up", "more_than": "up", "at_most": "down", "less_than": "down"}.get(
        kind, "range"
    )
    rest = "    range: [lowest, highest]" if kind == "within" else "    target: aimed"
    rest += "\n    tolerance: highest - aimed" if kind == "on_target" else ""
    rest += "\n    baseline: start" if has_baseline else ""
    kind_of = "float" if doubles else "decimal(20,4)"
    return DEFINITIONS.format(type=kind_of, direction=direction, kind=kind, rest=rest)


def table(drawn: Sequence[tuple[Number, Promise]], kind: str) -> answers.StoredTable:
    names = ("id", "day", "v", "t", "b", "low", "high")
    types: list[Type] = [answers.type_named(text) for text in ("integer", "date", *[kind] * 5)]
    rows = [
        (n, _DAY, value, promise.target, promise.baseline, promise.low, promise.high)
        for n, (value, promise) in enumerate(drawn)
    ]
    rows.append((len(drawn), _LAST, None, None, None, None, None))
    return (("trials",), list(zip(names, types, strict=True)), rows)


COMBINATIONS = [
    (kind, has_baseline, doubles)
    for kind in KINDS
    for has_baseline in ([False, True] if kind not in ("within", "on_target") else [False])
    for doubles in (False, True)
]


@pytest.mark.parametrize(("kind", "has_baseline", "doubles"), COMBINATIONS)
@pytest.mark.parametrize("as_of", ["2026-01-20", "2026-02-01"])
def test_drawn_values_are_judged_alike(
    kind: Kind, has_baseline: bool, doubles: bool, as_of: str, tmp_path: Path
) -> None:
    chance = Random(f"{kind} {has_baseline} {doubles}")
    drawn = [draw(chance, kind, has_baseline=has_baseline, doubles=doubles) for _ in range(ROWS)]
    text = written(kind, has_baseline=has_baseline, doubles=doubles)
    project = answers.checked(answers.write_project(tmp_path, "", text))
    with answers.loaded("duckdb", [table(drawn, "float" if doubles else "decimal(20,4)")]) as connection:
        compiled, wrong = answers.ask(project, {"objective": "drawn", "as_of": as_of}, "duckdb")
        assert compiled is not None, [d.message for d in wrong]
        names, rows = answers.answer(compiled, connection)
    standing = UNDER_WAY if as_of < "2026-01-31" else OVER
    found = {row[names.index("trial")]: [row[names.index(c)] for c in COLUMNS if c in names] for row in rows}
    for n, (value, promise) in enumerate(drawn):
        verdict = judge(value, promise)
        told = status(value, 1, promise, standing, Bands(), None)
        cells = dict(
            zip(
                COLUMNS,
                (verdict.met, verdict.gap, verdict.gap_relative, verdict.attainment, *told),
                strict=True,
            )
        )
        expected = [cell for name, cell in cells.items() if name in names]
        assert all(map(is_same, found[n], expected)), (n, value, promise, found[n], expected)


def is_same(found: Any, expected: Any) -> bool:
    """Tell whether two cells are one; a difference of doubles has the rounding of its terms."""
    if isinstance(expected, float) and found is not None:
        return math.isclose(float(found), expected, rel_tol=1e-6, abs_tol=1e-9)
    return bool(found == expected)
