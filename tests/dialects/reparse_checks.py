"""Every query of every case in every dialect is read again as it was written: `make test-dialects`.

`make test-dialects SHARE=8` reads the cases of a fixed eighth, as CI does.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest

from tests.cases.reader import case_paths, read_case
from tests.cases.test_answers import AskedCase
from tests.conftest import SHARE
from tests.dialects.evidence import EVIDENCE
from tests.dialects.reparsed import misread_tables, read_again, shapes, written

_PATHS = [path for path in case_paths() if crc32(f"{path.parent.name}/{path.stem}".encode()) % SHARE == 0]


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_statements_are_read_again_as_they_were_written(path: Path, tmp_path: Path) -> None:
    case = read_case(path)
    asked_case = AskedCase(case, tmp_path)
    for number, asked in enumerate(case.queries):
        if asked.refused:
            continue
        planned, _ = asked_case.planned(number, "fast")
        assert planned is not None, asked.heading
        for dialect in EVIDENCE:
            found = written(planned, dialect)
            if found is not None:
                assert shapes(found[0]) == shapes(read_again(found[1], dialect)), (
                    f"{asked.heading} ({dialect})"
                )
                assert misread_tables(found[0]) == set(), f"{asked.heading} ({dialect})"
