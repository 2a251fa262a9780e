"""Computed columns that may be bound where what they are computed from is missing, such as `rate: 1`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from kpidsl.model.definitions import Project
from kpidsl.model.lexicons import Instead, Lack
from kpidsl.syntax import tree


class Alternatives:
    """The computed columns of a project that lack something, each with what that is.

    What a formula names is found by the words in it: a word is followed into whatever has that name.
    """

    def __init__(self, project: Project, missing: Mapping[tuple[str, str], Lack]) -> None:
        self.project = project
        self.computed = {
            (dataset, name): lack
            for (dataset, name), lack in missing.items()
            if project.datasets[dataset].columns[name].expr is not None
        }

    def to(self, metric: str, reads: Collection[str], lack: Lack) -> tuple[Instead, ...]:
        """Return the columns each of which is all that a metric lacks something for."""
        return tuple(
            Instead(f"{dataset}.{column}", self._constant(dataset, column))
            for (dataset, column), its in self.computed.items()
            if its == lack
            and dataset in reads
            and not self._rests_on_another(dataset, column)
            and column in self._reached(metric, "")
            and not self._reached(metric, column) & self._lacking(lack)
        )

    def _rests_on_another(self, dataset: str, column: str) -> bool:
        return any((dataset, word) in self.computed for word in self._words[column] - {column})

    def _constant(self, dataset: str, column: str) -> str | None:
        """Return a number that the column is in some case, as it is written."""
        formula = self.project.datasets[dataset].columns[column].expr
        expr = None if formula is None else formula.expr
        branches = [value for _, value in expr.branches] if isinstance(expr, tree.Case) else []
        return next((f"{v.value}" for v in branches if isinstance(v, tree.Number) and not v.suffix), None)

    def _lacking(self, lack: Lack) -> set[str]:
        """Return the words by which a formula reads what is missing."""
        joins = {
            name
            for dataset in self.project.datasets.values()
            for name, join in dataset.joins.items()
            if join.target in lack.datasets
        }
        return {*lack.datasets, *(name.partition(".")[2] for name in lack.columns), *joins}

    def _reached(self, metric: str, but: str) -> set[str]:
        """Return the words of a metric and of all that it rests on, without following one of them."""
        found, pending = {metric}, [metric]
        while pending:
            new = self._words[pending.pop()] - found
            found |= new
            pending += new - {but}
        return found

    @cached_property
    def _words(self) -> Mapping[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for name, expr in self._formulas():
            for node in () if expr is None else tree.walk(expr):
                if isinstance(node, tree.Name):
                    found[name].update(node.parts)
        return found

    def _formulas(self) -> Iterator[tuple[str, tree.Expr | None]]:
        for dataset in self.project.datasets.values():
            for column in dataset.columns.values():
                if column.expr is not None:
                    yield column.name, column.expr.expr
        for dimension in self.project.dimensions.values():
            for source in dimension.sources.values():
                yield dimension.name, source.expr
        for named in self.project.filters.values():
            yield named.name, named.condition.expr
        for metric in self.project.metrics.values():
            yield metric.name, metric.formula.expr
