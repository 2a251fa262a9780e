"""Tests inside definitions: rows in, a query, rows expected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kpidsl.compiler import compile_query
from kpidsl.contexts.leaves import Leaf
from kpidsl.contexts.sets import read_of
from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection, connect
from kpidsl.model.definitions import Calendar, Dataset, DefinitionTest, Identifier, Metric
from kpidsl.project import result_columns
from kpidsl.report.violations import violations
from kpidsl.semantics.check import CheckedDataset, CheckedProject
from kpidsl.semantics.histories import datasets_behind
from kpidsl.semantics.test_rows import asked_by, expected_rows, given_columns, given_rows
from kpidsl.semantics.walks import datasets_of

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test that was run; `difference` tells line by line what was not as expected."""

    metric: str
    test: str
    difference: tuple[str, ...]


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
    read = _datasets_read(stand_in, compiled.leaves.leaves)
    with connect(f"{engine}://", base=Path("."), read_only=False) as connection:
        for name in read:
            _create(connection, stand_in.datasets[name].definition, tables.get(name, []))
        for name, calendar in stand_in.project.calendars.items():
            _create(connection, calendar, tables.get(name, []))
        found = connection.run(compiled.sql, columns)
    rows = [list(row.values()) for row in found.to_pylist()]
    outside = (str(violation) for violation in violations(columns, found))
    return Outcome(metric.name, test.name, (*_differences(known, expected, rows), *outside))


def _datasets_read(checked: CheckedProject, leaves: Sequence[Leaf]) -> list[str]:
    """Return the datasets of the leaves, and all that their joins, sequences and derived columns lead to."""
    found: dict[str, None] = {}
    pending = [leaf.dataset for leaf in leaves]
    for leaf in leaves:
        for dataset_read, value in read_of(leaf.dataset, leaf.read):
            pending.append(dataset_read)
            pending.extend(datasets_of(checked.project, dataset_read, value))
    while pending:
        name = pending.pop()
        if name in found or name not in checked.datasets:
            continue
        found[name] = None
        dataset = checked.datasets[name]
        pending.extend(join.target for join in dataset.definition.joins.values())
        own = [value for match in dataset.matches.values() for value in match.own]
        for value in own if dataset.condition is None else (*own, dataset.condition):
            pending.extend(datasets_of(checked.project, name, value))
        pending.extend(datasets_behind(name, checked.rows))
    return sorted(found)


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


def _differences(
    columns: Sequence[str], expected: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]]
) -> list[str]:
    lines: list[str] = []
    if len(expected) != len(found):
        lines.append(f"{len(expected)} rows expected, {len(found)} found")
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
