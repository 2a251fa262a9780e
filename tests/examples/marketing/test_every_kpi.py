"""Every KPI of the lexicon on the roastery's data: a number on DuckDB, and the same one on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from kpidsl.engines import Connection
from tests import servers

from .roastery import asked_together, differences, found, kpis

QUERIES = asked_together()


def _first(query: dict[str, Any]) -> str:
    return str(query["kpis"][0])


def test_all_kpis_are_asked() -> None:
    assert sorted(name for query in QUERIES for name in query["kpis"]) == sorted(kpis())
    assert len(kpis()) == 214


@pytest.mark.parametrize("query", QUERIES, ids=_first)
def test_every_kpi_has_a_number(query: dict[str, Any], large: Connection) -> None:
    columns, rows = found(query | {"period": "2024-10-01..2026-10-01"}, "duckdb", large)
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        if name in query["kpis"]:
            assert any(value is not None for value in values), name


@pytest.mark.parametrize("query", QUERIES, ids=_first)
@pytest.mark.parametrize("engine", [name for name in servers.ASKED if name != "duckdb"], indirect=True)
def test_every_engine_gives_the_same(
    query: dict[str, Any], small: Connection, engine: tuple[str, Connection]
) -> None:
    asked = query | {"period": "2026-Q2"}
    columns, expected = found(asked, "duckdb", small)
    assert expected
    _, rows = found(asked, *engine)
    assert differences(columns, rows, expected) == []
