"""The whole example on Spark, from a folder of Parquet files: the same numbers as on DuckDB."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.servers import spark

from .running import call

pytestmark = pytest.mark.asks("spark")

BOUTIQUE = Path(__file__).parents[2] / "examples" / "boutique"
IN_UTC = ("ordered_at", "created_at", "first_ordered_at", "started_at")
"""The columns that are declared to be in UTC: Spark itself writes such times as instants."""


@pytest.fixture(scope="module", params=["timestamp_ntz", "timestamp"])
def boutique(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example with its tables as Parquet files: of times without a zone, and of instants."""
    folder = tmp_path_factory.mktemp("boutique") / "boutique"
    shutil.copytree(BOUTIQUE, folder, ignore=shutil.ignore_patterns("data"))
    runpy.run_path(str(folder / "make_data.py"), run_name="__main__")
    with duckdb.connect(str(folder / "data" / "boutique.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'shop'"
        ).fetchall()
        for (table,) in tables:
            stored = folder / "lake" / "shop.db" / table
            stored.mkdir(parents=True)
            columns = ", ".join(
                f'"{name}"::timestamptz AS "{name}"'
                if name in IN_UTC and request.param == "timestamp"
                else f'"{name}"'
                for name, *_ in connection.execute(f"DESCRIBE shop.{table}").fetchall()
            )
            connection.execute(
                f"COPY (SELECT {columns} FROM boutique.shop.{table}) TO '{stored / 'rows.parquet'}' (FORMAT parquet)"
            )
    with spark.empty():
        yield folder


ASKED = [
    ["revenue", "conversion_rate", "average_order_value", "--by", "channel", "--period", "2026"],
    ["revenue", "--by", "month", "--by", "channel", "--period", "2026"],
    ["revenue", "growth = growth(revenue, 1 year)", "--by", "month", "--period", "2026-Q2"],
    [
        "revenue",
        "so_far = to_date(revenue, year)",
        "per_customer = avg(revenue per orders.customer_id)",
        "--by",
        "quarter",
        "--period",
        "2025",
    ],
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked[0] + asked[-1])
def test_a_question_has_the_same_answer_as_on_duckdb(boutique: Path, asked: list[str]) -> None:
    rest = [*asked, "--as-of", "2026-09-30", "--format", "csv"]
    expected = call("run", *rest, cwd=boutique)
    assert (expected.code, expected.err) == (0, "")
    found = call("run", *rest, "--connection", "spark://local[1]?warehouse=lake", cwd=boutique)
    assert (found.code, found.err) == (0, "")
    assert found.out == expected.out


def test_every_kpi_of_the_example_has_the_same_answer(boutique: Path) -> None:
    listed = call("list", "kpis", "--format", "json", cwd=boutique)
    assert listed.code == 0
    names = [kpi["name"] for kpi in json.loads(listed.out)]
    rest = [
        "run",
        *names,
        "--by",
        "month",
        "--by",
        "channel",
        "--period",
        "2026",
        "--as-of",
        "2026-09-30",
        "--format",
        "csv",
    ]
    expected = call(*rest, cwd=boutique)
    found = call(*rest, "--connection", "spark://local[1]?warehouse=lake", cwd=boutique)
    assert (found.code, found.err) == (expected.code, expected.err) == (0, "")
    assert found.out == expected.out


def test_the_data_are_as_declared(boutique: Path) -> None:
    checked = call("check", "--connection", "spark://local[1]?warehouse=lake", cwd=boutique)
    assert checked.code == 0, checked.err
