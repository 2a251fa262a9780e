"""Objectives from Python."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import kpidsl
from kpidsl.project import DefinitionError
from tests.cli.running import fill, write
from tests.cli.test_objectives import OBJECTIVES, TAKINGS


@pytest.fixture
def project(tmp_path: Path) -> kpidsl.Project:
    folder = write(tmp_path)
    fill(folder)
    (folder / "definitions" / "objectives.yml").write_text(OBJECTIVES)
    return kpidsl.load(folder)


def test_an_objective_is_a_query(project: kpidsl.Project) -> None:
    query = project.objective("conversion_2026").query(as_of="2026-02-10", period="2026-01")
    assert "SELECT" in query.sql("duckdb")
    result = query.run()
    assert [column.name for column in result.columns] == [
        *("month", "channel", "value", "sample", "target", "met", "gap", "gap_relative", "attainment"),
        *("status", "reason", "data_through", "as_of"),
    ]
    email, search = result.rows()
    # Three visits of e-mail in January and one order, two of search and one order.
    assert (email["value"], email["sample"], email["target"]) == (pytest.approx(1 / 3), 3, Decimal("0.4"))
    assert (email["status"], email["reason"]) == ("missed", "target_not_met")
    assert email["attainment"] == pytest.approx((1 / 3) / 0.4)
    assert (search["value"], search["status"], search["attainment"]) == (0.5, "met", 1.0)
    assert email["as_of"] == date(2026, 2, 10)


def test_columns_have_the_unit_of_the_kpi(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "definitions" / "money.yml").write_text(
        TAKINGS
        + """\
objectives:
  least: {kpi: takings, kind: at_least, period: month, target: 20, baseline: 10, owner: shop@example.com}
  levels:
    kpi: takings
    kind: more_than
    period: month
    target: 20
    levels: {threshold: 10, stretch: 30}
    owner: shop@example.com
  between: {kpi: takings, kind: within, period: month, range: [1, 20], owner: shop@example.com}
  ranks: {kpi: takings, kind: rank, by: [day_kind], period: month, target: 2, owner: shop@example.com}
  shares: {kpi: takings, kind: rank, by: [day_kind], period: month, share: 0.3, owner: shop@example.com}
dimensions:
  day_kind: {type: integer, from: {sales: id}}
"""
    )
    project = kpidsl.load(folder)
    units = {
        name: {
            column.name: column.unit
            for column in project.objective(name).query(as_of="2026-02-10").columns()
            if column.unit is not None
        }
        for name in ("least", "levels", "between", "ranks", "shares")
    }
    parts = dict.fromkeys(("gap_relative", "attainment"), "percent")
    own = dict.fromkeys(("value", "target", "gap"), "EUR")
    assert units["least"] == {**own, "baseline": "EUR", **parts}
    assert units["levels"] == {**own, **parts, "threshold": "EUR", "stretch": "EUR"}
    assert units["between"] == {
        **dict.fromkeys(("value", "lower", "upper", "gap"), "EUR"),
        "attainment": "percent",
    }
    assert units["ranks"] == {"value": "EUR", **parts}
    assert units["shares"] == {
        "value": "EUR",
        "overall": "EUR",
        "share": "percent",
        "target": "percent",
        "gap": "pp",
        **parts,
    }


def test_it_is_asked_at_the_present_instant(project: kpidsl.Project) -> None:
    query = project.objective("conversion_all_year").query()
    with pytest.raises(DefinitionError):
        query.sql("duckdb")
    assert query.at(date(2026, 2, 10)).run().rows()[0]["status"] == "on_track"


def test_one_that_there_is_not(project: kpidsl.Project) -> None:
    with pytest.raises(DefinitionError) as refused:
        project.objective("conversion_all_yer")
    assert refused.value.diagnostics[0].help == "did you mean `conversion_all_year`?"
    with pytest.raises(DefinitionError, match="there is no scorecard `none`"):
        project.scorecard("none")
