"""Answers of the product, for tests: a project as text, rows, a query, an engine and a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kpidsl.checking import load
from kpidsl.compiler import CompiledQuery, write_query
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.diagnostics.render_text import render
from kpidsl.engines import Connection
from kpidsl.model.definitions import QueryText
from kpidsl.model.types import Type, parse_type
from kpidsl.planning import PlannedQuery, Strategy, plan_objective, plan_query
from kpidsl.project import query_text, result_columns
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import CheckedObjective, CheckedScorecard
from tests import servers

ENGINES = servers.IN_MEMORY
"""The engines in memory."""
ENGINES_HERE = servers.ASKED
"""The engines of this run: PostgreSQL too, wherever it is installed, or those that the environment names."""
ASKED = ("kpis", "objective", "scorecard")
STRATEGIES: tuple[Strategy, ...] = ("fast", "naive")

READ = {"limit": int, "fill": lambda given: given in (True, "true")}
"""How the parts of a query that are no texts are read from a case file, whose scalars are texts."""

StoredTable = tuple[tuple[str, ...], Sequence[tuple[str, Type]], Iterable[Sequence[object]]]


def write_project(folder: Path, settings: str, definitions: str) -> Path:
    """Write a project's two files; `project` and `language` are added where they are missing."""
    (folder / "definitions").mkdir(parents=True, exist_ok=True)
    head = "" if "project" in settings else "project: case\n"
    head += "" if "language" in settings else "language: 1\n"
    (folder / "kpidsl.yml").write_text(head + settings, encoding="utf-8")
    (folder / "definitions" / "all.yml").write_text(definitions, encoding="utf-8")
    return folder


def checked(folder: Path) -> CheckedProject:
    """Return the project, which must have no mistakes."""
    sink = Sink()
    project = load(folder, sink)
    assert not sink.has_errors, render(sink.diagnostics(), width=120, color=False)
    assert project is not None
    return project


def ask(
    project: CheckedProject, query: Mapping[str, Any], engine: str, strategy: Strategy = "fast"
) -> tuple[CompiledQuery | None, tuple[Diagnostic, ...]]:
    """Return a query, of KPIs, an objective or a scorecard, compiled for an engine, and what is wrong with it."""
    return write(plan(project, query, strategy), engine)


Planned = tuple[PlannedQuery | None, tuple[Diagnostic, ...]]
"""A query's plan, which is the same for every engine, and what is wrong with the query."""


def plan(project: CheckedProject, query: Mapping[str, Any], strategy: Strategy = "fast") -> Planned:
    """Return a query's plan, and what is wrong with it on every engine."""
    sink = Sink()
    promise = promised(project, query)
    if promise is None:
        return plan_query(project, question(query), sink, strategy), sink.diagnostics()
    return plan_objective(project, promise, question(query), sink, strategy), sink.diagnostics()


def write(plan: Planned, engine: str) -> tuple[CompiledQuery | None, tuple[Diagnostic, ...]]:
    """Return a plan compiled for an engine, and what is wrong with the query there."""
    planned, told = plan
    sink = Sink(list(told))
    compiled = None if planned is None else write_query(planned, servers.ENGINES[engine].dialect, sink)
    return compiled, sink.diagnostics()


def promised(project: CheckedProject, query: Mapping[str, Any]) -> CheckedObjective | CheckedScorecard | None:
    """Return the objective or scorecard that a query asks in place of KPIs."""
    if "objective" in query:
        return project.objectives[query["objective"]]
    return project.scorecards[query["scorecard"]] if "scorecard" in query else None


def question(query: Mapping[str, Any]) -> QueryText:
    """Return a case file's query as the product reads it."""
    parts: dict[str, Any] = {
        name: part for name, part in query.items() if part is not None and name not in ASKED
    }
    for name, read in READ.items():
        if name in parts:
            parts[name] = read(parts[name])
    if "set" in parts:
        parts["parameters"] = {name: _written(value) for name, value in parts.pop("set").items()}
    return query_text(query.get("kpis", ()), **parts)


def _written(value: Any) -> Any:
    """Return a parameter's value of a case file, whose lists are lists of texts as they are written."""
    return ", ".join(value) if isinstance(value, list) else value


def loaded(engine: str, tables: Iterable[StoredTable]) -> Connection:
    """Return an engine that holds the tables, and nothing else."""
    under_test = servers.ENGINES[engine]
    connection = under_test.empty()
    for parts, columns, rows in tables:
        columns = [(under_test.stored(name), type_) for name, type_ in columns]
        connection.create_table(tuple(map(under_test.stored, parts)), columns, rows)
    return connection


def answer(compiled: CompiledQuery, connection: Connection) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return a compiled query's columns and rows."""
    columns = result_columns(compiled)
    table = connection.run(compiled.sql, columns)
    return tuple(column.name for column in columns), [tuple(row.values()) for row in table.to_pylist()]


def type_named(text: str) -> Type:
    found = parse_type(text)
    assert found is not None, text
    return found
