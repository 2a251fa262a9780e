"""Databricks, whose warehouses round decimals of more than 38 digits: what would be rounded is cast, or refused.

Beyond the casts its statements are Spark's; how many digits a result has is asked of Spark, as it is by itself,
and so are statements with casts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from kpidsl import testing
from kpidsl.compiler import compile_query, write_query
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import DefinitionTest
from kpidsl.planning import plan_query
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql.decimal_digits import Digits, on_spark
from tests import answers
from tests.servers import spark

LEXICON = Path(__file__).parents[2] / "definitions" / "marketing"
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
_SETTING = "spark.sql.decimalOperations.allowPrecisionLoss"
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


@pytest.fixture
def rounding() -> Iterator[Any]:
    """Yield a connection to Spark that rounds, as a warehouse does."""
    with spark.empty() as connection:
        session: Any = connection._session  # type: ignore[attr-defined]
        kept = session.conf.get(_SETTING)
        session.conf.set(_SETTING, "true")
        try:
            yield connection
        finally:
            session.conf.set(_SETTING, kept)


@pytest.mark.asks("spark")
@pytest.mark.parametrize(
    ("formula", "casts", "due"),
    [
        # 9,999,999,999.99 times a million are 9,999,999,999,990,000, less 9,999.99999999.
        ("max(t.price) * max(t.rate)", ("DECIMAL(12, 2)", "DECIMAL(12, 6)"), "9999999999980000.00000001"),
        # 19,999,999,998.98 times a million are 19,999,999,998,980,000, less 19,999.99999898.
        (
            "(sum(t.price) - 1) * max(t.rate)",
            ("DECIMAL(22, 2)", "DECIMAL(12, 6)"),
            "19999999998960000.00000102",
        ),
        (
            "sum(coalesce(t.price * rate, 0) * rate)",
            ("DECIMAL(24, 8)",),
            "19999999999940000000000.05999999999998",
        ),
    ],
)
def test_what_is_cast_is_not_rounded(
    project: CheckedProject, rounding: Any, formula: str, casts: tuple[str, ...], due: str
) -> None:
    table = project.datasets["t"].definition.table
    assert table is not None
    columns = [(column.name, column.type) for column in project.datasets["t"].definition.columns.values()]
    most = (Decimal("9999999999.99"), Decimal("999999.999999"), Decimal(0))
    rounding.create_table(tuple(part.text for part in table), columns, [(1, *most), (2, *most)])
    compiled = compile_query(project, query_text([f"x = {formula}"]), "databricks", Sink())
    assert compiled is not None
    assert all(f"AS {cast})" in compiled.sql for cast in casts)
    _, rows = answers.answer(compiled, rounding)
    assert rows == [(Decimal(due),)]


@pytest.mark.asks("spark")
def test_the_lexicon_is_not_rounded(rounding: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the tests inside that have casts on Databricks some are asked where Spark rounds."""
    copytree(LEXICON, tmp_path / "definitions")
    (tmp_path / "kpidsl.yml").write_text("project: lexicon\nlanguage: 1\n", encoding="utf-8")
    lexicon = answers.checked(tmp_path)
    cast = [
        name
        for name, metric in lexicon.metrics.items()
        if any(
            _has_casts(lexicon, testing.asked_by(test, metric.definition), test)
            for test in metric.definition.tests
        )
    ]
    assert len(cast) > 20
    monkeypatch.setattr(rounding, "dialect", "databricks")
    monkeypatch.setattr(testing, "connect", lambda *_, **__: nullcontext(rounding))
    outcomes = testing.run_tests(lexicon, cast[::6], spark.URL, sink := Sink())
    assert sink.diagnostics() == ()
    assert [one for one in outcomes if one.difference] == []
    assert len(outcomes) >= len(cast[::6])


def _has_casts(lexicon: CheckedProject, kpis: tuple[str, ...], test: DefinitionTest) -> bool:
    planned = plan_query(lexicon, replace(test.query, kpis=kpis), Sink())
    written = [planned and write_query(planned, dialect, Sink()) for dialect in ("databricks", "spark")]
    return written[0] is not None and written[1] is not None and written[0].sql != written[1].sql


@pytest.mark.asks("spark")
def test_digits_are_those_of_spark(rounding: Any) -> None:
    due: dict[str, Digits] = {}
    for op, left, right in product("+-*", DECIMALS, DECIMALS):
        written = f"CAST(0 AS DECIMAL{left}) {op} CAST(0 AS DECIMAL{right})"
        due[written] = on_spark(op, left, right)
    session = rounding._session
    columns = ", ".join(f"{written} AS c{place}" for place, written in enumerate(due))
    fields = session.sql(f"SELECT {columns}").schema.fields
    found = {
        written: (f.dataType.precision, f.dataType.scale) for written, f in zip(due, fields, strict=True)
    }
    assert found == due
