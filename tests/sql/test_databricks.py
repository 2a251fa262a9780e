"""Databricks, whose warehouses round decimals of more than 38 digits: what could be rounded is refused.

Its statements are Spark's; how many digits a result has is asked of Spark, as it is by itself.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql.decimal_digits import Digits, on_spark
from tests import answers
from tests.servers import spark

DEFINITIONS = """
datasets:
  t:
    table: t
    key: id
    columns:
      id: integer
      price: decimal(12,2)
      rate: decimal(12,6)
      fine: decimal(38,10)
"""
DECIMALS: tuple[Digits, ...] = (
    (1, 0),
    (9, 9),
    (12, 2),
    (18, 6),
    (19, 10),
    (20, 0),
    (30, 20),
    (38, 2),
    (38, 37),
)


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", DEFINITIONS))


@pytest.mark.parametrize(
    ("formula", "is_exact"),
    [
        ("sum(t.price * rate)", True),
        ("sum(t.price * rate * rate)", True),
        ("sum(t.price * rate * rate * rate)", False),
        ("sum(coalesce(t.price * rate, 0) * rate * rate)", False),
        ("sum(t.price) - sum(t.rate)", True),
        ("sum(t.price) * sum(t.price)", True),
        ("sum(t.price) * sum(t.rate)", False),
        ("max(t.fine) + 1", False),
        ("sum(t.price) / sum(t.rate)", True),
    ],
)
def test_decimals_that_would_be_rounded_are_refused(
    project: CheckedProject, formula: str, is_exact: bool
) -> None:
    text = query_text([f"x = {formula}"])
    wrong = Sink()
    compiled = compile_query(project, text, "databricks", wrong)
    assert [d.code for d in wrong.diagnostics()] == ([] if is_exact else ["dialect/unsupported"])
    by_spark = compile_query(project, text, "spark", Sink())
    assert by_spark is not None
    if compiled is not None:
        assert compiled.sql == by_spark.sql


@pytest.mark.asks("spark")
def test_digits_are_those_of_spark() -> None:
    due: dict[str, Digits] = {}
    for op, left, right in product("+-*", DECIMALS, DECIMALS):
        written = f"CAST(0 AS DECIMAL{left}) {op} CAST(0 AS DECIMAL{right})"
        due[written] = on_spark(op, left, right)
    with spark.empty() as connection:
        session: Any = connection._session  # type: ignore[attr-defined]
        setting = "spark.sql.decimalOperations.allowPrecisionLoss"
        kept = session.conf.get(setting)
        session.conf.set(setting, "true")
        try:
            columns = ", ".join(f"{written} AS c{place}" for place, written in enumerate(due))
            fields = session.sql(f"SELECT {columns}").schema.fields
        finally:
            session.conf.set(setting, kept)
    found = {
        written: (f.dataType.precision, f.dataType.scale) for written, f in zip(due, fields, strict=True)
    }
    assert found == due
