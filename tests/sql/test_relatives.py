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
    "formula",
    ["sum(t.weight)", "avg(t.weight)", "stddev(t.n)", "avg(sum(t.n) / count(t) per name)"],
)
def test_materialize_adds_no_floats_up(formula: str, tmp_path: Path) -> None:
    told = asked(formula, "materialize", tmp_path)
    assert isinstance(told, str)
    assert "it adds floats up as multiples of 2^-24" in told


@pytest.mark.parametrize(
    "formula",
    ["avg(t.price)", "sum(t.n) / count(t)", "min(t.weight)", "sum(t.price * t.quantity)", "median(t.weight)"],
)
def test_materialize_adds_decimals_up(formula: str, tmp_path: Path) -> None:
    assert isinstance(asked(formula, "materialize", tmp_path), CompiledQuery)


@pytest.mark.parametrize("formula", ["median(t.weight)", "percentile(t.price, 0.9)"])
def test_a_quantile_on_materialize_adds_no_rows_up(formula: str, tmp_path: Path) -> None:
    found = asked(formula, "materialize", tmp_path)
    assert isinstance(found, CompiledQuery), found
    assert "SUM(" not in found.sql


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("sum(t.rate * 1.05)", "over many rows it may have 30 digits, and 28 are kept"),
        ("sum(t.price * t.n)", "over many rows it may have 40 digits, and 28 are kept"),
        ("sum(t.price) * sum(t.price)", "its result may have 42 digits, and 28 are kept"),
        ("sum(t.id where t.price * t.n > 0)", "its result may have 31 digits, and 28 are kept"),
        ("sum(sum(t.price) * 10 per name)", "over many rows it may have 31 digits, and 28 are kept"),
    ],
)
def test_risingwave_has_28_digits(formula: str, reason: str, tmp_path: Path) -> None:
    told = asked(formula, "risingwave", tmp_path)
    assert isinstance(told, str)
    assert reason in told


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
