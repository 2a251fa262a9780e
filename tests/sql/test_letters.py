"""Letters whose other case is none, or two letters: each engine has its own, which the reference says."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.model.types import INTEGER, TEXT
from tests import answers

DEFINITIONS = """
datasets:
  towns:
    table: towns
    key: id
    columns: {id: integer, name: text}
dimensions:
  capitals: {from: {towns: upper(name)}}
  small: {from: {towns: lower(name)}}
"""
UPPER = {"duckdb": "GIE\N{LATIN CAPITAL LETTER SHARP S}EN", "postgres": "GIEßEN", "clickhouse": "GIESSEN"}


@pytest.mark.parametrize("engine", [engine for engine in answers.ENGINES_HERE if engine in UPPER])
def test_the_sharp_s_in_capitals_is_as_the_engine_has_it(engine: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    compiled, told = answers.ask(project, {"kpis": ["n = count(towns)"], "by": ["capitals", "small"]}, engine)
    assert not told
    assert compiled is not None
    tables = [(("towns",), [("id", INTEGER), ("name", TEXT)], [[1, "Gießen"], [2, "Évry"]])]
    with answers.loaded(engine, tables) as connection:
        rows = answers.answer(compiled, connection)[1]
    assert sorted(rows) == sorted([(UPPER[engine], "gießen", 1), ("ÉVRY", "évry", 1)])
