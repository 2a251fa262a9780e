"""Products on DuckDB: as wide as the language says, whatever the width of the table's columns."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpidsl.engines import EngineError, connect
from kpidsl.semantics.check import CheckedProject
from tests import answers

DEFINITIONS = """
datasets:
  t:
    table: t
    key: id
    columns:
      id: integer
      a: decimal(18,2)
      b: decimal(12,4)
      i: integer
      j: integer
      short: decimal(6,2)
      m: decimal(12,2)
"""
TABLE = """
create table t as select 1 as id, 99999999999.99::decimal(18,2) as a, 99999999.9999::decimal(12,4) as b,
  2147483647::integer as i, 2147483646::integer as j, 12.34::decimal(6,2) as short, 12.3456::decimal(12,4) as m
"""


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))


def answer(project: CheckedProject, formula: str) -> tuple[object, str]:
    compiled, wrong = answers.ask(project, {"kpis": [f"x = {formula}"]}, "duckdb")
    assert not wrong
    assert compiled is not None
    with connect("duckdb://", base=Path("."), read_only=False) as connection:
        connection.fetch(TABLE)
        return answers.answer(compiled, connection)[1][0][0], compiled.sql


@pytest.mark.parametrize(
    ("formula", "due"),
    [
        ("sum(t.a * b)", Decimal("9999999999989000000.000001")),
        ("sum(t.i * a)", Decimal("214748364699978525163.53")),
        ("sum(t.a * i)", Decimal("214748364699978525163.53")),
        ("sum(t.a * 1000000000000)", Decimal("99999999999990000000000.00")),
        ("sum(t.i * j)", 4611686011984936962),
        ("min(t.a) * max(t.b)", Decimal("9999999999989000000.000001")),
        ("max(t.i) * max(t.j)", 4611686011984936962),
        ("weighted_avg(t.b, a)", 99999999.9999),
    ],
)
def test_a_product_has_its_digits(project: CheckedProject, formula: str, due: object) -> None:
    assert answer(project, formula)[0] == due


def test_what_fits_is_not_made_wider(project: CheckedProject) -> None:
    for formula in ("sum(t.short * b)", "sum(t.a) * count(t)", "sum(t.short * 2)", "sum(t.a * b) * max(t.i)"):
        _, sql = answer(project, formula)
        assert sql.count("CAST(1 AS") == (1 if "a * b" in formula else 0), formula


def test_a_wrong_declaration_is_never_rounded(project: CheckedProject) -> None:
    with pytest.raises(EngineError, match="cannot hold exactly"):
        answer(project, "sum(t.m * b)")


def test_what_no_width_holds_is_refused_with_help(project: CheckedProject) -> None:
    with pytest.raises(EngineError) as caught:
        answer(project, "sum(t.i * j * i)")
    assert "Overflow" in caught.value.message
    assert caught.value.help is not None
