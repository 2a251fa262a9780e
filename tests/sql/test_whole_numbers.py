"""Arithmetic of an engine that has 28 digits, of which the last are rounded away, and fails of whole numbers.

The engine is told by that alone. Formulas and values are drawn: what is computed is the exact number, or fails.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from sqlglot import exp

from kpidsl.contexts.magnitudes import Largest, by_type, largest, summed
from kpidsl.model.types import Type, decimal
from kpidsl.semantics.bound import Apply, Bound, Constant, RowColumn
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Fitted, Value, fitted, too_long_a_sum
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.nodes import Node
from kpidsl.sql.whole_numbers import added_up, as_whole, combined, with_point, with_whole_sums
from tests.sql.test_decimal_digits import EXACT, OutOfRangeError, columns_of, drawn, exact, values_of

RISINGWAVE = DIALECTS["risingwave"]
ROOM = RISINGWAVE.room
assert ROOM is not None
KINDS: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}


class OverflowsError(Exception):
    """A number has more than 28 digits before the point."""


def kept(number: Decimal) -> Decimal:
    """Return what the engine keeps of a number."""
    if number.copy_abs() >= Decimal(10) ** 28:
        raise OverflowsError
    whole = len(str(int(number.copy_abs()))) if number.copy_abs() >= 1 else 0
    rounded = EXACT.quantize(number, Decimal(1).scaleb(whole - 28))
    return rounded if rounded.copy_abs() < Decimal(10) ** 28 else kept(rounded)


def computed(node: Node, row: Mapping[str, Decimal]) -> Decimal:
    match node:
        case exp.Literal():
            return Decimal(node.name)
        case exp.Column():
            return row[node.name]
        case exp.Paren():
            return computed(node.this, row)
        case exp.Neg():
            return -computed(node.this, row)
        case exp.Binary():
            compute = {exp.Add: EXACT.add, exp.Sub: EXACT.subtract, exp.Mul: EXACT.multiply}[type(node)]
            return kept(compute(computed(node.this, row), computed(node.expression, row)))
    raise AssertionError(node)


def size(value: Value) -> Largest | None:
    return largest(value, ROOM.rows, lambda _: None)


def written(value: Bound) -> Node | None:
    """Return a formula's SQL, or None where it is refused."""
    match value:
        case RowColumn():
            return nodes.column("t", value.column)
        case Constant(value=int() | Decimal() as number):
            literal = exp.Literal.number(str(abs(number)))
            return literal if number >= 0 else exp.Neg(this=literal)
        case Apply(op="+" | "-" | "*" as op, args=args):
            left, right = map(written, args)
            how = fitted(op, args, ROOM, size)
            if isinstance(how, str) or left is None or right is None:
                return None
            return combined(KINDS[op], left, right, (0, 0) if how is None else how.shifts)
        case Apply(op="negative", args=(arg,)):
            inner = written(arg)
            return None if inner is None else exp.Neg(this=nodes.atom(inner))
        case Apply(args=(first, *_)):
            return written(first)
    raise AssertionError(value)


def test_what_is_computed_is_exact_or_fails() -> None:
    chance = random.Random("whole numbers")
    found = shifted = failed = 0
    for _ in range(6000):
        formula = drawn(chance, chance.choice((1, 2, 3)))
        columns = columns_of(formula)
        if any(column.type.precision > ROOM.most for column in columns):
            continue
        row = values_of(chance, columns)
        node = written(formula)
        try:
            due = exact(formula, row)
        except OutOfRangeError:
            continue
        if node is None or not isinstance(formula, Apply) or formula.op not in KINDS:
            continue
        how = fitted(formula.op, formula.args, ROOM, size)
        try:
            number = computed(node, {column.column: value for column, value in row.items()})
        except OverflowsError:
            failed += 1
            continue
        assert number == due, formula
        found += 1
        shifted += isinstance(how, Fitted) and how.shifts != (0, 0)
    assert (found > 500, shifted > 50, failed > 50) == (True, True, True), (found, shifted, failed)


def added(tree: Node, rows: Sequence[Decimal]) -> Decimal:
    """Return what a sum over rows is, with what is done with it afterwards."""
    (total,) = tree.find_all(exp.Sum)
    so_far = Decimal(0)
    for value in rows:
        so_far = kept(EXACT.add(so_far, computed(total.this, {"x": value})))
    total.replace(nodes.column("t", "total"))
    return computed(tree.this, {"total": so_far})


@pytest.mark.parametrize("type", [decimal(28, 10), decimal(28, 4), decimal(28, 28), decimal(28, 0)])
def test_sums_are_exact_or_fail(type: Type) -> None:
    chance, known = random.Random(str(type)), by_type(type)
    assert known is not None
    due = summed(known, ROOM.rows)
    assert too_long_a_sum(due, ROOM) is None
    exact_ones = rounded = 0
    for _ in range(400):
        most = known.units if chance.random() < 0.2 else known.units // 10**3
        rows = [Decimal(chance.randint(-most, most)).scaleb(-known.scale, EXACT) for _ in range(9)]
        whole = Decimal(0)
        for value in rows:
            whole = EXACT.add(whole, value)
        tree = exp.Paren(this=exp.Sum(this=added_up(nodes.column("t", "x"), due, RISINGWAVE)))
        with_whole_sums(tree)
        try:
            assert added(tree, rows) == whole
            exact_ones += 1
        except OverflowsError:
            plain = exp.Paren(this=exp.Sum(this=nodes.column("t", "x")))
            rounded += bool(type.scale) and added(plain, rows) != whole
    assert exact_ones > 100
    assert rounded > 10 or not type.scale


def test_a_sum_with_too_many_digits_after_the_point_is_refused() -> None:
    # There is no number to put the point back by.
    due = Largest(10**40, 29)
    assert too_long_a_sum(due, ROOM) == "over many rows it may have 41 digits, and 28 are kept"


def test_the_point_is_put_back_outside_of_windows_and_conditions() -> None:
    due = Largest(10**40, 2)
    total = exp.Sum(this=added_up(nodes.column("t", "x"), due, RISINGWAVE))
    where = exp.Where(this=nodes.column("t", "is_new"))
    window = exp.Window(this=exp.Filter(this=total, expression=where), partition_by=[nodes.column("t", "a")])
    tree = exp.Select(expressions=[nodes.alias(nodes.binary(exp.Div, nodes.integer(1), window), "x")])
    with_whole_sums(tree)
    shown = "1 / (SUM(t.x * 100) FILTER(WHERE t.is_new) OVER (PARTITION BY t.a) * 0.01)"
    assert tree.sql("postgres") == f"SELECT {shown} AS x"


def test_what_is_put_back_and_taken_again_is_left_as_it_is() -> None:
    x = nodes.column("t", "x")
    assert as_whole(with_point(x, 3), 3) == x
    assert as_whole(with_point(x, 3), 2).sql() == "t.x * 0.001 * 100"
