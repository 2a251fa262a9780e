"""Results as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from kpidsl.engines.columns import ResultColumn
from kpidsl.report.console import printed
from kpidsl.report.numbers import Locale, column_format, format_value
from kpidsl.report.result import Result
from kpidsl.report.text import shown_text

_NARROWEST_TEXT = 8
_GAP = 2


def render_table(
    result: Result,
    *,
    width: int,
    color: bool,
    locale: Locale = "en",
    formats: Mapping[str, str] | None = None,
) -> str:
    """Return the result as a table of at most `width` cells, or as one block per row where that is too narrow.

    Numbers stand on the right and are never cut or wrapped; text wraps. `formats` holds patterns
    such as `#,##0.00` or `0.0%` by column name.
    """
    patterns = formats or {}
    cells = [
        _formatted(column, array.to_pylist(), patterns.get(column.name), locale)
        for column, array in zip(result.columns, result.table.columns, strict=True)
    ]
    if not cells:
        return ""
    needed = sum(_least_width(column, values) for column, values in zip(result.columns, cells, strict=True))
    if needed + _GAP * (len(cells) - 1) <= width:
        return printed(_table(result.columns, cells), width=width, color=color)
    return printed(_blocks(result.columns, cells, width), width=width, color=color)


def _formatted(column: ResultColumn, values: list[object], pattern: str | None, locale: Locale) -> list[str]:
    format_ = column_format(column, values, pattern)
    return [format_value(value, format_, locale) for value in values]


def _title(column: ResultColumn) -> str:
    """Return the header: the name, and below it the unit where it is not in the numbers themselves."""
    name = shown_text(column.name)
    return name if column.unit in (None, "percent", "%") else f"{name}\n{shown_text(column.unit or '')}"


def _wraps(column: ResultColumn) -> bool:
    return not (column.type.is_numeric or column.type.is_time)


def _least_width(column: ResultColumn, values: Sequence[str]) -> int:
    """Return the cells below which a column would not be readable: names break at underscores."""
    words = [word for line in _title(column).split("\n") for word in line.replace("_", "_ ").split()]
    head = max(map(cell_len, words), default=1)
    body = max(map(cell_len, values), default=1)
    return max(min(head, _NARROWEST_TEXT), min(body, _NARROWEST_TEXT)) if _wraps(column) else max(head, body)


def _table(columns: Sequence[ResultColumn], cells: Sequence[Sequence[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), header_style="bold")
    for column, values in zip(columns, cells, strict=True):
        table.add_column(
            Text(_title(column)),
            justify="right" if column.type.is_numeric else "left",
            min_width=_least_width(column, values),
            overflow="fold",
            vertical="top",
        )
    for row in zip(*cells, strict=True):
        table.add_row(*map(Text, row))
    return table


def _blocks(columns: Sequence[ResultColumn], cells: Sequence[Sequence[str]], width: int) -> Text:
    """Return `name  value` lines, an empty line between rows."""
    names = [_title(column).replace("\n", " ") for column in columns]
    longest = min(max(map(cell_len, names)), max(width // 2, 1))
    blocks: list[Text] = []
    for row in zip(*cells, strict=True):
        lines = [
            Text.assemble((name + " " * (longest - cell_len(name)), "bold"), " " * _GAP, value)
            for name, value in zip(names, row, strict=True)
        ]
        blocks.append(Text("\n").join(lines))
    return Text("\n\n").join(blocks) if blocks else Text("\n").join(Text(name, style="bold") for name in names)
