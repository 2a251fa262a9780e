"""Row formulas and aggregates of one dataset, drawn as text."""

from __future__ import annotations

from dataclasses import replace

from .dice import Dice
from .drawn_entities import EntityAuthor
from .drawn_sequences import sequence
from .drawn_units import AmountAuthor
from .pieces import ATOM, COMPARISON, UNARY, Piece, arithmetic, combined, either, literal, test_of
from .schemas import DECIMAL_BOUND, FLOAT_BOUND, INTEGER_BOUND, MOST_ROWS, Field, Schema

BOUNDS = {
    "integer": (INTEGER_BOUND, 0),
    "float": (FLOAT_BOUND, 2),
}


class RowAuthor:
    """Draws what stands inside the aggregates of one home."""

    def __init__(
        self, dice: Dice, schema: Schema, home: str, features: frozenset[str], filters: list[Piece]
    ) -> None:
        """`filters` are the project's named ones that this home can tell."""
        self.dice = dice
        self.home = home
        self.features = features
        self.filters = filters
        self.entities: EntityAuthor | None = None
        """Draws what goes beyond the row, where the world has that."""
        self.shift = ""
        """What a set may be moved by, around an X."""
        # A stretch of time has no first and no last row.
        self.timed = schema.timed and home != "memberships"
        everything = schema.fields(home)
        self.fields = [f for f in everything if not f.unit]
        self.own = [f for f in schema.own[home] if not f.unit]
        self.amounts = AmountAuthor(dice, home, everything, schema.project["datasets"][home].get("unit"))
        self.members = schema.members([home])
        self.schema = schema
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
        days = self.times
        texts = [f for f in self.fields if f.kind == "text"]
        if days and (dice.chance(2) or not texts):
            chosen = dice.pick(days)
            day = self.field(chosen, full=full).text
            if "time functions" in self.features and dice.chance(2):
                return self._size_of_time(day, chosen.kind == "timestamp", [f.text for f in days])
            word = dice.pick(("year", "month", "day"))
            return Piece(f"{word}({day})", "integer", ATOM, 0, 2100)
        if texts:
            return Piece(f"length({self.field(dice.pick(texts), full=full).text})", "integer", ATOM, 0, 30)
        return Piece(self.field(self.own[0], full=full).text, "integer", ATOM, 0, 100)

    def _size_of_time(self, day: str, has_hours: bool, days: list[str]) -> Piece:
        dice = self.dice
        # A number of weeks is not added to a number of sessions, where these are counted as such.
        if dice.chance(2) or self.amounts.noun is not None:
            words = ("weekday", "hour") if has_hours else ("weekday",)
            return Piece(f"{dice.pick(words)}({day})", "integer", ATOM, 0, 23)
        grain = dice.pick(("day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"))
        other = dice.pick((*days, "2026-01-01", f"date_trunc({grain}, {day})"))
        return Piece(f"date_diff({grain}, {day}, {other})", "integer", ATOM, 0, 2000)

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

    def _inner(self, home: str) -> str:
        """Return a condition on another dataset's rows."""
        deeper = self.features if self.dice.chance(4) else self.features - {"sequences"}
        return RowAuthor(self.dice, self.schema, home, deeper, []).condition(0).text

    def _test(self, depth: int, *, full: bool) -> Piece:
        dice = self.dice
        if self.entities is not None and not full and dice.chance(3):
            beyond = self.entities.member_of_a_set(self.own, self.shift)
            if beyond is not None:
                return beyond
        if self.filters and not full and dice.chance(4):
            return dice.pick(self.filters)
        if "sequences" in self.features and not full and dice.chance(5):
            text = sequence(dice, self.schema, self.home, self._inner)
            if text is not None:
                return Piece(text, "condition", ATOM)
        if "units" in self.features and dice.chance(6) and (text := self.amounts.condition(full=full)):
            return Piece(text, "condition", COMPARISON)
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
        where = f" where {self.condition(1).text}" if dice.chance(3 if self.entities is None else 2) else ""
        dates = [f for f in self.times if f.kind == "date" or f.path in (("ordered_at",), ("since",))]
        if dates and measures_time and dice.chance(5):
            where += f" at {dice.pick(dates).text}"
        fresh = self._fresh_aggregate(where) if dice.chance(3) else None
        fresh = fresh or (self._counted_in_a_set() if dice.chance(4) else None)
        if fresh:
            return fresh
        match dice.between(0, 9):
            case 0 | 1:
                counted = self.field(dice.pick(self.fields), full=True).text
                name = counted if dice.chance(3) else self.home
                return Piece(f"count({name}{where})", "integer", ATOM, 0, MOST_ROWS)
            case 2:
                chosen = self.field(dice.pick(self.fields), full=True)
                having = self._having() if " at " not in where else ""
                return Piece(f"count_distinct({chosen.text}{where}{having})", "integer", ATOM, 0, MOST_ROWS)
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

    def _having(self) -> str:
        if self.entities is None:
            return ""
        plain = self.bare()
        return self.entities.having(self.home, test_of(self.dice, plain).text, self.shift)

    def _counted_in_a_set(self) -> Piece | None:
        """Return how many values there are among rows that a set keeps, tested in other rows than are counted."""
        dice = self.dice
        if self.entities is None or not self.shift or "having of entities" not in self.features:
            return None
        kept = self.entities.member_of_a_set(self.own, self.shift if dice.chance(3) else "")
        if kept is None:
            return None
        counted = self.field(dice.pick(self.fields), full=True).text
        around = self.shift
        if dice.chance(2):
            # Of several groups the rows are only kept by what is asked of the value that is tested.
            counted = f"{self.home}.{kept.text.split()[0]}"
            around = self.entities.dropping(self.shift if dice.chance(3) else "X")
        test = self.entities.moved_count(self.home, around)
        return Piece(
            f"count_distinct({counted} where {kept.text} having {test})", "integer", ATOM, 0, MOST_ROWS
        )

    def _fresh_aggregate(self, where: str) -> Piece | None:
        """Return one of the aggregates beyond the first six, where there are any."""
        dice = self.dice
        names = ("median", "percentile", "stddev", "variance", "weighted_avg", "first", "last", "tuples")
        known = [name for name in names if name in self.features]
        if not known:
            return None
        match dice.pick(known):
            case "tuples":
                parts = [
                    self.field(dice.pick(self.fields), full=i == 0).text for i in range(dice.between(2, 3))
                ]
                return Piece(f"count_distinct({', '.join(parts)}{where})", "integer", ATOM, 0, MOST_ROWS)
            case "first" | "last" as word:
                inner = self.number(1)
                return inner.named(f"{word}({inner.text}{where})") if self.timed else None
            case "weighted_avg":
                inner, weight = self.number(1), self.any_of(("integer", "decimal", "float"), full=False)
                if weight is None:
                    return None
                text = f"weighted_avg({inner.text}, {weight.text}{where})"
                return Piece(text, "float", ATOM, 0, 10**6, stable=False, dyadic=False)
            case name:
                inner = self.number(1)
                if not inner.stable or not (inner.is_exact or inner.dyadic):
                    return None
                firm = name == "median" and inner.kind != "decimal"
                share = (
                    f", {dice.pick(('0', '0.25', '0.5', '0.9', '1', '95%'))}" if name == "percentile" else ""
                )
                # A `where` may follow any argument.
                early = bool(share) and dice.chance(2)
                text = f"{inner.text}{where}{share}" if early else f"{inner.text}{share}{where}"
                if " at " in where and early:
                    return None
                return Piece(f"{name}({text})", "float", ATOM, 0, 10**6, stable=firm, dyadic=False)

    def bare(self) -> Piece:
        """Return an aggregate of every row."""
        inner = self.any_of(("integer", "decimal", "float"), full=True)
        if inner is None or self.dice.chance(2):
            return Piece(f"count({self.home})", "integer", ATOM, 0, MOST_ROWS)
        return replace(inner, text=f"sum({inner.text})", bound=inner.bound * MOST_ROWS)

    def word(self) -> Piece | None:
        """Return an aggregate that gives a text or a day."""
        dice = self.dice
        kind = dice.pick(("text", "text", "date", "date", "timestamp", "boolean"))
        if kind == "boolean":
            return self._end_of_boolean()
        inner = self.text() if kind == "text" else self.any_of((kind,), full=True)
        if inner is None:
            return None
        if kind == "date" and "units" in self.features and dice.chance(3):
            inner = self.amounts.moved(dice.pick(("date", "timestamp"))) or inner
            kind = inner.kind
        if kind == "date" and "time functions" in self.features and dice.chance(2):
            grain = dice.pick(("week", "month", "quarter", "year", "fiscal_year"))
            inner = inner.named(f"date_trunc({grain}, {inner.text})")
        where = f" where {self.condition(0).text}" if dice.chance(3) else ""
        words = ("first", "last") if "first" in self.features and self.timed and dice.chance(2) else ()
        return inner.named(f"{dice.pick(words or ('min', 'max'))}({inner.text}{where})")

    def _end_of_boolean(self) -> Piece | None:
        inner = self.any_of(("boolean",), full=True)
        if inner is None or "first" not in self.features or not self.timed:
            return None
        return inner.named(f"{self.dice.pick(('first', 'last'))}({inner.text})")

    def timed_kpi(self) -> tuple[str, str] | None:
        """Return a formula that gives an amount of time, and a unit for its KPI."""
        fresh = [f for f in ("median", "first", "last") if f in self.features]
        if not self.timed:
            fresh = fresh[:1]
        where = f" where {self.condition(1).text}" if self.dice.chance(3) else ""
        return self.amounts.kpi(("sum", "avg", "min", "max", *fresh), where)


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
