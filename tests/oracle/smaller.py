"""A world that differs, made smaller while it still differs: `python -m tests.oracle.smaller SEED`."""

from __future__ import annotations

import copy
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from .dice import SeededDice
from .features import EVERYTHING
from .table import OracleRefuses
from .test_worlds import check_world
from .worlds import World, draw_world

Verdict = Callable[[World], str | None]


def verdict(world: World) -> str | None:
    """Return in what way a world fails, or None where all answers are one; what is refused fails in no way."""
    try:
        check_world(world)
    except OracleRefuses:
        return None
    except AssertionError as failed:
        text = str(failed)
        return "difference" if ": [" in text[:40] else f"refused in {_place(failed)}: {text[:60]}"
    except Exception as failed:  # noqa: BLE001 - whatever the compiler or an engine fails with is a finding
        return f"{type(failed).__name__} in {_place(failed)}"
    return None


def _place(failed: Exception) -> str:
    """Return where something was raised, so that another failure of the same kind is not taken for it."""
    frame = traceback.extract_tb(failed.__traceback__)[-1]
    return f"{frame.filename}, {frame.name}"


def smaller(world: World, judge: Verdict = verdict) -> World:
    """Return a world with as little in it as fails in the same way."""
    wanted = judge(world)
    if wanted is None:
        return world
    found = True
    while found:
        found = False
        for candidate in _cuts(world):
            if judge(candidate) == wanted:
                world, found = candidate, True
                break
    return world


def _cuts(world: World) -> Iterator[World]:
    """Yield worlds with one thing less, the largest things first."""
    for path in _paths(world):
        cut = copy.deepcopy(world)
        place: Any = cut
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        yield cut


def _paths(world: World) -> Iterator[tuple[Any, ...]]:
    project, rows, query = world
    for section in ("kpis", "metrics", "dimensions", "filters", "parameters", "calendars", "datasets"):
        yield from ((0, section, name) for name in project.get(section, {}))
    yield from ((0, key) for key in project if key not in ("project", "language", "datasets", "dimensions"))
    yield from ((2, key) for key in query if key not in ("kpis", "by"))
    for part in query:
        if isinstance(query[part], list) and (len(query[part]) > 1 or part == "by"):
            yield from ((2, part, n) for n in range(len(query[part])))
    yield from ((1, name) for name in rows if rows[name])
    for name, lines in rows.items():
        yield from ((1, name, n) for n in reversed(range(len(lines))))
    for name, body in project["datasets"].items():
        yield from ((0, "datasets", name, key) for key in ("where", "joins", "time") if key in body)
        yield from ((0, "datasets", name, "joins", j) for j in body.get("joins", {}))
        yield from ((0, "datasets", name, "columns", c) for c in body["columns"])
    for name, body in project["dimensions"].items():
        yield from ((0, "dimensions", name, "from", d) for d in body["from"] if len(body["from"]) > 1)


def written(world: World) -> str:
    """Return a world as one reads it: definitions, rows, query."""
    rows = {name: [str(row) for row in lines] for name, lines in world.rows.items() if lines}
    return "\n".join(
        yaml.safe_dump(part, sort_keys=False, allow_unicode=True, width=110)
        for part in (world.project, {"rows": rows}, {"query": world.query})
    )


def main() -> int:
    world = smaller(draw_world(SeededDice(int(sys.argv[1])), features=EVERYTHING))
    print(written(world))
    try:
        check_world(world)
    except Exception as failed:  # noqa: BLE001
        print(f"{type(failed).__name__}: {failed}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
