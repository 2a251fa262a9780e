"""Plain listings for the terminal."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def render_listing(columns: Sequence[str], rows: Sequence[Mapping[str, str | None]], *, width: int) -> str:
    """Return rows of texts as an open table that fits the width."""
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(row.get(column) or "") for column in columns))
    out = io.StringIO()
    Console(file=out, width=max(width, 20), color_system=None).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
