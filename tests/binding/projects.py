"""Projects that use a lexicon, with tables in DuckDB and SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

import kpidsl
from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.semantics.check import CheckedProject

ENGINES = ("duckdb", "sqlite")


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def with_tables(folder: Path, engine: str, statements: str) -> str:
    """Run statements that both engines know on a new database in a folder; return its URL."""
    if engine == "duckdb":
        with duckdb.connect(str(folder / "shop.duckdb")) as opened:
            opened.execute(statements)
        return f"duckdb:///{folder}/shop.duckdb"
    database = sqlite3.connect(folder / "shop.sqlite")
    database.executescript(statements)
    database.close()
    return f"sqlite:///{folder}/shop.sqlite"


def asked(folder: Path, url: str, kpis: str | list[str], **parts: Any) -> list[dict[str, Any]]:
    """Return the rows that answer a query."""
    project = kpidsl.load(folder)
    found: list[dict[str, Any]] = project.query(kpis, **parts).run(url).table.to_pylist()
    return found


def checked(folder: Path) -> tuple[CheckedProject, list[str]]:
    """Return the checked project, and the codes that were reported."""
    sink = Sink()
    found = load(folder, sink)
    assert found is not None
    return found, [one.code for one in sink.diagnostics()]
