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


def test_a_null_in_place_of_the_empty_text_is_the_column_itself(project: CheckedProject) -> None:
    found = written(project, "count(t where nullif(name, '') = 'a')")
    assert "UTL_RAW.CAST_TO_RAW(t.name) = UTL_RAW.CAST_TO_RAW('a')" in found


def test_texts_compare_by_their_bytes(project: CheckedProject) -> None:
    exact = "UTL_RAW.CAST_TO_RAW(t.name) = UTL_RAW.CAST_TO_RAW('it''s')"
    assert exact in written(project, "count(t where name = 'it''s')")


def test_a_column_of_dates_has_no_time_of_day(project: CheckedProject) -> None:
    found = written(project, "count(t)", by=["month"])
    assert "TRUNC(TRUNC(t.\"DATE\"), 'MM') AS k_month" in found


def test_constants_are_literals(project: CheckedProject) -> None:
    found = written(project, "count(t where day > 2026-01-31)")
    assert "> DATE '2026-01-31'" in found
    moment = written(project, "count(t where at > 2026-01-31)")
    assert "TIMESTAMP '2026-01-31 00:00:00'" in moment


def test_parts_of_days_do_not_hang_on_the_session_s_calendar(project: CheckedProject) -> None:
    day = 'TRUNC(t."DATE")'
    thursday = f"TRUNC({day}, 'IW') + 3"
    for part, form in {
        "day_of_year": f"TRUNC({day}) - TRUNC({day}, 'YYYY') + 1",
        "week_of_year": f"FLOOR(({thursday} - TRUNC({thursday}, 'YYYY')) / 7) + 1",
        "quarter_of_year": f"CEIL(EXTRACT(MONTH FROM {day}) / 3)",
    }.items():
        assert f"{form} AS k_{part}" in written(project, "count(t)", by=[part]).replace("( ", "(").replace(
            " )", ")"
        )


def test_months_are_added_to_the_month_s_first_day(project: CheckedProject) -> None:
    found = written(project, "count(t where day + 1 month > 2026-01-31)")
    assert "LEAST( ADD_MONTHS(TRUNC(TRUNC(t.\"DATE\"), 'MM'), 1)" in found
    assert "LAST_DAY(ADD_MONTHS(" in found


def test_words_of_oracle_are_quoted_in_capitals(project: CheckedProject) -> None:
    found = written(project, "count(t)", by=["t.name"], totals="rollup")
    assert "'detail' AS \"LEVEL\"" in found
    assert 'levels."LEVEL" AS "_level"' in found
