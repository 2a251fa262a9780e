"""A part of the catalogue is read again as it was written; `make test-dialects` does so with every case."""

from __future__ import annotations

import pytest
import sqlglot

from tests.dialects.catalogue import exercises, planned
from tests.dialects.evidence import EVIDENCE
from tests.dialects.generated import has_kept_text
from tests.dialects.reparsed import misread_tables, read_again, shapes, written


@pytest.mark.parametrize("dialect", [name for name in EVIDENCE if has_kept_text(name)])
def test_statements_are_read_again_as_they_were_written(dialect: str) -> None:
    for exercise in exercises()[::4]:
        found = written(planned(exercise), dialect)
        if found is not None:
            assert shapes(found[0]) == shapes(read_again(found[1], dialect)), exercise.label
            assert misread_tables(found[0]) == set(), exercise.label


@pytest.mark.parametrize("text", ["a - (b - c)", "NOT (a OR b)", "a / b / (c + d)", "-(a + b)"])
def test_an_operator_without_its_parentheses_is_told(text: str) -> None:
    tree = sqlglot.parse_one(f"SELECT {text}")
    without = sqlglot.parse_one(f"SELECT {text.replace('(', '').replace(')', '')}")
    assert shapes(tree) == shapes(sqlglot.parse_one(tree.sql()))
    assert shapes(tree) != shapes(without)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT 1 FROM a LEFT JOIN v AS w ON true LEFT JOIN w AS z ON true", {"w"}),
        ("SELECT 1 FROM a LEFT JOIN w AS z ON true LEFT JOIN (SELECT 1) AS w ON true", {"w"}),
        ("SELECT 1 FROM a AS a LEFT JOIN w ON true LEFT JOIN w AS z ON true", set()),
        ("SELECT 1 FROM v AS w WHERE EXISTS (SELECT 1 FROM w)", set()),
        ("SELECT 1 FROM v AS w LEFT JOIN shop.w AS z ON true", set()),
    ],
)
def test_a_table_that_has_anothers_alias_for_its_name_is_told(text: str, told: set[str]) -> None:
    assert misread_tables(sqlglot.parse_one(text)) == told
