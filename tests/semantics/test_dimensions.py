"""A dimension's type: what its datasets give, without losing a digit."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from tests import answers

DATASETS = """
datasets:
  a: {table: a, key: id, columns: {id: integer, x: "decimal(9,3)"}}
  b: {table: b, key: id, columns: {id: integer, y: "decimal(9,1)", t: text}}
metrics: {n: count(a), m: count(b)}
dimensions:
"""


def codes(folder: Path, dimension: str) -> list[str]:
    sink = Sink()
    load(answers.write_project(folder, "", f"{DATASETS}  d: {dimension}\n"), sink)
    return [d.code for d in sink.diagnostics()]


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("{from: {a: x, b: y}}", []),
        ("{type: 'decimal(9,3)', from: {a: x, b: y}}", []),
        ("{type: 'decimal(9,1)', from: {a: x, b: y}}", ["dimension/type"]),
        ("{type: integer, from: {a: x}}", ["dimension/type"]),
        ("{from: {a: x, b: t}}", ["dimension/type"]),
    ],
)
def test_a_declared_type_holds_every_value(tmp_path: Path, dimension: str, expected: list[str]) -> None:
    assert codes(tmp_path, dimension) == expected


def test_an_inferred_type_holds_the_values_of_all(tmp_path: Path) -> None:
    project = answers.checked(
        answers.write_project(tmp_path, "", f"{DATASETS}  d: {{from: {{b: y, a: x}}}}\n")
    )
    compiled, wrong = answers.ask(project, {"kpis": ["n", "m"], "by": ["d"]}, "duckdb")
    assert not wrong
    assert compiled is not None
    assert str(compiled.query.by[0].type) == "decimal(11,3)"
