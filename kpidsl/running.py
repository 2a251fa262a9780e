"""Running compiled queries: the only place where SQL meets a connection, and a query the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kpidsl.engines import connect
from kpidsl.engines.errors import EngineError
from kpidsl.report.result import Result

if TYPE_CHECKING:
    from kpidsl.engines import Connection
    from kpidsl.project import Query


def now() -> datetime:
    """Return the present instant, to the second: when a query is asked that names no other."""
    return datetime.now(UTC).replace(microsecond=0)


def run_query(query: Query, connection: str | None, *, base: Path | None = None) -> Result:
    """Return a query's result from a connection, or from the project's own.

    Relative paths of the project's connection start at its folder, those of a given one at `base`
    (by default the current folder).
    """
    project = query.project.checked.project
    url = project.connection if connection is None else connection
    if url is None:
        raise EngineError(
            "no connection is given and the project names none",
            "add `connection: duckdb:///data/shop.duckdb` to kpidsl.yml, or `--connection URL`",
        )
    folder = project.folder if connection is None else (base or Path.cwd())
    with connect(url, base=folder) as opened:
        return run_on(query, opened)


def run_on(query: Query, connection: Connection) -> Result:
    """Return a query's result from an open connection."""
    from kpidsl.project import result_columns

    compiled = query.compiled(connection.dialect)
    columns = result_columns(compiled)
    return Result(columns, connection.run(compiled.sql, columns), query.parameters)
