"""The SQL that was written by hand for the benchmarks gives what ours gives, on small tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import kpidsl
from benchmarks import data
from benchmarks.executing import HAND_WRITTEN, compare, compiled, written
from benchmarks.projects import fact_project

FACTS, CUSTOMERS = 100_000, 4_000


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = tmp_path_factory.mktemp("tables") / "facts.duckdb"
    data.build(path, FACTS, CUSTOMERS)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> kpidsl.Project:
    folder = tmp_path_factory.mktemp("facts")
    fact_project(folder)
    return kpidsl.load(folder)


@pytest.mark.parametrize("path", sorted(HAND_WRITTEN.glob("*.sql")), ids=lambda path: path.stem)
def test_both_give_the_same(path: Path, tables: duckdb.DuckDBPyConnection, project: kpidsl.Project) -> None:
    by_hand, asked = written(path)
    compare(tables, path.stem, compiled(project, asked), by_hand)
