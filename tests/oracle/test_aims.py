"""Objectives and scorecards of drawn markets: the oracle and the product judge alike."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import ObjectiveKind
from tests import answers
from tests.drawn import blocks

from .dice import SeededDice
from .drawn_aims import AimAuthor, from_the_first
from .drawn_markets import draw_market, without_some
from .objectives import evaluate_objective
from .scores import evaluate_scorecard
from .table import OracleRefuses, Table
from .test_worlds import Plain, same, stored_tables, written_project
from .worlds import World

LATE = 10_000
"""From this seed on sales are known later than they are made."""
SPARSE = 20_000
"""From this seed on rows lack their time, feeds stop, and no objective has a first day."""
COMPARED = 30_000
"""From this seed on the data tell many targets: parities, signals, rivals. Each second market is a sparse one."""
FIRST = 160
KNOWN: dict[int, str] = {}
"""Seeds in which the product differs from the reference, and why: a seed that agrees has to be taken out."""
SECTIONS = ("objectives", "scorecards")


def drawn(seed: int) -> tuple[World, dict[str, Any]]:
    """Return a seed's world, with its objectives, and what is asked of it."""
    dice = SeededDice(seed)
    compares = seed >= COMPARED
    world = draw_market(dice, known_at=seed % 3 == 0 if compares else seed >= LATE)
    sections, asked = AimAuthor(dice, world, compares=compares).drawn()
    if seed % 2 if compares else seed >= SPARSE:
        world = without_some(dice, world)
        sections["objectives"] = {name: from_the_first(body) for name, body in sections["objectives"].items()}
    return world._replace(project={**world.project, **sections}), asked


def expected(world: World, asked: Mapping[str, Any]) -> Table:
    judge = evaluate_scorecard if "scorecard" in asked else evaluate_objective
    return judge(world.project, world.rows, asked)


def differences(wanted: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return what is different in the columns of the product's table, all of which the oracle must know."""
    unknown = set(columns) - set(wanted.columns)
    if unknown:
        return [f"columns that the oracle does not know: {unknown}"]
    places = [wanted.columns.index(name) for name in columns]
    lines = [tuple(row[place] for place in places) for row in wanted.rows]
    if len(lines) != len(rows):
        names = len(columns) - columns.index("value" if "value" in columns else "score")
        mine, theirs = ({row[:-names] for row in map(tuple, some)} for some in (lines, rows))
        return [
            f"{len(lines)} rows expected, {len(rows)} found: {columns}",
            *(f"not found: {line}" for line in lines if line[:-names] not in theirs),
            *(f"not expected: {row}" for row in rows if tuple(row)[:-names] not in mine),
        ]
    return [
        f"row {n} {tuple(row[:3])}, {name}: expected {a!r}, found {b!r}"
        for n, (line, row) in enumerate(zip(lines, rows, strict=True), 1)
        for name, a, b in zip(columns, line, row, strict=True)
        if not is_same(name, a, b)
    ]


def is_same(name: str, a: Any, b: Any) -> bool:
    if name == "data_through" and isinstance(b, datetime) and not isinstance(a, datetime) and a is not None:
        # The latest days of two datasets, one of which has times of day: a day is its midnight.
        return bool(datetime.combine(a, time()) == b)
    return same(a, b)


def check_aims(seed: int, folder: Path, engines: Sequence[tuple[str, str]]) -> str:
    """Compare the tables of a seed; return `judged`, or why nobody is asked: the codes that refuse it."""
    world, asked = drawn(seed)
    plain = {key: value for key, value in world.project.items() if key not in SECTIONS}
    written_project(world._replace(project=plain), folder)
    text: dict[str, Any] = {key: world.project[key] for key in SECTIONS if key in world.project}
    (folder / "definitions" / "aims.yml").write_text(
        yaml.dump(text, Dumper=Plain, sort_keys=False), encoding="utf-8"
    )
    sink = Sink()
    checked = load(folder, sink)
    if checked is None or sink.has_errors:
        return " ".join(sorted({d.code for d in sink.diagnostics() if d.rule.severity == "error"}))
    try:
        wanted = expected(world, asked)
    except OracleRefuses as why:
        return f"oracle: {why}"
    for engine, strategy in engines:
        with answers.loaded(engine, stored_tables(world)) as connection:
            compiled, told = answers.ask(checked, asked, engine, strategy)  # type: ignore[arg-type]
            if compiled is None:
                return " ".join(sorted({d.code for d in told if d.rule.severity == "error"}))
            columns, rows = answers.answer(compiled, connection)
        found = differences(wanted, columns, rows)
        assert not found, f"seed {seed}, {engine}, {strategy}: {asked}\n{yaml.dump(text)}" + "\n".join(found)
    return "judged"


def drawn_engines(seed: int) -> list[tuple[str, str]]:
    """Return how a seed is asked: each by DuckDB, every fourth in all ways."""
    return WAYS if seed % 4 == 0 else WAYS[:1]


WAYS = [("duckdb", "fast"), ("duckdb", "naive"), ("sqlite", "fast")]


@pytest.mark.parametrize("block", blocks(2))
def test_objectives_of_sparse_rows_are_judged_alike(block: int, tmp_path: Path) -> None:
    seeds = [seed for seed in range(SPARSE + block * 30, SPARSE + (block + 1) * 30) if seed not in KNOWN]
    found = [check_aims(seed, tmp_path / str(seed), drawn_engines(seed)) for seed in seeds]
    assert found.count("judged") > len(seeds) * 4 // 5, found


@pytest.mark.parametrize("block", blocks(3))
def test_targets_told_by_data_are_judged_alike(block: int, tmp_path: Path) -> None:
    seeds = [seed for seed in range(COMPARED + block * 30, COMPARED + (block + 1) * 30) if seed not in KNOWN]
    found = [check_aims(seed, tmp_path / str(seed), drawn_engines(seed)) for seed in seeds]
    assert found.count("judged") > len(seeds) * 4 // 5, found


def test_every_kind_is_drawn() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(COMPARED, COMPARED + 90):
        for body in drawn(seed)[0].project["objectives"].values():
            kinds[body["kind"]] += 1
            kinds["rivals"] += "take" in (body.get("target_from") or {})
    assert set(kinds) == {*get_args(ObjectiveKind), "rivals"}
    assert min(kinds["parity"], kinds["no_signal"], kinds["rivals"]) >= 10, kinds


@pytest.mark.parametrize("block", blocks(4))
def test_drawn_objectives_are_judged_alike(block: int, tmp_path: Path) -> None:
    seeds = [seed for seed in range(block * FIRST // 4, (block + 1) * FIRST // 4) if seed not in KNOWN]
    found = [check_aims(seed, tmp_path / str(seed), drawn_engines(seed)) for seed in seeds]
    assert found.count("judged") > len(seeds) * 4 // 5, found


def test_what_differs_is_known(tmp_path: Path) -> None:
    for seed in KNOWN:
        with pytest.raises(AssertionError, match=f"seed {seed}, duckdb"):
            check_aims(seed, tmp_path / str(seed), WAYS[:1])


def main(first: int, count: int) -> int:
    """Check many seeds: `python -m tests.oracle.test_aims FIRST COUNT`."""
    differs: list[int] = []
    found: Counter[str] = Counter()
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            try:
                found[check_aims(seed, Path(folder), drawn_engines(seed))] += 1
            except Exception as wrong:  # noqa: BLE001 - whatever fails is a finding
                differs.append(seed)
                print("\n".join(f"{type(wrong).__name__}: {wrong}".splitlines()[:60]), file=sys.stderr)
    print(
        f"{dict(found)}; {len(differs)} differ: {differs}, of which known: {[s for s in differs if s in KNOWN]}"
    )
    return 1 if set(differs) - set(KNOWN) else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
