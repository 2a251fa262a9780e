"""Arithmetic over leaves, looked through: which members it rests on, and the same over other leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpidsl.contexts.leaves import LeafValue, LevelValue, Operation, Scalar
from kpidsl.semantics.bound import Constant, KeyValue, Member


def members_in(value: Scalar) -> Iterator[Member]:
    """Yield the members whose values a value rests on."""
    match value:
        case KeyValue(member=member):
            yield member
        case Operation(args=args):
            for arg in args:
                yield from members_in(arg)
        case Constant() | LeafValue() | LevelValue():
            return


def with_values(value: Scalar, values: Mapping[int, Scalar]) -> Scalar:
    """Return a value over other leaves."""
    match value:
        case LeafValue(index=index):
            return values[index]
        case Operation(op=op, args=args, type=type):
            return Operation(op, tuple(with_values(arg, values) for arg in args), type)
        case _:
            return value
