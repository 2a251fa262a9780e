"""Products that an engine would hold in too few bits.

DuckDB multiplies 32-bit integers in 32 bits, and two decimals of up to 18 digits in 18 digits: it then
refuses a product that the language's 64 bits or 38 digits hold. Such a product is made wider by a factor
of 1 of a wide type, as PostgreSQL's sums of 32-bit integers are by a 0. A cast of the column itself would
round one that is not what it was declared to be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpidsl.contexts.leaves import LeafValue, LevelValue, Operation
from kpidsl.model.types import Kind, Type
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.sql.dialects import Dialect

Value = Bound | LeafValue | LevelValue | Operation


def widening(
    op: str, args: Sequence[Value], type: Type, dialect: Dialect, is_narrow: Callable[[Value], bool]
) -> str | None:
    """Return the type of the 1, or 0, that arithmetic needs as one more operand, or None where it needs none.

    `is_narrow` tells of an atom whether the engine may hold it in fewer bits than its type asks for.
    """
    if op == "*" and dialect.wider_product is not None:
        return dialect.wider_product(type)
    if op not in dialect.narrow or type.kind not in (Kind.INTEGER, Kind.DECIMAL):
        return None
    if type.kind is Kind.DECIMAL and not dialect.narrow_decimals:
        return None
    if any(_is_wide(arg, dialect, is_narrow) for arg in args):
        return None
    if type.kind is Kind.DECIMAL and sum(map(_digits, args)) <= dialect.narrow_digits:
        return None
    if dialect.integers_wrap:
        return "decimal(38, 0)"
    return "bigint" if args[0].type.kind is Kind.INTEGER else "decimal(19, 0)"


def _digits(value: Value) -> int:
    if isinstance(value, Constant) and isinstance(value.value, int):
        return len(str(abs(value.value)))
    # An integer that is not wide has 32 bits.
    return value.type.precision if value.type.kind is Kind.DECIMAL else 10


def _is_wide(value: Value, dialect: Dialect, is_narrow: Callable[[Value], bool]) -> bool:
    """Tell whether an exact number surely has more than 32 bits, or 18 digits, in the engine."""
    if isinstance(value, Constant):
        return False
    if value.type.kind is Kind.DECIMAL:
        return value.type.precision > max(18, dialect.narrow_digits)
    return not _has_narrow(value, dialect, is_narrow)


def _has_narrow(value: Value, dialect: Dialect, is_narrow: Callable[[Value], bool]) -> bool:
    match value:
        case Constant():
            # Literals fit beside what is wide.
            return False
        case Apply(op=op) | Operation(op=op) if op in dialect.narrow:
            # It has been made wide already.
            return False
        case Apply(args=args) | Operation(args=args):
            return any(_has_narrow(arg, dialect, is_narrow) for arg in args)
        case _:
            return dialect.integers_wrap or is_narrow(value)
