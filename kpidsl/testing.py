"""Tests inside definitions: rows in, a query, rows expected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kpidsl.compiler import compile_query
from kpidsl.contexts.datasets import datasets_read
from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection, connect
from kpidsl.model.definitions import Calendar, Dataset, DefinitionTest, Identifier, Metric
from kpidsl.project import result_columns
from kpidsl.report.violations import violations
from kpidsl.semantics.check import CheckedDataset, CheckedProject
from kpidsl.semantics.test_rows import (
    asked_by,
    doubled,
    expected_rows,
    given_columns,
    given_rows,
    report_key,
)
from kpidsl.verifying.keys import keys_shared

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test that was run; `difference` tells line by line what was not as expected."""

    metric: str
    test: str
    difference: tuple[str, ...]
    place: str
    """The file and line in which the test stands."""


def run_tests(
    checked: CheckedProject, names: Collection[str], engine: str, sink: Sink
) -> tuple[Outcome, ...]:
    """Run the tests of the named metrics, or of all, on an embedded engine in memory."""
    outcomes: list[Outcome] = []
    for name, metric in checked.metrics.items():
        if names and name not in names:
            continue
        for test in metric.definition.tests:
            outcome = _run(checked, metric.definition, test, engine, sink)
            if outcome is not None:
                outcomes.append(outcome)
    return tuple(outcomes)


def _run(
    checked: CheckedProject, metric: Metric, test: DefinitionTest, engine: str, sink: Sink
) -> Outcome | None:
    before = sink.errors
    tables = given_rows(checked.project, test, sink)
    stand_in = _on_test_tables(checked)
    query = replace(test.query, kpis=asked_by(test, metric))
    compiled = compile_query(stand_in, query, engine, sink)
    if compiled is None or sink.errors > before:
        return None
    columns = result_columns(compiled)
    known = [column.name for column in columns]
    expected = expected_rows(test, {column.name: column.type for column in columns}, sink)
    if sink.errors > before:
        return None
    read = datasets_read(stand_in, compiled.leaves.leaves)
    with connect(f"{engine}://", base=Path("."), read_only=False) as connection:
        for name in read:
            _create(connection, stand_in.datasets[name].definition, tables.get(name, []))
        for name, calendar in stand_in.project.calendars.items():
            _create(connection, calendar, tables.get(name, []))
        for name in read:
            _one_row_for_a_key(stand_in, test, name, tables.get(name, []), connection, sink)
        if sink.errors > before:
            return None
        found = connection.run(compiled.sql, columns)
    rows = [list(row.values()) for row in found.to_pylist()]
    outside = (str(violation) for violation in violations(columns, found))
    at = test.span.location()
    differences = (*_differences(known, expected, rows), *outside)
    return Outcome(metric.name, test.name, differences, f"{at.path}:{at.line}")


def _on_test_tables(checked: CheckedProject) -> CheckedProject:
    """Return the project with each dataset and calendar on a table of its own name."""
    datasets = {
        name: CheckedDataset(
            replace(
                dataset.definition,
                table=(Identifier(f"t_{name}", False),),
                sql=None,
                columns={
                    c.name: replace(c, physical=Identifier(c.name, False), sql=None)
                    for c in dataset.definition.columns.values()
                },
            ),
            dataset.time,
            dataset.until,
            dataset.condition,
            dataset.known_at,
            dataset.matches,
            dataset.settles_after,
        )
        for name, dataset in checked.datasets.items()
    }
    calendars = {
        name: replace(
            calendar,
            table=(Identifier(f"t_{name}", False),),
            sql=None,
            columns={
                c.name: replace(c, physical=Identifier(c.name, False)) for c in calendar.columns.values()
            },
        )
        for name, calendar in checked.project.calendars.items()
    }
    return replace(checked, datasets=datasets, project=replace(checked.project, calendars=calendars))


def _create(connection: Connection, dataset: Dataset | Calendar, rows: list[list[Any]]) -> None:
    connection.create_table((f"t_{dataset.name}",), list(given_columns(dataset).items()), rows)


def _one_row_for_a_key(
    checked: CheckedProject,
    test: DefinitionTest,
    name: str,
    rows: list[list[Any]],
    connection: Connection,
    sink: Sink,
) -> None:
    """Report rows with one key among those that a dataset's `where` keeps, which only its engine can tell."""
    dataset = checked.datasets[name].definition
    pairs = [] if dataset.where is None else list(doubled(dataset, rows))
    if not pairs:
        return
    shared = {tuple(map(str, key)) for key in keys_shared(checked, dataset, connection, sink)}
    places = [list(given_columns(dataset)).index(column) for column in dataset.key]
    told = [pair for pair in pairs if tuple(str(rows[pair[1]][place]) for place in places) in shared]
    # An engine may write a time otherwise than we do: then the first pair stands for all.
    for pair in told or pairs[: len(shared)]:
        report_key(dataset, test.rows[name], pair, sink)


def _differences(
    columns: Sequence[str], expected: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]]
) -> list[str]:
    lines: list[str] = []
    if len(expected) != len(found):
        lines.append(
            f"{len(expected)} {'row' if len(expected) == 1 else 'rows'} expected, {len(found)} found"
        )
    for number, (wanted, got) in enumerate(zip(expected, found, strict=False), start=1):
        lines.extend(
            f"row {number}, {name}: expected {_shown(w)}, found {_shown(g)}"
            for name, w, g in zip(columns, wanted, got, strict=True)
            if not same(w, g)
        )
    lines.extend(
        f"row {n}: not found: {_row(columns, row)}" for n, row in enumerate(expected, 1) if n > len(found)
    )
    lines.extend(
        f"row {n}: not expected: {_row(columns, row)}" for n, row in enumerate(found, 1) if n > len(expected)
    )
    return lines


def same(wanted: Any, got: Any) -> bool:
    """Tell whether two cells are equal: exactly, and floats to nine digits."""
    if isinstance(wanted, float) and isinstance(got, float):
        return abs(wanted - got) <= _TOLERANCE * max(1.0, abs(wanted), abs(got))
    if isinstance(wanted, datetime) and isinstance(got, datetime) and wanted.tzinfo and got.tzinfo:
        # Python calls a time that exists twice equal to no time of another zone.
        return wanted.astimezone(UTC) == got.astimezone(UTC)
    return bool(wanted == got)


def _row(columns: Sequence[str], row: Sequence[Any]) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in zip(columns, row, strict=True))


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
