"""Amounts of time, drawn: columns with a unit, elapsed times, moved dates, and KPIs in a unit of their own."""

from __future__ import annotations

from .dice import Dice, some
from .pieces import ATOM, SUM, Piece
from .schemas import Field

QUANTITIES = (
    "10 minutes",
    "90 seconds",
    "1 hour",
    "1.5 hours",
    "2 days",
    "1 day",
    "1 week",
    "0 seconds",
    "0.25 days",
)
STEPS = ("1 day", "3 days", "2 weeks", "1 month", "2 months", "1 quarter", "1 year")
SHORT_STEPS = ("2 hours", "90 minutes", "30 seconds")
TIME_UNITS = ("second", "minute", "hour", "day", "week")
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


def _amount(text: str, level: int = ATOM) -> Piece:
    """Return a piece of which engines may round the last bits."""
    return Piece(text, "float", level, 0, 10**6, stable=False, dyadic=False)


class AmountAuthor:
    """Draws amounts of time over the rows of one home; `noun` is what counting the home gives."""

    def __init__(self, dice: Dice, home: str, fields: list[Field], noun: str | None) -> None:
        self.dice = dice
        self.home = home
        self.noun = noun
        self.columns = [f for f in fields if f.unit]
        self.days = [f for f in fields if f.kind == "date"]
        self.moments = [f for f in fields if f.kind == "timestamp"]

    def amount(self, *, full: bool, depth: int = 1) -> Piece | None:
        """Return an amount of time over a row; with `full` its first name tells the home."""
        dice = self.dice
        made = [make for make in (self._column, self._elapsed, self._days) if make(full=full)]
        if not made:
            return None
        start = dice.pick(made)(full=full)
        assert start is not None
        if depth <= 0:
            return start
        match dice.between(0, 7):
            case 0:
                other = self.amount(full=False, depth=0) or start
                op = dice.pick(("+", "-"))
                return _amount(f"{start.at(SUM)} {op} {other.at(SUM + 1)}", SUM)
            case 1:
                return _amount(f"{start.at(SUM)} {dice.pick(('+', '-'))} {dice.pick(QUANTITIES)}", SUM)
            case 2:
                return _amount(f"coalesce({start.text}, {dice.pick(QUANTITIES)})")
            case 3:
                word = dice.pick(("greatest", "least"))
                return _amount(f"{word}({start.text}, {dice.pick(QUANTITIES)})")
            case 4:
                test = self.condition(full=full)
                return _amount(f"case when {test} then {start.text} end") if test else start
            case _:
                return start

    def _name(self, field: Field, *, full: bool) -> str:
        return f"{self.home}.{field.text}" if full or self.dice.chance(4) else field.text

    def _column(self, *, full: bool) -> Piece | None:
        return _amount(self._name(self.dice.pick(self.columns), full=full)) if self.columns else None

    def _elapsed(self, *, full: bool) -> Piece | None:
        return self._difference(self.moments, full=full)

    def _days(self, *, full: bool) -> Piece | None:
        return self._difference(self.days, full=full)

    def _difference(self, times: list[Field], *, full: bool) -> Piece | None:
        if len(times) < 2:
            return None
        a, b = some(self.dice, times, least=2, most=2)
        return _amount(f"{self._name(a, full=full)} - {self._name(b, full=False)}", SUM)

    def condition(self, *, full: bool = False) -> str | None:
        """Return a condition over a row: an amount and a quantity, or two times of which one is moved."""
        dice = self.dice
        kinds = [times for times in (self.days, self.moments) if len(times) > 1]
        if kinds and dice.chance(2):
            times = dice.pick(kinds)
            a, b = some(dice, times, least=2, most=2)
            steps = STEPS if times is self.days else (*STEPS, *SHORT_STEPS)
            op, sign = dice.pick(COMPARISONS), dice.pick(("+", "+", "-"))
            return f"{self._name(a, full=full)} {op} {self._name(b, full=False)} {sign} {dice.pick(steps)}"
        amount = self.amount(full=full, depth=0)
        if amount is None:
            return None
        match dice.between(0, 3):
            case 0:
                low, high = dice.pick(QUANTITIES), dice.pick(QUANTITIES)
                return f"{amount.at(SUM)} {dice.pick(('between', 'not between'))} {low} and {high}"
            case 1:
                items = ", ".join(some(dice, QUANTITIES, least=1, most=3))
                return f"{amount.at(SUM)} {dice.pick(('in', 'not in'))} ({items})"
            case _:
                return f"{amount.at(SUM)} {dice.pick(COMPARISONS)} {dice.pick(QUANTITIES)}"

    def moved(self, kind: str) -> Piece | None:
        """Return a time over a row, moved."""
        dice = self.dice
        times = self.days if kind == "date" else self.moments
        if not times:
            return None
        steps = STEPS if kind == "date" else (*STEPS, *SHORT_STEPS)
        moves = "".join(f" {dice.pick(('+', '-'))} {dice.pick(steps)}" for _ in range(dice.between(1, 2)))
        return Piece(f"{self._name(dice.pick(times), full=True)}{moves}", kind, SUM)

    def kpi(self, functions: tuple[str, ...], where: str) -> tuple[str, str] | None:
        """Return a formula over aggregates, and a unit for its KPI."""
        dice = self.dice
        amount = self.amount(full=True)
        if amount is None:
            return None
        text, unit = f"{dice.pick(functions)}({amount.text}{where})", dice.pick(TIME_UNITS)
        match dice.between(0, 6):
            case 0:
                return f"{text} + {dice.pick(QUANTITIES)}", unit
            case 1 if self.noun:
                return f"{text} / count({self.home})", f"{unit}/{self.noun}"
            case 2:
                other = self.amount(full=True, depth=0) or amount
                return f"{text} / sum({other.text})", "percent"
            case 3:
                return f"total({text})", unit
            case 4:
                return f"case when {text} > {dice.pick(QUANTITIES)} then {text} else 5 minutes end", unit
            case _:
                return text, unit
