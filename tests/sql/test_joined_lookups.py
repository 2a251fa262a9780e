"""What is looked up for each row, joined: the right answers on engines that need no such form, and what stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlglot import exp, parse_one

from kpidsl.sql.dialects import DIALECTS, Dialect
from kpidsl.sql.joined_lookups import with_joined_lookups
from kpidsl.sql.refusals import Refusal, reads_from_outside
from tests import answers, servers
from tests.cases.reader import case_paths, read_case
from tests.cases.test_answers import AskedCase, stored_tables
from tests.cases.test_check_queries import answered_otherwise

CASES = {
    f"{path.parent.name}/{path.stem}": path
    for path in case_paths()
    if path.parent.name == "calendars"
    or f"{path.parent.name}/{path.stem}"
    in (
        "comparable/own-calendar",
        "comparable/gaps-between-buckets",
        "fill/months-beside-a-calendars-own",
        "objectives/a-calendar-of-ones-own",
        "top_others/weeks-of-a-calendar",
        "window_traps/retail-calendar",
    )
}


def _in_joins(dialect: Dialect) -> Dialect:
    """Return a dialect that looks up as those do which take no select that reads the row beside it."""
    return replace(
        dialect,
        lookups="joins",
        has_subqueries_in_joins=False,
        has_outer_names_in_depth=False,
        has_outer_names_in_from=False,
        has_selects_in_aggregates=False,
        has_selects_in_groups=False,
        has_correlated_selects=False,
        # Their times in another zone are looked up by ranges, which no join is made of.
        refuses=None if dialect.name in ("sqlite", "mysql") else _refused,
    )


def _refused(tree: exp.Expr) -> Refusal | None:
    outer = reads_from_outside(tree)
    return None if outer is None else Refusal("a lookup", "it was not joined", "", outer)


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize("path", CASES.values(), ids=CASES.keys())
def test_joined_lookups_give_the_expected_tables(
    path: Path, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = servers.ENGINES[engine].dialect
    monkeypatch.setitem(DIALECTS, name, _in_joins(DIALECTS[name]))
    case = read_case(path)
    asked_case = AskedCase(case, tmp_path)
    asked = [(number, one) for number, one in enumerate(case.queries) if not one.refused]
    assert asked
    with answers.loaded(engine, stored_tables(case)) as connection:
        for number, one in asked:
            for strategy in answers.STRATEGIES:
                plan = asked_case.planned(number, strategy)
                compiled, told = answers.write(plan, engine)
                assert compiled is not None, (one.heading, [diagnostic.message for diagnostic in told])
                found = answers.answer(compiled, connection)
                assert answered_otherwise(one, *found) == [], f"{one.heading}\n{compiled.sql}"


STEPS = """
WITH weeks AS (SELECT days.day AS day, MIN(days.week) AS bucket FROM days GROUP BY days.day),
numbers AS (
  SELECT weeks.bucket AS bucket, ROW_NUMBER() OVER (ORDER BY weeks.bucket) AS number FROM weeks GROUP BY weeks.bucket
)
"""
WEEK = "(SELECT weeks.bucket FROM weeks WHERE weeks.day = {})"
NUMBER = "(SELECT numbers.number FROM numbers WHERE numbers.bucket = {})"
BUCKET = "(SELECT numbers.bucket FROM numbers WHERE numbers.number = {} + 1)"


def _joined(query: str) -> str:
    tree = parse_one(STEPS + query)
    with_joined_lookups(tree)
    tree.set("with_", None)
    return tree.sql()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            f"SELECT {WEEK.format('s.day')} AS k, s.id FROM s WHERE {WEEK.format('s.day')} > s.first",
            "SELECT weeks.bucket AS k, s.id FROM s LEFT JOIN weeks ON weeks.day = s.day WHERE weeks.bucket > s.first",
        ),
        (
            f"SELECT {BUCKET.format(NUMBER.format('s.week'))} AS k FROM s",
            "SELECT numbers_2.bucket AS k FROM s LEFT JOIN numbers ON numbers.bucket = s.week"
            " LEFT JOIN numbers AS numbers_2 ON numbers_2.number = numbers.number + 1",
        ),
        (
            f"SELECT t.x FROM s LEFT JOIN t ON t.week = {WEEK.format('s.day')}",
            "SELECT t.x FROM s LEFT JOIN weeks ON weeks.day = s.day LEFT JOIN t ON t.week = weeks.bucket",
        ),
        (
            f"SELECT t.x FROM s JOIN t ON s.week = {WEEK.format('t.day')} AND s.y = t.y",
            "SELECT t.x FROM s JOIN (SELECT t.x, t.y, weeks.bucket AS weeks_bucket FROM t"
            " LEFT JOIN weeks ON weeks.day = t.day) AS t ON s.week = t.weeks_bucket AND s.y = t.y",
        ),
        (
            f"SELECT {WEEK.format('s.day')} AS k, SUM(s.x) AS v FROM s GROUP BY 1",
            "SELECT weeks.bucket AS k, SUM(s.x) AS v FROM s LEFT JOIN weeks ON weeks.day = s.day GROUP BY 1",
        ),
        (
            f"SELECT s.k, COUNT(*) FILTER(WHERE {WEEK.format('s.day')} = 1) AS v FROM s GROUP BY s.k",
            "SELECT s.k, COUNT(*) FILTER(WHERE weeks.bucket = 1) AS v FROM s"
            " LEFT JOIN weeks ON weeks.day = s.day GROUP BY s.k",
        ),
        (
            f"SELECT weeks.day FROM weeks WHERE {NUMBER.format('weeks.bucket')} = 1",
            "SELECT weeks.day FROM weeks LEFT JOIN numbers ON numbers.bucket = weeks.bucket WHERE numbers.number = 1",
        ),
    ],
)
def test_lookups_are_columns_of_joins(query: str, expected: str) -> None:
    assert _joined(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        # A table that may have several rows of what is asked for.
        "SELECT (SELECT weeks.day FROM weeks WHERE weeks.bucket = s.week) AS k FROM s",
        # A table of which nothing is known.
        "SELECT (SELECT u.x FROM u WHERE u.day = s.day) AS k FROM s",
        # No equality.
        "SELECT (SELECT weeks.bucket FROM weeks WHERE weeks.day < s.day) AS k FROM s",
        # What rows are not grouped by has no one value in a group.
        f"SELECT s.day, {WEEK.format('s.day')} AS k FROM s GROUP BY s.day",
        # It reads both sides of the join that asks it.
        f"SELECT t.x FROM s JOIN t ON t.week = {WEEK.format('COALESCE(s.day, t.day)')}",
        # All columns of a table may be more than are known.
        f"SELECT t.* FROM s JOIN t ON s.week = {WEEK.format('t.day')}",
        # It is asked once for the statement.
        f"SELECT {WEEK.format('CURRENT_DATE')} AS k FROM s",
    ],
)
def test_what_cannot_be_joined_stays(query: str) -> None:
    assert _joined(query) == parse_one(query).sql()
