"""Oracle's SQL, which nobody runs here: what its documentation says of texts, dates and names."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp, parse_one

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.planning import Strategy
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from tests import answers
from tests.dialects.catalogue import case_of

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
    assert "TRUNC(t.\"DATE\", 'MM') AS k_month" in found


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
    assert "LEAST( ADD_MONTHS(TRUNC(t.\"DATE\", 'MM'), 1)" in found
    assert "LAST_DAY(ADD_MONTHS(" in found


def test_months_of_months_are_added_as_they_are(project: CheckedProject) -> None:
    # "If date is the last day of the month … then the result is the last day of the resulting month": no first is.
    found = written(project, "prior(count(t), 1 month)", by=["month"])
    assert "= ADD_MONTHS(buckets.k_month, -1)" in found
    assert "LAST_DAY" not in found


@pytest.mark.parametrize("strategy", ["fast", "naive"])
def test_the_nearest_row_is_joined_by_no_query(strategy: Strategy, tmp_path: Path) -> None:
    # ORA-01799, "a column may not be outer-joined to a subquery": a SELECT of version 12 takes it, an INSERT of it not.
    case = case_of("asof_joins/last-touch")
    project = answers.checked(answers.write_project(tmp_path, case.settings, case.definitions))
    text = query_text(["ids"], by=["channel"])
    found = compile_query(project, text, "oracle", Sink(), strategy)
    assert found is not None
    joins = [join for join in parse_one(found.sql, dialect="oracle").find_all(exp.Join) if join.side]
    assert joins
    assert not any(join.args["on"].find(exp.Select) for join in joins)


def test_words_of_oracle_are_quoted_in_capitals(project: CheckedProject) -> None:
    found = written(project, "count(t)", by=["t.name"], totals="rollup")
    assert "'detail' AS \"LEVEL\"" in found
    assert 'levels."LEVEL" AS "_level"' in found


def test_a_list_has_a_thousand_members_at_most(project: CheckedProject) -> None:
    # Oracle Database Error Messages, ORA-01795: "maximum number of expressions in a list is 1000".
    sql = written(project, f"count(t where not (id in ({', '.join(map(str, range(2001)))})))")
    members = [len(found.expressions) for found in parse_one(sql, read="oracle").find_all(exp.In)]
    assert sorted(members) == [1, 1000, 1000]
    assert "NOT ( t.id IN ( 0, 1," in sql
    assert "999 ) OR t.id IN ( 1000," in sql
