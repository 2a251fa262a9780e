"""What a dialect says of one formula, over a project of some dataset."""

from __future__ import annotations

from pathlib import Path

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from tests import answers


def assert_refused(formula: str, dialect: str, reason: str, table: str, folder: Path) -> None:
    """Check that a dialect refuses a formula once, for this reason, and points into it."""
    project = answers.checked(answers.write_project(folder, "", table))
    sink = Sink()
    assert compile_query(project, query_text([f"x = {formula}"]), dialect, sink) is None
    (told,) = sink.diagnostics()
    assert told.code == "dialect/unsupported"
    assert reason in told.message
    assert told.primary.span.excerpt() in f"x = {formula}"


def sql_of(formula: str, dialect: str, table: str, folder: Path) -> str:
    """Return a formula's SQL on one line."""
    project = answers.checked(answers.write_project(folder, "", table))
    found = compile_query(project, query_text([f"x = {formula}"]), dialect, Sink())
    assert found is not None
    return " ".join(found.sql.split())
