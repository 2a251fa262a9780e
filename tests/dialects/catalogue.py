"""The catalogue of constructs: rows of the support matrix, each with queries of case files that exercise it."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from kpidsl.compiler import CompiledQuery, write_query
from kpidsl.diagnostics import Sink
from kpidsl.planning import PlannedQuery
from kpidsl.semantics.check import CheckedProject
from tests import answers
from tests.cases.generated import first_answered
from tests.cases.reader import Case, CaseQuery, objectives_of, read_case

HERE = Path(__file__).parent
CASES = HERE.parent / "cases"

_CONSTRUCT = re.compile(r"^\|(?P<cells>.*)\|$")
_KPI = re.compile(r"\s*(?P<name>\w+)\s*(=|$)")


@dataclass(frozen=True, slots=True)
class Exercise:
    """A query of a case file; where KPIs are named, these alone are asked."""

    case: str
    heading: str
    kpis: tuple[str, ...]

    @property
    def label(self) -> str:
        kpis = f" | {', '.join(self.kpis)}" if self.kpis else ""
        return f"{self.case} > {self.heading}{kpis}"


@dataclass(frozen=True, slots=True)
class Construct:
    """A row of the matrix."""

    section: str
    name: str
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a dialect has no SQL for an exercise."""

    messages: tuple[str, ...]


@cache
def constructs() -> tuple[Construct, ...]:
    """Return the catalogue, in the order in which it is written."""
    found: list[Construct] = []
    section = ""
    for line in (HERE / "constructs.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        row = _CONSTRUCT.match(line)
        if row is None or set(row["cells"]) <= {"-", "|"} or row["cells"].startswith(" construct "):
            continue
        name, case, heading, kpis = (cell.strip() for cell in row["cells"].split("|"))
        exercise = Exercise(
            case, heading or _first_heading(case), tuple(kpi.strip() for kpi in kpis.split(",") if kpi)
        )
        if name:
            found.append(Construct(section, name, (exercise,)))
        else:
            found[-1] = replace(found[-1], exercises=(*found[-1].exercises, exercise))
    return tuple(found)


def exercises() -> tuple[Exercise, ...]:
    """Return every exercise of the catalogue, once."""
    return tuple(dict.fromkeys(one for construct in constructs() for one in construct.exercises))


@cache
def case_of(name: str) -> Case:
    return read_case(CASES / f"{name}.md")


def asked(exercise: Exercise) -> CaseQuery:
    """Return an exercise's query with its expected table, narrowed to its KPIs."""
    found = _query_of(exercise)
    if not exercise.kpis:
        return found
    given = found.query["kpis"]
    assert isinstance(given, list)
    names = {kpi: _name(str(kpi)) for kpi in given}
    assert set(exercise.kpis) <= set(names.values()), exercise.label
    dropped = set(names.values()) - set(exercise.kpis)
    kept = [at for at, column in enumerate(found.expected_columns) if column not in dropped]
    return replace(
        found,
        query=found.query | {"kpis": [kpi for kpi in given if names[kpi] in exercise.kpis]},
        expected_columns=tuple(found.expected_columns[at] for at in kept),
        expected_rows=tuple(tuple(row[at] for at in kept) for row in found.expected_rows),
    )


def _query_of(exercise: Exercise) -> CaseQuery:
    return {one.heading: one for one in case_of(exercise.case).queries}[exercise.heading]


@cache
def _project_of(name: str, objectives: str) -> CheckedProject:
    case = case_of(name)
    with tempfile.TemporaryDirectory() as folder:
        text = case.definitions + objectives
        return answers.checked(answers.write_project(Path(folder), case.settings, text))


@cache
def planned(exercise: Exercise) -> PlannedQuery:
    """Return an exercise's plan, which is the same for every dialect."""
    objectives = objectives_of(case_of(exercise.case), _query_of(exercise))
    found, _ = answers.plan(_project_of(exercise.case, objectives), asked(exercise).query)
    assert found is not None, exercise.label
    return found


def compiled(exercise: Exercise, dialect: str) -> CompiledQuery | Refused:
    """Return an exercise in a dialect, or why there is none."""
    sink = Sink()
    found = write_query(planned(exercise), dialect, sink)
    return found if found is not None else Refused(tuple(d.message for d in sink.diagnostics()))


def _first_heading(case: str) -> str:
    first = first_answered(case_of(case))
    assert first is not None, case
    return first.heading


def _name(kpi: str) -> str:
    found = _KPI.match(kpi)
    assert found is not None, kpi
    return found["name"]
