"""Materialize and RisingWave, which nobody runs here: what of it differs from PostgreSQL, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.compiler import CompiledQuery, compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from tests import answers

TABLE = (
    "datasets: {t: {table: t, key: id, time: at, columns: {id: integer, n: integer, name: text, at: timestamp, "
    "price: 'decimal(12,2)', rate: 'decimal(18,2)', quantity: 'decimal(4,0)', weight: float}}}\n"
)


def asked(formula: str, dialect: str, folder: Path) -> CompiledQuery | str:
    """Return a formula's statement, or the one message that refuses it."""
    project = answers.checked(answers.write_project(folder, "", TABLE))
    sink = Sink()
    found = compile_query(project, query_text([f"x = {formula}"]), dialect, sink)
    if found is not None:
        return found
    (told,) = sink.diagnostics()
    assert told.code == "dialect/unsupported"
    return told.message


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("sum(t.weight)", "CAST(SUM(CAST(t.weight AS DECIMAL)) AS DOUBLE PRECISION)"),
        ("sum(t.weight where name = 'a') - sum(t.weight)", "FILTER(WHERE t.name = 'a') AS DOUBLE PRECISION)"),
        ("stddev(t.n)", "CAST(AVG(CAST(t_rows.x_t_stddev AS DECIMAL)) OVER () AS DOUBLE PRECISION)"),
        ("median(t.weight)", "CAST(SUM(CAST(t_ranked.x_t_percentile * "),
        ("avg(sum(t.n) / count(t) per name)", "CAST(SUM(CAST(values_per_name.value AS DECIMAL))"),
    ],
)
def test_materialize_adds_floats_up_as_decimals(formula: str, sql: str, tmp_path: Path) -> None:
    found = asked(formula, "materialize", tmp_path)
    assert isinstance(found, CompiledQuery), found
    assert sql in " ".join(found.sql.split()).replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(
    "formula",
    ["avg(t.price)", "sum(t.n) / count(t)", "min(t.weight)", "sum(t.price * t.quantity)"],
)
def test_materialize_adds_decimals_up(formula: str, tmp_path: Path) -> None:
    found = asked(formula, "materialize", tmp_path)
    assert isinstance(found, CompiledQuery), found
    assert "AS DECIMAL)" not in found.sql


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("sum(t.rate * 1.05)", "SUM(t.rate * 1.05 * 10000) * 0.0001"),
        ("sum(t.price * t.n)", "SUM(t.price * 100 * t.n) * 0.01"),
        ("sum(t.price) * sum(t.price)", "t_total.v_t_sum * 100 * (t_total.v_t_sum * 100) * 0.0001"),
        ("sum(t.id where t.price * t.n > 0)", "t.price * 100 * t.n * 0.01 > 0"),
        ("sum(sum(t.price) * 10 per name)", "SUM(values_per_name.value * 100) FILTER"),
        ("sum(t.price * t.n) + sum(t.rate)", "(t_total.v_t_sum * 100 + t_total.v_t_sum_2 * 100) * 0.01"),
    ],
)
def test_risingwave_computes_in_whole_numbers_what_may_need_more_than_28_digits(
    formula: str, sql: str, tmp_path: Path
) -> None:
    found = asked(formula, "risingwave", tmp_path)
    assert isinstance(found, CompiledQuery), found
    assert sql in " ".join(found.sql.split()).replace("( ", "(").replace(" )", ")")


def test_risingwave_has_no_more_than_28_digits_after_the_point(tmp_path: Path) -> None:
    told = asked(f"sum(t.price * t.rate * 0.{'0' * 25}1)", "risingwave", tmp_path)
    assert isinstance(told, str)
    assert "digits, and 28 are kept" in told


@pytest.mark.parametrize(
    "formula",
    [
        "sum(t.price)",
        "sum(t.rate)",
        "sum(sum(t.price) per name)",
        "sum(t.price * t.quantity)",
        "sum(t.price) - sum(t.price where name = 'a')",
        "sum(t.price) * 1.05",
        "sum(t.n) * 2",
        "sum(t.price) / sum(t.n)",
        "median(t.price)",
    ],
)
def test_risingwave_computes_what_has_room(formula: str, tmp_path: Path) -> None:
    found = asked(formula, "risingwave", tmp_path)
    assert isinstance(found, CompiledQuery), found
    assert "DECIMAL(" not in found.sql
