"""The Python interface: load a project, ask it, run the answer.

project = kpidsl.load("shop")
query = project.query(["revenue", "average_order_value"], by=["month"], period="2026")
print(query.sql("duckdb"))
result = query.run("duckdb:///data/shop.duckdb")
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from kpidsl.compiler import CompiledQuery, Strategy, compile_query
from kpidsl.compiler import load as load_checked
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.diagnostics.render_text import render
from kpidsl.engines.columns import ResultColumn
from kpidsl.model.definitions import QueryText
from kpidsl.semantics.check import CheckedProject
from kpidsl.source import SourceFile, SourceText

if TYPE_CHECKING:
    from kpidsl.report.result import Result


class DefinitionError(Exception):
    """A project or a query with mistakes; `diagnostics` holds every one of them."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n" + render(self.diagnostics, width=100, color=False))


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

    def query(
        self,
        kpis: str | Sequence[str],
        *,
        by: str | Sequence[str] = (),
        where: str | None = None,
        period: str | None = None,
        order: str | Sequence[str] = (),
        limit: int | None = None,
    ) -> Query:
        """Return a query; raises `DefinitionError` where it asks for what cannot be.

        `kpis` are names of metrics and KPIs, or ad-hoc formulas `name = formula`; `by` grains,
        dimensions and paths; `order` names of result columns, `-name` for descending.
        """
        text = query_text(kpis, by=by, where=where, period=period, order=order, limit=limit)
        query = Query(self, text)
        query.compiled("duckdb", only_check=True)
        return query


class Query:
    """A question to a project, compiled when its SQL or result is asked for."""

    def __init__(self, project: Project, text: QueryText) -> None:
        self.project = project
        self.text = text

    def compiled(
        self, dialect: str, strategy: Strategy = "fast", *, only_check: bool = False
    ) -> CompiledQuery:
        """Return the compiled query; raises `DefinitionError`.

        `only_check` passes over what the dialect alone cannot do.
        """
        sink = Sink()
        found = compile_query(self.project.checked, self.text, dialect, sink, strategy)
        serious = [d for d in sink.diagnostics() if not (only_check and d.code.startswith("dialect/"))]
        if serious or (found is None and not only_check):
            raise DefinitionError(serious)
        return found  # type: ignore[return-value]

    def sql(self, dialect: str) -> str:
        """Return the query's SQL in a dialect of the capability table."""
        return self.compiled(dialect).sql

    def columns(self, dialect: str = "duckdb") -> tuple[ResultColumn, ...]:
        """Return the result's columns with the types that the checker fixed."""
        return result_columns(self.compiled(dialect))

    def run(self, connection: str | None = None) -> Result:
        """Return the result from a connection such as `duckdb:///data/shop.duckdb`.

        Without one the project's own `connection` is used. Raises `EngineError` where the engine
        or the connection fails.
        """
        from kpidsl.running import run_query

        return run_query(self, connection)


def result_columns(compiled: CompiledQuery) -> tuple[ResultColumn, ...]:
    """Return the columns of a compiled query's result, in order."""
    groups = [ResultColumn(grouped.name, grouped.type) for grouped in compiled.query.by]
    kpis = [
        ResultColumn(column.name, column.type, None if column.metric is None else column.metric.unit)
        for column in compiled.leaves.columns
    ]
    return (*groups, *kpis)


def query_text(
    kpis: str | Sequence[str],
    *,
    by: str | Sequence[str] = (),
    where: str | None = None,
    period: str | None = None,
    order: str | Sequence[str] = (),
    limit: int | None = None,
) -> QueryText:
    """Return a query's parts as texts that diagnostics can point into."""
    return QueryText(
        kpis=_texts("KPI", kpis),
        by=_texts("--by", by),
        where=None if where is None else SourceFile("--where", where),
        period=None if period is None else SourceFile("--period", period),
        order=_texts("--order", order),
        limit=limit,
    )


def _texts(path: str, parts: str | Sequence[str]) -> tuple[SourceText, ...]:
    return tuple(SourceFile(path, part) for part in ([parts] if isinstance(parts, str) else parts))


def load(path: str | PathLike[str] = ".") -> Project:
    """Return the checked project in a folder; raises `DefinitionError` with every mistake in it."""
    sink = Sink()
    checked = load_checked(Path(path), sink)
    if checked is None or sink.has_errors:
        raise DefinitionError(sink.diagnostics())
    return Project(checked)
