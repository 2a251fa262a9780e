"""What an independent grammar says of SQL that no engine here speaks as its own: `make test-dialects`.

sqlfluff finds about a third of the syntax errors that an engine would tell, and knows nothing of meaning. Its parser
is slow: the short statements of the catalogue are parsed, which hold every form once.
"""

from __future__ import annotations

import pytest
from sqlfluff.core import FluffConfig, Linter, dialect_readout

from tests.dialects.catalogue import Refused, compiled, exercises
from tests.dialects.evidence import EVIDENCE
from tests.dialects.generated import has_kept_text

GRAMMARS = {
    "spark": "sparksql",
    "mysql": "mysql",
    "risingwave": "postgres",
    "presto": "trino",
    "dune": "trino",
    "fabric": "tsql",
    "dremio": "ansi",
    "drill": "sparksql",
}
"""sqlfluff's name of a grammar, where it is another than the dialect's; a relative's where it has none."""

WITHOUT = {"singlestore": "a cast is written x :> type there, which no grammar of a relative takes"}
"""Dialects of which sqlfluff knows neither the grammar nor a relative's."""

SHORT = 1_500

_QUOTES = (
    "conditions/quotes-and-percent-signs > Each odd text is found | begins_half, underscore, slash, no_quote"
)
_BACKSLASH = {_QUOTES: "a backslash in a text, which escapes nothing there"}
_LINES = "a table called lines, a word of MySQL's alone"
_MOD = "x MOD y, the remainder"

GAPS: dict[str, dict[str, str]] = {
    "trino": _BACKSLASH,
    "athena": _BACKSLASH
    | {"conditions/text-is-exact > Equal, in, like | trimmed": "TRIM with the character to take away"},
    "presto": _BACKSLASH,
    "drill": _BACKSLASH,
    "dune": _BACKSLASH,
    "starrocks": dict.fromkeys(
        ("joins/several-hops > By region", "joins/composite-keys > By family"), _LINES
    ),
    "teradata": {
        "time/weeks-at-the-turn-of-the-year > By quarter": _MOD,
        "time/weeks-at-the-turn-of-the-year > By week": _MOD,
        "units/days-between-dates > Boundaries between dates | weeks, days": _MOD,
    },
}
"""By dialect, statements that sqlfluff does not know and the vendor's manual does, with what it is."""


@pytest.mark.parametrize(
    "dialect", [name for name in EVIDENCE if has_kept_text(name) and name not in WITHOUT]
)
def test_a_grammar_takes_the_short_statements(dialect: str) -> None:
    linter = Linter(config=FluffConfig(overrides={"dialect": GRAMMARS.get(dialect, dialect)}))
    gaps = GAPS.get(dialect, {})
    found = {}
    for exercise in exercises():
        one = compiled(exercise, dialect)
        if not isinstance(one, Refused) and len(one.sql) <= SHORT:
            told = linter.parse_string(one.sql).violations
            if told:
                found[exercise.label] = str(told[0])
    assert {label: told for label, told in found.items() if label not in gaps} == {}
    assert gaps.keys() <= found.keys(), "sqlfluff knows these now"


def test_sqlfluff_still_lacks_the_grammars_that_it_is_not_asked_for() -> None:
    assert {dialect.label for dialect in dialect_readout()}.isdisjoint(WITHOUT)
