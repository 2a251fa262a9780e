"""Values of entities that hold totals: the oracle, both plans and the engines give one table, and the laws hold.

- One more KPI changes no other column, and in a period takes no row away.
- The rows of a level of totals are those of the query by its members alone.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kpidsl.semantics.check import CheckedProject
from tests import answers
from tests.drawn import blocks

from .dice import SeededDice
from .drawn_totals import draw_totals
from .evaluate import evaluate
from .refusals import refused
from .table import Table
from .test_worlds import differences, same, stored_tables, written_project
from .worlds import World

Rows = dict[tuple[Any, ...], tuple[Any, ...]]
WAYS = [("duckdb", "fast"), ("duckdb", "naive"), ("sqlite", "fast")]
FIRST = 240


def drawn_ways(seed: int) -> list[tuple[str, str]]:
    """Return how a seed is asked: each by DuckDB, every fourth in all ways."""
    return WAYS if seed % 4 == 0 else WAYS[:1]


class Asking:
    """Asks one project, on one engine's connection."""

    def __init__(self, project: CheckedProject, connection: Any, engine: str, strategy: str) -> None:
        self.project = project
        self.connection = connection
        self.engine = engine
        self.strategy = strategy

    def table(self, query: dict[str, Any]) -> Table | frozenset[str]:
        """Return the answer, or the codes that refuse it."""
        given = {**query, "fill": "true"} if query.get("fill") else query
        compiled, told = answers.ask(self.project, given, self.engine, self.strategy)  # type: ignore[arg-type]
        if compiled is None:
            return frozenset(d.code for d in told if d.rule.severity == "error")
        columns, rows = answers.answer(compiled, self.connection)
        return Table(tuple(columns), [tuple(row) for row in rows])


def check(seed: int, ways: list[tuple[str, str]]) -> str:
    """Compare a seed's tables; return `same`, or the codes that it is rightly refused with."""
    world = draw_totals(SeededDice(seed))
    unanswerable = refused(world)
    expected = None if unanswerable else evaluate(*world)
    with tempfile.TemporaryDirectory() as folder:
        project = answers.checked(written_project(world, Path(folder)))
        for engine, strategy in ways:
            with answers.loaded(engine, stored_tables(world)) as connection:
                asking = Asking(project, connection, engine, strategy)
                found = asking.table(world.query)
                where = f"seed {seed}, {engine}, {strategy}: {world.query}\n"
                if expected is None:
                    assert isinstance(found, frozenset), f"{where}should be refused: {set(unanswerable)}"
                    assert found <= unanswerable, f"{where}refused: {found}"
                    continue
                assert isinstance(found, Table), f"{where}refused: {found}"
                assert found.columns == expected.columns
                wrong = differences(expected.rows, found.rows)
                assert not wrong, where + "\n".join(wrong)
                broken = _laws_broken(world, asking)
                assert not broken, where + "\n".join(broken)
    return " ".join(sorted(unanswerable)) or "same"


def _laws_broken(world: World, asking: Asking) -> list[str]:
    """Return where the laws do not hold of a query that is answered."""
    plain = {key: value for key, value in world.query.items() if key not in ("totals", "fill", "top")}
    first = asking.table({**plain, "kpis": plain["kpis"][:1]})
    both = asking.table(plain)
    assert isinstance(first, Table)
    assert isinstance(both, Table)
    size = len(plain["by"])
    here, there = _by_members(first, size), _by_members(both, size)
    if "period" not in plain:
        # Buckets that only moved rows tell are there where nothing else tells any.
        here = {key: values for key, values in here.items() if key in there}
    wrong = _lost(here, there, "beside another KPI")
    if not plain["by"]:
        return wrong
    whole = asking.table({**plain, "totals": "cube"})
    if not isinstance(whole, Table):
        # What is moved has no window where there is neither a grain nor a period.
        return wrong
    for name in (None, *plain["by"]):
        kept = [] if name is None else [name]
        if len(kept) == size:
            continue
        alone = asking.table({**plain, "by": kept})
        assert isinstance(alone, Table)
        level = f"by {name}" if kept else "total"
        places = [whole.columns.index(k) for k in kept]
        rows = [row for row in whole.rows if row[size] == level]
        there = {tuple(row[p] for p in places): row[size + 1 : size + 1 + len(plain["kpis"])] for row in rows}
        here = _by_members(alone, len(kept), len(plain["kpis"]))
        wrong += _lost(here, there, f"in totals {level}") + _lost(there, here, f"alone, {level}")
    return wrong


def _by_members(table: Table, size: int, many: int = 1) -> Rows:
    return {tuple(row[:size]): tuple(row[size : size + many]) for row in table.rows}


def _lost(mine: Rows, theirs: Rows, where: str) -> list[str]:
    """Return the rows that are not the same elsewhere, or not there."""
    return [
        f"{key}: {values}, and {where} {theirs.get(key)}"
        for key, values in mine.items()
        if key not in theirs or not all(map(same, values, theirs[key]))
    ]


@pytest.mark.parametrize("block", blocks(4))
def test_totals_inside_entities(block: int) -> None:
    found = Counter(check(n, drawn_ways(n)) for n in range(block * FIRST // 4, (block + 1) * FIRST // 4))
    assert found["same"] > FIRST // 4 * 3 // 4, found


def main(first: int, count: int) -> int:
    """Check many seeds: `python -m tests.oracle.test_totals FIRST COUNT`."""
    found, differs = Counter[str](), list[int]()
    for seed in range(first, first + count):
        try:
            found[check(seed, drawn_ways(seed))] += 1
        except Exception as wrong:  # noqa: BLE001 - whatever fails is a finding
            differs.append(seed)
            print(
                "\n".join(f"seed {seed}: {type(wrong).__name__}: {wrong}".splitlines()[:8]), file=sys.stderr
            )
    print(f"{dict(found)}; {len(differs)} differ: {differs}")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
