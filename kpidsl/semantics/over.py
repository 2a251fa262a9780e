"""Row expressions as they are seen over a join path: null where the partner is missing."""

from __future__ import annotations

from dataclasses import replace

from kpidsl.semantics.bound import BROKEN, Apply, Bound, Derived, Partner, RowColumn, RowSequence
from kpidsl.semantics.functions import FUNCTIONS, OPERATORS
from kpidsl.semantics.paths import Path


def over(path: Path, value: Bound) -> Bound:
    """Return a dataset's row expression as seen over a join path: null where the partner is missing."""
    if not path or value is BROKEN:
        return value
    there = moved(path, value)
    return there if _is_strict(there) else Partner(path, there, there.type, there.unit)


def moved(path: Path, value: Bound) -> Bound:
    """Return a row expression with a path put before each of its own."""
    match value:
        case RowColumn(path=own) | Derived(path=own):
            return replace(value, path=(*path, *own))
        case Partner(path=own, value=inner):
            return replace(value, path=(*path, *own), value=moved(path, inner))
        case Apply(args=args):
            return replace(value, args=tuple(moved(path, arg) for arg in args))
        case RowSequence(keys=keys, time=time, own=own_key):
            return replace(
                value,
                keys=tuple(moved(path, key) for key in keys),
                time=moved(path, time),
                own=tuple(moved(path, part) for part in own_key),
            )
        case _:
            return value


def _is_strict(value: Bound) -> bool:
    """Tell whether the value is null as soon as the columns it reads are."""
    match value:
        case RowColumn() | Derived() | Partner():
            return True
        case Apply(op=op, args=args):
            function = OPERATORS.get(op) or FUNCTIONS[op]
            return function.is_strict and any(map(_is_strict, args))
        case _:
            return False
