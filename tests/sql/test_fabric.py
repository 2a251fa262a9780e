"""The warehouse of Fabric, which nobody runs here: what of it is not T-SQL's."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from tests import answers
from tests.dialects.catalogue import Refused, compiled, exercises

TABLE = "datasets: {t: {table: t, key: id, columns: {id: integer, name: text, other: text}}}\n"
NAME = "CAST(t.name AS VARCHAR(MAX)) COLLATE Latin1_General_100_BIN2_UTF8"


@pytest.mark.parametrize(
    ("condition", "sql"),
    [
        ("name = 'Éire '", f"{NAME} + CHAR(1) = 'Éire ' + CHAR(1)"),
        ("starts_with(name, 'É')", f"CHARINDEX( 'É' COLLATE Latin1_General_100_BIN2_UTF8, {NAME} ) = 1"),
    ],
)
def test_texts_compare_in_utf8(condition: str, sql: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", TABLE))
    found = compile_query(project, query_text([f"x = count(t where {condition})"]), "fabric", Sink())
    assert found is not None
    assert sql in " ".join(found.sql.split())


def test_no_text_is_of_a_type_that_columns_cannot_have() -> None:
    for exercise in exercises():
        found = compiled(exercise, "fabric")
        if not isinstance(found, Refused):
            assert not any(
                word in found.sql for word in ("NVARCHAR", "NCHAR(", "N'", "BIN2 ", "UTF8_UTF8")
            ), exercise.label
