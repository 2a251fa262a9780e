"""The rows of tests inside definitions: cells as written to values of their columns' types."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Calendar, Dataset, DefinitionTest, Metric, Project, TestRow
from kpidsl.model.types import INTEGERS, TEXT, Kind, Type
from kpidsl.semantics import fragment_errors
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.other_periods import day_meant, why_none
from kpidsl.semantics.queries import check_query
from kpidsl.source import SourceFile, SourceText

_LONGEST_NUMBER = 400
"""Python refuses to read an integer of 4,300 digits."""


def check_tests(checked: CheckedProject, sink: Sink) -> None:
    """Report what can be told to be wrong with the project's tests without running them."""
    for metric in checked.metrics.values():
        for test in metric.definition.tests:
            _check_test(checked, metric.definition, test, sink)


def _check_test(checked: CheckedProject, metric: Metric, test: DefinitionTest, sink: Sink) -> None:
    given_rows(checked.project, test, sink)
    query = check_query(checked, replace(test.query, kpis=asked_by(test, metric)), sink)
    if query is None:
        return
    types: dict[str, Type] = {member.name: member.type for member in query.by}
    types |= {kpi.name: kpi.type for kpi in query.kpis}
    # What a query adds beside them (levels, a column for each period) is known once it is planned.
    told = [
        replace(row, cells={n: cell for n, cell in row.cells.items() if n in types}) for row in test.expect
    ]
    expected_rows(replace(test, expect=tuple(told)), types, sink)


def asked_by(test: DefinitionTest, metric: Metric) -> tuple[SourceText, ...]:
    """Return the KPIs that a test asks for: those of its query, or the one that it belongs to."""
    return test.query.kpis or (SourceFile("test", metric.name),)


def given_rows(project: Project, test: DefinitionTest, sink: Sink) -> dict[str, list[list[Any]]]:
    """Return the rows of each dataset and calendar that a test names; a key stands in one row only."""
    found: dict[str, list[list[Any]]] = {}
    for name, rows in test.rows.items():
        source = project.calendars.get(name) or project.datasets.get(name)
        if source is None:
            known = (*project.datasets, *project.calendars)
            sink.report(fragment_errors.test_table(test.row_spans[name], name, known))
        else:
            computed = source.columns.keys() - given_columns(source).keys()
            found[name] = _typed_rows(f"`{name}`", given_columns(source), rows, sink, computed)
            _unlisted(source, rows, sink)
            if isinstance(source, Calendar) or source.where is None:
                for pair in doubled(source, found[name]):
                    report_key(source, rows, pair, sink)
    return found


def _unlisted(source: Dataset | Calendar, rows: Sequence[TestRow], sink: Sink) -> None:
    """Report the texts of rows that are none of those that their columns list."""
    listing = [column for column in source.columns.values() if column.values and column.type is TEXT]
    for row in rows:
        for column in listing:
            text = row.cells.get(column.name)
            if text is not None and text not in column.values:
                sink.report(
                    fragment_errors.test_unlisted_value(
                        row.spans[column.name], text, column.name, column.values, column.span
                    )
                )


def doubled(source: Dataset | Calendar, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[int, int]]:
    """Yield the places of rows that have the key of an earlier one, each behind the earlier one's."""
    key = _key(source)
    columns = list(given_columns(source))
    if not set(key) <= set(columns):
        return
    first: dict[tuple[Any, ...], int] = {}
    for place, row in enumerate(rows):
        values = tuple(row[columns.index(name)] for name in key)
        # Rows without a key are nobody's partner, and many tests need none.
        if None not in values and first.setdefault(values, place) != place:
            yield first[values], place


def report_key(
    source: Dataset | Calendar, rows: Sequence[TestRow], pair: tuple[int, int], sink: Sink
) -> None:
    """Report two rows of a test that have one key."""
    key = _key(source)
    first, again = (rows[place] for place in pair)
    cells = [again.cells[name] or "" for name in key]
    kept = isinstance(source, Dataset) and source.where is not None
    places = again.spans[key[-1]], first.spans[key[-1]]
    sink.report(fragment_errors.test_key(*places, source.name, key, cells, kept=kept))


def _key(source: Dataset | Calendar) -> tuple[str, ...]:
    return source.key if isinstance(source, Dataset) else (source.day,)


def expected_rows(test: DefinitionTest, columns: Mapping[str, Type], sink: Sink) -> list[list[Any]]:
    """Return the rows that a test expects, each with a value for each column of the result."""
    return _typed_rows("the result", columns, test.expect, sink)


def given_columns(dataset: Dataset | Calendar) -> dict[str, Type]:
    """Return the columns that a test's rows give: all but those with a formula."""
    return {c.name: c.type for c in dataset.columns.values() if c.expr is None}


def _typed_rows(
    owner: str,
    columns: Mapping[str, Type],
    rows: Sequence[TestRow],
    sink: Sink,
    computed: Collection[str] = (),
) -> list[list[Any]]:
    for row in rows:
        for cell in row.cells:
            if cell in computed:
                sink.report(fragment_errors.test_computed_column(row.key_spans[cell], owner, cell))
            elif cell not in columns:
                sink.report(fragment_errors.test_column(row.key_spans[cell], owner, cell, columns))
    return [[_cell(row, name, type, sink) for name, type in columns.items()] for row in rows]


def _cell(row: TestRow, name: str, type: Type, sink: Sink) -> Any:
    text = row.cells.get(name)
    if text is None:
        return None
    try:
        return read_value(text, type)
    except OutOfRangeError:
        sink.report(fragment_errors.test_value_out_of_range(row.spans[name], text, type))
    except (ValueError, InvalidOperation):
        day = f"{text}-01" if _MONTH.fullmatch(text) else day_meant(text)
        meant = day if type.is_time else number_meant(text, type)
        sink.report(fragment_errors.test_value(row.spans[name], text, type, meant, why_none(text[:10])))
    return None


_WRITTEN = re.compile(r"([-+]?[0-9][0-9 _\u00a0\u202f]*)(?:[.,]([0-9]+))?\s*(%|[^\W\d]+|[€$£])?")


_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_THOUSANDS = re.compile(r",[0-9]{3}(?![0-9])")
"""A comma that may stand between thousands as well as before a fraction."""


def number_meant(text: str, type: Type) -> str | None:
    """Return how a cell's number is written that stands there with a unit, in percent, or with a comma."""
    found = _WRITTEN.fullmatch(text.strip())
    if not type.is_numeric or found is None or _THOUSANDS.search(text):
        return None
    whole = re.sub(r"[^-0-9]", "", found[1])
    value = Decimal(f"{whole}.{found[2] or 0}")
    value = value.scaleb(-2) if found[3] == "%" else value
    meant = f"{value.normalize():f}"
    try:
        read_value(meant, type)
    except (ValueError, InvalidOperation):
        return None
    return meant


class OutOfRangeError(ValueError):
    """Raised for a value that is of its type's kind, and of none of its values."""


def read_value(text: str, type: Type) -> Any:
    """Return a cell's value from its text.

    Raises `OutOfRangeError` where its column has no room for it, ValueError or InvalidOperation where it does
    not fit.
    """
    match type.kind:
        case Kind.BOOLEAN:
            return {"true": True, "false": False}[text] if text in ("true", "false") else _wrong(text)
        case Kind.INTEGER:
            return _integer(text)
        case Kind.DECIMAL:
            return _decimal(text, type)
        case Kind.FLOAT:
            return float(text)
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.TIMESTAMP:
            moment = datetime.fromisoformat(text)
            return moment if (moment.tzinfo is None) == (type.shown_in is None) else _wrong(text)
        case _:
            return text


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER and text.lstrip("+-").isdecimal():
        raise OutOfRangeError(text)
    value = int(text)
    if not INTEGERS[0] <= value <= INTEGERS[1]:
        raise OutOfRangeError(text)
    return value


def _decimal(text: str, type: Type) -> Decimal:
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > type.scale:
        raise ValueError(text)
    if value and value.adjusted() >= type.precision - type.scale:
        raise OutOfRangeError(text)
    return value


def _wrong(text: str) -> Any:
    raise ValueError(text)
