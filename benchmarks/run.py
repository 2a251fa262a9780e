"""Measure kpidsl: `python -m benchmarks.run [--quick] [--only NAME] [--output FILE.json]`.

Every figure has a floor that the same run measured. Nothing fails for being slow: the run says
which targets are met, and only a wrong result ends it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import compiling, executing, loading, starting
from benchmarks.figures import QUICK, THOROUGH, Effort, Figure, show

GROUPS: dict[str, Callable[[Effort, Path], list[Figure]]] = {
    "load": loading.figures,
    "compile": compiling.figures,
    "ratios": compiling.ratio_figures,
    "start": starting.figures,
    "execute": executing.figures,
}
OUTPUT = Path(__file__).resolve().parent / "results" / "latest.json"
TABLE_WIDTH = 92
"""Below this the table would lose columns; a line too long for a narrow terminal is the lesser evil."""


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    packages = ("duckdb", "sqlglot", "lark", "PyYAML")
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        **{name.lower(): version(name) for name in packages},
    }


def measure(names: Sequence[str], effort: Effort, console: Console) -> dict[str, list[Figure]]:
    """Return the figures of some groups, telling on the console which one is under way."""
    found: dict[str, list[Figure]] = {}
    with tempfile.TemporaryDirectory(prefix="kpidsl-benchmarks-") as folder:
        for name in names:
            started = time.perf_counter()
            found[name] = GROUPS[name](effort, Path(folder) / name)
            console.print(f"{name}: measured in {time.perf_counter() - started:.0f} s")
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Measure kpidsl.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, fewer repeats")
    parser.add_argument("--only", action="append", choices=tuple(GROUPS), help="one group; repeatable")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where the JSON goes")
    options = parser.parse_args(arguments)
    found = measure(options.only or tuple(GROUPS), QUICK if options.quick else THOROUGH, Console(stderr=True))
    result = {
        "machine": machine(),
        "quick": options.quick,
        "figures": [{"group": name} | figure.as_json() for name in found for figure in found[name]],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console = Console()
    if console.width < TABLE_WIDTH:
        console = Console(width=TABLE_WIDTH)
    show([figure for name in found for figure in found[name]], console)
    print(options.output)


if __name__ == "__main__":
    main()
