"""Leaves to a plan, two ways.

`naive` is the definition itself: every leaf on its own, its rows filtered by all its conditions.
`fast` reads a dataset once for all leaves that group it in the same way, and takes totals from the
rows that are there already where adding up groups gives the total. Both give the same table; every
case runs both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpidsl.contexts.leaves import Key, Leaf, Leaves
from kpidsl.plan.nodes import (
    Aggregate,
    Attach,
    Compute,
    Filter,
    KeySlot,
    Lookup,
    Measure,
    Nothing,
    Rows,
    Scan,
    Sort,
    Stack,
    WindowTotal,
    Within,
)
from kpidsl.plan.slots import key_slots, leaf_slots
from kpidsl.semantics.bound import Bound, joins_of

DECOMPOSABLE = {"sum": "sum", "count": "sum", "min": "min", "max": "max"}
"""Aggregates whose value over a union of groups follows from the groups' values, and how."""


def naive(leaves: Leaves) -> Sort:
    """Return the plan in which every leaf is computed on its own."""
    lowering = _Lowering(leaves)
    full = [lowering.aggregate([i]) for i in lowering.full]
    rows = lowering.stacked(full)
    for i in lowering.reduced:
        rows = Attach(rows, lowering.aggregate([i]))
    return lowering.finish(rows)


def fast(leaves: Leaves) -> Sort:
    """Return the plan in which leaves share scans."""
    lowering = _Lowering(leaves)
    rows = lowering.stacked([lowering.aggregate(group) for group in lowering.sharing(lowering.full)])
    totals = {i: total for i in lowering.reduced if (total := lowering.window_total(i)) is not None}
    if totals and isinstance(rows, Aggregate | Stack):
        rows = Within(rows, tuple(totals.values()))
    for group in lowering.sharing(i for i in lowering.reduced if i not in totals):
        rows = Attach(rows, lowering.aggregate(group))
    return lowering.finish(rows)


class _Lowering:
    def __init__(self, leaves: Leaves) -> None:
        self.leaves = leaves
        self.keys = key_slots(leaves)
        self.key_of = {g.member: slot for g, slot in zip(leaves.by, self.keys, strict=True)}
        self.slots = leaf_slots(leaves)
        everything = range(len(leaves.leaves))
        self.full = [i for i in everything if len(leaves.leaves[i].keys) == len(self.keys)]
        self.reduced = [i for i in everything if len(leaves.leaves[i].keys) < len(self.keys)]
        self._finer: dict[tuple[object, ...], int] = {}
        for i in self.full:
            leaf = leaves.leaves[i]
            self._finer.setdefault(_what(leaf), i)

    def sharing(self, indices: Iterable[int]) -> list[list[int]]:
        """Group leaves that read the same dataset and group it by the same expressions."""
        groups: dict[tuple[str, tuple[Key, ...]], list[int]] = {}
        for i in indices:
            leaf = self.leaves.leaves[i]
            groups.setdefault((leaf.dataset, leaf.keys), []).append(i)
        return list(groups.values())

    def aggregate(self, indices: Sequence[int]) -> Aggregate:
        """Return one aggregate for leaves that share dataset and keys.

        What all of them ask of a row is filtered once; what only some ask stays with their
        measure. Rows that none of them wants make no group, hence the alternatives of the filter.
        """
        found = [self.leaves.leaves[i] for i in indices]
        first = found[0]
        common = tuple(c for c in first.conditions if all(c in leaf.conditions for leaf in found[1:]))
        rests = [tuple(c for c in leaf.conditions if c not in common) for leaf in found]
        measures = tuple(
            Measure(self.slots[i], leaf.function, leaf.argument, leaf.others, rest, leaf.empty_is_null)
            for i, leaf, rest in zip(indices, found, rests, strict=True)
        )
        any_of = tuple(dict.fromkeys(rests)) if first.keys and all(rests) else ()
        keys = tuple(KeySlot(self.key_of[key.member], key.value) for key in first.keys)
        read = [*(k.value for k in keys), *(c for leaf in found for c in leaf.conditions)]
        read.extend(argument for leaf in found for argument in leaf.arguments)
        scan = Scan(first.dataset)
        paths = tuple(dict.fromkeys(path for value in read for path in _steps(value)))
        joined = Lookup(scan, tuple(sorted(paths, key=len))) if paths else scan
        rows = Filter(joined, common, any_of) if common or any_of else joined
        return Aggregate(rows, first.dataset, keys, measures)

    def stacked(self, aggregates: Sequence[Aggregate]) -> Rows:
        if not aggregates:
            return Nothing(self.keys)
        return aggregates[0] if len(aggregates) == 1 else Stack(tuple(aggregates))

    def window_total(self, index: int) -> WindowTotal | None:
        """Return how a coarser leaf follows from a finer one that is in the rows, if it does.

        Needs: the same aggregate under the same conditions with all members, and an aggregate
        that adds up. Every group of the finer leaf is among the rows, so nothing is missed.
        """
        leaf = self.leaves.leaves[index]
        finer = self._finer.get(_what(leaf))
        if finer is None or leaf.function not in DECOMPOSABLE:
            return None
        keys = self.leaves.leaves[finer].keys
        if any(key not in keys for key in leaf.keys):
            return None
        kept = tuple(self.key_of[key.member] for key in leaf.keys)
        return WindowTotal(self.slots[index], DECOMPOSABLE[leaf.function], self.slots[finer], kept)

    def finish(self, rows: Rows) -> Sort:
        leaves = self.leaves
        compute = Compute(rows, self.keys, self.slots, leaves.by, leaves.columns)
        return Sort(
            input=compute,
            having=leaves.having,
            order=leaves.order,
            limit=leaves.limit,
            window=leaves.window,
        )


def _what(leaf: Leaf) -> tuple[object, ...]:
    """Return what a leaf aggregates, whatever it is grouped by."""
    return (leaf.function, leaf.dataset, leaf.arguments, frozenset(leaf.conditions), leaf.empty_is_null)


def _steps(value: Bound) -> Iterable[tuple[str, ...]]:
    """Yield the join paths of an expression, each after those that it goes through."""
    for path in joins_of(value):
        for length in range(1, len(path) + 1):
            yield path[:length]
