"""The Python interface: load a project, ask it, run the answer.

project = kpidsl.load("shop")
query = project.query(["revenue", "average_order_value"], by=["month"], period="2026")
print(query.sql("duckdb"))
result = query.run("duckdb:///data/shop.duckdb")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from os import PathLike
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Literal, TypedDict, TypeVar, Unpack

from kpidsl.checking import load as load_checked
from kpidsl.compiler import CompiledQuery, write_query
from kpidsl.contexts.leaves import LEVEL_COLUMN, OutputColumn
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.diagnostics.render_text import render
from kpidsl.engines.columns import ResultColumn
from kpidsl.model.definitions import QueryText
from kpidsl.model.types import TEXT
from kpidsl.planning import PlannedQuery, Strategy, plan_objective, plan_query
from kpidsl.query_parts import (
    ParameterValue,
    moment,
    option,
    shown_parts,
    text_of,
    with_arguments,
    wrong_part,
    wrong_parts,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.errors import unknown
from kpidsl.semantics.judged import Judged
from kpidsl.semantics.parameter_values import Values
from kpidsl.semantics.printing import constant
from kpidsl.source import SourceFile, Span

if TYPE_CHECKING:
    from kpidsl.report.result import Result
    from kpidsl.semantics.objectives import Promise


Found = TypeVar("Found")

_SOME_DAY = date(2000, 1, 1)


class DefinitionError(Exception):
    """A project or a query with mistakes; `diagnostics` holds every one of them."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.as_typed = tuple(diagnostics)
        """The same, with helps for who types commands."""
        self.diagnostics = tuple(map(with_arguments, diagnostics))
        super().__init__("\n" + render(self.diagnostics, width=100, color=False))


class QueryParts(TypedDict, total=False):
    """The parts of a query beside its KPIs, under the names that YAML and Python share.

    `by` are grains, dimensions and paths; `order` names of result columns, `-name` for descending;
    `top` is `10 by revenue`, `10 by -revenue` or `10 by revenue others`; `totals` True, "rollup" or "cube";
    `fill` adds the empty buckets; `as_of` is the instant that is asked for (a datetime without a zone is
    local), `partial` what becomes of the bucket that it cuts.
    """

    by: str | Sequence[str]
    where: str | None
    period: str | Sequence[str] | None
    having: str | None
    top: str | None
    totals: str | bool | None
    fill: bool
    as_of: str | date | None
    partial: str | None
    order: str | Sequence[str]
    limit: int | None
    null_label: str | None
    parameters: Mapping[str, ParameterValue] | Sequence[tuple[str, ParameterValue]]


class ObjectiveParts(TypedDict, total=False):
    """What can be asked of an objective: which periods, at which instant, which rows in what order."""

    where: str | None
    period: str | None
    having: str | None
    as_of: str | date | None
    order: str | Sequence[str]
    limit: int | None
    parameters: Mapping[str, ParameterValue] | Sequence[tuple[str, ParameterValue]]


class Project:
    """A checked project. Made by `kpidsl.load`."""

    def __init__(self, checked: CheckedProject) -> None:
        self.checked = checked

    @property
    def name(self) -> str:
        return self.checked.project.name

    @property
    def folder(self) -> Path:
        return self.checked.project.folder

    def __repr__(self) -> str:
        return f"Project({self.name!r})"

    def query(self, kpis: str | Sequence[str] = (), **parts: Unpack[QueryParts]) -> Query:
        """Return a query; raises `DefinitionError` where it asks for what cannot be.

        `kpis` are names of metrics and KPIs, or ad-hoc formulas `name = formula`; the other parts
        are those of `QueryParts`.
        """
        return Query(self, asked_in_python(kpis, **parts))

    def objective(self, name: str) -> Objective:
        """Return an objective by its name; raises `DefinitionError` where there is none."""
        return Objective(self, _named("objective", name, self.checked.objectives))

    def scorecard(self, name: str) -> Scorecard:
        """Return a scorecard by its name; raises `DefinitionError` where there is none."""
        return Scorecard(self, _named("scorecard", name, self.checked.scorecards))

    def explain(
        self,
        name: str,
        *,
        locale: Literal["en", "fr"] | None = None,
        width: int = 100,
        **parts: Unpack[QueryParts],
    ) -> str:
        """Return a definition in words, by its name, its label or a synonym.

        `locale` is the language, by default the project's; with the parts of a query a metric is told to be
        computed as that query has it. Raises `DefinitionError` where not exactly one definition is called so.
        """
        from kpidsl.words.explaining import explained
        from kpidsl.words.finding import find
        from kpidsl.words.written import locale_of

        if locale is not None:
            _named("locale", locale, {"en": "en", "fr": "fr"})
        _of_kind("name", name, str, "a text", 'explain("revenue")')
        found = find(self.checked.project, name)
        if len(found) != 1:
            project = self.checked.project
            defined = (project.metrics, project.dimensions, project.datasets, project.objectives)
            known = [one.name for one in found] or [name for names in defined for name in names]
            what = "one definition called" if found else "definition called"
            raise DefinitionError([unknown(Span.of(SourceFile("name", name)), what, name, known)])
        is_asked = bool(parts) and found[0].kind in ("metric", "kpi")
        planned = self.query(found[0].name, **parts).planned if is_asked else None
        return explained(self.checked, found[0], locale or locale_of(self.checked), width, planned)


class _Judged:
    """What is judged: an objective, or objectives together."""

    def __init__(self, project: Project, checked: Promise) -> None:
        self.project = project
        self.checked = checked

    @property
    def name(self) -> str:
        return self.checked.name

    def query(self, **parts: Unpack[ObjectiveParts]) -> Query:
        """Return the query whose rows tell how it stands, for each period and member.

        Raises `DefinitionError` where it asks for what cannot be.
        """
        return Query(self.project, asked_in_python((), **parts), objective=self.checked)


class Objective(_Judged):
    """A promise about a KPI. Made by `Project.objective`."""


class Scorecard(_Judged):
    """Objectives that are judged together. Made by `Project.scorecard`."""


class Query:
    """A question to a project, planned; its SQL is written when it is asked for."""

    def __init__(
        self,
        project: Project,
        text: QueryText,
        strategy: Strategy = "fast",
        objective: Promise | None = None,
    ) -> None:
        self.project = project
        self.text = text
        self.strategy = strategy
        self.objective = objective
        """The objective or scorecard that is evaluated, where it is not KPIs that are asked for."""
        sink = Sink()
        self._planned = self._plan(text, sink)
        self._diagnostics = sink.diagnostics()
        self.warnings = sink.warnings
        """What is worth knowing of the query and stops nothing, such as a KPI that is deprecated."""
        if self._planned is None and not self._lacks_only_an_instant():
            raise DefinitionError(self._diagnostics)

    def __repr__(self) -> str:
        judged = None if self.objective is None else self.objective.name
        return f"Query({shown_parts(self.text, judged)})"

    @property
    def planned(self) -> PlannedQuery:
        """Return the query's plan; raises `DefinitionError` where it needs an instant and has none."""
        if self._planned is None:
            raise DefinitionError(self._diagnostics)
        return self._planned

    def _plan(self, text: QueryText, sink: Sink) -> PlannedQuery | None:
        checked = self.project.checked
        if self.objective is None:
            return plan_query(checked, text, sink, self.strategy)
        return plan_objective(checked, self.objective, text, sink, self.strategy)

    def _lacks_only_an_instant(self) -> bool:
        """Tell whether the query is right as soon as it is asked at some instant, whichever."""
        if self.text.as_of is not None:
            return False
        text = asked_at(self.text, _SOME_DAY)
        return self._plan(text, Sink()) is not None

    def at(self, instant: date) -> Query:
        """Return the query asked at an instant, or as it is where it names its own."""
        _of_kind("instant", instant, date, "a date or a datetime", "at(date(2026, 8, 15))")
        if self.text.as_of is not None:
            return self
        return Query(self.project, asked_at(self.text, instant), self.strategy, self.objective)

    def compiled(self, dialect: str) -> CompiledQuery:
        """Return the compiled query; raises `DefinitionError` where the dialect cannot say it."""
        _of_kind("dialect", dialect, str, "a text", 'sql("duckdb")')
        sink = Sink()
        found = write_query(self.planned, dialect, sink)
        if found is None:
            raise DefinitionError(sink.diagnostics())
        return found

    def sql(self, dialect: str) -> str:
        """Return the query's SQL in a dialect such as `duckdb`; `kpidsl compile --dialect` takes the same."""
        return self.compiled(dialect).sql

    @property
    def parameters(self) -> dict[str, str]:
        """Return the parameters that the answer rests on, with their values as the language writes them."""
        return written_parameters(self.planned.parameters)

    def columns(self) -> tuple[ResultColumn, ...]:
        """Return the result's columns with the types that the checker fixed."""
        return result_columns(self.planned)

    def run(self, connection: str | None = None) -> Result:
        """Return the result from a connection such as `duckdb:///data/shop.duckdb`.

        Without one the project's own `connection` is used. A query without `as_of` is asked at the
        present instant. Raises `EngineError` where the engine or the connection fails.
        """
        from kpidsl.running import now, run_query

        example = 'run("duckdb:///data/shop.duckdb")'
        _of_kind("connection", connection, (str, NoneType), "the URL of one", example)
        return run_query(self.at(now()), connection)


def written_parameters(values: Values) -> dict[str, str]:
    """Return the values of parameters as the language writes them."""
    return {name: ", ".join(map(constant, items)) for name, items in values.items()}


def result_columns(compiled: CompiledQuery | PlannedQuery) -> tuple[ResultColumn, ...]:
    """Return the columns of a query's result, in order."""
    judgement = compiled.query.judgement
    by = compiled.query.by if judgement is None or judgement.by is None else judgement.by
    groups = [ResultColumn(grouped.name, grouped.type, is_kpi=False) for grouped in by]
    level = [ResultColumn(LEVEL_COLUMN, TEXT, is_kpi=False)] if compiled.query.shows_levels else []
    kpis = [
        ResultColumn(column.name, column.type, column.unit, _bounds(column))
        for column in compiled.leaves.columns
    ]
    flags = [ResultColumn(flag.name, flag.type, is_kpi=False) for flag in compiled.leaves.flags]
    if judgement is None:
        return (*groups, *level, *kpis, *flags)
    judged = [
        ResultColumn(column.name, column.type, column.unit if isinstance(column, Judged) else None)
        for column in judgement.columns
    ]
    known = {column.name: column for column in (*kpis, *judged)}
    return (*groups, *(known[name] for name in judgement.shown))


def _bounds(column: OutputColumn) -> tuple[Decimal | None, Decimal | None] | None:
    bounds = None if column.metric is None else column.metric.terms.bounds
    return None if bounds is None else (bounds.low, bounds.high)


def query_text(kpis: str | Sequence[str], **parts: Unpack[QueryParts]) -> QueryText:
    """Return a query's parts as texts that diagnostics can point into, by the options of commands.

    Raises `DefinitionError` where a part is of a type that it does not take.
    """
    return _query_text(kpis, parts, option)


def asked_in_python(kpis: str | Sequence[str], **parts: Unpack[QueryParts]) -> QueryText:
    """Return the same, where diagnostics show the names of arguments."""
    return _query_text(kpis, parts, str)


def _query_text(kpis: str | Sequence[str], parts: QueryParts, shown: Callable[[str], str]) -> QueryText:
    wrong = wrong_parts(kpis, parts)
    if wrong:
        raise DefinitionError(wrong)
    return text_of(kpis, parts, shown)


def _of_kind(name: str, value: object, kind: type | tuple[type, ...], expected: str, example: str) -> None:
    """Refuse a value of another kind than is expected."""
    if not isinstance(value, kind):
        raise DefinitionError([wrong_part(name, value, expected, example)])


def _named(what: str, name: str, known: Mapping[str, Found]) -> Found:
    """Return what has a name; one that is not known is an error with those that are."""
    if name not in known:
        raise DefinitionError([unknown(Span.of(SourceFile(what, str(name))), what, str(name), known)])
    return known[name]


def asked_at(text: QueryText, instant: date) -> QueryText:
    """Return a query's parts with an instant, or as they are where they name one."""
    return text if text.as_of is not None else replace(text, as_of=moment("--as-of", instant))


def load(path: str | PathLike[str] = ".") -> Project:
    """Return the checked project in a folder; raises `DefinitionError` with every mistake in it."""
    _of_kind("path", path, (str, PathLike), "a folder", 'load("shop")')
    sink = Sink()
    checked = load_checked(Path(path), sink)
    if checked is None or sink.has_errors:
        raise DefinitionError(sink.diagnostics())
    return Project(checked)
