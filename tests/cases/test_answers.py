"""Every case on every engine, with the naive and the fast plan: one expected table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.engines import EngineError
from kpidsl.engines.connection import Connection
from kpidsl.planning import Strategy
from kpidsl.semantics.check import CheckedProject
from tests import answers, servers

from .markers import MARKERS, CaseError
from .reader import (
    Case,
    CaseQuery,
    case_paths,
    objectives_of,
    parse_case,
    physical_tables,
    read_case,
)
from .test_check_queries import answered_otherwise

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


def marker_of(asked: CaseQuery, engine: str) -> str | None:
    """Return what kind of exception an engine is for a query."""
    found = [marker.kind for marker in asked.markers if marker.speaks_of(engine)]
    assert len(found) <= 1, f"`{asked.heading}` has two markers for {engine}"
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class AskedCase:
    """A case with what is the same on every engine: it is loaded, checked and planned for the first that asks."""

    case: Case
    folder: Path
    projects: dict[str, CheckedProject] = field(default_factory=dict)
    """By the text of the objectives, which headings may have of their own."""
    plans: dict[tuple[int, Strategy], answers.Planned] = field(default_factory=dict)

    def written(self, objectives: str) -> Path:
        """Return the folder of the case's project with some objectives."""
        folder = self.folder / str(len(list(self.folder.iterdir())))
        return answers.write_project(folder, self.case.settings, self.case.definitions + objectives)

    def planned(self, number: int, strategy: Strategy) -> answers.Planned:
        """Return the plan of a heading's query."""
        if (number, strategy) not in self.plans:
            asked = self.case.queries[number]
            project = self._project(objectives_of(self.case, asked))
            self.plans[number, strategy] = answers.plan(project, asked.query, strategy)
        return self.plans[number, strategy]

    def _project(self, objectives: str) -> CheckedProject:
        if objectives not in self.projects:
            self.projects[objectives] = answers.checked(self.written(objectives))
        return self.projects[objectives]


@pytest.fixture(scope="module")
def asked_case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AskedCase:
    """The case of a file, kept while its engines are asked, one after the other."""
    return AskedCase(read_case(request.param), tmp_path_factory.mktemp("case"))


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize("asked_case", CASES.values(), ids=CASES.keys(), indirect=True, scope="module")
def test_the_answers_are_the_expected_tables(asked_case: AskedCase, engine: str) -> None:
    case = asked_case.case
    with answers.loaded(engine, stored_tables(case)) as connection:
        for number, asked in enumerate(case.queries):
            if asked.refused and (asked.objectives or asked.scorecards) is not None:
                sink = Sink()
                load(asked_case.written(objectives_of(case, asked)), sink)
                assert error_codes(sink.diagnostics()) == asked.refused, asked.heading
                continue
            plans = {strategy: asked_case.planned(number, strategy) for strategy in answers.STRATEGIES}
            _ask(plans, asked, engine, connection)


def error_codes(told: Iterable[Diagnostic]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(d.code for d in told if d.rule.severity == "error"))


def _ask(
    plans: Mapping[Strategy, answers.Planned], asked: CaseQuery, engine: str, connection: Connection
) -> None:
    marker = marker_of(asked, engine)
    done: set[str] = set()
    failures: list[str] = []
    for strategy, plan in plans.items():
        where = f"{asked.heading} ({engine}, {strategy})"
        compiled, wrong = answers.write(plan, engine)
        codes = error_codes(wrong)
        if asked.refused:
            assert codes == asked.refused, where
            continue
        # Markers are strict: what an engine can answer must not be left out.
        if marker in ("never", "kpidsl_cannot_yet"):
            assert set(codes) == {"dialect/unsupported"}, f"{where}: marked, and not refused"
            continue
        assert codes == (), f"{where}: {[d.message for d in wrong]}"
        assert compiled is not None
        if compiled.sql in done:
            continue
        done.add(compiled.sql)
        try:
            _compare(asked, answers.answer(compiled, connection), where, compiled.sql)
        except (AssertionError, EngineError) as failure:
            if marker is None:
                raise
            failures.append(str(failure))
    assert bool(failures) == (marker == "engine_cannot_yet"), f"{asked.heading}: marked, and it can"


def _compare(
    asked: CaseQuery, found: tuple[tuple[str, ...], list[tuple[object, ...]]], where: str, sql: str
) -> None:
    assert answered_otherwise(asked, *found) == [], f"{where}\n{sql}"


def test_markers_name_engines_that_there_are() -> None:
    for path in CASES.values():
        for asked in read_case(path).queries:
            for marker in asked.markers:
                assert set(marker.engines) <= servers.ENGINES.keys(), path
                assert not asked.refused, f"{path}: refused on every engine"


@pytest.mark.parametrize("line", [f"{kind} on SQLite it cannot" for kind in MARKERS])
def test_a_marker_that_cannot_be_read_is_told(line: str) -> None:
    text = f"# A\n```yaml project\ndatasets: {{}}\n```\n## B\n{line}\n```yaml query\nkpis: [a]\n```\n```text refused\na/b\n```\n"
    with pytest.raises(CaseError, match="a marker is not of the form"):
        parse_case(text)
