"""What the tests of every driver ask of a connection."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from kpidsl.engines import Connection, ResultColumn
from kpidsl.model.types import Type

_INTERRUPTED = """
import os, signal, sys, threading, time
from pathlib import Path

signal.signal(signal.SIGINT, signal.default_int_handler)  # who was started in a shell's background ignores it

import polars

# polars puts its own handler before Python's, after which no signal wakes a waiting thread.
polars.DataFrame({"n": [1]}).lazy().collect()

from kpidsl.engines import connect

url, endless, after = sys.argv[1:]
with connect(url, base=Path(".")) as connection:
    connection.fetch("SELECT 1")
    started = time.monotonic()
    threading.Timer(float(after), os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        connection.fetch(endless)
    except KeyboardInterrupt:
        print("interrupted", time.monotonic() - started < float(after) + 10, connection.fetch("SELECT 1"))
"""


def one(connection: Connection, sql: str, type_: Type) -> Any:
    """Return the value of an expression, read as of a type."""
    return connection.run(f"SELECT {sql} AS x", [ResultColumn("x", type_)]).to_pydict()["x"][0]


def interrupted(url: str, endless: str, *, after: float = 0.5) -> str:
    """Return what a process prints whose Ctrl-C comes so many seconds after a statement without end began."""
    call = [sys.executable, "-c", _INTERRUPTED, url, endless, str(after)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, check=False)
    return f"{done.stdout}{done.stderr}"


STOPPED = "interrupted True [(1,)]\n"
"""What it prints where the statement stopped at once, and the next one ran."""
