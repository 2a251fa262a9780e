"""Many random worlds from seeds: `python -m tests.oracle.trials FIRST COUNT`, `--help` says the rest."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from tests import answers, servers
from tests.dialects.lacking import LACKING, duckdb_without

from .dice import SeededDice
from .features import EVERYTHING
from .test_worlds import KNOWN, check_world
from .worlds import draw_world

MOST_LINES = 6
"""So much of what is wrong with a world is shown: `tests.oracle.smaller` shows the rest, of a smaller one."""


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m tests.oracle.trials",
        description="Ask the compiler and the oracle about random worlds. A world that fails is told, and the "
        "trials go on; at the end all seeds that failed are told, and the exit code is 1.",
        epilog="A seed that failed: python -m tests.oracle.smaller SEED",
    )
    found.add_argument("first", metavar="FIRST", type=int, nargs="?", default=1, help="the first seed (1)")
    found.add_argument(
        "count", metavar="COUNT", type=int, nargs="?", default=100, help="how many worlds (100)"
    )
    found.add_argument(
        "--engine",
        metavar="NAME",
        action="append",
        choices=sorted(servers.ENGINES),
        help="an engine to ask, several times for several; by default all that are installed",
    )
    found.add_argument(
        "--without",
        metavar="DIALECT",
        choices=sorted(name for names in LACKING for name in names.split("+")),
        help="ask DuckDB alone, without what this dialect lacks",
    )
    found.add_argument("--stop", action="store_true", help="stop at the first world that fails")
    found.add_argument(
        "--every", metavar="N", type=int, default=500, help="tell after every N worlds how it goes (500)"
    )
    return found


def failure(seed: int, refusals: Counter[str]) -> str | None:
    """Return what is wrong with a world, None where nothing is; those rightly refused are counted."""
    try:
        refusals.update(check_world(draw_world(SeededDice(seed), features=EVERYTHING)))
    except Exception as failed:  # noqa: BLE001 - whatever the compiler or an engine fails with is a finding
        return f"{type(failed).__name__}: {failed}"
    return None


def summary(worlds: int, refusals: Counter[str], failed: Sequence[int]) -> str:
    """Return how it went: `100 worlds, 1 refused as it must be (unit/mismatch 1), no difference`."""
    parts = [f"{worlds} worlds"]
    if refusals:
        codes = ", ".join(f"{code} {count}" for code, count in sorted(refusals.items()))
        parts.append(f"refused as they must be: {codes}")
    seeds = " ".join(map(str, failed))
    parts.append(f"{len(failed)} failed: {seeds}" if failed else "no difference")
    return "; ".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    if asked.without is None:
        answers.ENGINES = tuple(asked.engine or answers.ENGINES_HERE)
        return trials(asked)
    answers.ENGINES = ("duckdb",)
    with duckdb_without(next(names for names in LACKING if asked.without in names.split("+"))):
        return trials(asked)


def trials(asked: argparse.Namespace) -> int:
    """Ask about the worlds, and return the exit code."""
    refusals: Counter[str] = Counter()
    failed: list[int] = []
    worlds = 0
    for seed in range(asked.first, asked.first + asked.count):
        worlds += 1
        wrong = failure(seed, refusals)
        if seed in KNOWN:
            wrong = None if wrong else "agrees: take it out of KNOWN"
        if wrong is not None:
            failed.append(seed)
            told = "\n".join(wrong.splitlines()[:MOST_LINES])
            print(f"seed {seed}: {told}", file=sys.stderr, flush=True)
            if asked.stop:
                break
        if asked.every and worlds % asked.every == 0:
            print(summary(worlds, refusals, failed), flush=True)
    print(summary(worlds, refusals, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
