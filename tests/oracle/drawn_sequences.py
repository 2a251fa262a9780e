"""Sequences, drawn: which rows follow a row or precede it, by which key, in which window."""

from __future__ import annotations

from collections.abc import Callable

from .definitions import Definitions
from .dice import Dice, some
from .schemas import Schema

WINDOWS = (
    "",
    " within 1 day",
    " within 7 days",
    " within 40 days",
    " within 1 month",
    " within 2 years",
    " from 0 days",
    " from 0 days to 1 day",
    " from 0 days to 90 days",
    " from 1 day to 1 month",
    " from 30 days",
)
HOURS = (" within 36 hours", " from 0 days to 90 minutes", " within 1000 hours")


def sequence(dice: Dice, schema: Schema, home: str, condition: Callable[[str], str]) -> str | None:
    """Return a sequence of a home's rows, or None where nothing can follow them."""
    definitions = schema.definitions()
    timed = [name for name, dataset in definitions.datasets.items() if dataset.time and not dataset.until]
    if home not in timed:
        return None
    first = home if dice.chance(3) else dice.pick(timed)
    keys = shared(schema, definitions, home, first)
    if not keys:
        return None
    per = some(dice, keys, least=1, most=1 if dice.chance(2) else 2)
    steps = [first]
    while dice.chance(4) and len(steps) < 3:
        fit = [n for n in timed if set(per) <= set(shared(schema, definitions, home, n))]
        steps.append(dice.pick(fit))
    written = [f"{step} where {condition(step)}" if dice.chance(2) else step for step in steps]
    null = " including null" if dice.chance(5) else ""
    clocks = all(_has_clock(schema, definitions, step) for step in steps)
    window = dice.pick((*WINDOWS, *(HOURS if clocks else ())))
    word = dice.pick(("followed_by", "followed_by", "preceded_by"))
    return f"{word}({' then '.join(written)} per {', '.join(per)}{null}{window})"


def shared(schema: Schema, definitions: Definitions, home: str, other: str) -> list[str]:
    """Return the columns and dimensions that two datasets have, of one kind on both."""
    mine, theirs = ({f.text: f.kind for f in schema.own[name]} for name in (home, other))
    dimensions = {m.text for m in schema.members([home, other]) if len(m.path) == 1 and not m.cut}
    columns = [
        name
        for name, kind in mine.items()
        if theirs.get(name) == kind and kind in ("integer", "text", "boolean", "date")
        if name not in definitions.dimensions
    ]
    return [*columns, *sorted(name for name in dimensions if name not in mine and name not in theirs)]


def _has_clock(schema: Schema, definitions: Definitions, name: str) -> bool:
    time = definitions.datasets[name].time or ()
    kinds = {f.path: f.kind for f in schema.fields(name)}
    return kinds.get(time) == "timestamp"
