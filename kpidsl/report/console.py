"""Rich renderables as text of a given width."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, RenderableType

from kpidsl.report.numbers import NARROW_SPACE

_SPACES = {" ": "\ue000", NARROW_SPACE: "\ue001"}
"""What stands for spaces at which no line ends: Rich breaks lines at every kind of space."""
_GLUED = str.maketrans(_SPACES)
_SPACED = str.maketrans({glue: space for space, glue in _SPACES.items()})


def unbroken(text: str) -> str:
    """Return a text that `printed` keeps on one line: `1 234,50`, `≥ 12,5 %`."""
    return text.translate(_GLUED)


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
    shown = captured.get().translate(_SPACED)
    return "\n".join(line.rstrip() for line in shown.splitlines())
