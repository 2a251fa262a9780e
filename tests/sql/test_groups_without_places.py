"""Dialects that read a number in GROUP BY as a constant, and the one that has no EXCEPT."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlglot import exp

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.sql.dialects import DIALECTS
from tests import answers
from tests.dialects.catalogue import exercises, planned
from tests.dialects.reparsed import written

DEFINITIONS = """
datasets:
  t:
    table: t
    key: id
    time: at
    columns:
      id: integer
      at: timestamp
      name: text
"""


@pytest.mark.parametrize("dialect", [name for name, one in DIALECTS.items() if not one.has_places_in_groups])
def test_groups_are_named_by_expressions(dialect: str) -> None:
    for exercise in exercises():
        found = written(planned(exercise), dialect)
        for group in [] if found is None else found[0].find_all(exp.Group):
            assert not any(isinstance(by, exp.Literal) for by in group.expressions), exercise.label
        # Version 19 of Oracle has no EXCEPT.
        assert found is None or dialect != "oracle" or found[0].find(exp.Except) is None, exercise.label


@pytest.mark.parametrize("dialect", ["tsql", "oracle"])
def test_values_with_their_first_time_are_made_before_the_groups(tmp_path: Path, dialect: str) -> None:
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", DEFINITIONS))
    sink = Sink()
    text = query_text(["x = count(t where upper(name) in cumulative(values(upper(t.name))))"], by=["month"])
    compiled = compile_query(project, text, dialect, sink)
    assert compiled is not None, sink.diagnostics()
    assert "FROM t_values_rows GROUP BY t_values_rows.v_value" in " ".join(compiled.sql.split())
