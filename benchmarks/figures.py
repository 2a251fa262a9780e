"""A measured figure with its floor and target, and how figures are shown."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

Judged = Literal["value", "ratio"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work a run puts into its figures."""

    processes: int
    compilations: int
    executions: int
    fact_rows: int


THOROUGH = Effort(processes=7, compilations=300, executions=21, fact_rows=10_000_000)
QUICK = Effort(processes=3, compilations=60, executions=5, fact_rows=1_000_000)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the median of `samples`, beside what the same run found to be the floor.

    `target` is the most that the `value`, or its `ratio` to the floor, is to be; None where the
    figure is there to be read only.
    """

    name: str
    unit: str
    samples: tuple[float, ...]
    floor_samples: tuple[float, ...] = ()
    floor_of: str = ""
    target: float | None = None
    judged: Judged = "value"

    @property
    def value(self) -> float:
        return statistics.median(self.samples)

    @property
    def floor(self) -> float | None:
        return statistics.median(self.floor_samples) if self.floor_samples else None

    @property
    def ratio(self) -> float | None:
        """Return the median of each sample over the floor's sample that was taken beside it.

        Pairs stand a machine that others use: what slows one for a while slows the other too.
        """
        if not self.floor_samples:
            return None
        return statistics.median(a / b for a, b in zip(self.samples, self.floor_samples, strict=True))

    @property
    def met(self) -> bool | None:
        """Return whether the target is reached; None where there is none."""
        found = self.value if self.judged == "value" else self.ratio
        return None if self.target is None or found is None else found <= self.target

    def as_json(self) -> dict[str, Any]:
        return {
            "figure": self.name,
            "unit": self.unit,
            "value": self.value,
            "least": min(self.samples),
            "most": max(self.samples),
            "samples": len(self.samples),
            "floor": self.floor,
            "floor_of": self.floor_of or None,
            "ratio": self.ratio,
            "target": self.target,
            "target_is_for": None if self.target is None else self.judged,
            "met": self.met,
        }


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes by the wall's clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turn(
    ours: Callable[[], float], floor: Callable[[], float], times: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return samples of both, taken in turn so that a busy moment of the machine falls on both."""
    samples: list[float] = []
    floor_samples: list[float] = []
    for number in range(times):
        pairs = [(ours, samples), (floor, floor_samples)]
        for measure, kept in pairs if number % 2 else reversed(pairs):
            kept.append(measure())
    return tuple(samples), tuple(floor_samples)


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print the figures as a table."""
    table = Table(box=None, pad_edge=False)
    table.add_column("figure", no_wrap=True)
    for heading in ("value", "floor", "× floor", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("met", no_wrap=True)
    for figure in figures:
        unit = f" {figure.unit}"
        target = "" if figure.target is None else f"≤ {figure.target:g}"
        met = "" if figure.met is None else "[green]yes[/]" if figure.met else "[bold red]no[/]"
        table.add_row(
            figure.name,
            _number(figure.value) + unit,
            "" if figure.floor is None else _number(figure.floor) + unit,
            "" if figure.ratio is None else _number(figure.ratio),
            target + ("" if not target else " ×" if figure.judged == "ratio" else unit),
            met,
        )
    console.print(table)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
