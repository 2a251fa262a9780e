"""A dataset's rows with what is asked of them: partners, marks, conditions."""

from __future__ import annotations

from collections.abc import Iterable

from kpidsl.plan.nodes import Filter, Lookup, Marked, Scan
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.walks import conjuncts, sequences_of, steps_of


def looked_up(dataset: str, values: Iterable[Bound], *, marks: bool) -> Scan | Lookup | Marked:
    """Return a dataset's rows with the partners that values need and, with `marks`, their sequences found."""
    read = tuple(values)
    paths = steps_of(read)
    scan = Scan(dataset)
    rows = Lookup(scan, tuple(sorted(paths, key=len))) if paths else scan
    found = tuple(dict.fromkeys(sequence for value in read for sequence in sequences_of(value)))
    return Marked(rows, found) if found and marks else rows


def rows_with(
    dataset: str, conditions: Iterable[Bound], values: Iterable[Bound] = (), *, marks: bool = False
) -> Filter:
    """Return the rows that meet conditions, with what these and some more values need."""
    asked = tuple(conditions)
    rows = looked_up(dataset, (*asked, *values), marks=marks)
    return Filter(rows, tuple(part for condition in asked for part in conjuncts(condition)))
