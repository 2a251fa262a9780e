"""What the catalogue, the kept SQL, the engines' records and the support matrix say is so today."""

from __future__ import annotations

from collections import Counter
from unittest.mock import patch

import pytest
from sqlglot import exp

from docs.generate_support import TARGET, page
from kpidsl import compiler
from kpidsl.sql.dialects import DIALECTS
from tests import servers
from tests.cases.test_answers import marker_of
from tests.dialects.catalogue import Exercise, asked, compiled, exercises
from tests.dialects.evidence import EVIDENCE, Kind, recorded
from tests.dialects.generated import (
    has_kept_text,
    json_text,
    kept_verdicts,
    said,
    text,
    text_path,
    verdicts,
    verdicts_path,
)


def test_every_dialect_says_what_is_known_of_it() -> None:
    assert EVIDENCE.keys() == DIALECTS.keys()
    for name, evidence in EVIDENCE.items():
        assert (evidence.engine is None) == (evidence.kind is Kind.NOBODY)
        if evidence.engine is not None:
            asked_as = servers.ENGINES[evidence.engine].dialect
            assert (asked_as == name) or evidence.kind is not Kind.ITSELF
        assert evidence.written_from in DIALECTS


@pytest.mark.parametrize("dialect", EVIDENCE)
def test_the_kept_sql_is_that_of_the_compiler(dialect: str) -> None:
    found = said(dialect)
    stale = f"run `python -m tests.dialects.generated {dialect}`, and read the difference"
    assert verdicts_path(dialect).read_text(encoding="utf-8") == json_text(verdicts(found)), stale
    if has_kept_text(dialect):
        assert text_path(dialect).read_text(encoding="utf-8") == text(dialect, found), stale


@pytest.mark.parametrize("dialect", EVIDENCE)
def test_engines_were_asked_the_sql_of_today(dialect: str) -> None:
    engine = EVIDENCE[dialect].engine
    if engine is None:
        return
    told, kept = recorded(engine)[dialect], kept_verdicts(dialect)
    stale = f"run `python -m tests.dialects.record {engine}`"
    for label, digest in told.items():
        assert kept.get(label) == digest, f"{label} was run, and is other SQL now: {stale}"
    if EVIDENCE[dialect].kind is not Kind.RELATIVE:
        may_fail = {one.label for one in exercises() if marker_of(asked(one), engine) is not None}
        left_out = {label for label, one in kept.items() if isinstance(one, str)} - told.keys() - may_fail
        assert not left_out, f"{sorted(left_out)} were never run: {stale}"


def test_the_support_matrix_is_fresh() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run `python -m docs.generate_support`"


@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.label)
def test_no_node_of_a_tree_stands_at_two_places(exercise: Exercise) -> None:
    # What a dialect changes all over a statement would be changed twice.
    trees: list[exp.Expr] = []

    def kept(query: exp.Expr, *_: object) -> str:
        trees.append(query)
        return ""

    with patch.object(compiler, "formatted", kept):
        compiled(exercise, "duckdb")
    (tree,) = trees
    ((node, count),) = Counter(map(id, tree.walk())).most_common(1)
    assert count == 1, next(one for one in tree.walk() if id(one) == node).sql()
