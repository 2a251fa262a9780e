"""Fresh Python processes that measure one thing and print it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

_BYTECODE = tempfile.TemporaryDirectory(prefix="kpidsl_bytecode_")
_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPYCACHEPREFIX": _BYTECODE.name,
}
"""Modules are compiled once, as those of an installed package are, also where Python is told not to."""

PEAK_MEMORY = """
def peak_megabytes():
    # VmHWM belongs to this process alone; ru_maxrss may hold the parent's pages from before exec.
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        import resource, sys
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
"""
"""Python text that defines `peak_megabytes()`, to begin a measuring program with."""


def measured(program: str, *arguments: str) -> list[float]:
    """Return the JSON list of numbers that a Python program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=_ENVIRONMENT,
    )
    found: list[float] = json.loads(done.stdout)
    return found


def duration(command: Sequence[str]) -> float:
    """Return the seconds from the start of a command to its end; it has to succeed."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_ENVIRONMENT)
    return time.perf_counter() - started
