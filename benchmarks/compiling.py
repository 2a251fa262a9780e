"""Compilation of queries on a loaded project, and the scans that 80 ratios by 10 dimensions cost.

The floor generates the same text from the same tree: the SQL is parsed once, each sample writes a
copy of that tree, and the copying is outside the clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import sqlglot

import kpidsl
from benchmarks.figures import Effort, Figure, Judged, in_turn, seconds
from benchmarks.projects import RATIO_DIMENSIONS, RATIOS, fact_project, ratios_project

DIALECT = "duckdb"
TIMES_FLOOR = 4.0
RATIOS_SECONDS = 0.2

_QUERIES = (
    ("compile one dataset", ("revenue",), ("month", "channel")),
    ("compile two datasets", ("conversion_rate",), ("month", "channel")),
)
_RATIOS = tuple(f"ratio_{number}" for number in range(1, RATIOS + 1))
_DIMENSIONS = tuple(f"dimension_{number}" for number in range(1, RATIO_DIMENSIONS + 1))


def figures(effort: Effort, folder: Path) -> list[Figure]:
    """Return the time of `project.query(…).sql(…)`, over one and over two datasets."""
    fact_project(folder / "facts")
    project = kpidsl.load(folder / "facts")
    return [
        _compiled(project, name, "ms", kpis, by, effort.compilations, TIMES_FLOOR, "ratio")
        for name, kpis, by in _QUERIES
    ]


def ratio_figures(effort: Effort, folder: Path) -> list[Figure]:
    """Return the time of 80 ratios by 10 dimensions, and each table's scans in DuckDB's plan."""
    ratios_project(folder / "ratios")
    project = kpidsl.load(folder / "ratios")
    times = max(5, effort.compilations // 10)
    name = f"compile {RATIOS} ratios by {RATIO_DIMENSIONS}"
    return [
        _compiled(project, name, "s", _RATIOS, _DIMENSIONS, times, RATIOS_SECONDS, "value"),
        *_scans(project.query(_RATIOS, by=_DIMENSIONS).sql(DIALECT)),
    ]


def _compiled(
    project: kpidsl.Project,
    name: str,
    unit: str,
    kpis: Sequence[str],
    by: Sequence[str],
    times: int,
    target: float,
    judged: Judged,
) -> Figure:
    def compile_query() -> str:
        return project.query(kpis, by=by).sql(DIALECT)

    tree = sqlglot.parse_one(compile_query(), dialect=DIALECT)

    def write() -> float:
        copy = tree.copy()
        return seconds(lambda: copy.sql(dialect=DIALECT, pretty=True, copy=False))

    compile_query()
    write()
    samples, floor = in_turn(lambda: seconds(compile_query), write, times)
    factor = 1e3 if unit == "ms" else 1.0
    return Figure(
        name,
        unit,
        tuple(sample * factor for sample in samples),
        tuple(sample * factor for sample in floor),
        "sqlglot writing the same tree",
        target,
        judged,
    )


def _scans(sql: str) -> list[Figure]:
    """Return how often each table is read; the query is run too, on a few rows."""
    with duckdb.connect() as connection:
        connection.execute("create schema warehouse")
        attributes = ", ".join(
            f"'a' || (i % {index + 1}) as attribute_{index}" for index in range(1, RATIO_DIMENSIONS + 1)
        )
        for number in (1, 2):
            connection.execute(
                f"create table warehouse.fact_{number} as select i as fact_{number}_id, "
                "timestamptz '2026-01-01 00:00:00+00' + to_days(i::integer) as happened_at, "
                "i % 50 = 0 as is_deleted, i % 7 as person_id, "
                "['open', 'paid', 'closed'][(i % 3 + 1)::integer] as status, i % 90 as quantity, "
                f"(i / 100)::decimal(12, 2) as amount, {attributes} from range(1000) as numbers(i)"
            )
        rows = connection.execute(sql).fetchall()
        assert rows, "80 ratios by 10 dimensions gave no row"
        explained = connection.execute(f"explain (format json) {sql}").fetchall()
    read = [table for _, text in explained for table in _tables(json.loads(text))]
    return [
        Figure(
            f"scans of fact_{number}",
            "",
            (float(sum(table.endswith(f".fact_{number}") for table in read)),),
            (1.0,),
            "one scan",
            1.0,
        )
        for number in (1, 2)
    ]


def _tables(nodes: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the table of each scan in DuckDB's plan."""
    for node in nodes:
        if "Table" in node.get("extra_info", {}):
            yield node["extra_info"]["Table"]
        yield from _tables(node.get("children", []))
