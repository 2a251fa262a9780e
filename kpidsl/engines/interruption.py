"""Statements that Ctrl-C can stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY = 0.1


def interruptible(work: Callable[[], T], interrupt: Callable[[], object]) -> T:
    """Return what `work` returns; on Ctrl-C call `interrupt` until `work` has stopped, and raise again.

    `work` runs on another thread: while a driver waits for its engine in the main thread, Python
    handles no signal, and the statement would run on to its end. The main thread wakes to look for
    signals, because libraries that handle SIGINT too (polars) keep it from being woken by one. An
    interrupt that reaches the engine before the statement is lost, hence more than one.
    """
    with ThreadPoolExecutor(max_workers=1) as executor:
        running = executor.submit(work)
        try:
            while not running.done():
                wait([running], timeout=_LOOK_EVERY)
        except KeyboardInterrupt:
            while not running.done():
                interrupt()
                wait([running], timeout=_LOOK_EVERY)
            raise
        return running.result()
