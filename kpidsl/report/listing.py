"""Plain listings for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kpidsl.report.console import printed

_NARROWEST_LAST = 12
_GAP = 1


def render_listing(columns: Sequence[str], rows: Sequence[Mapping[str, str | None]], *, width: int) -> str:
    """Return rows of texts as an open table that fits the width.

    Only the last column wraps. Where that leaves it no room, each row becomes a block: its second
    text, which is the name, and the others indented below it.
    """
    width = max(width, 20)
    cells = [[row.get(column) or "" for column in columns] for row in rows]
    widths = [max(map(cell_len, (title, *body))) for title, *body in zip(columns, *cells, strict=True)]
    needed = sum(widths[:-1]) + (_GAP + 1) * (len(columns) - 1) + min(widths[-1], _NARROWEST_LAST)
    shown = _table(columns, cells) if needed <= width else _blocks(cells)
    return printed(shown, width=width, color=False).rstrip("\n") + "\n"


def _table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
    for place, column in enumerate(columns):
        table.add_column(column, no_wrap=place < len(columns) - 1, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    return table


def _blocks(cells: Sequence[Sequence[str]]) -> Group:
    lines: list[Text | Padding] = []
    for kind, name, *others in cells:
        lines.append(Text(name, overflow="fold"))
        below = " · ".join(filter(None, (kind, *others)))
        lines.append(Padding(Text(below, overflow="fold"), (0, 0, 0, 2)))
    return Group(*lines)
