"""What Lark works out of the grammar, beforehand: the tables of the parser, and Lark's own for mistakes.

Building them takes 0.2 s. `python -m kpidsl.syntax.tables` writes them again after a change of the grammar; a
test tells when they are stale. Lark's own belong to one of its versions; with another it builds them anew.
"""

from __future__ import annotations

import io
import pickle
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.exceptions import UnexpectedInput
from lark.grammar import Rule, Terminal
from lark.parsers.lalr_analysis import Shift

from kpidsl.syntax.machine import BLANKS, MACHINE, Tables

_OPTIONS: dict[str, Any] = {"parser": "lalr", "maybe_placeholders": False}
_STORED = "formula.tables"
_IGNORED = "__IGNORE_0"


def grammar() -> str:
    return (files("kpidsl.syntax") / "formula.lark").read_text(encoding="utf-8")


def built() -> Lark:
    """Return a parser built from the grammar."""
    return Lark(grammar(), **_OPTIONS)


def lark_parser() -> Lark:
    """Return Lark's parser of formulas, from the stored tables where they fit this version of Lark."""
    stored = pickle.loads((files("kpidsl.syntax") / _STORED).read_bytes())
    if stored["made_for"] != made_for():
        return built()
    found = stored["tables"]
    # What Lark's own stand-alone parsers call.
    parser: Lark = Lark._load_from_dict(found["data"], found["memo"])  # type: ignore[no-untyped-call]
    return parser


_kept_parser = lru_cache(maxsize=1)(lark_parser)


def where_it_stops(text: str) -> UnexpectedInput | None:
    """Return where a text is not of the language and what could stand there; None where it is."""
    try:
        _kept_parser().parse(text)
    except UnexpectedInput as stopped:
        return stopped
    return None


def made_for() -> tuple[str, str]:
    """Return what tables depend on: the version of Lark and the grammar."""
    return lark.__version__, sha256(grammar().encode()).hexdigest()


def machine_tables(parser: Lark) -> Tables:
    """Return the tables of the parser that knows nothing of Lark."""
    table = parser.parser.parser._parse_table
    numbers = {rule: number for number, rule in enumerate(parser.rules)}
    steps = {
        state: {
            str(symbol): arg if action is Shift else ~numbers[arg] for symbol, (action, arg) in row.items()
        }
        for state, row in table.states.items()
    }
    return Tables(
        made_for()[1],
        _tokens(parser),
        table.start_states["start"],
        table.end_states["start"],
        steps,
        [_rule(rule) for rule in parser.rules],
    )


def _tokens(parser: Lark) -> str:
    """Return the regular expression of blanks and one token, tried in the order of Lark's lexer."""
    terminals = parser.parser.lexer.root_lexer.terminals
    assert [t.pattern.to_regexp() for t in terminals if t.name == _IGNORED] == [f"[{BLANKS}]+"]
    tokens = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals if t.name != _IGNORED)
    return f"[{BLANKS}]*+(?:{tokens})"


def _rule(rule: Rule) -> tuple[str, int, str | None, tuple[tuple[int, bool], ...]]:
    """Return what becomes of the symbols of a rule; names that begin with `_` are those of parts of rules."""
    kept = tuple(
        (number, not symbol.is_term and symbol.name.startswith("_"))
        for number, symbol in enumerate(rule.expansion)
        if not (isinstance(symbol, Terminal) and symbol.filter_out)
    )
    # Lark's names are tokens of its own, which would load it with the tables.
    origin = str(rule.origin.name)
    method = "" if origin.startswith("_") else str(rule.alias or origin)
    stands_alone = rule.options.expand1 and not rule.alias
    assert not stands_alone or len(rule.expansion) == 1
    return origin, len(rule.expansion), None if stands_alone else method, kept


def main() -> None:
    parser = built()
    out = io.BytesIO()
    parser.save(out)
    folder = Path(__file__).parent
    for name, content in (
        (_STORED, {"made_for": made_for(), "tables": pickle.loads(out.getvalue())}),
        (MACHINE, tuple(machine_tables(parser))),
    ):
        path = folder / name
        path.write_bytes(pickle.dumps(content, protocol=5))
        print(f"{name}: {path.stat().st_size:,} bytes for Lark {lark.__version__}")


if __name__ == "__main__":
    main()
