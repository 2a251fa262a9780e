"""Row formulas over exact numbers at the ends of their types: the exact number, whatever the engine's widths.

Formulas and rows are drawn. What is due is worked out beside the formula in decimals of any length; a formula
is left out where some value in it has more digits than the language's types have.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from functools import partial
from pathlib import Path

import pytest

from kpidsl.model.types import INTEGER, MOST_DIGITS, Kind, Type, decimal
from kpidsl.semantics.functions import FUNCTIONS, OPERATORS, common, number_type
from tests import answers, servers

EXACT = Context(prec=400)
COLUMNS = {
    "a": decimal(18, 2),
    "r": decimal(18, 8),
    "s": decimal(7, 2),
    "x": decimal(5, 4),
    "w": decimal(22, 2),
    "v": decimal(12, 6),
    "h": decimal(9, 0),
    "i": INTEGER,
    "j": INTEGER,
    "l": INTEGER,
}
SHORTER = {"a": decimal(9, 2), "r": decimal(8, 4), "w": decimal(12, 2), "v": decimal(6, 3)}
"""Columns of an engine that has 64 bits for decimals."""
BITS = {"i": 31, "j": 31, "l": 63}
LITERALS = ("0", "1", "2", "100", "0.5", "1.05", "0.001", "1000000", "12345678901", "0.00000001")

Row = Mapping[str, Decimal]


class TooLargeError(Exception):
    """A value that no type of the language holds."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A formula's text, its type, and its value in a row."""

    text: str
    type: Type
    of: Callable[[Row], Decimal | None]


def held(value: Decimal | None, type: Type, digits: int) -> Decimal | None:
    if value is None:
        return None
    limit = Decimal(2**63) if type.kind is Kind.INTEGER else Decimal(10) ** (digits - type.scale)
    if value.copy_abs() >= limit:
        raise TooLargeError
    return value


def rounded(value: Decimal, digits: int) -> Decimal:
    shifted = EXACT.scaleb(value, digits)
    return EXACT.scaleb(shifted.quantize(Decimal(1), ROUND_HALF_UP, EXACT), -digits)


@dataclass(frozen=True, slots=True)
class Drawing:
    chance: random.Random
    columns: Mapping[str, Type]
    digits: int
    """The most digits that a decimal has."""

    def formula(self, depth: int) -> Drawn:
        if depth == 0 or self.chance.random() < 0.1:
            return self.literal() if self.chance.random() < 0.25 else self.column()
        op = self.chance.choice(
            ["+", "-", "*", "*", "*", "case", "case", "coalesce", "least", "greatest", "nullif", "of_one"]
        )
        if op == "of_one":
            return self.of_one(self.formula(depth - 1))
        return self.of_two(op, self.formula(depth - 1), self.formula(depth - 1))

    def literal(self) -> Drawn:
        text = self.chance.choice(LITERALS)
        value = Decimal(text)
        return Drawn(text, number_type(value if "." in text else int(text)), lambda _: value)

    def column(self) -> Drawn:
        name = self.chance.choice(list(self.columns))
        return Drawn(name, self.columns[name], lambda row: row[name])

    def of_one(self, x: Drawn) -> Drawn:
        op = self.chance.choice(["negative", "abs", "round", "floor", "ceil"])
        digits = self.chance.choice((0, 1, 2, -1))
        compute: Callable[[Decimal], Decimal] = {
            "negative": EXACT.minus,
            "abs": EXACT.abs,
            "round": partial(rounded, digits=digits),
            "floor": lambda value: value.to_integral_value(ROUND_FLOOR, EXACT),
            "ceil": lambda value: value.to_integral_value(ROUND_CEILING, EXACT),
        }[op]
        type = x.type if op == "negative" else FUNCTIONS[op].typing([x.type])
        assert type is not None
        text = {"negative": f"(-({x.text}))", "round": f"round({x.text}, {digits})"}.get(
            op, f"{op}({x.text})"
        )
        return self.held(text, type, lambda row: None if (value := x.of(row)) is None else compute(value))

    def of_two(self, op: str, x: Drawn, y: Drawn) -> Drawn:
        if op in "+-*":
            type = OPERATORS[op].typing([x.type, y.type])
            if type is None:
                return x
            compute = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply}[op]
            return self.held(f"({x.text} {op} {y.text})", type, partial(both, compute, x, y))
        type = common([x.type, y.type])
        assert type is not None
        match op:
            case "case":
                text = f"(case when k = 1 then {x.text} else {y.text} end)"
                return self.held(text, type, lambda row: x.of(row) if row["k"] == 1 else y.of(row))
            case "coalesce":
                return self.held(
                    f"coalesce({x.text}, {y.text})",
                    type,
                    lambda row: y.of(row) if (value := x.of(row)) is None else value,
                )
            case "nullif":
                return self.held(f"nullif({x.text}, {y.text})", x.type, partial(unless_equal, x, y))
            case _:
                extreme = {"least": min, "greatest": max}[op]
                return self.held(f"{op}({x.text}, {y.text})", type, partial(both, extreme, x, y))

    def held(self, text: str, type: Type, of: Callable[[Row], Decimal | None]) -> Drawn:
        return Drawn(text, type, lambda row: held(of(row), type, self.digits))

    def row(self, number: int) -> dict[str, Decimal]:
        """Return a row whose values are mostly the largest of their columns' types."""
        found = {"id": Decimal(number), "k": Decimal(number % 2)}
        for name, type in self.columns.items():
            most = 2 ** BITS[name] - 1 if name in BITS else 10**type.precision - 1
            units = self.chance.choice((most, most, -most, self.chance.randint(-most, most), 1, 0))
            found[name] = EXACT.scaleb(Decimal(units), -type.scale if name not in BITS else 0)
        return found


def both(compute: Callable[[Decimal, Decimal], Decimal], x: Drawn, y: Drawn, row: Row) -> Decimal | None:
    left, right = x.of(row), y.of(row)
    return None if left is None or right is None else compute(left, right)


def unless_equal(x: Drawn, y: Drawn, row: Row) -> Decimal | None:
    left, right = x.of(row), y.of(row)
    if left is not None and right is not None:
        # Both are in one type where they are compared, which is the longer of both sides of the point.
        scale = max(x.type.scale, y.type.scale)
        for value in (left, right):
            held(value, decimal(MOST_DIGITS, scale), MOST_DIGITS)
    return None if left is not None and left == right else left


def due_of(formula: Drawn, rows: list[dict[str, Decimal]], function: str, digits: int) -> Decimal | None:
    found = [value for row in rows if (value := formula.of(row)) is not None]
    if function == "max":
        return max(found, default=None)
    total = Decimal(0)
    for value in found:
        total = EXACT.add(total, value)
    return held(total, formula.type, digits)


@pytest.mark.parametrize("engine", [engine for engine in answers.ENGINES_HERE if engine in servers.USUAL])
def test_the_exact_number_is_due(engine: str, tmp_path: Path) -> None:
    is_short = engine == "sqlite"
    columns = COLUMNS | SHORTER if is_short else COLUMNS
    digits = 18 if is_short else MOST_DIGITS
    asked = 0
    for seed in range(6):
        drawing = Drawing(random.Random(seed), columns, digits)
        rows = [drawing.row(number) for number in range(1, 5)]
        if is_short:
            rows = [{**row, "l": Decimal(int(row["l"]) % 10**9)} for row in rows]
        types = {"id": INTEGER, "k": INTEGER, **columns}
        name = f"t{seed}"
        text = "".join(f"      {column}: {type}\n" for column, type in types.items())
        project = answers.checked(
            answers.write_project(
                tmp_path / name, "", f"datasets:\n  t:\n    table: {name}\n    key: id\n    columns:\n{text}"
            )
        )
        stored = [
            [int(row[c]) if type.kind is Kind.INTEGER else row[c] for c, type in types.items()]
            for row in rows
        ]
        with servers.ENGINES[engine].empty() as connection:
            connection.create_table((name,), list(types.items()), stored)
            if engine == "duckdb":
                for column in "ij":
                    connection.fetch(f"alter table {name} alter {column} type integer")
            for _ in range(30):
                formula, function = (
                    drawing.formula(drawing.chance.choice((1, 2, 3))),
                    drawing.chance.choice(("sum", "max")),
                )
                try:
                    due = due_of(formula, rows, function, digits)
                except TooLargeError:
                    continue
                kpi = f"z = {function}(case when t.id > 0 then {formula.text} end)"
                compiled, told = answers.ask(project, {"kpis": [kpi]}, engine)
                assert not told, kpi
                assert compiled is not None
                assert answers.answer(compiled, connection)[1] == [(due,)], (seed, kpi)
                asked += 1
    assert asked > 100
