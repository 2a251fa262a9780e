"""Worlds, drawn: a project, its rows and a query that must be accepted.

@given(worlds())
def test_same_table(world): ...
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from .buckets import PARTS
from .dice import Dice, HypothesisDice, some
from .drawn_entities import EntityAuthor
from .drawn_formulas import FormulaAuthor
from .drawn_parameters import declare
from .drawn_queries import QueryAuthor
from .drawn_row_formulas import RowAuthor, member
from .drawn_rows import draw_rows
from .drawn_schemas import SchemaAuthor
from .drawn_windows import WindowAuthor
from .pieces import Piece, combined, test_of
from .schemas import Field, Schema

GRAINS = ("day", "week", "month", "quarter", "year")
FISCAL = ("fiscal_quarter", "fiscal_year")
HOURS = ("hour", "hour", "minute")


class World(NamedTuple):
    """`rows` is by dataset and physical column; `query` has the keys of the language's queries."""

    project: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]
    query: dict[str, Any]


@st.composite
def worlds(draw: DrawFn, *, features: frozenset[str] = frozenset()) -> World:
    """Draw a world in which everything must be accepted and have exactly one right table."""
    return draw_world(HypothesisDice(draw), features=features)


def draw_world(dice: Dice, *, features: frozenset[str] = frozenset()) -> World:
    """Return a world, whatever the source of chance; `features` are of `features.EVERYTHING`."""
    schema = SchemaAuthor(dice, features).schema()
    rows = draw_rows(dice, schema)
    homes = some(dice, schema.facts, least=1)
    if "memberships" in homes:
        # What holds at an instant is of no hour or weekday of its own.
        features = features - {"parts"}
    plain = schema.members(homes)
    clock = schema.has_clock(homes)
    grains = [*_grains(schema, features), *(HOURS if "hours" in features and clock else ())]
    most = 2 if "grains" in features and dice.chance(4) else 1
    asked = some(dice, sorted(set(grains)), least=1, most=most) if schema.timed and dice.chance(2) else []
    filters = _filters(dice, schema, plain) if "filters" in features and plain else []
    members = [*plain, *_cut_members(dice, schema, homes, features, clock=clock)]
    by = some(dice, [m for m in members if len(m.path) == 1 or not dice.chance(2)], most=2)
    cut = [m for m in members if m.cut and m not in by]
    if cut and dice.chance(2):
        by = [dice.pick(cut), *by[:1]]
    if dice.chance(4):
        by = []
    rowwise = [RowAuthor(dice, schema, h, features, filters) for h in homes]
    # A day has no hours: no aggregate may then be measured by a date.
    by_the_hour = not set(asked).isdisjoint(HOURS) or any(m.text == "hour_of_day" for m in members)
    windows = None
    # A day has many minutes, of which each would have its window.
    many = "minute" in asked
    if "windows" in features and schema.timed and not many and not dice.chance(3):
        windows = _windows(schema, asked, features, dice, clock=clock)
        by_the_hour = by_the_hour or windows.has_clock
    fine = not set(asked).isdisjoint(HOURS)
    if {"per", "having of entities", "sets"} & features and not fine and not dice.chance(3):
        # Entities that are buckets have no comparable days.
        known = features - {"per grains"} if windows and windows.has_comparable else features
        own = _own_grains(schema, features)
        entities = EntityAuthor(dice, schema, tuple(homes), tuple(members), tuple(asked), known, own)
        for row_author in rowwise:
            row_author.entities = entities
            row_author.shift = "" if windows is None else windows.around_a_set()
    author = FormulaAuthor(
        dice, rowwise, members, by, asked, filters, measures_time=not by_the_hour, windows=windows
    )
    schema.project["metrics"] = _metrics(dice, author)
    schema.project["kpis"], pieces = _kpis(dice, author, units="units" in features)
    if "maturity" in features and schema.timed and dice.chance(5):
        schema.project["kpis"]["kpi_1"]["maturity"] = dice.pick(("7 days", "1 day", "60 days", "1 month"))
    if "parameters" in features:
        declare(dice, schema.project)
    return World(schema.project, rows, QueryAuthor(dice, schema, author, pieces, features).query())


def _windows(
    schema: Schema, grains: list[str], features: frozenset[str], dice: Dice, *, clock: bool
) -> WindowAuthor:
    """Say what changes of the window the grains allow."""
    # A bound that formulas name is a day, so then no window begins or ends within one.
    names = "bounds" in features and dice.chance(2)
    return WindowAuthor(
        dice=dice,
        grains=tuple(grains),
        has_clock=clock and not names,
        has_calendar="calendars" in schema.project,
        is_fiscal="fiscal_year_start" in schema.project,
        names_bounds=names,
        # What these are of comparable days, nobody says.
        has_comparable="comparable" in features
        and "calendars" in schema.project
        and not names
        and dice.chance(2),
        starts=dice.chance(3),
        own=_own_grains(schema, features) if set(grains).isdisjoint(HOURS) else (),
    )


def _own_grains(schema: Schema, features: frozenset[str]) -> tuple[str, ...]:
    """Return the grains of calendars that windows may count, and `per` go through."""
    calendars = schema.project.get("calendars", {}).values() if "own windows" in features else ()
    return tuple(grain for calendar in calendars for grain in calendar["grains"])


def _grains(schema: Schema, features: frozenset[str]) -> list[str]:
    calendars = schema.project.get("calendars", {}).values()
    return [
        *GRAINS,
        *(FISCAL if "fiscal" in features else ()),
        *(grain for calendar in calendars for grain in calendar["grains"]),
    ]


def _cut_members(
    dice: Dice, schema: Schema, homes: list[str], features: frozenset[str], *, clock: bool
) -> list[Field]:
    """Return a few date parts and time roles, of those that every home can tell."""
    found: list[Field] = []
    if "parts" in features and schema.timed:
        parts = [part for part in PARTS if clock or part != "hour_of_day"]
        found.extend(Field((part,), "integer", cut=True) for part in some(dice, parts, most=2))
    times = schema.times(homes) if "roles" in features else []
    for time in some(dice, times, most=2):
        has_hours = time.kind == "timestamp"
        if "parts" in features and dice.chance(3):
            parts = [part for part in PARTS if has_hours or part != "hour_of_day"]
            found.append(Field((*time.path, dice.pick(parts)), "integer", cut=True))
        elif has_hours and "hours" in features and dice.chance(3):
            found.append(Field((*time.path, dice.pick(HOURS)), "timestamp", cut=True))
        else:
            found.append(Field((*time.path, dice.pick(_grains(schema, features))), "date", cut=True))
    return found


def _filters(dice: Dice, schema: Schema, members: list[Field]) -> list[Piece]:
    """Name conditions on dimensions that every home can tell; a later one may rest on an earlier one."""
    found: list[Piece] = []
    for i in range(dice.between(0, 2)):
        tests = [test_of(dice, member(dice.pick(members))) for _ in range(dice.between(1, 2))]
        if found and dice.chance(2):
            tests.append(found[0])
        text = combined(dice, tests).text
        name = f"filter_{i + 1}"
        filters = schema.project.setdefault("filters", {})
        filters[name] = {"condition": text, "label": "A filter"} if dice.chance(2) else text
        found.append(Piece(name, "condition"))
    return found


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


def _kpis(dice: Dice, author: FormulaAuthor, *, units: bool) -> tuple[dict[str, Any], dict[str, Piece]]:
    out: dict[str, Any] = {}
    pieces: dict[str, Piece] = {}
    for i in range(dice.between(1, 3)):
        name = f"kpi_{i + 1}"
        piece = author.plain() if i == 0 and dice.chance(2) else author.formula()
        timed = author.timed() if units and dice.chance(4) else None
        if timed:
            piece = Piece(timed[0], "amount", stable=False)
        out[name] = {
            "label": f"Drawn {i + 1}",
            "formula": piece.text,
            "direction": "up",
            "owner": "drawn@example.org",
            **({"unit": timed[1]} if timed else {}),
        }
        pieces[name] = piece
        if piece.is_number:
            author.known.append(piece.named(name))
    return out, pieces
