"""Products and sums that an engine would hold in too few bits.

DuckDB multiplies and adds 32-bit integers in 32 bits, and multiplies two decimals of up to 18 digits in 18
digits: it then refuses a result that the language's 64 bits or 38 digits hold. Such a product is made wider
by a factor of 1 of a wide type, a sum of integers by a 0. A cast of the column itself would round one that is
not what it was declared to be.

The language's type says little of the engine's: `case when paid then 1 else rate end` of a `decimal(18,8)`
has 27 digits in the language, since an integer has 19, and 18 in DuckDB, which sees a 1. So a value is taken
to be wide only where it surely is, and a product to fit only where the largest of its values do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from kpidsl.contexts.leaves import AnyLeaf, Leaf, LeafValue, LevelValue, Operation
from kpidsl.contexts.magnitudes import Largest, largest, product, total
from kpidsl.model.types import Kind, Type
from kpidsl.semantics.bound import Apply, Bound, Constant, Derived, KeyValue, Partner, ResultValue, RowColumn
from kpidsl.sql.dialects import Dialect

Value = Bound | LeafValue | LevelValue | Operation

_ROWS = 10**10
_INTEGER = Largest(2**31, 0)
"""An integer that is not wide has 32 bits."""
_WIDE = 19
"""As many digits as no engine holds in 64 bits."""
_OF_ROWS = ("min", "max", "first", "last", "lag", "lead")
"""Aggregates that give the value of some row, as wide as it is."""


@dataclass(frozen=True, slots=True)
class Widths:
    """How wide an engine holds values.

    `narrow` are the operations on integers whose results it holds in as few bits as what goes in. `leaf_of`
    tells which leaf's value an atom is, and `is_declared` whether columns are a table's, which are as wide as
    they are declared.
    """

    dialect: Dialect
    narrow: frozenset[str]
    leaf_of: Callable[[Value], AnyLeaf | None]
    is_declared: bool

    def widening(self, op: str, args: Sequence[Value], type: Type) -> str | None:
        """Return the type of the 1, or 0, that arithmetic needs as one more operand; None: it needs none."""
        dialect = self.dialect
        if op == "*" and dialect.wider_product is not None:
            return dialect.wider_product(type)
        if type.kind is Kind.INTEGER:
            if op not in self.narrow or any(map(self._is_wide, args)) or self._is_of_literals(op, args):
                return None
        elif type.kind is not Kind.DECIMAL or op not in dialect.narrow_decimals or self._has_room(op, args):
            return None
        if dialect.integers_wrap:
            return "decimal(38, 0)"
        return "bigint" if args[0].type.kind is Kind.INTEGER else f"decimal({_WIDE}, 0)"

    def narrow_beside(self, args: Sequence[Value]) -> int | None:
        """Return which of the decimals that are compared must be wide, since no side is; None: none must."""
        places = [place for place, arg in enumerate(args) if arg.type.kind is Kind.DECIMAL]
        columns = [place for place in places if not isinstance(args[place], Constant)]
        has_wide_literal = len(columns) < len(places) and not self.dialect.has_decimal_literals
        if not columns or has_wide_literal or any(self._is_wide(args[place]) for place in columns):
            return None
        sizes = [size for arg in args if (size := largest(arg, _ROWS, lambda _: None)) is not None]
        needed = max(size.digits - size.scale for size in sizes) + max(size.scale for size in sizes)
        return columns[0] if needed > self.dialect.narrow_digits_compared else None

    def _has_room(self, op: str, args: Sequence[Value]) -> bool:
        """Tell whether arithmetic on decimals has room: beside one that is wide, or for a small result."""
        return any(map(self._is_wide, args)) or self._is_small(op, args)

    def _is_small(self, op: str, args: Sequence[Value]) -> bool:
        left, right = (largest(arg, _ROWS, self._largest_atom) for arg in args)
        if left is None or right is None:
            return False
        found = product(left, right) if op == "*" else total(left, right)
        return found.digits <= self.dialect.narrow_digits

    def _is_of_literals(self, op: str, args: Sequence[Value]) -> bool:
        """Tell whether integers are literals with a small result: no engine has less than 32 bits for it."""
        if self.dialect.integers_wrap or not all(map(_is_literal, args)):
            return False
        left, right = (largest(arg, _ROWS, self._largest_atom) for arg in args)
        if left is None or right is None:
            return False
        return (product(left, right) if op == "*" else total(left, right)).units < 2**31

    def _largest_atom(self, atom: Value) -> Largest | None:
        return _INTEGER if atom.type.kind is Kind.INTEGER and not isinstance(atom, Constant) else None

    def _is_wide(self, value: Value) -> bool:
        """Tell whether an exact number surely has more than 32 bits, or 18 digits, in the engine."""
        if _is_literal(value):
            return False
        if value.type.kind is Kind.INTEGER:
            return not self._has_narrow(value)
        return sum(self._digits(value)) >= _WIDE

    def _digits(self, value: Value) -> tuple[int, int]:
        """Return how many digits a value has in the engine at least, before the point and after it."""
        type = value.type
        by_type = (type.precision - type.scale, type.scale) if type.kind is Kind.DECIMAL else (0, 0)
        if type.kind is Kind.INTEGER:
            return (_WIDE, 0) if self._is_wide(value) else (0, 0)
        match value:
            case Constant():
                return by_type
            case RowColumn():
                return by_type if self.is_declared else (0, 0)
            case ResultValue():
                return by_type
            case Partner(value=inner):
                return self._digits(inner)
            case Derived(form=form):
                return self._aggregated(form.aggregate.function, form.aggregate.argument, by_type)
            case LeafValue():
                leaf = self.leaf_of(value)
                return (0, 0) if leaf is None else self._of_leaf(leaf, by_type)
            case Apply(op=op, args=args) | Operation(op=op, args=args):
                return self._applied(op, args, type, by_type)
            case _:
                return 0, 0

    def _of_leaf(self, leaf: AnyLeaf, by_type: tuple[int, int]) -> tuple[int, int]:
        if isinstance(leaf, Leaf):
            return replace(self, is_declared=True)._aggregated(leaf.function, leaf.argument, by_type)
        of_values = replace(self, leaf_of=partial(_inner, leaf.inner))
        return of_values._aggregated(leaf.function, leaf.value, by_type)

    def _aggregated(self, function: str, argument: Value | None, by_type: tuple[int, int]) -> tuple[int, int]:
        if function == "sum":
            return by_type
        return self._digits(argument) if function in _OF_ROWS and argument is not None else (0, 0)

    def _applied(
        self, op: str, args: Sequence[Value], type: Type, by_type: tuple[int, int]
    ) -> tuple[int, int]:
        match op:
            case "round":
                return by_type
            case "floor" | "ceil":
                return sum(self._digits(args[0])), 0
            case "negative" | "abs" | "nullif":
                return self._digits(args[0])
            case "as_type" | "case" | "coalesce" | "least" | "greatest":
                # What has other digits after the point is cast to the type; see `as_one_of`.
                parts = (*args[1:-1:2], args[-1]) if op == "case" else args
                cast = any(not isinstance(p, Constant) and _is_cast(p.type, type) for p in parts)
                return by_type if cast else _both(map(self._digits, parts))
            case "*" | "+" | "-" if op in self.dialect.narrow_decimals:
                is_wide = any(map(self._is_wide, args)) or not self._is_small(op, args)
                return (_WIDE, type.scale) if is_wide else (0, 0)
            case "*":
                return by_type
            case "+" | "-":
                whole, scale = _both(map(self._digits, args))
                return whole + 1, scale
            case _:
                return 0, 0

    def _has_narrow(self, value: Value) -> bool:
        match value:
            case Constant():
                # Literals fit beside what is wide.
                return False
            case Apply(op=op) | Operation(op=op) if op in self.narrow:
                # It has been made wide already.
                return False
            case Apply(args=args) | Operation(args=args):
                return any(map(self._has_narrow, args))
            case LeafValue():
                leaf = self.leaf_of(value)
                is_of_a_row = leaf is not None and leaf.function in _OF_ROWS
                return self.dialect.integers_wrap or is_of_a_row
            case LevelValue() | KeyValue():
                return self.dialect.integers_wrap
            case _:
                return True


def _is_literal(value: Value) -> bool:
    """Tell whether a value is made of constants alone."""
    match value:
        case Constant():
            return True
        case Apply(args=args) | Operation(args=args):
            return all(map(_is_literal, args))
        case _:
            return False


def _is_cast(found: Type, due: Type) -> bool:
    """Tell whether a value is cast where several of one type meet."""
    return found.kind is Kind.INTEGER or (found.kind is Kind.DECIMAL and found.scale != due.scale)


def _both(parts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the digits of a type that has room for several values, before the point and after it."""
    whole, scale = zip(*parts, strict=True)
    return max(whole), max(scale)


def _inner(leaves: Sequence[AnyLeaf], value: Value) -> AnyLeaf | None:
    return leaves[value.index] if isinstance(value, LeafValue) else None
