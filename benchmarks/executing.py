"""The compiled SQL on large tables, beside SQL written by hand for the same question.

Both have to give the same rows before they are timed; then they run in turn, in one connection. The first
lines of a hand-written file say what it answers: `kpis` and `by`, names or ad-hoc KPIs; where it is not as
usual, at most how many `times` it runs and its `target`, in times the floor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import yaml

import kpidsl
from benchmarks import data
from benchmarks.figures import Effort, Figure, in_turn, seconds
from benchmarks.projects import fact_project

HAND_WRITTEN = Path(__file__).resolve().parent / "hand_written"
TIMES_FLOOR = 1.1
TIMES_SEMI_JOIN = 2.0
"""Where rows are looked up among those that something follows, beside a semi-join by hand."""

_HEADING = re.compile(r"^-- (kpis|by|period|times|target): (.*)$", re.MULTILINE)


def figures(effort: Effort, folder: Path) -> list[Figure]:
    fact_project(folder / "facts")
    project = kpidsl.load(folder / "facts")
    found: list[Figure] = []
    with duckdb.connect(str(_database(effort.fact_rows)), read_only=True) as connection:
        for path in sorted(HAND_WRITTEN.glob("*.sql")):
            by_hand, asked = written(path)
            ours = compiled(project, asked)
            compare(connection, path.stem, ours, by_hand)
            samples, floor = in_turn(
                partial(_run, connection, ours),
                partial(_run, connection, by_hand),
                min(effort.executions, asked.get("times", effort.executions)),
            )
            found.append(
                Figure(
                    f"{path.stem} {effort.fact_rows // 1_000_000}M",
                    "s",
                    samples,
                    floor,
                    "hand-written SQL",
                    asked.get("target", TIMES_SEMI_JOIN if "semi join" in by_hand else TIMES_FLOOR),
                    "ratio",
                )
            )
    return found


def written(path: Path) -> tuple[str, dict[str, Any]]:
    """Return hand-written SQL, and what it answers."""
    by_hand = path.read_text(encoding="utf-8")
    return by_hand, {name: yaml.safe_load(value) for name, value in _HEADING.findall(by_hand)}


def compiled(project: kpidsl.Project, asked: Mapping[str, Any]) -> str:
    """Return our SQL for what a hand-written file answers."""
    query = project.query(asked["kpis"], by=asked["by"], period=asked.get("period"))
    return query.sql("duckdb")


def _run(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    return seconds(lambda: connection.execute(sql).fetchall())


def _database(rows: int) -> Path:
    """Return the file with so many facts, built where it is not there yet."""
    path = data.FILE if rows == data.FACT_ROWS else data.FILE.with_name(f"facts_{rows}.duckdb")
    if not data.is_built(path):
        data.build(path, rows, data.CUSTOMERS * rows // data.FACT_ROWS)
    return path


def compare(connection: duckdb.DuckDBPyConnection, name: str, ours: str, by_hand: str) -> None:
    """Raise where the two give different rows, or none."""
    found, expected = connection.execute(ours).fetchall(), connection.execute(by_hand).fetchall()
    if not expected:
        raise ValueError(f"{name}: the hand-written SQL gives no row")
    if found != expected:
        different = next((pair for pair in zip(found, expected, strict=False) if pair[0] != pair[1]), None)
        raise ValueError(
            f"{name}: {len(found)} rows compiled, {len(expected)} written by hand; "
            f"the first that differ: {different}"
        )
