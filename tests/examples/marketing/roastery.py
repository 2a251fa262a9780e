"""The roastery of `examples/marketing` for tests: its project, and its tables on any engine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from examples.marketing.roastery.duckdb_file import write
from examples.marketing.roastery.stored import canonical, stored
from examples.marketing.roastery.world import tables
from kpidsl.engines import Connection
from kpidsl.semantics.check import CheckedProject
from tests import servers
from tests.answers import answer, ask, checked, loaded, type_named

FOLDER = Path(__file__).parents[3] / "examples" / "marketing"
AS_OF = "2026-10-01"
"""When the last day of the data is over."""
LARGE, SMALL = 0.25, 0.03
"""Scales: on DuckDB, and on every engine."""
OTHERS = tuple(name for name in servers.ASKED if name not in ("duckdb", *servers.SLOW))
"""The engines that are asked all; slow ones are asked each KPI, and no dimensions and objectives."""
Rows = list[tuple[Any, ...]]

built = cache(tables)
"""The rows of every table at a scale."""


@cache
def project() -> CheckedProject:
    return checked(FOLDER)


def kpis() -> list[str]:
    return [name for name, metric in project().metrics.items() if metric.definition.kind == "kpi"]


def asked_together(size: int = 5) -> list[dict[str, Any]]:
    """Queries by month that ask all KPIs, some at a time, in the order of the files."""
    by_requirement: dict[tuple[str, ...], list[str]] = {}
    for name in kpis():
        required = {member.text for member in project().demands[name].requires}
        by_requirement.setdefault(("month", *sorted(required - {"month"})), []).append(name)
    return [
        {"kpis": names[first : first + size], "by": list(by), "as_of": AS_OF}
        for by, names in by_requirement.items()
        for first in range(0, len(names), size)
    ]


def on(engine: str, scale: float) -> Connection:
    """Return an engine that holds the tables, as the roastery has them."""
    connection = loaded(
        engine,
        [
            (
                (table.schema, table.table),
                [(column, type_named(type_)) for column, type_ in table.columns],
                table.rows,
            )
            for table in stored(built(scale)).values()
        ],
    )
    if engine == "postgres":
        connection.fetch("ANALYZE")  # what the server does by itself, where it is not a test's
    return connection


@contextmanager
def by_hand(scale: float, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the roastery's data in the lexicon's own tables, with the views of the checks."""
    path = folder / "roastery.duckdb"
    write(path, canonical(built(scale)))
    with duckdb.connect(str(path)) as connection:
        connection.execute((Path(__file__).with_name("views.sql")).read_text(encoding="utf-8"))
        yield connection


def found(query: Mapping[str, Any], engine: str, connection: Connection) -> tuple[tuple[str, ...], Rows]:
    """Return the columns and rows that a query gives."""
    compiled, told = ask(project(), query, engine)
    assert compiled is not None, [one.message for one in told]
    return answer(compiled, connection)


def differences(columns: Sequence[str], rows: Rows, expected: Rows) -> list[str]:
    """Return what differs between two tables of the same columns."""
    if len(rows) != len(expected):
        return [f"{len(rows)} rows, not {len(expected)}"]
    return [
        f"{name} of {wanted[:2]}: {value}, not {other}"
        for row, wanted in zip(rows, expected, strict=True)
        for name, value, other in zip(columns, row, wanted, strict=True)
        if not is_same(value, other)
    ]


def is_same(a: Any, b: Any) -> bool:
    """Whether two values are the same; sums of doubles differ in the last digits by the order of their rows."""
    if a is None or b is None or isinstance(a, str | bool) or hasattr(a, "year"):
        return bool(a == b)
    return math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-12)
