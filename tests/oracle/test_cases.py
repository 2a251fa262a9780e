"""The hand-written cases: the oracle gives their tables too."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cases.reader import Case, CaseQuery, case_paths, objectives_of, parse_yaml, read_case

from .evaluate import evaluate
from .objectives import evaluate_objective
from .scores import evaluate_scorecard
from .table import Value


def asked(written: dict[str, Any]) -> dict[str, Any]:
    """Return a case's query with the parts that are no texts as such."""
    query = dict(written)
    if "set" in query:
        query["parameters"] = query.pop("set")
    if query.get("limit") is not None:
        query["limit"] = int(query["limit"])
    for part in ("totals", "fill"):
        if query.get(part) in ("true", "false"):
            query[part] = query[part] == "true"
    for part in ("kpis", "by", "order"):
        if isinstance(query.get(part), str):
            query[part] = [query[part]]
    return query


def stored(case: Case) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of datasets and calendars by physical column."""
    project: dict[str, Any] = case.project
    found: dict[str, list[dict[str, Any]]] = {}
    sections = {**project.get("datasets", {}), **(project.get("calendars") or {})}
    for name, body in sections.items():
        columns = {
            c: c if isinstance(spec, str) else spec.get("column", c) for c, spec in body["columns"].items()
        }
        if name in case.rows:
            found[name] = [{columns[c]: v for c, v in row.items()} for row in case.rows[name]]
        elif body.get("table") in case.tables:
            table = case.tables[body["table"]]
            found[name] = [dict(zip((c for c, _ in table.columns), row, strict=True)) for row in table.rows]
    return found


def is_same(cell: Value, text: str | None) -> bool:
    """Tell whether a value is what a case's cell says."""
    if cell is None or text is None:
        return cell is None and text is None
    match cell:
        case bool():
            return text == str(cell).lower()
        case int() | Decimal() if not isinstance(cell, float):
            return Decimal(text) == cell if "e" not in text else math.isclose(float(text), cell)
        case float() | Decimal():
            return math.isclose(float(text), float(cell), rel_tol=1e-9, abs_tol=1e-9)
        case datetime():
            moment = datetime.fromisoformat(text)
            return moment == cell or (
                cell.tzinfo is not None and moment.astimezone(UTC) == cell.astimezone(UTC)
            )
        case date():
            return date.fromisoformat(text) == cell
        case _:
            return text == cell


def reads(case: Case) -> bool:
    """Tell whether the oracle can read a case: no SQL, and every dataset's rows are given as such."""
    datasets: dict[str, Any] = case.project["datasets"]  # type: ignore[assignment]
    return not any(
        "sql" in body or any(isinstance(c, dict) and "sql" in c for c in body["columns"].values())
        for body in datasets.values()
    )


def check(case: Case, query: CaseQuery) -> None:
    if query.objective is not None or query.scorecard is not None:
        check_objective(case, query)
        return
    table = evaluate(case.project, stored(case), asked(query.query))
    assert table.columns == query.expected_columns
    assert len(table.rows) == len(query.expected_rows), (table.rows, query.expected_rows)
    for row, expected in zip(table.rows, query.expected_rows, strict=True):
        assert all(map(is_same, row, expected)), (row, expected)


def check_objective(case: Case, query: CaseQuery) -> None:
    """Compare the columns that the table names."""
    section = parse_yaml(objectives_of(case, query))
    assert isinstance(section, dict)
    judged = evaluate_objective if query.scorecard is None else evaluate_scorecard
    table = judged({**case.project, **section}, stored(case), query.query)
    places = [table.columns.index(name) for name in query.expected_columns]
    found = [tuple(row[place] for place in places) for row in table.rows]
    assert len(found) == len(query.expected_rows), (query.heading, found)
    for row, expected in zip(found, query.expected_rows, strict=True):
        assert all(map(is_same, row, expected)), (query.heading, row, expected)


NOT_ASKED = {
    "hours/a-day-back-in-each-hour": "every hour of a fiscal year, each with a day of rows: over a minute",
    "hours/hours-of-days-that-begin-twice": "its days are stretches of instants, here they are those that clocks show",
    "hours/windows-cut-by-a-change-of-clocks": "midnight is there twice: the oracle lists no bucket of that day",
}
"""Cases that the oracle, which takes every row of every bucket, is not asked. The engines are."""

PATHS = [
    path
    for path in case_paths()
    if reads(read_case(path)) and f"{path.parent.name}/{path.stem}" not in NOT_ASKED
]


@pytest.mark.parametrize("path", PATHS, ids=[f"{p.parent.name}/{p.stem}" for p in PATHS])
def test_cases(path: Path) -> None:
    case = read_case(path)
    for query in case.queries:
        if not query.refused:
            check(case, query)
