"""A dataset's rows with what is asked of them: partners, marks, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpidsl.model.definitions import Project
from kpidsl.model.types import BOOLEAN
from kpidsl.plan.extents import Buckets, Extents, as_test, is_of_rows
from kpidsl.plan.nodes import Filter, Lookup, Marked, RowSource, Scan
from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.paths import Path
from kpidsl.semantics.walks import conjuncts, sequences_of, steps_of


def looked_up(
    dataset: str,
    values: Iterable[Bound],
    *,
    marks: bool,
    in_one_pass: bool = False,
    project: Project | None = None,
) -> Scan | Lookup | Marked:
    """Return a dataset's rows with the partners that values need and, with `marks`, their sequences found.

    `in_one_pass` has the partners of as-of joins found so; the `project` tells which joins are of that kind.
    """
    read = tuple(values)
    paths = steps_of(read)
    scan = Scan(dataset)
    nearest = tuple(path for path in paths if project is not None and is_nearest(project, dataset, path))
    rows = Lookup(scan, tuple(sorted(paths, key=len)), nearest, in_one_pass) if paths else scan
    found = tuple(dict.fromkeys(sequence for value in read for sequence in sequences_of(value)))
    return Marked(rows, found, marks) if found else rows


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads datasets' rows in one plan; `at_once` finds partners and sequences of all rows at once.

    With `extents` rows are read as far as windows reach: those of a period that is known.
    """

    project: Project
    at_once: bool
    extents: Extents | None = None

    def rows(
        self,
        dataset: str,
        read: Iterable[Bound],
        all_of: tuple[Bound, ...],
        any_of: tuple[tuple[Bound, ...], ...] = (),
    ) -> RowSource:
        """Return the rows that meet conditions, with what the expressions `read` on them need."""
        found = looked_up(dataset, read, marks=self.at_once, in_one_pass=self.at_once, project=self.project)
        return Filter(found, all_of, any_of) if all_of or any_of else found

    def reached(self, windows: Sequence[tuple[Bound, Buckets]], known: Iterable[Bound]) -> tuple[Bound, ...]:
        """Return what rows meet that are in some of the windows, beyond what is known of them."""
        return () if self.extents is None else self.extents.conditions(windows, known)

    def in_window(
        self, conditions: tuple[Bound, ...], window: Bound, buckets: Buckets
    ) -> tuple[tuple[Bound, ...], Bound]:
        """Return what rows meet that are in the window of some bucket, and what is left to ask in each."""
        if not self.at_once:
            return conditions, window
        parts = conjuncts(window)
        alone = tuple(part for part in parts if is_of_rows(part))
        kept = tuple(condition for condition in conditions if as_test(condition) not in alone)
        found = tuple(dict.fromkeys((*kept, *alone)))
        left = [part for part in parts if part not in alone]
        in_each = conjunction(left) if left else Constant(True, BOOLEAN)
        return (*found, *self.reached(((window, buckets),), found)), in_each


def in_common(
    conditions: Sequence[tuple[Bound, ...]],
) -> tuple[tuple[Bound, ...], list[tuple[Bound, ...]]]:
    """Return what all ask of a row, in the order of the first, and what each asks beyond that."""
    first, *others = conditions
    common = tuple(c for c in first if all(c in other for other in others))
    return common, [tuple(c for c in one if c not in common) for one in conditions]


def rows_with(
    dataset: str,
    conditions: Iterable[Bound],
    values: Iterable[Bound] = (),
    *,
    marks: bool = False,
    in_one_pass: bool = False,
) -> Filter:
    """Return the rows that meet conditions, with what these and some more values need."""
    asked = tuple(conditions)
    rows = looked_up(dataset, (*asked, *values), marks=marks, in_one_pass=in_one_pass)
    return Filter(rows, tuple(part for condition in asked for part in conjuncts(condition)))


def is_nearest(project: Project, dataset: str, path: Path) -> bool:
    """Tell whether the last step of a path is an as-of join."""
    at = project.datasets[dataset]
    for step in path[:-1]:
        at = project.datasets[at.joins[step].target]
    return at.joins[path[-1]].nearest is not None
