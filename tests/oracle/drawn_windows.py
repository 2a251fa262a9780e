"""Windows, drawn: moved, rolling, to date, cumulative, opening, during; queries as of an instant."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime

from .dice import Dice
from .pieces import ATOM, Piece, arithmetic
from .schemas import MOST_ROWS

WINDOWED = re.compile(
    r"\b(prior|change|growth|rolling|to_date|cumulative|opening|during)\(|\bperiod_(start|end)\b"
)
NEED_A_BOUND = re.compile(r"\b(prior|change|growth|opening|period_start|period_end)\b")
NEED_AN_END = re.compile(r"\b(rolling|to_date)\(")
FROZEN = (
    "2025-10-01, 2026-02-01",
    "2024-02-29, 2024-03-01",
    "2026-03-29, 2026-03-30",
    "2023-01-01, 2027-01-01",
)
INSTANTS = (
    "2026-01-15",
    "2026-03-29",
    "2026-03-01",
    "2026-02-28",
    "2026-03-31",
    "2024-02-29",
    "2025-10-26",
    "2026-08-16",
    "2027-02-01",
    "2026-01-15 12:00",
    "2026-03-29 02:30",
    "2026-03-29 03:30:00",
    "2025-10-26 02:30",
    "2026-03-31 23:59:59",
    "2026-03-30 08:00",
    "2026-02-28 23:30",
    "2026-01-31T23:00:00Z",
    "2026-03-29T01:00:00Z",
    "2026-08-15T12:34:56Z",
    "2026-03-08 03:30",
)
RELATIVE = ("last 3 months", "last 30 days", "last 2 quarters", "last 1 year", "last 8 weeks", "last 1 month")


@dataclass(frozen=True, slots=True)
class WindowAuthor:
    """Draws changes of the window that are allowed under one query's grains."""

    dice: Dice
    grains: tuple[str, ...]
    has_clock: bool
    has_calendar: bool
    is_fiscal: bool
    names_bounds: bool
    has_comparable: bool
    starts: bool
    """Whether every window has a start, so that formulas may name it."""
    own: tuple[str, ...] = ()
    """The grains of calendars that windows may count."""

    @property
    def _shows_hours(self) -> bool:
        return not {"hour", "minute"}.isdisjoint(self.grains)

    def bound(self, home: str, days: list[str]) -> Piece | None:
        """Return a number that names the bounds of its window, which are days."""
        dice = self.dice
        if not self.names_bounds or self._shows_hours:
            return None
        word = dice.pick(("period_start", "period_end")) if self.starts else "period_end"
        if not days or dice.chance(3):
            return Piece(f"date_diff(day, {dice.pick(FROZEN)[:10]}, {word})", "integer", ATOM, 0, 3000)
        op = dice.pick(("<", "<=", ">=", ">", "=", "!="))
        return Piece(f"count({home} where {dice.pick(days)} {op} {word})", "integer", ATOM, 0, MOST_ROWS)

    def amount(self, *, back: bool) -> str:
        """Return an amount of time; `back`: by which buckets may be moved."""
        dice = self.dice
        if self.own and dice.chance(3):
            # A window moves by such buckets where it is made of them.
            if not back:
                return f"{dice.pick(('1', '2'))} {dice.pick(self.own)}"
            if len(self.grains) == 1 and self.grains[0] in self.own:
                return f"{dice.pick(('1', '2'))} {self.grains[0]}"
        if back and self.has_comparable and not self._shows_hours and dice.chance(2):
            return "1 year comparable"
        choices = ["1 day", "2 days", "7 days", "28 days", "1 week", "52 weeks", "365 days"]
        own = {"week", "retail_week"} & set(self.grains)
        if not ((own and back) or self._shows_hours):
            choices += ["1 month", "1 month", "2 months", "1 quarter", "1 year", "1 year", "2 years"]
        if self.has_clock and (self._shows_hours or dice.chance(3)):
            choices += ["6 hours", "1 hour", "24 hours", "90 minutes"]
        if back and self._has_one_period and dice.chance(2):
            return dice.pick(("1 period", "2 periods"))
        return dice.pick(choices)

    @property
    def _has_one_period(self) -> bool:
        return len(self.grains) > 0 and not self.has_calendar

    def of(self, inner: Piece) -> Piece | None:
        """Return a formula in another window."""
        dice = self.dice
        if "season" in self.grains and not self.own:
            return None
        match dice.between(0, 9):
            case 0 | 1:
                return inner.named(f"prior({inner.text}, {self.amount(back=True)})")
            case 2:
                return self._change(inner, f"change({inner.text}, {self.amount(back=True)})")
            case 3 if inner.stable:
                sure = not inner.is_exact or inner.bound * 10**inner.scale < 2**52
                text = f"growth({inner.text}, {self.amount(back=True)})"
                return Piece(text, "float", ATOM, 0, 10**6, stable=sure, dyadic=False)
            case 4 | 5:
                return inner.named(f"rolling({inner.text}, {self.amount(back=False)})")
            case 6:
                grains = ("day", "week", "month", "month", "quarter", "year")
                fiscal = ("fiscal_quarter", "fiscal_year") if self.is_fiscal else ()
                return inner.named(f"to_date({inner.text}, {dice.pick((*grains, *fiscal, *self.own))})")
            case (7 | 8) as which if not (self.starts or "opening(" in inner.text):
                # Nothing is before the beginning of history.
                return inner.named(f"{'cumulative' if which == 7 else 'opening'}({inner.text})")
            case _:
                return inner.named(f"during({inner.text}, {dice.pick(FROZEN)})")

    def around_a_set(self) -> str:
        """Return a change of the window around X, which is a set."""
        if "season" in self.grains and not self.own:
            return ""
        back, length = self.amount(back=True), self.amount(back=False)
        return self.dice.pick(
            (f"prior(X, {back})", f"prior(X, {back})", f"rolling(X, {length})", "opening(X)")
        )

    def _change(self, inner: Piece, text: str) -> Piece | None:
        both = arithmetic("-", inner, inner)
        return None if both is None else replace(both, text=text, level=ATOM)


def begins(instant: str) -> date:
    """Return the day of an instant."""
    return datetime.fromisoformat(instant.replace("Z", "")).date()
