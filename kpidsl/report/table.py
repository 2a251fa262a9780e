"""Results as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from kpidsl.engines.columns import ResultColumn
from kpidsl.report.cells import values
from kpidsl.report.console import printed
from kpidsl.report.numbers import NOTHING, Locale, column_format, format_value
from kpidsl.report.result import Result
from kpidsl.report.text import shown_text

_NARROWEST_TEXT = 8
_GAP = 2


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column as it will be read: its title and its cells, all of them safe to print."""

    name: str
    unit: str
    is_number: bool
    wraps: bool
    cells: tuple[str, ...]

    def title(self, broken: bool) -> str:
        """Return the header, the unit on its own line; broken, each part of the name has a line too."""
        name = self.name.replace("_", "_\n").replace(" ", "\n") if broken else self.name
        return f"{name}\n{self.unit}" if self.unit else name

    def least_width(self, broken: bool) -> int:
        """Return the cells below which the column could not be read."""
        head = max(map(cell_len, self.title(broken).split("\n")))
        body = max(map(cell_len, self.cells), default=1)
        return (
            max(min(head, 2 * _NARROWEST_TEXT), min(body, _NARROWEST_TEXT)) if self.wraps else max(head, body)
        )


def render_table(
    result: Result,
    *,
    width: int,
    color: bool,
    locale: Locale = "en",
    formats: Mapping[str, str | None] | None = None,
    labels: Mapping[str, str] | None = None,
) -> str:
    """Return the result as a table of at most `width` cells.

    Where that is too narrow, names are broken at their underscores, and then each row becomes a
    block of lines. Numbers stand on the right and are never cut or wrapped; text wraps. `formats`
    holds patterns such as `#,##0.00` or `0.0%` by column name, `labels` what stands over a column
    instead of its name.
    """
    patterns, titles = formats or {}, labels or {}
    columns = [
        _shown(
            column,
            titles.get(column.name),
            values(array, column.type),
            patterns.get(column.name),
            locale,
        )
        for column, array in zip(result.columns, result.table.columns, strict=True)
    ]
    if not columns:
        return ""
    for broken in (False, True):
        needed = sum(column.least_width(broken) for column in columns) + _GAP * (len(columns) - 1)
        if needed <= width:
            return printed(_table(columns, broken), width=width, color=color)
    return printed(_blocks(columns, width), width=width, color=color)


def _shown(
    column: ResultColumn, label: str | None, found: list[object], pattern: str | None, locale: Locale
) -> ShownColumn:
    format_ = column_format(column, found, pattern)
    unit = "" if format_.percent or format_.points or column.unit is None else shown_text(column.unit)
    return ShownColumn(
        name=shown_text(label or column.name),
        unit=unit,
        is_number=column.type.is_numeric,
        wraps=not (column.type.is_numeric or column.type.is_time),
        cells=tuple(format_value(value, format_, locale) for value in found),
    )


def _table(columns: Sequence[ShownColumn], broken: bool) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0), header_style="bold"
    )
    for column in columns:
        table.add_column(
            Text(column.title(broken)),
            justify="right" if column.is_number else "left",
            min_width=column.least_width(broken),
            no_wrap=not column.wraps,
            overflow="fold",
            vertical="top",
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, row))
    return table


def _blocks(columns: Sequence[ShownColumn], width: int) -> Table:
    """Return a line of name and value for each cell, with an empty line between rows."""
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    longest = max(cell_len(column.name) for column in columns)
    grid.add_column(style="bold", overflow="fold", min_width=min(longest, width // 2))
    numbers = [cell_len(cell) for column in columns if not column.wraps for cell in column.cells]
    grid.add_column(overflow="fold", min_width=min(max(numbers, default=1), width // 2))
    rows = len(columns[0].cells)
    for row in range(rows):
        if row:
            grid.add_row("", "")
        for column in columns:
            value = column.cells[row]
            unit = f" {column.unit}" if column.unit and value != NOTHING else ""
            grid.add_row(Text(column.name), Text(value + unit))
    if not rows:
        for column in columns:
            grid.add_row(Text(column.name), "")
    return grid
