"""KPIs of the lexicon against SQL written by hand from what they mean, on the roastery's data.

`checks/NAME.sql` begins with why it is asked and what it is asked by (`-- by: month, channel`), and may name
another `period`, `as_of` or `where`. Its columns are the members and the KPIs by name. It is written for
DuckDB, by somebody who has not seen what kpidsl compiles, and reads the lexicon's tables or the views of `views.sql`; what
is compiled reads the tables that the project binds.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpidsl.engines import Connection

from .roastery import AS_OF, OTHERS, Rows, found, is_same, kpis

HERE = Path(__file__).parent
CHECKS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "checks").glob("*.sql"))}
SETTING = re.compile(r"^-- (by|period|as_of|where): (.*)$", re.M)


def compare(name: str, hand: duckdb.DuckDBPyConnection, engine: str, connection: Connection) -> list[str]:
    """Return what differs between a check and the product's answer; rows without a value are no rows."""
    settings = dict(SETTING.findall(CHECKS[name]))
    by = settings.pop("by", "").split(", ")
    written = hand.execute(CHECKS[name])
    columns = [column[0] for column in written.description or ()]
    asked: list[str] = [column for column in columns if column in kpis()]
    assert asked
    assert set(by) | set(asked) == set(columns)
    query = {"kpis": asked, "by": by, "period": "2024-10-01..2026-10-01", "as_of": AS_OF} | settings
    names, rows = found(query, engine, connection)

    def by_key(columns: list[str], rows: Rows) -> dict[tuple[Any, ...], dict[str, Any]]:
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        kept = [row for row in told if any(row[kpi] is not None for kpi in asked)]
        keyed = {tuple(row[member] for member in by): row for row in kept}
        assert len(keyed) == len(kept)
        return keyed

    answer, expected = by_key(list(names), rows), by_key(columns, written.fetchall())
    assert expected
    return [f"a row of {key} too few" for key in expected if key not in answer] + [
        f"{kpi} of {key}: {row[kpi]}, not {expected.get(key, {}).get(kpi)}"
        for key, row in answer.items()
        for kpi in asked
        if key not in expected or not is_same(row[kpi], expected[key][kpi])
    ]


def test_every_kpi_is_checked(small_by_hand: duckdb.DuckDBPyConnection) -> None:
    checked: set[str] = set()
    for sql in CHECKS.values():
        described = small_by_hand.execute(f"describe {sql}").fetchall()
        checked.update(column[0] for column in described)
    assert set(kpis()) - checked == set()


@pytest.mark.parametrize("name", CHECKS)
def test_the_numbers_are_those_of_the_hand_written_sql(
    name: str, large_by_hand: duckdb.DuckDBPyConnection, large: Connection
) -> None:
    assert compare(name, large_by_hand, "duckdb", large) == []


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("engine", OTHERS, indirect=True)
def test_and_so_they_are_on_other_engines(
    name: str, small_by_hand: duckdb.DuckDBPyConnection, engine: tuple[str, Connection]
) -> None:
    assert compare(name, small_by_hand, *engine) == []
