"""Random worlds: the oracle, both plans and every engine give one table."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from kpidsl.checking import load
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.engines import EngineError
from kpidsl.model.types import Type
from tests import answers
from tests.drawn import blocks

from .crowds import draw_crowd
from .dice import SeededDice
from .evaluate import evaluate
from .features import COLUMNS, ENTITIES, EVERYTHING
from .refusals import refused
from .worlds import World, draw_world, worlds

ENGINE_DEFECT = "BindBuiltinScalarFunction did not return a BoundFunctionExpression"
"""DuckDB 2.0 fails so, about once in 150 worlds, when its optimizer folds a comparison of a CASE of
texts with a text outside ASCII. It refuses the statement; it never gives a wrong number."""


class Plain(yaml.SafeDumper):
    """Writes every text in quotes, so that no rule of YAML changes it."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


Plain.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def stored_tables(world: World) -> list[answers.StoredTable]:
    tables: list[answers.StoredTable] = []
    for name, dataset in {**world.project["datasets"], **world.project.get("calendars", {})}.items():
        columns: list[tuple[str, str, Type]] = []
        for column, spec in dataset["columns"].items():
            given = {"type": spec} if isinstance(spec, str) else spec
            if "expr" not in given:
                columns.append((column, given.get("column", column), answers.type_named(given["type"])))
        rows = [[row.get(physical) for _, physical, _ in columns] for row in world.rows.get(name, [])]
        parts = tuple(part.strip('"') for part in dataset["table"].split("."))
        tables.append((parts, [(physical, type_) for _, physical, type_ in columns], rows))
    return tables


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return (
            a is not None and b is not None and math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-9)
        )
    if isinstance(a, Decimal | int) and isinstance(b, Decimal | int) and not isinstance(a, bool):
        return a == b
    if isinstance(a, datetime) and isinstance(b, datetime) and (a.tzinfo or b.tzinfo):
        # Instants, each with the offset of its place.
        return a.tzinfo is not None and b.tzinfo is not None and a.astimezone(UTC) == b.astimezone(UTC)
    return type(a) is type(b) and bool(a == b)


def differences(expected: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]]) -> list[str]:
    if len(expected) != len(found):
        return [f"{len(expected)} rows expected, {len(found)} found: {expected} / {found}"]
    return [
        f"row {n}: expected {wanted}, found {got}"
        for n, (wanted, got) in enumerate(zip(expected, found, strict=True), 1)
        if not all(map(same, wanted, got))
    ]


def _is_too_deep(world: World, sql: str) -> bool:
    """Tell whether SQLite, which has no zones, would be asked what is written out too deep for its parser:
    windows within windows that `as_of` cuts within a day."""
    return len(sql) > 30_000 and ":" in world.query.get("as_of", "")


def written_project(world: World, folder: Path) -> Path:
    """Write a world's project and return where it lies."""
    sections = ("datasets", "dimensions", "metrics", "kpis", "filters", "parameters", "calendars")
    text = {key: value for key, value in world.project.items() if key not in sections}
    rest = {key: value for key, value in world.project.items() if key in sections}
    return answers.write_project(
        folder,
        yaml.dump(text, Dumper=Plain) if text else "",
        yaml.dump(rest, Dumper=Plain, sort_keys=False),
    )


def refusals(folder: Path, query: Mapping[str, Any]) -> list[frozenset[str]]:
    """Return the codes with which a project is refused, or a query, by each engine and plan."""
    sink = Sink()
    project = load(folder, sink)
    if project is None or sink.has_errors:
        return [_errors(sink.diagnostics())]
    asked = [(engine, strategy) for engine in answers.ENGINES for strategy in answers.STRATEGIES]
    return [_errors(answers.ask(project, query, engine, strategy)[1]) for engine, strategy in asked]


def _errors(told: Iterable[Diagnostic]) -> frozenset[str]:
    return frozenset(d.code for d in told if d.rule.severity == "error")


def check_world(world: World) -> frozenset[str]:
    """Check that all answers are the oracle's. Return why a world is refused that nobody can answer, once the
    compiler has refused it for that."""
    # As a case file has it, whose scalars are texts.
    query = {**world.query, "fill": "true"} if world.query.get("fill") else world.query
    unanswerable = refused(world)
    if unanswerable:
        with tempfile.TemporaryDirectory() as folder:
            told = refusals(written_project(world, Path(folder)), query)
        assert all(codes and codes <= unanswerable for codes in told), (
            f"refused should be {set(unanswerable)}, and is {told}"
        )
        return unanswerable
    expected = evaluate(*world)
    with tempfile.TemporaryDirectory() as folder:
        project = answers.checked(written_project(world, Path(folder)))
        is_too_deep = False
        for engine in answers.ENGINES:
            if is_too_deep and engine == "sqlite":
                continue
            with answers.loaded(engine, stored_tables(world)) as connection:
                for strategy in answers.STRATEGIES:
                    compiled, told = answers.ask(project, query, engine, strategy)
                    wrong = [d for d in told if d.rule.severity == "error"]
                    codes = [d.code for d in wrong]
                    if engine in ("sqlite", "mariadb", "spark") and codes == ["dialect/too-deep"]:
                        continue
                    assert not wrong, [d.message for d in wrong]
                    assert compiled is not None
                    is_too_deep = is_too_deep or _is_too_deep(world, compiled.sql)
                    try:
                        columns, rows = answers.answer(compiled, connection)
                    except EngineError as failed:
                        if engine == "duckdb" and ENGINE_DEFECT in failed.message:
                            continue
                        raise
                    assert columns == expected.columns
                    found = differences(expected.rows, rows)
                    assert not found, f"{engine}, {strategy}: {found}\n{world.query}\n{compiled.sql}"
    return unanswerable


FORMER = EVERYTHING - {"time functions", "units", "comparable", "all plans"} - ENTITIES - COLUMNS
KNOWN: dict[int, str] = {}
"""Worlds that fail, and why: strictly, one that agrees has to be taken out."""
ONCE_DIFFERED = (87, 164, 267)
"""Worlds of what was drawn formerly: empty buckets of others that nobody has, rows that follow themselves."""


@pytest.mark.parametrize("block", blocks(4))
def test_seeded_worlds(block: int) -> None:
    """The same worlds on every machine; CI goes on with more, and `make trials` with as many as wanted."""
    for seed in range(block * 40, block * 40 + 40):
        if seed not in KNOWN:
            check_world(draw_world(SeededDice(seed), features=EVERYTHING))


@pytest.mark.parametrize("block", blocks(4))
def test_crowded_worlds(block: int) -> None:
    """A `where` that asked its sets in the window of a moved `having` would differ in 4 of the first 40."""
    for seed in range(block * 40, block * 40 + 40):
        check_world(draw_crowd(SeededDice(seed)))


def test_worlds_that_fail_are_known() -> None:
    for seed in KNOWN:
        with pytest.raises((EngineError, AssertionError)):
            check_world(draw_world(SeededDice(seed), features=EVERYTHING))


@pytest.mark.parametrize("seed", ONCE_DIFFERED)
def test_worlds_that_differed_agree(seed: int) -> None:
    check_world(draw_world(SeededDice(seed), features=FORMER))


@pytest.mark.drawn
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(world=worlds(features=EVERYTHING))
def test_drawn_worlds(world: World) -> None:
    """New worlds at every run, made smaller by Hypothesis where one differs."""
    check_world(world)
