"""Formulas, drawn as text: row formulas inside aggregates, and arithmetic over aggregates."""

from __future__ import annotations

from dataclasses import replace

from .dice import Dice, some
from .pieces import ATOM, FILTERED, PRODUCT, UNARY, Piece, arithmetic, combined, either, literal, test_of
from .schemas import DECIMAL_BOUND, FLOAT_BOUND, INTEGER_BOUND, MOST_ROWS, Field, Schema

BOUNDS = {
    "integer": (INTEGER_BOUND, 0),
    "float": (FLOAT_BOUND, 2),
}


class RowAuthor:
    """Draws what stands inside the aggregates of one home."""

    def __init__(self, dice: Dice, schema: Schema, home: str) -> None:
        self.dice = dice
        self.home = home
        self.fields = schema.fields(home)
        self.own = schema.own[home]
        self.members = schema.members([home])
        self.times = [f for f in self.fields if f.kind in ("date", "timestamp")]

    def field(self, chosen: Field, *, full: bool) -> Piece:
        """Name a column, with its home before it where `full` (the first name of an argument)."""
        prefix = full or self.dice.chance(4)
        text = f"{self.home}.{chosen.text}" if prefix else chosen.text
        if chosen.kind == "decimal":
            bound = 2 if chosen.scale == 4 else (DECIMAL_BOUND * 60 if chosen.path[-1] == "gross" else 500)
            return Piece(text, "decimal", ATOM, chosen.scale, bound)
        bound, scale = BOUNDS.get(chosen.kind, (0, 0))
        return Piece(text, chosen.kind, ATOM, scale, bound)

    def any_of(self, kinds: tuple[str, ...], *, full: bool) -> Piece | None:
        fit = [f for f in self.fields if f.kind in kinds]
        return self.field(self.dice.pick(fit), full=full) if fit else None

    def number(self, depth: int, *, full: bool = True) -> Piece:
        """Return a number over a row; with `full` its first name tells the home."""
        dice = self.dice
        start = self.any_of(("integer", "decimal", "float"), full=full) or self._size(full=full)
        if depth <= 0:
            return start
        match dice.between(0, 9):
            case 0 | 1 | 2:
                other = literal(dice, dice.pick(("integer", "decimal"))) if dice.chance(2) else None
                other = other or self.number(depth - 1, full=False)
                op = dice.pick(("+", "-", "*", "/"))
                return arithmetic(op, start, other) or start
            case 3:
                inner = self.number(depth - 1, full=full)
                return replace(inner, text=f"abs({inner.text})", level=ATOM)
            case 4:
                return either(start, zero(start), f"coalesce({start.text}, {zero(start).text})")
            case 5:
                test = self.condition(depth - 1, full=full)
                other = zero(start)
                shape = dice.pick(("case when {c} then {a} else {b} end", "case when {c} then {a} end"))
                return either(start, other, shape.format(c=test.text, a=start.text, b=other.text))
            case 6 if start.kind == "decimal":
                return start.named(f"round({start.text}, {dice.between(0, 2)})")
            case 7 if start.is_exact:
                word = dice.pick(("floor", "ceil", "round"))
                return replace(start, text=f"{word}({start.text})", level=ATOM, bound=start.bound + 1)
            case 8:
                bottom = zero(start)
                a = f"coalesce({start.text}, {bottom.text})"
                return either(start, bottom, f"{dice.pick(('least', 'greatest'))}({a}, {bottom.text})")
            case 9:
                return self._size(full=full)
            case 6:
                return start.named(f"nullif({start.text}, {zero(start).text})")
            case _:
                return replace(start, text=f"-{start.at(UNARY)}", level=UNARY)

    def _size(self, *, full: bool) -> Piece:
        """Return a whole number made of a text or a day."""
        dice = self.dice
        days = [f for f in self.times if not f.zoned]
        texts = [f for f in self.fields if f.kind == "text"]
        if days and (dice.chance(2) or not texts):
            word = dice.pick(("year", "month", "day"))
            return Piece(f"{word}({self.field(dice.pick(days), full=full).text})", "integer", ATOM, 0, 2100)
        if texts:
            return Piece(f"length({self.field(dice.pick(texts), full=full).text})", "integer", ATOM, 0, 30)
        return Piece(self.field(self.own[0], full=full).text, "integer", ATOM, 0, 100)

    def text(self, *, full: bool = True) -> Piece | None:
        """Return a text over a row."""
        dice = self.dice
        start = self.any_of(("text",), full=full)
        if start is None:
            return None
        match dice.between(0, 6):
            case 0:
                return start.named(f"coalesce({start.text}, {literal(dice, 'text').text})")
            case 1:
                return start.named(f"substring({start.text}, {dice.between(1, 2)}, {dice.between(1, 3)})")
            case 2:
                return start.named(f"trim({start.text})")
            case 3:
                tail = literal(dice, "text").text
                return start.named(f"concat(coalesce({start.text}, 'none'), {tail})")
            case _:
                return start

    def condition(self, depth: int, *, full: bool = False) -> Piece:
        """Return a condition over a row: columns, partners' columns, dimensions, paths."""
        dice = self.dice
        return combined(
            dice, [self._test(depth, full=full) for _ in range(dice.between(1, max(1, depth + 1)))]
        )

    def _test(self, depth: int, *, full: bool) -> Piece:
        dice = self.dice
        if self.members and not full and dice.chance(3):
            return test_of(dice, member(dice.pick(self.members)))
        if dice.chance(4):
            a = self.number(depth - 1, full=full)
            return test_of(dice, a)
        chosen = self.field(dice.pick(self.fields), full=full)
        return test_of(dice, self.text(full=full) or chosen if chosen.kind == "text" else chosen)

    def aggregate(self, *, measures_time: bool) -> Piece:
        """Return an aggregate of this home."""
        dice = self.dice
        where = f" where {self.condition(1).text}" if dice.chance(3) else ""
        dates = [f for f in self.times if f.kind == "date" or f.path == ("ordered_at",)]
        if dates and measures_time and dice.chance(5):
            where += f" at {dice.pick(dates).text}"
        match dice.between(0, 9):
            case 0 | 1:
                counted = self.field(dice.pick(self.fields), full=True).text
                name = counted if dice.chance(3) else self.home
                return Piece(f"count({name}{where})", "integer", ATOM, 0, MOST_ROWS)
            case 2:
                plain = [f for f in self.fields if not f.zoned]
                chosen = self.field(dice.pick(plain), full=True)
                return Piece(f"count_distinct({chosen.text}{where})", "integer", ATOM, 0, MOST_ROWS)
            case 3:
                inner = self.number(1)
                firm = inner.kind == "integer" or (inner.kind == "float" and inner.dyadic and inner.stable)
                return Piece(f"avg({inner.text}{where})", "float", ATOM, 0, 10**6, stable=firm, dyadic=False)
            case 4:
                inner = self.number(1)
                return inner.named(f"{dice.pick(('min', 'max'))}({inner.text}{where})")
            case _:
                inner = self.number(2)
                firm = inner.stable and (inner.is_exact or inner.dyadic)
                whole = replace(
                    inner,
                    text=f"sum({inner.text}{where})",
                    level=ATOM,
                    bound=inner.bound * MOST_ROWS,
                    stable=firm,
                )
                count = Piece(f"count({self.home}{where})", "integer", ATOM, 0, MOST_ROWS)
                return whole if whole.fits else count

    def bare(self) -> Piece:
        """Return an aggregate of every row."""
        inner = self.any_of(("integer", "decimal", "float"), full=True)
        if inner is None or self.dice.chance(2):
            return Piece(f"count({self.home})", "integer", ATOM, 0, MOST_ROWS)
        return replace(inner, text=f"sum({inner.text})", bound=inner.bound * MOST_ROWS)

    def word(self) -> Piece | None:
        """Return an aggregate that gives a text or a day."""
        dice = self.dice
        kind = dice.pick(("text", "date"))
        inner = self.text() if kind == "text" else self.any_of(("date",), full=True)
        if inner is None:
            return None
        where = f" where {self.condition(0).text}" if dice.chance(3) else ""
        return inner.named(f"{dice.pick(('min', 'max'))}({inner.text}{where})")


class FormulaAuthor:
    """Draws formulas over aggregates of several homes, and over the metrics drawn so far."""

    def __init__(
        self, dice: Dice, homes: list[RowAuthor], members: list[Field], by: list[Field], grain: str | None
    ) -> None:
        self.dice = dice
        self.homes = homes
        self.members = members
        self.by = by
        self.grain = grain
        self.known: list[Piece] = []
        """Metrics and KPIs that a formula may name."""

    def plain(self) -> Piece:
        """Return an unconditional aggregate, so that the result has rows for the others to stand in."""
        home = self.dice.pick(self.homes)
        return home.bare()

    def aggregate(self) -> Piece:
        return self.dice.pick(self.homes).aggregate(measures_time=True)

    def condition(self) -> Piece | None:
        """Return a condition on dimensions and paths that every home reaches."""
        dice = self.dice
        if not self.members:
            return None
        chosen = [dice.pick(self.members) for _ in range(dice.between(1, 2))]
        return combined(dice, [test_of(dice, member(m)) for m in chosen])

    def word(self) -> Piece | None:
        """Return a formula that gives a text or a day."""
        dice = self.dice
        inner = dice.pick(self.homes).word()
        if inner is None or dice.chance(2):
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
        droppable = [m.text for m in self.members] + ([self.grain] if self.grain else [])
        if not droppable or dice.chance(3):
            return inner.named(f"total({inner.text})")
        asked = [m.text for m in self.by] + ([self.grain] if self.grain else [])
        names = some(dice, asked if asked and not dice.chance(4) else droppable, least=1, most=2)
        return inner.named(f"total({inner.text} across {', '.join(names)})")

    def _share(self, inner: Piece) -> Piece:
        dice = self.dice
        names = [m.text for m in self.by]
        if not names or not inner.stable:
            return inner
        if self.grain:
            names.append(self.grain)
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


def member(chosen: Field) -> Piece:
    """Name a dimension or path in a condition."""
    return Piece(chosen.text, chosen.kind, ATOM, 0, INTEGER_BOUND)


def zero(like: Piece) -> Piece:
    """Return a plain number of the same kind."""
    match like.kind:
        case "integer":
            return Piece("0", "integer")
        case "decimal":
            return Piece("1.5", "decimal", ATOM, 1, 2)
        case _:
            return Piece("5e-1", "float", ATOM, 1, 1)
