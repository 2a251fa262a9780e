"""Statements that Ctrl-C can stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY = 0.1


class LateError(Exception):
    """A statement was stopped because it took too long."""


def interruptible(work: Callable[[], T], interrupt: Callable[[], object], seconds: float | None = None) -> T:
    """Return what `work` returns; on Ctrl-C call `interrupt` until `work` has stopped, and raise again.

    `work` runs on another thread: while a driver waits for its engine in the main thread, Python
    handles no signal, and the statement would run on to its end. The main thread wakes to look for
    signals, because libraries that handle SIGINT too (polars) keep it from being woken by one. An
    interrupt that reaches the engine before the statement is lost, hence more than one. Work that takes
    longer than `seconds` is interrupted too, and `LateError` is raised.
    """
    end = None if seconds is None else monotonic() + seconds
    is_late = False
    with ThreadPoolExecutor(max_workers=1) as executor:
        running = executor.submit(work)
        try:
            while not running.done():
                wait([running], timeout=_LOOK_EVERY)
                if end is not None and monotonic() > end and not running.done():
                    is_late = True
                    interrupt()
        except KeyboardInterrupt:
            while not running.done():
                interrupt()
                wait([running], timeout=_LOOK_EVERY)
            raise
        if is_late:
            # What it returns all the same may be a part only.
            running.exception()
            raise LateError
        return running.result()
