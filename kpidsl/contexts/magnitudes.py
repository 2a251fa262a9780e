"""How large the exact numbers of a formula can be, by the digits that are declared of the columns.

    amount: decimal(18,2)                     at most 10^18 - 1 cents
    amount - discount                         at most twice as much
    (amount - discount) * rate                the product of both
    sum(amount)                               as much for each row that is added up

Nobody's type says this: a type counts digits, and one digit more for each step. An engine that cuts a result
of too many digits goes by types; where its largest value has fewer, an operand may be cast to these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from kpidsl.contexts.leaves import AnyLeaf, EntityLeaf, Leaf, LeafValue, LevelValue, Operation
from kpidsl.model.types import INTEGERS, Kind, Type
from kpidsl.semantics.bound import Apply, Bound, Constant, Derived, Grain, Partner

Value = Bound | LeafValue | LevelValue | Operation


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest absolute value that an exact number can have: so many units of its last digit."""

    units: int
    scale: int

    @property
    def digits(self) -> int:
        """Return the digits of a decimal that holds it, those after the point included."""
        return max(len(str(self.units)), self.scale, 1)

    def at(self, scale: int) -> int:
        """Return it in units of a digit that is no earlier than its last."""
        return self.units * int(10 ** (scale - self.scale))


Atoms = Callable[[Value], Largest | None]
"""What is known of an atom beyond its type; None: nothing."""


def by_type(type: Type) -> Largest | None:
    """Return the largest value of a type, or None of one whose values are not exact numbers."""
    match type.kind:
        case Kind.INTEGER:
            return Largest(-INTEGERS[0], 0)
        case Kind.DECIMAL:
            return Largest(10**type.precision - 1, type.scale)
        case _:
            return None


def largest(value: Value, rows: int, known: Atoms) -> Largest | None:
    """Return the largest value of an expression, where so many rows are added up at most; None: not exact."""
    match value:
        case Constant(value=int() | Decimal() as number) if not isinstance(number, bool):
            return _of_number(Decimal(number))
        case Partner(value=inner):
            return largest(inner, rows, known)
        case Derived(form=form, type=type, digits=digits):
            found = form.aggregate
            return _said(_aggregated(found.function, found.argument, type, rows, known), digits, type)
        case Apply(op=op, args=args, type=type, digits=digits):
            return _said(_applied(op, args, type, rows, known), digits, type)
        case Operation(op=op, args=args, type=type):
            return _applied(op, args, type, rows, known)
        case _:
            return known(value) or by_type(value.type)


def largest_of_leaf(leaf: AnyLeaf, rows: int) -> Largest | None:
    """Return the largest value of a leaf, where so many rows, or entities, are added up at most."""
    if isinstance(leaf, Leaf):
        return _aggregated(leaf.function, leaf.argument, leaf.type, rows, _nothing)
    if leaf.function == "sum" and leaf.value is not None:
        return _over_entities(leaf.value, leaf, rows)
    return _aggregated(leaf.function, leaf.value, leaf.type, rows, leaf_values(leaf.inner, rows))


def leaf_values(leaves: Sequence[AnyLeaf], rows: int) -> Atoms:
    """Return what tells the largest value of leaves in arithmetic over them."""

    def known(value: Value) -> Largest | None:
        return largest_of_leaf(leaves[value.index], rows) if isinstance(value, LeafValue) else None

    return known


def product(left: Largest, right: Largest) -> Largest:
    return Largest(left.units * right.units, left.scale + right.scale)


def total(left: Largest, right: Largest) -> Largest:
    """Return the largest sum, or difference, of two numbers."""
    scale = max(left.scale, right.scale)
    return Largest(left.at(scale) + right.at(scale), scale)


def summed(one: Largest, rows: int) -> Largest:
    """Return the largest sum over so many rows."""
    return Largest(one.units * rows, one.scale)


def _over_entities(value: Value, leaf: EntityLeaf, rows: int) -> Largest | None:
    """Return the largest sum of a value over entities: what is added up of rows has each row once together.

    sum(sum(orders.amount) per customer)     no more than the sum of all orders
    """
    match value:
        case LeafValue(index=index) if _has_each_row_once(leaf.inner[index], leaf):
            return largest_of_leaf(leaf.inner[index], rows)
        case Operation(op="+" | "-" | "least" | "greatest" | "coalesce" | "case" as op, args=args):
            # It is no larger than the sum of its parts; what is no exact number among them is a null.
            of_value = (*args[1:-1:2], args[-1]) if op == "case" else args
            parts = [part for arg in of_value if (part := _over_entities(arg, leaf, rows)) is not None]
            return reduce(total, parts) if parts and value.type.is_exact else None
        case _:
            one = largest(value, rows, leaf_values(leaf.inner, rows))
            return None if one is None else summed(one, rows)


def _has_each_row_once(inner: AnyLeaf, leaf: EntityLeaf) -> bool:
    """Tell whether a row is in the value of one entity alone, not in those of several buckets or groups."""
    if not isinstance(inner, Leaf) or inner.function not in ("sum", "count") or leaf.buckets is not None:
        return False
    is_full = len(inner.keys) == len(leaf.keys) + len(leaf.added)
    return is_full and not any(isinstance(key.member, Grain) for key in leaf.added)


def _nothing(_: Value) -> None:
    return None


def _of_number(number: Decimal) -> Largest:
    _, digits, exponent = number.as_tuple()
    scale = max(0, -int(exponent))
    return Largest(int("".join(map(str, digits))) * 10 ** max(0, int(exponent)), scale)


def _aggregated(function: str, argument: Value | None, type: Type, rows: int, known: Atoms) -> Largest | None:
    match function:
        case "count" | "count_distinct" | "row_number":
            return Largest(rows, 0)
        case "sum" | "min" | "max" | "first" | "last" | "lag" | "lead" if argument is not None:
            one = largest(argument, rows, known)
            return summed(one, rows) if one is not None and function == "sum" else one
        case _:
            return by_type(type)


def _said(found: Largest | None, digits: int | None, type: Type) -> Largest | None:
    """Return the largest value of what is said to have so many digits."""
    if found is None or digits is None:
        return found
    said = Largest(10**digits - 1, type.scale)
    scale = max(found.scale, said.scale)
    return found if found.at(scale) <= said.at(scale) else said


def _applied(op: str, args: Sequence[Value], type: Type, rows: int, known: Atoms) -> Largest | None:
    if not type.is_exact:
        return None
    parts = [found for arg in args if (found := largest(arg, rows, known)) is not None]
    match op:
        case "*" if len(parts) == 2:
            return product(*parts)
        case "+" | "-" if len(parts) == 2:
            return total(*parts)
        case "as_type" if parts and type.kind is Kind.DECIMAL:
            return _said(parts[0], type.precision, type)
        case "negative" | "abs" | "as_type" if parts:
            return parts[0]
        case "case":
            results = (*args[1:-1:2], args[-1])
            return _greatest([one for arg in results if (one := largest(arg, rows, known)) is not None])
        case "coalesce" | "least" | "greatest":
            return _greatest(parts)
        case "nullif":
            return largest(args[0], rows, known)
        case _:
            return by_type(type)


def _greatest(parts: Sequence[Largest]) -> Largest | None:
    """Return the greatest of what an exact number may be; what is not one of them is a null."""
    if not parts:
        return None
    scale = max(part.scale for part in parts)
    return Largest(max(part.at(scale) for part in parts), scale)
