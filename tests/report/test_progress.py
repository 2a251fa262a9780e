"""The sign of life: only on terminals, only for long work."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from kpidsl.report import progress

WORK = (
    "import sys, time; from kpidsl.report import progress\nwith progress('counting\\x1b]0;x'): time.sleep({})"
)


def on_a_terminal(seconds: float, **settings: str) -> bytes:
    """Return what standard error got of work that takes so long, standard error being a terminal."""
    leader, follower = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment = {**inherited, "TERM": "xterm-256color", **settings}
    subprocess.run([sys.executable, "-c", WORK.format(seconds)], stderr=follower, check=True, env=environment)
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:
        pass
    os.close(leader)
    return shown


def test_long_work_shows_its_message_escaped_and_wipes_it() -> None:
    shown = on_a_terminal(1.2)
    assert rb"counting\x1b]0;x" in shown
    assert b"\x1b]0;x" not in shown
    assert shown.rstrip().endswith(b"\x1b[2K")


def test_short_work_shows_nothing() -> None:
    assert on_a_terminal(0.0) == b""


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_control_codes_gets_none(settings: dict[str, str]) -> None:
    assert on_a_terminal(0.8, **settings) == b""


def test_nothing_is_written_where_there_is_no_terminal() -> None:
    environment = {**os.environ, "FORCE_COLOR": "1"}
    run = subprocess.run(
        [sys.executable, "-c", WORK.format(0.8)], capture_output=True, check=True, env=environment
    )
    assert run.stderr == b""


def test_a_failure_passes_through() -> None:
    with pytest.raises(ZeroDivisionError), progress("dividing"):
        _ = 1 / 0
