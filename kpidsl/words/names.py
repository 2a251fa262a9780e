"""Names for what the checker wrote out: a column's or dimension's formula is called by its name.

The bound formula has derived columns and dimensions inlined. A part of it that equals what such a
name stands for is told by that name, and the page says what the name means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpidsl.diagnostics import Sink
from kpidsl.semantics.bound import Apply, Bound, Derived, DimensionMember, Partner, RowSequence
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.over import over
from kpidsl.semantics.walks import steps_of

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A written-out part: the name as an author would write it, and whose column or dimension it is.

    `value` is what it stands for on `dataset`'s own row; `column` is None for a dimension.
    """

    text: str
    dataset: str
    column: str | None
    value: Bound


class RowNaming:
    """The names that parts of row formulas have; each dataset's are worked out once."""

    def __init__(self, project: CheckedProject) -> None:
        self.project = project
        self._own: dict[str, dict[Bound, Named]] = {}
        self._over: dict[tuple[str, Path], Mapping[Bound, Named]] = {}

    def of(self, value: Bound, home: str, but: Named | None = None) -> Named | None:
        """Return the name of a row expression of `home`, or None where it has none but `but`."""
        if not isinstance(value, Apply | Derived | Partner | RowSequence):
            return None
        for path in ((), *steps_of((value,))):
            found = self._names(home, path).get(value)
            if found is not None and (
                but is None or found.value != but.value or found.dataset != but.dataset
            ):
                return found
        return None

    def _names(self, home: str, path: Path) -> Mapping[Bound, Named]:
        if not path:
            return self._on(home)
        known = self._over.get((home, path))
        if known is None:
            at = self._end(home, path)
            known = {
                over(path, named.value): Named(
                    ".".join((*path, named.text)), named.dataset, named.column, named.value
                )
                for named in (self._on(at).values() if at else ())
                if named.column is not None
            }
            self._over[home, path] = known
        return known

    def _end(self, home: str, path: Path) -> str | None:
        at = home
        for step in path:
            join = self.project.project.datasets[at].joins.get(step)
            if join is None:
                return None
            at = join.target
        return at

    def _on(self, dataset: str) -> dict[Bound, Named]:
        known = self._own.get(dataset)
        if known is not None:
            return known
        rows, project = self.project.rows, self.project.project
        found: dict[Bound, Named] = {}
        for column in project.datasets[dataset].columns.values():
            if column.expr is not None:
                value = rows.column(dataset, column)
                if isinstance(value, Apply | Derived | Partner | RowSequence):
                    found.setdefault(value, Named(column.name, dataset, column.name, value))
        for name, dimension in project.dimensions.items():
            sink = Sink()
            value = rows.member(dataset, DimensionMember(name), dimension.span, sink, dimension.span)
            if not sink.has_errors and isinstance(value, Apply | Derived | Partner | RowSequence):
                found.setdefault(value, Named(name, dataset, None, value))
        self._own[dataset] = found
        return found
