"""The example's numbers against SQL written by hand on the same data."""

from __future__ import annotations

import importlib.util
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import kpidsl
from kpidsl.diagnostics import Sink
from kpidsl.testing import run_tests

BOUTIQUE = Path(__file__).resolve().parents[2] / "examples" / "boutique"
CHECKS = yaml.safe_load((Path(__file__).parent / "checks.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example's data in a folder of the tests' own."""
    spec = importlib.util.spec_from_file_location("make_data", BOUTIQUE / "make_data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = tmp_path_factory.mktemp("boutique") / "boutique.duckdb"
    module.build(path)
    return path


@pytest.fixture(scope="session")
def project() -> kpidsl.Project:
    return kpidsl.load(BOUTIQUE)


@pytest.mark.parametrize("check", CHECKS["checks"], ids=[str(n) for n, _ in enumerate(CHECKS["checks"], 1)])
def test_a_query_gives_the_numbers_of_the_hand_written_sql(
    check: dict[str, Any], project: kpidsl.Project, database: Path
) -> None:
    asked = dict(check["query"])
    asked["period"] = None if asked.get("period") is None else str(asked["period"])
    kpis = asked.pop("kpis")
    with duckdb.connect(str(database)) as by_hand:
        for view in CHECKS["views"]:
            by_hand.execute(view)
        expected = by_hand.execute(check["sql"]).fetchall()
    found = project.query(kpis, **asked).run(f"duckdb:///{database}").rows()
    assert len(found) == len(expected)
    for got, wanted in zip(found, expected, strict=True):
        assert all(map(same, got.values(), wanted)), (got, wanted)


@pytest.mark.parametrize(
    "check", CHECKS["objectives"], ids=lambda check: f"{check['objective']} {check['as_of']}"
)
def test_an_objective_stands_as_the_hand_written_sql_says(
    check: dict[str, Any], project: kpidsl.Project, database: Path
) -> None:
    period = check.get("period")
    query = project.objective(check["objective"]).query(
        as_of=str(check["as_of"]), period=None if period is None else str(period)
    )
    with duckdb.connect(str(database)) as by_hand:
        for view in CHECKS["views"]:
            by_hand.execute(view)
        expected = by_hand.execute(check["sql"]).fetchall()
    found = query.run(f"duckdb:///{database}").rows()
    assert len(found) == len(expected) > 0
    for got, wanted in zip(found, expected, strict=True):
        shown = [got[column] for column in check["columns"]]
        assert all(map(same, shown, wanted)), (shown, wanted)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and math.isclose(float(a), float(b), rel_tol=1e-12)
    return a == b or (
        isinstance(a, Decimal | int) and isinstance(b, Decimal | int) and Decimal(a) == Decimal(b)
    )


def test_the_tests_inside_the_example_pass(project: kpidsl.Project) -> None:
    sink = Sink()
    outcomes = run_tests(project.checked, (), "duckdb://", sink)
    assert not sink.reported
    assert {o.metric for o in outcomes} >= {
        m for m, d in project.checked.metrics.items() if d.definition.kind == "kpi"
    }
    assert [outcome for outcome in outcomes if outcome.difference] == []
