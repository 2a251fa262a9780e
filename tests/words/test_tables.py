"""Every construct has its row in each language, and each row its places for the same parts."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from kpidsl.model.grains import GRAINS
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.functions import AGGREGATES, CONDITIONS, FUNCTIONS, OPERATORS
from kpidsl.words.english import ENGLISH
from kpidsl.words.french import FRENCH
from kpidsl.words.language import Language

BOTH = pytest.mark.parametrize("language", [ENGLISH, FRENCH], ids=["English", "French"])
TABLES = ("functions", "negated", "of_times", "aggregates", "grains", "sentences")
NEVER_NEGATED_ALONE = {"and", "or", "not"}
"""Their negation is told by their parts."""


@BOTH
def test_every_construct_of_the_language_has_words(language: Language) -> None:
    assert {*OPERATORS, *FUNCTIONS} - language.functions.keys() == set()
    assert AGGREGATES.keys() - language.aggregates.keys() == set()
    assert set(GRAINS) - language.grains.keys() == set()
    assert {kind.value for kind in Additivity} - language.sentences.keys() == set()
    assert CONDITIONS - NEVER_NEGATED_ALONE - language.negated.keys() == set()


@pytest.mark.parametrize("table", TABLES)
def test_the_languages_have_the_same_rows(table: str) -> None:
    english: Mapping[str, str] = getattr(ENGLISH, table)
    french: Mapping[str, str] = getattr(FRENCH, table)
    assert english.keys() == french.keys()
    for row in english:
        assert holes(english[row]) == holes(french[row]), row


def holes(phrase: str) -> set[str]:
    return {"all" if hole in ("any", "nor") else hole for hole in re.findall(r"\{(\w+)\}", phrase)}


@pytest.mark.parametrize("table", TABLES)
def test_french_keeps_the_rules_of_its_typography(table: str) -> None:
    for row, written in getattr(FRENCH, table).items():
        phrase = re.sub("`[^`]*`", "", written)
        assert not re.search(r"(?<![\u00a0\u202f])[;?!]", phrase), row
        assert not re.search(r"(?<!\u00a0):(?!\w)", phrase), row
        assert "'" not in phrase, row


@BOTH
def test_lists(language: Language) -> None:
    word = "and" if language is ENGLISH else "et"
    assert language.both(["a"]) == "a"
    assert language.both(["a", "b"]) == f"a {word} b"
    assert language.both(["a", "b", "c"]) == f"a, b {word} c"


def test_french_contracts_where_words_meet() -> None:
    assert FRENCH.fill("la somme de {0}", "le nombre de `a`") == "la somme du nombre de `a`"
    assert FRENCH.fill("la somme de {0}", "la part") == "la somme de la part"
    assert FRENCH.fill("dans {0}", "le `a`") == "dans le `a`"
