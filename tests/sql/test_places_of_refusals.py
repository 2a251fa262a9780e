"""What a dialect refuses of a whole statement is pointed at where it stands in the formulas."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from tests import answers

SETTINGS = "timezone: Europe/Paris\nzone_years: 2020..2030\n"
DEFINITIONS = r"""
datasets:
  orders:
    table: orders
    key: id
    time: at
    columns: {id: integer, at: timestamp, day: date, status: text, amount: "decimal(10,2)"}

metrics:
  odd: sum(orders.amount where status = 'a\b')
  rounded: sum(round(orders.amount, 1) where status != 'x')
  revenue: sum(orders.amount)
  recent: count(orders where at > 2026-01-01)
  dated: count(orders where day > 2026-01-01 at day)
"""


def pointed_at(asked: list[str], dialect: str, folder: Path, settings: str = SETTINGS, **more: object) -> str:
    """Return the text at which the one refusal of a query points."""
    project = answers.checked(answers.write_project(folder, settings, DEFINITIONS))
    sink = Sink()
    assert compile_query(project, query_text(asked, **more), dialect, sink) is None
    (told,) = sink.diagnostics()
    assert told.code == "dialect/unsupported"
    return told.primary.span.excerpt()


@pytest.mark.parametrize(
    ("asked", "dialect", "place"),
    [
        (["revenue", "odd"], "redshift", r"status = 'a\b'"),
        (["revenue", "rounded"], "teradata", "round(orders.amount, 1)"),
        # What is computed of several leaves is pointed at by its KPI.
        (["revenue", "x = round(revenue, 1)"], "teradata", "x"),
        (
            ["revenue", r"x = revenue / sum(orders.amount where status in ('b', 'a\b'))"],
            "redshift",
            r"status in ('b', 'a\b')",
        ),
        (["dated", "rounded"], "teradata", "round(orders.amount, 1)"),
    ],
)
def test_a_refusal_points_at_its_place(asked: list[str], dialect: str, place: str, tmp_path: Path) -> None:
    assert pointed_at(asked, dialect, tmp_path) == place


def test_what_no_formula_says_points_at_a_leaf_of_its_rows(tmp_path: Path) -> None:
    assert pointed_at(["odd"], "redshift", tmp_path) == r"status = 'a\b'"
    lord_howe = SETTINGS.replace("Europe/Paris", "Australia/Lord_Howe")
    found = pointed_at(["recent", "revenue"], "starrocks", tmp_path, lord_howe, by=["hour"])
    assert found == "count(orders where at > 2026-01-01)"
