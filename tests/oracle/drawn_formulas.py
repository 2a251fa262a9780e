"""Formulas, drawn as text: arithmetic and changes of context over aggregates."""

from __future__ import annotations

from dataclasses import replace

from .dice import Dice, some
from .drawn_row_formulas import RowAuthor, member, zero
from .drawn_windows import WindowAuthor
from .pieces import (
    ATOM,
    COMPARISON,
    FILTERED,
    PRODUCT,
    UNARY,
    Piece,
    arithmetic,
    combined,
    either,
    literal,
    test_of,
)
from .schemas import Field


class FormulaAuthor:
    """Draws formulas over aggregates of several homes, and over the metrics drawn so far."""

    def __init__(
        self,
        dice: Dice,
        homes: list[RowAuthor],
        members: list[Field],
        by: list[Field],
        grains: list[str],
        filters: list[Piece],
        *,
        measures_time: bool,
        windows: WindowAuthor | None = None,
    ) -> None:
        """With `measures_time` an aggregate may take another time than its dataset's own."""
        self.windows = windows
        self.entities = homes[0].entities
        self.dice = dice
        self.measures_time = measures_time
        self.filters = filters
        self.homes = homes
        self.members = members
        self.by = by
        self.grains = grains
        self.known: list[Piece] = []
        """Metrics and KPIs that a formula may name."""

    def plain(self) -> Piece:
        """Return an unconditional aggregate, so that the result has rows for the others to stand in."""
        home = self.dice.pick(self.homes)
        return home.bare()

    def aggregate(self) -> Piece:
        return self.dice.pick(self.homes).aggregate(measures_time=self.measures_time)

    def condition(self) -> Piece | None:
        """Return a condition on dimensions and paths that every home reaches."""
        dice = self.dice
        if not self.members:
            return None
        tests = [test_of(dice, member(dice.pick(self.members))) for _ in range(dice.between(1, 2))]
        if self.filters and dice.chance(3):
            tests[0] = dice.pick(self.filters)
        return combined(dice, tests)

    def formula(self) -> Piece:
        """Return what a KPI may be."""
        word = self.word() if self.dice.chance(6) else None
        return word or self.number(3)

    def timed(self) -> tuple[str, str] | None:
        """Return a KPI that is an amount of time: its formula, its unit."""
        dice = self.dice
        found = dice.pick(self.homes).timed_kpi()
        if found is None or dice.chance(2):
            return found
        condition = self.condition()
        text = f"({found[0]}) where {condition.text}" if condition else found[0]
        return text, found[1]

    def word(self) -> Piece | None:
        """Return a formula that gives a text or a day."""
        dice = self.dice
        if dice.chance(4) and (test := self.number(1)).stable:
            return Piece(test_of(dice, test).text, "boolean", COMPARISON)
        inner = dice.pick(self.homes).word()
        if inner is None or inner.kind in ("timestamp", "boolean") or dice.chance(2):
            return inner
        if inner.kind == "text" and dice.chance(2):
            number = self.number(0)
            if number.stable:
                test = test_of(dice, number)
                return inner.named(f"case when {test.text} then {inner.text} else 'none' end")
        return inner.named(f"coalesce({inner.text}, {literal(dice, inner.kind).text})")

    def number(self, depth: int) -> Piece:
        """Return a number in a context."""
        dice = self.dice
        start = dice.pick(self.known) if self.known and dice.chance(3) else self.aggregate()
        if depth <= 0:
            return start
        if self.windows is not None and dice.chance(3):
            inner = self._bound() or self.number(depth - 1)
            return self.windows.of(inner) or inner
        if self.entities is not None and dice.chance(5):
            inner = self.number(depth - 1)
            if len(self.by) > 1 and dice.chance(3):
                # In buckets alone, what keeps some of the members has groups without rows of their own.
                inner = dice.pick((self._total, self._share))(inner)
                return self.entities.per(inner, in_buckets=True) or inner
            return self.entities.per(inner) or inner
        match dice.between(0, 11):
            case 0 | 1 | 2:
                return arithmetic(dice.pick(("/", "+", "-", "*")), start, self.number(depth - 1)) or start
            case 3:
                kind = dice.pick(("integer", "decimal", "float"))
                return arithmetic(dice.pick(("*", "*", "/")), start, literal(dice, kind)) or start
            case 4 | 5:
                return self._narrowed(self.number(depth - 1))
            case 6 | 7:
                return self._total(self.number(depth - 1))
            case 8:
                return self._share(self.number(depth - 1))
            case 9:
                return self._chosen(start, depth)
            case 10:
                return self._scalar(self.number(depth - 1))
            case _:
                return start

    def _bound(self) -> Piece | None:
        """Return a number that names the bounds of its window."""
        if self.windows is None or not self.dice.chance(5):
            return None
        home = self.dice.pick(self.homes)
        return self.windows.bound(home.home, [f.text for f in home.times if len(f.path) == 1])

    def _narrowed(self, inner: Piece) -> Piece:
        condition = self.condition()
        if condition is None:
            return inner
        # Left of `where` stands a name, a call or brackets.
        bare = inner.level == ATOM and not inner.text.startswith("case")
        left = inner.text if bare else f"({inner.text})"
        return inner.named(f"{left} where {condition.text}", FILTERED)

    def _total(self, inner: Piece) -> Piece:
        dice = self.dice
        droppable = [m.text for m in self.members] + self.grains
        if not droppable or dice.chance(3):
            return inner.named(f"total({inner.text})")
        asked = [m.text for m in self.by] + self.grains
        names = some(dice, asked if asked and not dice.chance(4) else droppable, least=1, most=2)
        return inner.named(f"total({inner.text} across {', '.join(names)})")

    def _share(self, inner: Piece) -> Piece:
        dice = self.dice
        names = [m.text for m in self.by]
        if not names or not inner.stable:
            return inner
        names.extend(self.grains)
        over = f" across {', '.join(some(dice, names, least=1, most=2))}" if dice.chance(2) else ""
        sure = not inner.is_exact or inner.bound * 10**inner.scale < 2**52
        return Piece(f"share({inner.text}{over})", "float", ATOM, 0, 10**6, stable=sure, dyadic=False)

    def _chosen(self, start: Piece, depth: int) -> Piece:
        dice = self.dice
        judge = self.number(depth - 1)
        if not judge.stable:
            return start
        other = self.number(0)
        other = other if other.kind == start.kind else zero(start)
        text = f"case when {test_of(dice, judge).text} then {start.text} else {other.text} end"
        return either(start, other, text)

    def _scalar(self, inner: Piece) -> Piece:
        dice, bottom = self.dice, zero(inner)
        match dice.between(0, 6):
            case 0:
                return either(inner, bottom, f"coalesce({inner.text}, {bottom.text})")
            case 1 if inner.stable:
                return inner.named(f"nullif({inner.text}, {bottom.text})")
            case 2:
                return inner.named(f"abs({inner.text})")
            case 3:
                return inner.named(f"-{inner.at(UNARY)}", UNARY)
            case 4 if inner.is_exact:
                word = dice.pick(("round", "floor", "ceil"))
                return replace(inner, text=f"{word}({inner.text})", level=ATOM, bound=inner.bound + 1)
            case 5:
                a = f"coalesce({inner.text}, {bottom.text})"
                return either(inner, bottom, f"{dice.pick(('least', 'greatest'))}({a}, {bottom.text})")
            case _:
                half = Piece("0.5", "decimal", ATOM, 1, 1)
                return arithmetic("*", inner, half) or inner.named(f"({inner.text})", PRODUCT)
