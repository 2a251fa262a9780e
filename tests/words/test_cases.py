"""Whatever the cases define or ask can be explained in both languages, and be laid out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.formatting.files import format_text
from kpidsl.project import query_text
from kpidsl.semantics.facts import facts_of
from kpidsl.semantics.queries import check_query
from kpidsl.words.explaining import LANGUAGES, explained, facts
from kpidsl.words.finding import candidates
from kpidsl.words.phrases import Speaker
from tests.cases.reader import case_paths, read_case


@pytest.mark.parametrize("path", case_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_is_explained_and_laid_out(path: Path, tmp_path: Path) -> None:
    case = read_case(path)
    (tmp_path / "definitions").mkdir()
    (tmp_path / "kpidsl.yml").write_text(case.settings, encoding="utf-8")
    (tmp_path / "definitions" / "case.yml").write_text(case.definitions, encoding="utf-8")
    sink = Sink()
    project = load(tmp_path, sink)
    if project is None or sink.has_errors:
        return  # a case of mistakes
    for one in candidates(project.project):
        facts(project, one)
        for language in LANGUAGES:
            page = explained(project, one, language, 100)
            assert not re.search(r"\{\w*\}|None\b|RowColumn|Apply\(", page), page
    for asked in (kpi for query in case.queries for kpi in _kpis(query.query.get("kpis"))):
        checked = check_query(project, query_text(asked), Sink())
        for kpi in () if checked is None else checked.kpis:
            facts_of(kpi.bound, project)
            for table in LANGUAGES.values():
                assert Speaker(project, table).formula(kpi.bound)
    assert format_text(case.definitions, "definitions") is not None
    assert format_text(case.settings, "project") is not None


def _kpis(asked: object) -> list[str]:
    return (
        [asked] if isinstance(asked, str) else [str(kpi) for kpi in asked] if isinstance(asked, list) else []
    )
