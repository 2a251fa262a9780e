"""Oracle's SQL, which nobody runs here: what its documentation says of texts, dates and names."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from tests import answers

DEFINITIONS = """
datasets:
  t:
    table: t
    key: id
    time: day
    columns:
      id: integer
      day: {type: date, column: date}
      at: timestamp
      name: text
      is_new: boolean
"""


@pytest.fixture
def project(tmp_path: Path) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", DEFINITIONS))


def written(project: CheckedProject, formula: str, **parts: object) -> str:
    sink = Sink()
    text = query_text([f"x = {formula}"], **parts)  # type: ignore[arg-type]
    compiled = compile_query(project, text, "oracle", sink)
    return " ".join(compiled.sql.split()) if compiled is not None else sink.diagnostics()[0].message


@pytest.mark.parametrize(
    "formula",
    [
        "count(t where name = '')",
        "count(t where coalesce(name, '') = 'a')",
        "count(t where trim(name) = 'a')",
        "count(t where substring(name, 1, 2) = 'a')",
        "count(t where name like 'a%')",
        "count(t where not contains(name, 'a'))",
    ],
)
def test_what_hangs_on_the_empty_text_or_the_session_is_refused(
    project: CheckedProject, formula: str
) -> None:
    assert written(project, formula).startswith("oracle cannot compute")


def test_texts_compare_by_their_bytes(project: CheckedProject) -> None:
    exact = "UTL_RAW.CAST_TO_RAW(t.name) = UTL_RAW.CAST_TO_RAW('it''s')"
    assert exact in written(project, "count(t where name = 'it''s')")


def test_a_column_of_dates_has_no_time_of_day(project: CheckedProject) -> None:
    found = written(project, "count(t)", by=["month"])
    assert "TRUNC(TRUNC(t.\"DATE\"), 'MM') AS k_month" in found


def test_constants_are_read_in_their_own_format(project: CheckedProject) -> None:
    found = written(project, "count(t where day > 2026-01-31)")
    assert "> TO_DATE('2026-01-31', 'YYYY-MM-DD')" in found
    moment = written(project, "count(t where at > 2026-01-31)")
    assert "TO_TIMESTAMP('2026-01-31 00:00:00', 'YYYY-MM-DD HH24:MI:SS.FF6')" in moment


def test_months_are_added_to_the_month_s_first_day(project: CheckedProject) -> None:
    found = written(project, "count(t where day + 1 month > 2026-01-31)")
    assert "LEAST( ADD_MONTHS(TRUNC(TRUNC(t.\"DATE\"), 'MM'), 1)" in found
    assert "LAST_DAY(ADD_MONTHS(" in found


def test_words_of_oracle_are_quoted_in_capitals(project: CheckedProject) -> None:
    found = written(project, "count(t)", by=["t.name"], totals="rollup")
    assert "'detail' AS \"LEVEL\"" in found
    assert 'levels."LEVEL" AS "_level"' in found
