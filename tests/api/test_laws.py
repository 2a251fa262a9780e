"""Laws that hold between answers, whatever the numbers are: on random worlds, from seeds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from kpidsl.engines import Connection
from kpidsl.planning import Strategy
from kpidsl.semantics.check import CheckedProject
from tests import answers
from tests.cases.reader import SETTINGS
from tests.oracle.dice import SeededDice
from tests.oracle.test_worlds import same, stored_tables
from tests.oracle.worlds import World, draw_world

pytestmark = pytest.mark.drawn
SEEDS = {"duckdb": range(10_000, 10_012), "sqlite": range(10_012, 10_052)}
Row = tuple[Any, ...]


class _Quoted(yaml.SafeDumper):
    """Writes every text in quotes and no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


_Quoted.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A world that can be asked."""

    world: World
    project: CheckedProject
    connection: Connection
    engine: str

    def rows(self, query: Mapping[str, Any], strategy: Strategy = "fast") -> list[Row] | None:
        """Return a query's rows, or None where it is refused."""
        compiled, _ = answers.ask(self.project, query, self.engine, strategy)
        if compiled is None:
            return None
        return answers.answer(compiled, self.connection)[1]

    def number(self, formula: str, **parts: Any) -> int | None:
        """Return the one number of a formula without groups, or None where it is refused."""
        rows = self.rows({"kpis": [f"n = {formula}"], **parts})
        return None if rows is None else int(rows[0][0])


@contextmanager
def asked(world: World, engine: str) -> Iterator[Asked]:
    settings = {key: value for key, value in world.project.items() if key in SETTINGS}
    definitions = {key: value for key, value in world.project.items() if key not in SETTINGS}
    with tempfile.TemporaryDirectory() as folder:
        answers.write_project(
            Path(folder),
            yaml.dump(settings, Dumper=_Quoted) if settings else "",
            yaml.dump(definitions, Dumper=_Quoted, sort_keys=False),
        )
        project = answers.checked(Path(folder))
    with answers.loaded(engine, stored_tables(world)) as connection:
        yield Asked(world, project, connection, engine)


def worlds(engine: str) -> Iterator[Asked]:
    """Return worlds with their data on an engine; each is closed before the next is made."""
    for seed in SEEDS[engine]:
        with asked(draw_world(SeededDice(seed)), engine) as one:
            yield one


def whole(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a query without order and limit."""
    return {key: value for key, value in query.items() if key not in ("order", "limit")}


def counts(world: World) -> list[str]:
    return [f"count({name})" for name in world.project["datasets"]]


def name_of(kpi: str) -> str:
    return kpi.partition("=")[0].strip()


def equal(ours: list[Row], theirs: list[Row]) -> bool:
    return len(ours) == len(theirs) and all(
        len(a) == len(b) and all(map(same, a, b)) for a, b in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_asking_for_one_more_kpi_changes_no_other_column(engine: str) -> None:
    looked_at = 0
    for one in worlds(engine):
        query = whole(one.world.query)
        width = len(query["by"])
        more = [*query["kpis"], *(f"law_{n} = {formula}" for n, formula in enumerate(counts(one.world)))]
        for kpi in query["kpis"]:
            alone = one.rows({**query, "kpis": [kpi]})
            if alone is None:
                continue
            for other in more:
                both = one.rows({**query, "kpis": [other, kpi]}) if name_of(other) != name_of(kpi) else None
                if both is None:
                    continue
                found = {row[:width]: row[width + 1] for row in both}
                assert all(row[:width] in found and same(row[width], found[row[:width]]) for row in alone), (
                    one.world.query,
                    kpi,
                    other,
                )
                looked_at += 1
    assert looked_at > len(SEEDS[engine]) // 4


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_the_order_of_the_data_changes_nothing(engine: str) -> None:
    looked_at = 0
    for seed in SEEDS[engine]:
        world = draw_world(SeededDice(seed))
        turned = world._replace(rows={name: rows[::-1] for name, rows in world.rows.items()})
        with asked(world, engine) as straight, asked(turned, engine) as back:
            rows, again = straight.rows(world.query), back.rows(world.query)
        assert (rows is None) == (again is None)
        if rows is not None and again is not None:
            assert equal(rows, again), world.query
            looked_at += 1
    assert looked_at > len(SEEDS[engine]) // 4


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_the_parts_of_a_count_sum_to_the_whole(engine: str) -> None:
    looked_at = 0
    for one in worlds(engine):
        query: dict[str, Any] = {
            key: one.world.query[key] for key in ("where", "period") if key in one.world.query
        }
        for formula in counts(one.world):
            parts = one.rows({**query, "kpis": [f"n = {formula}"], "by": one.world.query["by"]})
            total = one.number(formula, **query)
            if parts is None or total is None:
                continue
            width = len(one.world.query["by"])
            assert sum(row[width] for row in parts) == total, (one.world.query, formula)
            shares = one.rows(
                {**query, "kpis": [f"n = total({formula})", f"m = {formula}"], "by": one.world.query["by"]}
            )
            if shares is not None and not set(one.world.query["by"]) & {
                "day",
                "week",
                "month",
                "quarter",
                "year",
            }:
                assert all(row[width] == total for row in shares), (one.world.query, formula)
            looked_at += 1
    assert looked_at > len(SEEDS[engine]) // 4


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_a_period_split_in_two_sums_up(engine: str) -> None:
    looked_at = 0
    cuts = ("2024-01-01", "2024-02-29", "2025-10-26", "2026-01-01", "2026-03-29", "2027-01-01")
    for one in worlds(engine):
        for formula in counts(one.world):
            all_of_it = one.number(formula, period=f"{cuts[0]}..{cuts[-1]}")
            parts = [one.number(formula, period=f"{a}..{b}") for a, b in pairwise(cuts)]
            if all_of_it is None:
                assert set(parts) == {None}
                continue
            assert sum(part or 0 for part in parts) == all_of_it, formula
            looked_at += all_of_it > 0
    assert looked_at > len(SEEDS[engine]) // 4


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_a_condition_and_its_negation_split_the_rows(engine: str) -> None:
    looked_at = 0
    for one in worlds(engine):
        condition = one.world.query.get("where")
        if condition is None:
            continue
        for formula in counts(one.world):
            total = one.number(formula)
            kept = one.number(formula, where=condition)
            dropped = one.number(formula, where=f"not ({condition})")
            assert (kept is None) == (dropped is None)
            if total is None or kept is None or dropped is None:
                continue
            assert kept + dropped == total, (condition, formula)
            assert one.number(f"({formula} where {condition})") == kept
            looked_at += 1
    assert looked_at > len(SEEDS[engine]) // 8


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_a_limit_shows_the_first_rows_of_the_whole(engine: str) -> None:
    looked_at = 0
    for one in worlds(engine):
        query = {key: value for key, value in one.world.query.items() if key != "limit"}
        full = one.rows(query)
        if not full:
            continue
        for limit in (1, 2, len(full), len(full) + 1):
            found = one.rows({**query, "limit": limit})
            assert found is not None
            assert equal(found, full[:limit]), (query, limit)
            looked_at += 1
    assert looked_at > len(SEEDS[engine]) // 4
