"""Load and check of large projects: seconds and peak memory, in fresh processes.

The floor composes the same files with PyYAML's C parser and keeps the trees. What each program
imports is imported before its clock starts; `check command` is the whole command, imports and all.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from benchmarks.figures import Effort, Figure, in_turn
from benchmarks.processes import PEAK_MEMORY, duration, measured
from benchmarks.projects import synthetic_project

SIZES = (100, 1_000, 10_000)
SECONDS = {1_000: 0.5, 10_000: 5.0}
MEGABYTES = 250.0
GROWTH = 12.0
"""Most that ten times the KPIs may cost: 10 is linear, the rest is room for the machine's noise."""

_LOAD = (
    PEAK_MEMORY
    + """
import json, sys, time
import kpidsl.project
started = time.perf_counter()
project = kpidsl.project.load(sys.argv[1])
spent = time.perf_counter() - started
assert len(project.checked.metrics) >= int(sys.argv[2])
print(json.dumps([spent, peak_megabytes()]))
"""
)

_COMPOSE = (
    PEAK_MEMORY
    + """
import json, pathlib, sys, time
import yaml
started = time.perf_counter()
trees = [
    yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.yml"))
]
spent = time.perf_counter() - started
assert all(trees)
print(json.dumps([spent, peak_megabytes()]))
"""
)


def figures(effort: Effort, folder: Path) -> list[Figure]:
    found: list[Figure] = []
    medians: dict[int, tuple[Figure, Figure]] = {}
    for kpis in SIZES:
        project = folder / f"synthetic_{kpis}"
        synthetic_project(project, kpis)
        ours: list[list[float]] = []
        floor: list[list[float]] = []
        for _ in range(effort.processes):
            ours.append(measured(_LOAD, str(project), str(kpis)))
            floor.append(measured(_COMPOSE, str(project)))
        spent, floor_spent = tuple(s for s, _ in ours), tuple(s for s, _ in floor)
        peaks, floor_peaks = tuple(m for _, m in ours), tuple(m for _, m in floor)
        of = "yaml.compose of the same files"
        time = Figure(f"load and check {kpis} KPIs", "s", spent, floor_spent, of, SECONDS.get(kpis))
        memory = Figure(f"peak memory {kpis} KPIs", "MB", peaks, floor_peaks, of, MEGABYTES)
        medians[kpis] = (time, memory)
        found += [time, memory]
    small, large = medians[1_000][0], medians[10_000][0]
    growth = (large.value / small.value,)
    floor_growth = ((large.floor or 0) / (small.floor or 1),)
    found.append(
        Figure("time of 10000 over 1000 KPIs", "×", growth, floor_growth, "yaml.compose's growth", GROWTH)
    )
    return [*found, _command(effort, folder / "synthetic_1000")]


def _command(effort: Effort, project: Path) -> Figure:
    command = [str(Path(sys.executable).with_name("kpidsl")), "check", "--project", str(project)]
    nothing = [sys.executable, "-c", "pass"]
    samples, floor = in_turn(partial(duration, command), partial(duration, nothing), effort.processes)
    return Figure("check command 1000 KPIs", "s", samples, floor, "python -c pass", SECONDS[1_000])
