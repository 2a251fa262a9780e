"""DuckDB does without what other dialects lack, and answers every case all the same: `make test-dialects`.

So it does every random world that it is asked about. `make test-dialects SHARE=8` asks the cases of a fixed eighth
and an eighth of the worlds, as CI does; `python -m tests.oracle.trials FIRST COUNT --without snowflake` asks more.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from zlib import crc32

import pytest

from tests import answers
from tests.cases.reader import case_paths, read_case
from tests.cases.test_answers import AskedCase, stored_tables
from tests.cases.test_check_queries import answered_otherwise
from tests.conftest import SHARE
from tests.dialects.lacking import LACKING, duckdb_without
from tests.oracle.trials import failure

WORLDS = 40
_PATHS = [path for path in case_paths() if crc32(f"{path.parent.name}/{path.stem}".encode()) % SHARE == 0]


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_duckdb_answers_without_what_others_lack(path: Path, tmp_path: Path) -> None:
    case = read_case(path)
    asked_case = AskedCase(case, tmp_path)
    with answers.loaded("duckdb", stored_tables(case)) as connection:
        for number, asked in enumerate(case.queries):
            if asked.refused:
                continue
            plan = asked_case.planned(number, "fast")
            done: set[str] = set()
            for names in LACKING:
                with duckdb_without(names):
                    compiled, wrong = answers.write(plan, "duckdb")
                where = f"{asked.heading} (as for {names})"
                if compiled is None:
                    assert {told.code for told in wrong} <= {"dialect/unsupported"}, where
                elif compiled.sql not in done:
                    done.add(compiled.sql)
                    told = answered_otherwise(asked, *answers.answer(compiled, connection))
                    assert told == [], f"{where}\n{compiled.sql}"


@pytest.mark.parametrize("place", range(len(LACKING)), ids=list(LACKING))
def test_worlds_are_answered_without_what_others_lack(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ENGINES", ("duckdb",))
    first = 10_000 + place * WORLDS
    with duckdb_without(list(LACKING)[place]):
        wrong = {seed: failure(seed, Counter()) for seed in range(first, first + max(1, WORLDS // SHARE))}
    assert {seed: told for seed, told in wrong.items() if told is not None} == {}
