"""Rich renderables as text of a given width."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, RenderableType


def printed(renderable: RenderableType, *, width: int, color: bool) -> str:
    """Return what a terminal of this width would show, without blanks at the ends of lines.

    Nothing is guessed from the environment: not the width, not the colours.
    """
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    with console.capture() as captured:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
