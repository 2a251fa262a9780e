"""Tests inside definitions: rows in, a query, rows expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kpidsl.checking import unbound
from kpidsl.compiler import compile_query
from kpidsl.contexts.datasets import datasets_read
from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection, connect
from kpidsl.engines.urls import FileAddress, parse_url
from kpidsl.model.definitions import Calendar, Dataset, DefinitionTest, Identifier, Metric, SqlFragment
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
from kpidsl.sql.dialects import DIALECTS, Dialect
from kpidsl.sql.given_rows import rows_as_query
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
    checked: CheckedProject, names: Collection[str], url: str, sink: Sink, *, base: Path | None = None
) -> tuple[Outcome, ...]:
    """Run the tests of the named metrics, or of all, on a connection's engine.

    No table that a connection has is read or changed: an engine of one's own holds the rows in memory, a
    server finds them in the statement.
    """
    checked = unbound(checked)
    address = parse_url(url, base or Path.cwd())
    asked = [
        (metric.definition, test)
        for name, metric in checked.metrics.items()
        if not names or name in names
        for test in metric.definition.tests
    ]
    outcomes: list[Outcome | None] = []
    if isinstance(address, FileAddress):
        for metric, test in asked:
            with connect(f"{address.engine}://", base=Path("."), read_only=False) as connection:
                outcomes.append(_run(checked, metric, test, connection, False, sink))
    elif asked:
        with connect(url, base=base or Path.cwd()) as connection:
            outcomes.extend(_run(checked, metric, test, connection, True, sink) for metric, test in asked)
    return tuple(outcome for outcome in outcomes if outcome is not None)


def _run(
    checked: CheckedProject,
    metric: Metric,
    test: DefinitionTest,
    connection: Connection,
    in_statement: bool,
    sink: Sink,
) -> Outcome | None:
    before = sink.errors
    tables = given_rows(checked.project, test, sink)
    if sink.errors > before:
        return None
    dialect = DIALECTS[connection.dialect] if in_statement else None
    stand_in = _on_test_rows(checked, tables, dialect)
    query = replace(test.query, kpis=asked_by(test, metric))
    compiled = compile_query(stand_in, query, connection.dialect, sink)
    if compiled is None or sink.errors > before:
        return None
    columns = result_columns(compiled)
    known = [column.name for column in columns]
    expected = expected_rows(test, {column.name: column.type for column in columns}, sink)
    if sink.errors > before:
        return None
    read = datasets_read(stand_in, compiled.leaves.leaves)
    if not in_statement:
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


def _on_test_rows(
    checked: CheckedProject, rows: Mapping[str, list[list[Any]]], dialect: Dialect | None
) -> CheckedProject:
    """Return the project with each dataset and calendar on a table of its own name, or on a query of its rows
    in a dialect."""

    def query(source: Dataset | Calendar) -> SqlFragment | None:
        if dialect is None:
            return None
        of_rows = rows_as_query(given_columns(source), rows.get(source.name, []), dialect)
        return SqlFragment(of_rows.sql(dialect.name), dialect.name, source.span, source.span)

    def table(source: Dataset | Calendar) -> tuple[Identifier, ...] | None:
        return (Identifier(f"t_{source.name}", False),) if dialect is None else None

    datasets = {
        name: CheckedDataset(
            replace(
                dataset.definition,
                table=table(dataset.definition),
                sql=query(dataset.definition),
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
            table=table(calendar),
            sql=query(calendar),
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
