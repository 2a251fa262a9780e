"""A test process that is killed leaves no server behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

_STARTS = """
import time
from tests.servers import mariadb, postgres, spark
{engine}.ENGINE.empty()
print({pid}, flush=True)
time.sleep(600)
"""
_PID = {
    "postgres": "postgres._server().process.get_pid()",
    "mariadb": "mariadb._server().process.pid",
    "spark": "__import__('pyspark').SparkContext._gateway.proc.pid",
}
_LONGEST_WAIT = 60.0


@pytest.mark.parametrize("engine", [pytest.param(name, marks=pytest.mark.asks(name)) for name in _PID])
def test_its_server_ends(engine: str) -> None:
    program = _STARTS.format(engine=engine, pid=_PID[engine])
    started = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert started.stdout is not None
    server = int(started.stdout.readline())
    assert _is_there(server)
    started.kill()
    started.communicate()
    end = time.monotonic() + _LONGEST_WAIT
    while _is_there(server) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _is_there(server)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
