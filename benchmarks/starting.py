"""Start of the command line and of the Python package, beside a Python that does nothing."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from benchmarks.figures import Effort, Figure, in_turn
from benchmarks.processes import duration

HELP_SECONDS = 0.2


def figures(effort: Effort, folder: Path) -> list[Figure]:
    del folder
    command = str(Path(sys.executable).with_name("kpidsl"))
    nothing = [sys.executable, "-c", "pass"]
    asked: tuple[tuple[str, list[str], float | None], ...] = (
        ("kpidsl --help", [command, "--help"], HELP_SECONDS),
        ("kpidsl run --help", [command, "run", "--help"], HELP_SECONDS),
        ("import kpidsl", [sys.executable, "-c", "import kpidsl"], None),
        ("import kpidsl; kpidsl.load", [sys.executable, "-c", "import kpidsl; kpidsl.load"], None),
    )
    found: list[Figure] = []
    for name, arguments, target in asked:
        duration(arguments)
        samples, floor = in_turn(
            partial(duration, arguments), partial(duration, nothing), 2 * effort.processes + 1
        )
        found.append(Figure(name, "s", samples, floor, "python -c pass", target))
    return found
