"""Every case on every engine, with the naive and the fast plan: one expected table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import answers, postgres

from .reader import Case, CaseQuery, case_paths, physical_tables, read_case
from .test_check_queries import differences

CASES = {f"{path.parent.name}/{path.stem}": path for path in case_paths()}


def stored_tables(case: Case) -> list[answers.StoredTable]:
    return [
        (
            tuple(part for part in (table.schema, table.name) if part is not None),
            [(name, answers.type_named(kind)) for name, kind in table.columns],
            table.rows,
        )
        for table in physical_tables(case)
    ]


def engines_of(case: Case) -> tuple[str, ...]:
    """Return the engines of a case; a line `Engines: duckdb (reason)` names the only ones that can."""
    line = next((line for line in case.prose.splitlines() if line.startswith("Engines:")), None)
    return answers.ALL_ENGINES if line is None else tuple(e for e in answers.ALL_ENGINES if e in line)


@pytest.mark.parametrize("path", CASES.values(), ids=CASES.keys())
def test_the_answers_are_the_expected_tables(path: Path, tmp_path: Path) -> None:
    for engine in answers.ENGINES:
        _ask_all(path, tmp_path, engine)


@pytest.mark.skipif(not postgres.IS_THERE, reason=postgres.WHY_NOT)
@pytest.mark.parametrize("path", CASES.values(), ids=CASES.keys())
def test_the_answers_on_postgres(path: Path, tmp_path: Path) -> None:
    _ask_all(path, tmp_path, "postgres")


def _ask_all(path: Path, folder: Path, engine: str) -> None:
    case = read_case(path)
    project = answers.checked(answers.write_project(folder, case.settings, case.definitions))
    possible = engines_of(case)
    refusals = 0
    with answers.loaded(engine, stored_tables(case)) as connection:
        for asked in case.queries:
            done: set[str] = set()
            for strategy in answers.STRATEGIES:
                where = f"{asked.heading} ({engine}, {strategy})"
                compiled, wrong = answers.ask(project, asked.query, engine, strategy)
                codes = tuple(dict.fromkeys(d.code for d in wrong))
                if asked.refused:
                    assert codes == asked.refused, where
                    continue
                if engine not in possible and codes:
                    assert set(codes) == {"dialect/unsupported"}, where
                    refusals += 1
                    continue
                assert codes == (), f"{where}: {[d.message for d in wrong]}"
                assert compiled is not None
                if compiled.sql not in done:
                    done.add(compiled.sql)
                    _compare(asked, answers.answer(compiled, connection), where, compiled.sql)
    # The marker is strict: an engine that can answer everything must not be left out.
    assert (refusals > 0) == (engine not in possible), (
        f"{path}: `Engines:` says something else than {engine} does"
    )


def _compare(
    asked: CaseQuery, found: tuple[tuple[str, ...], list[tuple[object, ...]]], where: str, sql: str
) -> None:
    columns, rows = found
    assert columns == asked.expected_columns, where
    assert differences(asked, rows) == [], f"{where}\n{sql}"
