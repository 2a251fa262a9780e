"""The roastery's data, large and small: as it has them, and in the lexicon's own tables."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from kpidsl.engines import Connection

from .roastery import LARGE, SMALL, by_hand, on


@pytest.fixture(scope="module")
def large() -> Iterator[Connection]:
    with on("duckdb", LARGE) as connection:
        yield connection


@pytest.fixture(scope="module")
def small() -> Iterator[Connection]:
    with on("duckdb", SMALL) as connection:
        yield connection


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[str, Connection]]:
    with on(request.param, SMALL) as connection:
        yield request.param, connection


@pytest.fixture(scope="module")
def large_by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with by_hand(LARGE, tmp_path_factory.mktemp("large")) as connection:
        yield connection


@pytest.fixture(scope="module")
def small_by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with by_hand(SMALL, tmp_path_factory.mktemp("small")) as connection:
        yield connection
