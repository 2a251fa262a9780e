"""A sign of life for long work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from threading import Timer

from kpidsl.report.text import shown_text

PATIENCE = 0.5


@contextmanager
def progress(message: str) -> Iterator[None]:
    """Show `message` with a spinner on standard error once the work has taken half a second.

    Nothing is ever written where standard error is no terminal, or one that wants no control codes; what was
    written is wiped at the end.
    """
    if not sys.stderr.isatty() or "NO_COLOR" in environ or environ.get("TERM") == "dumb":
        yield
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    status = console.status(Text(shown_text(message)))
    timer = Timer(PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
