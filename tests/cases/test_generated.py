"""The generated parts of case files are fresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from .generated import rewritten
from .reader import case_paths


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_plan_and_sql_are_those_of_the_compiler(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == rewritten(path), "run `python -m tests.cases.generated`"
