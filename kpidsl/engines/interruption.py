"""Statements that Ctrl-C can stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def interruptible(work: Callable[[], T], interrupt: Callable[[], object]) -> T:
    """Return what `work` returns; on Ctrl-C call `interrupt`, wait for `work` to stop, and raise again.

    `work` runs on another thread: while a driver waits for its engine in the main thread, Python
    handles no signal, and the statement would run on to its end.
    """
    with ThreadPoolExecutor(max_workers=1) as executor:
        running = executor.submit(work)
        try:
            return running.result()
        except KeyboardInterrupt:
            interrupt()
            raise
