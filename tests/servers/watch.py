"""A server that a process of tests starts ends with that process, however it ends.

A process that is killed runs nothing at its end. So a small process of its own watches it: it holds the
reading end of a pipe, which ends when the test process does, and then stops the server and removes its folder.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_WATCH = """
import os, shutil, signal, sys, time
if sys.stdin.buffer.read():
    sys.exit()
server, folder = int(sys.argv[1]), sys.argv[2]
try:
    os.kill(server, signal.SIGTERM)
    for _ in range(100):
        time.sleep(0.1)
        os.kill(server, 0)
    os.kill(server, signal.SIGKILL)
except ProcessLookupError:
    pass
shutil.rmtree(folder, ignore_errors=True)
"""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches over a server."""

    process: subprocess.Popen[bytes]

    def end(self) -> None:
        """Watch no longer: the server was stopped."""
        self.process.communicate(b"stopped")


def watch(server: int, folder: Path) -> Watch:
    """Have a server stopped, and its folder removed, when this process is gone."""
    command = [sys.executable, "-I", "-S", "-c", _WATCH, str(server), str(folder)]
    # In a session of its own: what kills the whole group of the tests leaves it alone.
    nowhere = subprocess.DEVNULL
    return Watch(
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
    )
