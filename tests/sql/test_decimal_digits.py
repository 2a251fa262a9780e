"""Arithmetic on decimals where an engine gives results a type by the operands' types: it loses no digit.

An engine is told by what it does with types: each result is rounded to the digits that its type has, and a
value that does not fit is an error. Formulas and values are drawn; what is computed so must be the exact number.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal

import pytest

from kpidsl.contexts.leaves import EntityLeaf, Key, Leaf, LeafValue, Operation
from kpidsl.contexts.magnitudes import Largest, by_type, largest, largest_of_leaf, summed
from kpidsl.model.types import INTEGER, NULL, TEXT, Type, decimal
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, PathMember, RowColumn
from kpidsl.semantics.functions import OPERATORS, common, number_type
from kpidsl.source import SourceFile, Span
from kpidsl.sql.decimal_digits import (
    DIGITS_OF_EXASOL,
    Digits,
    Fitted,
    Room,
    Value,
    fitted,
    on_doris,
    on_exasol,
    on_hive,
    on_spark,
    on_sql_server,
    too_long_a_sum,
)

EXACT = Context(prec=400)
ROOMS = {
    "SQL Server": Room(on_sql_server, fails=True),
    "Databricks": Room(on_spark, fails=True),
    "Hive": Room(on_hive, computed_integers=38),
    "Doris": Room(on_doris, computed_integers=38),
    "Exasol": Room(on_exasol, DIGITS_OF_EXASOL, fails=True, has_silent_sums=True),
}
TYPES = ((4, 0), (12, 2), (18, 2), (18, 8), (9, 9), (22, 10), (26, 14), (30, 2), (38, 0), (38, 10), (38, 38))
CONSTANTS = ("1", "0.5", "1.05", "-0.0001", "12345678901234567890", "100")
SPAN = Span(SourceFile("test", "x"), 0, 1)


def column(name: str, type: Type) -> RowColumn:
    return RowColumn((), "t", name, type)


def constant(text: str) -> Constant:
    value = Decimal(text)
    whole = int(text) if value == value.to_integral_value() else None
    return Constant(value if whole is None else whole, number_type(value if whole is None else whole))


def drawn(chance: random.Random, depth: int) -> Bound:
    """Return a formula over columns of some types; a column of a formula may say that it has fewer digits."""
    if depth == 0 or chance.random() < 0.15:
        if chance.random() < 0.25:
            return constant(chance.choice(CONSTANTS))
        type = decimal(*chance.choice(TYPES))
        return column(f"c{chance.randrange(3)}_{type.precision}_{type.scale}", type)
    kind = chance.choice("++--****cns")
    parts = [drawn(chance, depth - 1) for _ in range(2)]
    types = [part.type for part in parts]
    if kind == "n":
        return Apply("negative", (parts[0],), types[0])
    if kind == "s" and parts[0].type.precision > parts[0].type.scale + 2:
        said = parts[0].type.precision - 1
        return Apply("negative", (parts[0],), parts[0].type, digits=said)
    if kind in "cs":
        found = common(types)
        assert found is not None
        return Apply("coalesce", tuple(parts), found)
    found = OPERATORS[kind].typing(types)
    return parts[0] if found is None else Apply(kind, tuple(parts), found)


def columns_of(value: Bound) -> set[RowColumn]:
    if isinstance(value, RowColumn):
        return {value}
    return set().union(*map(columns_of, value.args)) if isinstance(value, Apply) else set()


class OutOfRangeError(Exception):
    """A column of a formula has more digits than it says that it has."""


def exact(value: Bound, row: Mapping[RowColumn, Decimal]) -> Decimal:
    match value:
        case RowColumn():
            return row[value]
        case Constant(value=number):
            assert isinstance(number, int | Decimal)
            return Decimal(number)
        case Apply(op=op, args=args, digits=digits):
            parts = [exact(arg, row) for arg in args]
            if digits is not None and parts[0].copy_abs() >= Decimal(10) ** (digits - value.type.scale):
                raise OutOfRangeError
            match op:
                case "+":
                    return EXACT.add(*parts)
                case "-":
                    return EXACT.subtract(*parts)
                case "*":
                    return EXACT.multiply(*parts)
                case "negative":
                    return EXACT.minus(parts[0])
                case _:
                    return parts[0]
    raise AssertionError(value)


@dataclass(frozen=True, slots=True)
class Engine:
    """Computes as an engine does that holds each result in the type that it gives it."""

    room: Room
    row: Mapping[RowColumn, Decimal]

    def size(self, value: Value) -> Largest | None:
        return largest(value, self.room.rows, lambda _: None)

    def holds(self, number: Decimal, digits: Digits) -> Decimal:
        rounded = EXACT.quantize(number, Decimal(1).scaleb(-digits[1]))
        assert rounded.copy_abs() < Decimal(10) ** (digits[0] - digits[1]), "it does not fit"
        return rounded

    def computed(self, value: Bound) -> tuple[Decimal, Digits] | None:
        """Return a formula's number and its type's digits, or None where it is refused."""
        if not isinstance(value, Apply):
            number = exact(value, self.row)
            if isinstance(value, Constant):
                _, digits, exponent = number.as_tuple()
                scale = max(0, -int(exponent))
                return number, (max(len(digits), scale, 1 if scale else 10), scale)
            return number, (value.type.precision, value.type.scale)
        parts = []
        for arg in value.args:
            part = self.computed(arg)
            if part is None:
                return None
            parts.append(part)
        if value.op in "+-*":
            how = fitted(value.op, value.args, self.room, self.size)
            if isinstance(how, str):
                return None
            left, right = parts
            if how is None:
                number = exact(Apply(value.op, value.args, value.type), self.row)
                return number, (20, 0)
            sides = [
                part if digits is None else (self.holds(part[0], digits), digits)
                for part, digits in zip((left, right), how.casts, strict=True)
            ]
            assert self.room.result is not None
            digits = self.room.result(value.op, sides[0][1], sides[1][1])
            compute = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply}[value.op]
            found = compute(sides[0][0], sides[1][0])
            if self.room.fails and found.copy_abs() >= Decimal(10) ** (digits[0] - digits[1]):
                return None
            return self.holds(found, digits), digits
        number, (digits, scale) = parts[0]
        if value.op == "negative":
            return EXACT.minus(number), (digits, scale)
        if value.op == "coalesce":
            # The engine's own type of several: as many as each needs on either side of the point.
            scale = max(after for _, (_, after) in parts)
            whole = max(count - after for _, (count, after) in parts)
            digits = min(self.room.most, whole + scale)
            if number.copy_abs() >= Decimal(10) ** (digits - scale):
                return None
        return number, (digits, scale)


def values_of(chance: random.Random, columns: set[RowColumn]) -> dict[RowColumn, Decimal]:
    """Return a value for each column: the largest that its type has, or any."""
    row = {}
    for one in sorted(columns, key=lambda c: c.column):
        most = 10**one.type.precision - 1
        units = chance.choice([most, -most, chance.randint(-most, most), 1, 0])
        row[one] = Decimal(units).scaleb(-one.type.scale, EXACT)
    return row


@pytest.mark.parametrize("name", ROOMS)
def test_what_is_computed_is_the_exact_number(name: str) -> None:
    room, chance = ROOMS[name], random.Random(name)
    computed = cast = 0
    for _ in range(6000):
        formula = drawn(chance, chance.choice((1, 2, 3)))
        row = values_of(chance, columns_of(formula))
        try:
            due = exact(formula, row)
        except OutOfRangeError:
            continue
        found = Engine(room, row).computed(formula)
        if found is None or not isinstance(formula, Apply) or formula.op not in "+-*":
            continue
        assert found[0] == due, formula
        how = fitted(formula.op, formula.args, room, Engine(room, row).size)
        computed += 1
        cast += isinstance(how, Fitted) and how.casts != (None, None)
    assert computed > 300
    assert cast > 20


def test_no_value_is_larger_than_the_largest() -> None:
    chance = random.Random(7)
    reached = 0
    for _ in range(3000):
        formula = drawn(chance, 3)
        row = values_of(chance, columns_of(formula))
        try:
            due = exact(formula, row)
        except OutOfRangeError:
            continue
        size = largest(formula, 10**10, lambda _: None)
        assert size is not None
        bound = Decimal(size.units).scaleb(-size.scale, EXACT)
        assert due.copy_abs() <= bound, formula
        reached += due.copy_abs() == bound
    assert reached > 300


@pytest.mark.parametrize(
    ("formula", "units", "scale", "digits"),
    [
        # 18 digits, of which two stand after the point, are 999,999,999,999,999,999 cents.
        (column("a", decimal(18, 2)), 10**18 - 1, 2, 18),
        (column("n", INTEGER), 2**63, 0, 19),
        (constant("0.0050"), 50, 4, 4),
        (constant("-12"), 12, 0, 2),
        (Apply("-", (column("a", decimal(4, 2)), column("n", decimal(3, 0))), decimal(6, 2)), 109899, 2, 6),
        (Apply("*", (column("a", decimal(2, 1)), column("b", decimal(2, 1))), decimal(4, 2)), 9801, 2, 4),
        (Apply("abs", (column("a", decimal(9, 2)),), decimal(9, 2), digits=5), 99999, 2, 5),
        (Apply("abs", (column("a", decimal(3, 1)),), decimal(9, 2), digits=5), 999, 1, 3),
        (Apply("as_type", (column("a", decimal(3, 0)),), decimal(20, 2)), 999, 0, 3),
        (Apply("coalesce", (column("a", decimal(4, 2)), constant("0")), decimal(21, 2)), 9999, 2, 4),
        (Apply("nullif", (column("a", decimal(4, 2)), constant("777777")), decimal(4, 2)), 9999, 2, 4),
        (
            Apply("case", (constant("1"), constant("1"), column("a", decimal(4, 2))), decimal(21, 2)),
            9999,
            2,
            4,
        ),
        (Apply("case", (constant("1"), constant("7"), Constant(None, NULL)), INTEGER), 7, 0, 1),
    ],
)
def test_largest_values(formula: Bound, units: int, scale: int, digits: int) -> None:
    assert largest(formula, 10**10, lambda _: None) == Largest(units, scale)
    assert Largest(units, scale).digits == digits


def leaf(function: str, argument: Bound | None, type: Type) -> Leaf:
    return Leaf(function, "t", argument, (), (), (), False, type, None, SPAN)


@pytest.mark.parametrize(
    ("found", "units", "scale"),
    [
        (leaf("sum", column("a", decimal(4, 2)), decimal(38, 2)), 9999 * 10**10, 2),
        (leaf("max", column("a", decimal(4, 2)), decimal(4, 2)), 9999, 2),
        (leaf("count", None, INTEGER), 10**10, 0),
    ],
)
def test_largest_values_of_leaves(found: Leaf, units: int, scale: int) -> None:
    assert largest_of_leaf(found, 10**10) == Largest(units, scale)
    product = Operation("*", (LeafValue(0, found.type), constant("3")), decimal(38, scale))
    known = largest(product, 10**10, lambda _: largest_of_leaf(found, 10**10))
    assert known == Largest(3 * units, scale)


def test_what_is_no_exact_number_has_no_largest_value() -> None:
    assert by_type(NULL) is None
    assert fitted("*", (column("a", decimal(4, 2)), Constant(0.5, number_type(0.5))), Room(), by_room) is None


def by_room(value: Value) -> Largest | None:
    return largest(value, 10**10, lambda _: None)


@pytest.mark.parametrize(
    ("type", "room", "told"),
    [
        (decimal(28, 10), Room(), None),
        (decimal(29, 10), Room(), "over many rows it may have 39 digits, and 38 are kept"),
        (decimal(19, 2), Room(most=28, rows=10**9), None),
        (decimal(38, 10), Room(on_spark, fails=True), None),
        (
            decimal(33, 31),
            Room(most=65, most_after=30),
            "may have 31 digits after the point, and 30 are kept",
        ),
    ],
)
def test_sums_that_may_be_too_long(type: Type, room: Room, told: str | None) -> None:
    one = by_type(type)
    assert one is not None
    found = too_long_a_sum(summed(one, room.rows), room)
    assert found is None if told is None else told in str(found)


NAME = Key(PathMember("t", (), "name"), column("name", TEXT))
MONTH = Key(Grain("month"), column("at", TEXT))
SUM_OF_EACH = LeafValue(0, decimal(38, 2))
LESS_OF_EACH = Operation("least", (SUM_OF_EACH, constant("500")), decimal(38, 2))
NULL_OR_SUM = Operation(
    "case",
    (constant("1"), Constant(None, NULL), Operation("-", (SUM_OF_EACH, SUM_OF_EACH), decimal(38, 2))),
    decimal(38, 2),
)
ALL_ROWS = 9999 * 10**10


@pytest.mark.parametrize(
    ("value", "added", "keys", "units"),
    [
        # Each row is one entity's: together they are all rows.
        (SUM_OF_EACH, NAME, (NAME,), ALL_ROWS),
        (NULL_OR_SUM, NAME, (NAME,), 2 * ALL_ROWS),
        # Every entity has at most 500, and there are no more of them than rows.
        (LESS_OF_EACH, NAME, (NAME,), ALL_ROWS + 50_000 * 10**10),
        # The same sum for each entity, and a row in the windows of several months.
        (SUM_OF_EACH, NAME, (), ALL_ROWS * 10**10),
        (SUM_OF_EACH, MONTH, (MONTH,), ALL_ROWS * 10**10),
    ],
)
def test_largest_sums_over_entities(
    value: Operation | LeafValue, added: Key, keys: tuple[Key, ...], units: int
) -> None:
    orders = replace(leaf("sum", column("a", decimal(4, 2)), decimal(38, 2)), keys=keys)
    over = EntityLeaf(
        function="sum",
        inner=(orders,),
        value=value,
        others=(),
        keys=(),
        added=(added,),
        tested=(),
        buckets=None,
        among=None,
        is_gathered=False,
        empty_is_null=False,
        makes_rows=True,
        is_elsewhere=False,
        type=value.type,
        metric=None,
        span=SPAN,
    )
    assert largest_of_leaf(over, 10**10) == Largest(units, 2)
