"""Levels: which groups of members a query's rows stand for, and how their leaves line up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from kpidsl.contexts.leaves import LeafValue, LevelValue, Operation, OutputColumn, Scalar
from kpidsl.semantics.bound import Constant, Member
from kpidsl.semantics.totals import Totals


def total_levels(members: tuple[Member, ...], totals: Totals) -> Iterator[tuple[Member, ...]]:
    """Yield the members that each kind of total row keeps, the finest first.

    A rollup drops members from the last to the first; a cube has every combination.
    """
    for kept in reversed(range(len(members))):
        if totals == "rollup":
            yield members[:kept]
        else:
            yield from combinations(members, kept)


def level_name(members: tuple[Member, ...]) -> str:
    """Return what stands in the column `_level` of total rows."""
    return "by " + ", ".join(member.text for member in members) if members else "total"


@dataclass(frozen=True, slots=True)
class Partners:
    """For each leaf and each `LevelValue` of the detail rows, what is in its place at another level."""

    leaves: Mapping[int, int]
    values: Mapping[int, int]


def lined_up(detail: Sequence[OutputColumn], other: Sequence[OutputColumn]) -> Partners:
    """Return what is at another level in the place of what the columns of the detail rows are made of.

    Needs: the same columns pushed in two contexts that differ in their groups alone, so that the
    arithmetic is the same. A leaf of the detail rows has one partner: leaves that differ only in
    members that both contexts have dropped are one leaf in the coarser one.
    """
    found: dict[int, int] = {}
    values: dict[int, int] = {}
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[Scalar, Scalar]] = [(a.value, b.value) for a, b in zip(detail, other, strict=True)]
    while stack:
        a, b = stack.pop()
        if (id(a), id(b)) in seen:
            continue
        seen.add((id(a), id(b)))
        match a, b:
            case LeafValue(index=place), LeafValue(index=leaf):
                assert found.setdefault(place, leaf) == leaf
            case Operation(op=op, args=mine), Operation(op=same, args=theirs) if op == same:
                stack.extend(zip(mine, theirs, strict=True))
            case Constant(), Constant() if a == b:
                pass
            case LevelValue(index=place), LevelValue(index=value):
                assert values.setdefault(place, value) == value
            case _:
                raise AssertionError(f"{a} and {b} are one formula at two levels")
    return Partners(found, values)
