"""Worlds, drawn: a project, its rows and a query that must be accepted.

@given(worlds())
def test_same_table(world): ...
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from .dice import Dice, HypothesisDice, some
from .drawn_formulas import FormulaAuthor, RowAuthor, member
from .drawn_rows import draw_rows
from .pieces import FILTERED, Piece, combined, test_of
from .schemas import Field, Schema, SchemaAuthor

GRAINS = ("day", "week", "month", "quarter", "year")
PERIODS = (
    "2026",
    "2024-01-01..2027-01-01",
    "2025-10-01..2026-12-31",
    "2024-02-01..2026-04-01",
    "2025",
    "2026-Q1",
    "2025-Q4",
    "2026-03",
    "2026-01",
    "2024-02",
    "2026-03-29",
    "2025-12-31",
    "2026-01-15..2026-03-30",
    "2025-10-26..2026-02-01",
)


class World(NamedTuple):
    """`rows` is by dataset and physical column; `query` has the keys of the language's queries."""

    project: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]
    query: dict[str, Any]


@st.composite
def worlds(draw: DrawFn, *, shifted_only_in_a_period: bool = False) -> World:
    """Draw a world in which everything must be accepted and have exactly one right table.

    With `shifted_only_in_a_period`, columns in a zone of their own come only with a query that has a
    period: an engine without zones spells a zone's transitions out, and needs a range to do so.
    """
    return draw_world(HypothesisDice(draw), shifted_only_in_a_period=shifted_only_in_a_period)


def draw_world(dice: Dice, *, shifted_only_in_a_period: bool = False) -> World:
    """Return a world, whatever the source of chance."""
    has_period = dice.chance(2) if shifted_only_in_a_period else None
    schema = SchemaAuthor(dice, has_period=has_period).schema()
    rows = draw_rows(dice, schema)
    homes = some(dice, schema.facts, least=1)
    members = schema.members(homes)
    grain = dice.pick(GRAINS) if schema.timed and dice.chance(2) else None
    by = some(dice, [m for m in members if len(m.path) == 1 or not dice.chance(2)], most=2)
    if dice.chance(4):
        by = []
    author = FormulaAuthor(dice, [RowAuthor(dice, schema, h) for h in homes], members, by, grain)
    schema.project["metrics"] = _metrics(dice, author)
    schema.project["kpis"], pieces = _kpis(dice, author)
    return World(schema.project, rows, _query(dice, schema, author, pieces, has_period))


def _metrics(dice: Dice, author: FormulaAuthor) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for i in range(dice.between(0, 3)):
        name = f"metric_{i + 1}"
        if dice.chance(4):
            piece = author.aggregate()
            out[name] = {"formula": piece.text}
            if piece.text.startswith(("sum(", "count(")):
                out[name]["empty"] = None
        else:
            piece = author.number(1)
            out[name] = piece.text if dice.chance(2) else {"formula": piece.text}
        author.known.append(piece.named(name))
    return out


def _kpis(dice: Dice, author: FormulaAuthor) -> tuple[dict[str, Any], dict[str, Piece]]:
    out: dict[str, Any] = {}
    pieces: dict[str, Piece] = {}
    for i in range(dice.between(1, 3)):
        name = f"kpi_{i + 1}"
        piece = author.plain() if i == 0 and dice.chance(2) else _formula(dice, author)
        out[name] = {
            "label": f"Drawn {i + 1}",
            "formula": piece.text,
            "direction": "up",
            "owner": "drawn@example.org",
        }
        pieces[name] = piece
        if piece.is_number:
            author.known.append(piece.named(name))
    return out, pieces


def _formula(dice: Dice, author: FormulaAuthor) -> Piece:
    word = author.word() if dice.chance(8) else None
    return word or author.number(3)


def _query(
    dice: Dice, schema: Schema, author: FormulaAuthor, pieces: dict[str, Piece], has_period: bool | None
) -> dict[str, Any]:
    """Draw a query; `has_period` None leaves the period to chance."""
    asked = some(dice, sorted(pieces), least=1)
    kpis = list(asked)
    if dice.chance(3):
        piece = _formula(dice, author)
        kpis.append(f"extra = {piece.text}")
        pieces, asked = pieces | {"extra": piece}, [*asked, "extra"]
    by = [m.text for m in author.by]
    if author.grain:
        by.insert(dice.between(0, len(by)), author.grain)
    query: dict[str, Any] = {"kpis": kpis, "by": by}
    if author.members and dice.chance(4):
        query["where"] = _condition(dice, author.members).text
    if schema.timed and (dice.chance(3) if has_period is None else has_period):
        period = dice.pick(PERIODS)
        is_iso = schema.project["week_start"] == "monday"
        query["period"] = "2026-W01" if is_iso and dice.chance(8) else period
    if dice.chance(3):
        # A column that two engines may round differently has no sure order.
        sure = [*by, *(k for k in asked if pieces[k].stable)]
        if sure:
            names = some(dice, sure, least=1, most=2)
            query["order"] = [f"-{n}" if dice.chance(2) else n for n in names]
    if dice.chance(4):
        query["limit"] = dice.between(1, 4)
    return query


def _condition(dice: Dice, members: list[Field]) -> Piece:
    tests = [test_of(dice, member(dice.pick(members))) for _ in range(dice.between(1, 2))]
    whole = combined(dice, tests)
    assert whole.level != FILTERED
    return whole
