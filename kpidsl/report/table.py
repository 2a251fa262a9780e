"""Results as tables for the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from kpidsl.engines.columns import ResultColumn
from kpidsl.report.cells import values
from kpidsl.report.console import printed
from kpidsl.report.numbers import NOTHING, Locale, column_format, format_value, shown_unit
from kpidsl.report.result import Result
from kpidsl.report.text import shown_text

_NAME_PARTS = re.compile(r"[_ ]*[^_ ]+(?:_+| +)?|.+")
_UNIT_PARTS = re.compile(r"[^/]+/?|.+")
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
    body_width: int
    """The width of the widest cell."""

    @property
    def whole_title(self) -> str:
        """Return the header, the unit on its own line."""
        return f"{self.name}\n{self.unit}" if self.unit else self.name

    def title(self, width: int) -> str:
        """Return the header in lines of at most `width` cells, or of one part of the name or the unit."""
        lines = [
            *_packed(_NAME_PARTS.findall(self.name), width),
            *_packed(_UNIT_PARTS.findall(self.unit), width),
        ]
        return "\n".join(lines)

    def least_width(self, *, broken: bool) -> int:
        """Return the cells below which the column could not be read."""
        head = max(map(cell_len, (self.title(0) if broken else self.whole_title).split("\n")))
        if not self.wraps:
            return max(head, self.body_width)
        return max(min(head, 2 * _NARROWEST_TEXT), min(self.body_width, _NARROWEST_TEXT))


def _packed(parts: Sequence[str], width: int) -> list[str]:
    """Return parts on as few lines of a width as they fit on."""
    lines: list[str] = []
    for part in parts:
        if lines and cell_len((lines[-1] + part).rstrip()) <= width:
            lines[-1] += part
        else:
            lines.append(part)
    return [line.rstrip() for line in lines]


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

    Where that is too narrow, names are broken at their underscores, into no more lines than need be,
    and then each row becomes a block of lines. Numbers stand on the right and are never cut or wrapped;
    text wraps. `formats` holds patterns such as `#,##0.00` or `0.0%` by column name, `labels` what stands
    over a column instead of its name.
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
    gaps = _GAP * (len(columns) - 1)
    widths = [column.least_width(broken=False) for column in columns]
    if sum(widths) + gaps <= width:
        heads = [column.whole_title for column in columns]
        return _drawn(columns, heads, widths, width, color=color)
    broken = _widths(columns, width - gaps)
    if broken is None:
        return printed(_blocks(columns, width), width=width, color=color)
    heads = [column.title(cells) for column, cells in zip(columns, broken, strict=True)]
    return _drawn(columns, heads, broken, width, color=color)


def _widths(columns: Sequence[ShownColumn], width: int) -> list[int] | None:
    """Return the cells that each column gets where titles are broken, or None where that is too wide too.

    What is left of the width goes to the cells of texts, and then to the titles that have most lines.
    """
    least = [column.least_width(broken=True) for column in columns]
    if sum(least) > width:
        return None
    widths = [max(cells, column.body_width) for cells, column in zip(least, columns, strict=True)]
    room = width - sum(widths)
    if room < 0:
        return least
    while True:
        heights = [column.title(cells).count("\n") for column, cells in zip(columns, widths, strict=True)]
        tallest = [place for place, height in enumerate(heights) if height == max(heights)]
        steps = [_wider(columns[place], widths[place], room) for place in tallest]
        if max(heights) == 0 or None in steps:
            return widths
        step, place = min((step, place) for step, place in zip(steps, tallest, strict=True) if step)
        widths[place] += step
        room -= step


def _wider(column: ShownColumn, width: int, room: int) -> int | None:
    """Return how many more cells give a title fewer lines, or None where there is no such room."""
    lines = column.title(width).count("\n")
    return next((more for more in range(1, room + 1) if column.title(width + more).count("\n") < lines), None)


def _shown(
    column: ResultColumn, label: str | None, found: list[object], pattern: str | None, locale: Locale
) -> ShownColumn:
    format_ = column_format(column, found, pattern)
    cells = tuple(format_value(value, format_, locale) for value in found)
    return ShownColumn(
        name=shown_text(label or column.name),
        unit=shown_unit(column, format_, locale),
        is_number=column.type.is_numeric,
        wraps=not (column.type.is_numeric or column.type.is_time),
        cells=cells,
        body_width=max(map(cell_len, cells), default=1),
    )


def _drawn(
    columns: Sequence[ShownColumn], titles: Sequence[str], least: Sequence[int], width: int, *, color: bool
) -> str:
    """Return the lines of a table whose columns have their least widths at least."""
    heads = (max(map(cell_len, title.split("\n"))) for title in titles)
    bodies = (column.body_width for column in columns)
    widths = [max(cells) for cells in zip(least, heads, bodies, strict=True)]
    if sum(widths) + _GAP * (len(columns) - 1) > width:
        rows = zip(*(column.cells for column in columns), strict=True)
        return printed(_table(columns, titles, least, rows), width=width, color=color)
    # Where no text wraps, a row is a line: Rich takes 0.2 ms and 6 KB for each.
    head = printed(_table(columns, titles, widths, ()), width=width, color=color)
    padded = (_padded(column, cells) for column, cells in zip(columns, widths, strict=True))
    gap = " " * _GAP
    return "\n".join([head, *(gap.join(row).rstrip() for row in zip(*padded, strict=True))])


def _padded(column: ShownColumn, width: int) -> Iterator[str]:
    """Yield the cells of a column, filled up with blanks."""
    for cell in column.cells:
        room = " " * (width - cell_len(cell))
        yield room + cell if column.is_number else cell + room


def _table(
    columns: Sequence[ShownColumn],
    titles: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[tuple[str, ...]],
) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0), header_style="bold"
    )
    for column, title, least in zip(columns, titles, widths, strict=True):
        table.add_column(
            Text(title),
            justify="right" if column.is_number else "left",
            min_width=least,
            no_wrap=not column.wraps,
            overflow="fold",
            vertical="top",
        )
    for row in rows:
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
