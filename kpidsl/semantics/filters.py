"""Named filters: conditions on dimensions that other conditions name."""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.model.types import BOOLEAN
from kpidsl.semantics import errors
from kpidsl.semantics.bound import BROKEN, Bound
from kpidsl.semantics.formulas import MemberBinder, MemberTypes


class NamedFilters:
    """The conditions of filters, each bound once; circles are reported."""

    def __init__(self, types: MemberTypes, sink: Sink) -> None:
        self.project = types.rows.project
        self.types = types
        self.sink = sink
        self._known: dict[str, Bound] = {}
        self._open: list[str] = []

    def of(self, name: str) -> Bound:
        """Return a filter's condition on a context; `BROKEN` where it has been told to be wrong."""
        known = self._known.get(name)
        if known is not None:
            return known
        definition = self.project.filters[name]
        if name in self._open:
            circle = self._open[self._open.index(name) :]
            self.sink.report(errors.cycle(circle, [self.project.filters[n].span for n in circle]))
            return BROKEN
        if definition.condition.expr is None:
            return BROKEN
        self._open.append(name)
        bound = MemberBinder(self.project, self.types, self.sink).condition(definition.condition.expr)
        self._open.pop()
        self._known[name] = bound if bound.type is BOOLEAN else BROKEN
        return self._known[name]
