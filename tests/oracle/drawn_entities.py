"""Entities and sets, drawn as text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .dice import Dice, some
from .pieces import ATOM, COMPARISON, Piece
from .schemas import Field, Schema

BUCKETS = {"month", "week", "quarter"}
BACK_BY_MONTHS = re.compile(r"\b(prior|change|growth)\(.*\d (month|quarter|year|period)")


@dataclass(frozen=True, slots=True)
class EntityAuthor:
    """Draws what one world can say of entities; `kinds` are the homes' columns and what they are."""

    dice: Dice
    schema: Schema
    homes: tuple[str, ...]
    members: tuple[Field, ...]
    grains: tuple[str, ...]
    features: frozenset[str]
    own: tuple[str, ...] = ()
    """The grains of calendars that `per` may go through."""

    # f(x per k)

    def per(self, inner: Piece, *, in_buckets: bool = False) -> Piece | None:
        """Return an aggregate of a number over entities, or over buckets alone."""
        dice = self.dice
        keys = [key for key in self._keys(inner.text) if not in_buckets or key in {*BUCKETS, *self.own}]
        if "per" not in self.features or not keys:
            return None
        names = ", ".join(some(dice, keys, least=1, most=2 if dice.chance(3) else 1))
        plain = not set(names.split(", ")) & {*BUCKETS, *self.own}
        key = f"{names} including null" if plain and dice.chance(4) else names
        firm = inner.stable and (inner.kind == "integer" or (inner.kind == "float" and inner.dyadic))
        match dice.between(0, 7):
            case 0 | 1:
                return Piece(
                    f"avg({inner.text} per {key})", "float", ATOM, 0, 10**6, stable=firm, dyadic=False
                )
            case 2:
                bound = inner.bound * 1000
                whole = replace(inner, text=f"sum({inner.text} per {key})", level=ATOM, bound=bound)
                exact = inner.stable and (inner.is_exact or inner.dyadic)
                return replace(whole, stable=exact) if whole.fits else None
            case 3:
                return inner.named(f"{dice.pick(('min', 'max'))}({inner.text} per {key})")
            case 4:
                return Piece(f"count({inner.text} per {key})", "integer", ATOM, 0, 1000)
            case 5 if inner.stable and (inner.is_exact or inner.dyadic):
                return Piece(f"count_distinct({inner.text} per {key})", "integer", ATOM, 0, 1000)
            case 6 if inner.stable and (inner.is_exact or inner.dyadic):
                word = dice.pick(("median", "stddev", "variance", "percentile"))
                share = ", 0.75" if word == "percentile" else ""
                return Piece(
                    f"{word}({inner.text}{share} per {key})",
                    "float",
                    ATOM,
                    0,
                    10**6,
                    stable=False,
                    dyadic=False,
                )
            case _:
                return inner.named(f"max({inner.text} per {key})")

    def _keys(self, text: str) -> list[str]:
        """Return what may stand after `per`: members, columns of the only dataset, coarse grains."""
        keys = [m.text for m in self.members if not m.cut]
        named = {home for home in self.homes if re.search(rf"\b{home}\b", text)}
        if len(named) == 1 and not re.search(r"\b(metric|kpi)_\d", text):
            (home,) = named
            dimensions = self.schema.project["dimensions"]
            keys += [f.text for f in self.schema.own[home] if not f.unit and f.text not in dimensions]
        fine = {"hour", "minute", *(() if self.own else ("season", "retail_week"))} & set(self.grains)
        if self.schema.timed and not fine and "per grains" in self.features:
            # Buckets of a week are not moved by months.
            keys += ["month", "quarter"] if BACK_BY_MONTHS.search(text) else ["month", "week", "quarter"]
            keys += self.own
        return keys

    # having

    def having(self, home: str, test: str, shift: str) -> str:
        """Return what follows the counted columns: a condition over aggregates of their home, moved or not."""
        dice = self.dice
        if "having of entities" not in self.features or not dice.chance(2):
            return ""
        count = self.moved_count(home, shift if dice.chance(2) else "")
        words = dice.pick((count, test, f"{count} and {test}", f"not ({test})"))
        return f" having {words}{' including null' if dice.chance(5) else ''}"

    def moved_count(self, home: str, shift: str) -> str:
        """Return a condition on how many rows there are in a window."""
        count = shift.replace("X", f"count({home})") if shift else f"count({home})"
        return f"{count} {self.dice.pick(('>=', '<', '=', '>'))} {self.dice.between(1, 3)}"

    def dropping(self, shift: str) -> str:
        """Return what drops members of the group around a value, moved or not."""
        names = [m.text for m in self.members] + list(self.grains)
        if not names:
            return shift
        dropped = ", ".join(some(self.dice, names, least=1, most=2))
        return (
            f"total({shift} across {dropped})"
            if self.dice.chance(2)
            else shift.replace("X", f"total(X across {dropped})")
        )

    # Sets

    def member_of_a_set(self, chosen: list[Field], shift: str) -> Piece | None:
        """Return whether a column of the row is among the values of another home's column, moved or not."""
        dice = self.dice
        other = dice.pick(self.homes)
        pairs = [
            (own, f)
            for own in chosen
            for f in self.schema.own[other]
            if f.kind == own.kind and f.kind in ("integer", "text") and not f.unit and not own.unit
        ]
        if "sets" not in self.features or not pairs:
            return None
        own, f = dice.pick(pairs)
        having = (
            f" having count({other}) >= 2" if "having of sets" in self.features and dice.chance(4) else ""
        )
        inner = f"values({other}.{f.text}{having})"
        if shift and dice.chance(2):
            inner = shift.replace("X", inner)
        elif dice.chance(4):
            inner = f"total({inner})"
        word = dice.pick(("in", "in", "not in"))
        return Piece(f"{own.text} {word} {inner}", "condition", COMPARISON)
