"""Running compiled queries: the only place where SQL meets a connection, and a query the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kpidsl.contexts.datasets import datasets_read
from kpidsl.engines import connect
from kpidsl.engines.errors import URL, EngineError
from kpidsl.report.result import Result
from kpidsl.verifying.failures import in_own_words, refuse_other_types

if TYPE_CHECKING:
    from kpidsl.engines import Connection
    from kpidsl.model.definitions import Calendar, Dataset
    from kpidsl.model.definitions import Project as Definitions
    from kpidsl.project import Query


def now() -> datetime:
    """Return the present instant, to the second: when a query is asked that names no other."""
    return datetime.now(UTC).replace(microsecond=0)


def run_query(query: Query, connection: str | None, *, base: Path | None = None) -> Result:
    """Return a query's result from a connection, or from the project's own.

    Relative paths of the project's connection start at its folder, those of a given one at `base`
    (by default the current folder).
    """
    url, start = connection_of(query.project.checked.project, connection, base)
    with connect(url, base=start) as opened:
        return run_on(query, opened)


def connection_of(project: Definitions, given: str | None, base: Path | None = None) -> tuple[str, Path]:
    """Return a connection's URL, the project's where none is given, and where its relative paths start."""
    if given is not None:
        return given, base or Path.cwd()
    if project.connection is None:
        raise EngineError(
            URL,
            "no connection is given and the project names none",
            "add `connection: duckdb:///data/shop.duckdb` to kpidsl.yml, or `--connection URL`",
        )
    return project.connection, project.folder


def run_on(query: Query, connection: Connection) -> Result:
    """Return a query's result from an open connection."""
    from kpidsl.project import result_columns

    compiled = query.compiled(connection.dialect)
    columns = result_columns(compiled)
    try:
        refuse_other_types(_read(query), connection)
        found = connection.run(compiled.sql, columns)
    except EngineError as failure:
        raise in_own_words(failure, _read(query), connection) from None
    return Result(columns, found, query.parameters)


def _read(query: Query) -> list[Dataset | Calendar]:
    """Return the datasets and calendars whose tables a query may read."""
    checked = query.project.checked
    names = datasets_read(checked, query.planned.leaves.leaves)
    return [*(checked.project.datasets[name] for name in names), *checked.project.calendars.values()]
