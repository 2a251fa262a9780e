"""What of a project its bindings make available, and what the rest lacks.

The project is first checked with all datasets of its lexicons, those that are not bound included: the
formulas that are bound there tell exactly which columns each definition reads. What reads nothing that is
missing stays, and is checked again by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from kpidsl.binding import errors
from kpidsl.binding.instead import Alternatives
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Dataset, Dimension, Metric, Project
from kpidsl.model.lexicons import Lack
from kpidsl.model.objectives import Objective, Scorecard
from kpidsl.semantics.bound import DimensionMember
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.declared_types import local
from kpidsl.semantics.labels import called
from kpidsl.semantics.reads import columns_of_join, columns_of_row, columns_read
from kpidsl.source import Span

Reads = Mapping[str, Collection[str]]


def is_whole(project: Project, bound: Collection[str], lacks: Mapping[str, Mapping[str, Span]]) -> bool:
    """Tell whether a project's lexicons are bound to their last column, so that nothing is left out."""
    return not any(lacks.values()) and not _not_bound(project, bound)


def available(
    checked: CheckedProject, bound: Collection[str], lacks: Mapping[str, Mapping[str, Span]], sink: Sink
) -> Project:
    """Return the part of a project that reads nothing but what is bound.

    `bound` are the lexicons' datasets that are, `lacks` the columns that their tables do not have. What is
    left out stands in `Project.lacking`; definitions of the project itself that are, are warned of.
    """
    return _Available(checked, bound, lacks).part(sink)


@dataclass(slots=True)
class _Missing:
    """What is missing, each with what it lacks: datasets, and columns by dataset."""

    datasets: dict[str, Lack] = field(default_factory=dict)
    columns: dict[tuple[str, str], Lack] = field(default_factory=dict)

    def of(self, reads: Reads) -> Lack:
        """Return what of all that is read is missing."""
        found = [self.datasets[dataset] for dataset in reads if dataset in self.datasets]
        for dataset, columns in reads.items():
            if dataset not in self.datasets:
                found += [self.columns[dataset, c] for c in columns if (dataset, c) in self.columns]
        return _all_of(found)


def _all_of(lacks: Iterable[Lack]) -> Lack:
    found = tuple(lacks)
    datasets = sorted({name for lack in found for name in lack.datasets})
    columns = sorted({name for lack in found for name in lack.columns})
    return Lack(tuple(datasets), tuple(columns))


def _not_bound(project: Project, bound: Collection[str]) -> list[str]:
    """Return the datasets of lexicons that are not bound."""
    return [name for name in project.datasets if ("datasets", name) in project.origins and name not in bound]


class _Available:
    def __init__(
        self, checked: CheckedProject, bound: Collection[str], lacks: Mapping[str, Mapping[str, Span]]
    ) -> None:
        self.checked = checked
        self.project = checked.project
        self.missing = _Missing()
        for name in _not_bound(self.project, bound):
            self.missing.datasets[name] = Lack(datasets=(name,))
        for name, columns in lacks.items():
            for column in columns:
                self.missing.columns[name, column] = Lack(columns=(f"{name}.{column}",))
        self._spread()

    def _spread(self) -> None:
        """Add the datasets that cannot be read without what is missing, and computed columns."""
        rows = self.checked.rows
        while True:
            before = (len(self.missing.datasets), len(self.missing.columns))
            for name, dataset in self.project.datasets.items():
                if name in self.missing.datasets:
                    continue
                for column in dataset.columns.values():
                    if column.expr is not None and (name, column.name) not in self.missing.columns:
                        value = rows.column(name, column)
                        lack = self.missing.of(columns_of_row(value, name, self.checked))
                        if lack:
                            self.missing.columns[name, column.name] = lack
                lack = self._of_dataset(name)
                if lack:
                    self.missing.datasets[name] = lack
            if before == (len(self.missing.datasets), len(self.missing.columns)):
                return

    def _of_dataset(self, name: str) -> Lack:
        """Return what every use of a dataset lacks: of its key, its times and its condition."""
        found = self.checked.datasets[name]
        parts = (found.time, found.until, found.known_at, found.condition)
        reads = [columns_of_row(part, name, self.checked) for part in parts if part is not None]
        return _all_of(self.missing.of(read) for read in ({name: found.definition.key}, *reads))

    def part(self, sink: Sink) -> Project:
        project = self.project
        lacking: dict[tuple[str, str], Lack] = {}
        metrics: dict[str, Metric] = {}
        alternatives = Alternatives(project, self.missing.columns)
        for name, metric in project.metrics.items():
            lack = self._of_metric(name)
            if lack:
                instead = alternatives.to(name, self.checked.metrics[name].datasets, lack)
                words = tuple(called(metric))
                lack = replace(lack, variant_of=metric.terms.variant_of, instead=instead, words=words)
                lacking["kpis", name] = lack
                if ("kpis", name) not in project.origins:
                    sink.report(errors.left_out(metric.span, name, lack))
            else:
                metrics[name] = metric
        lacking |= {("datasets", name): lack for name, lack in self.missing.datasets.items()}
        lacking |= {("columns", f"{d}.{c}"): lack for (d, c), lack in self.missing.columns.items()}
        objectives = self._objectives(lacking)
        return replace(
            project,
            datasets={
                name: self._dataset(dataset, lacking)
                for name, dataset in project.datasets.items()
                if name not in self.missing.datasets
            },
            dimensions={name: self._dimension(one, lacking) for name, one in project.dimensions.items()},
            metrics=metrics,
            objectives=objectives,
            scorecards=self._scorecards(objectives),
            lacking=lacking,
        )

    def _of_metric(self, name: str) -> Lack:
        """Return what a metric lacks, and the members without which it may not be asked."""
        found = self.checked.metrics[name]
        read = columns_read(found.bound, self.checked)
        lack = self.missing.of(read)
        demands = self.checked.demands.get(name)
        asked = () if demands is None else demands.requires
        lacks = [
            self._of_member(member.name, found.datasets)
            for member in asked
            if isinstance(member, DimensionMember)
        ]
        return _all_of((lack, *lacks))

    def _of_member(self, dimension: str, datasets: Collection[str]) -> Lack:
        """Return what a dimension lacks on each of the datasets that give it."""
        return _all_of(self._source(self.project.dimensions[dimension], one) for one in datasets)

    def _source(self, dimension: Dimension, dataset: str) -> Lack:
        member, quiet = DimensionMember(dimension.name), Sink()
        value = self.checked.rows.member(dataset, member, dimension.span, quiet, dimension.span)
        return Lack() if quiet.has_errors else self.missing.of(columns_of_row(value, dataset, self.checked))

    def _dimension(self, dimension: Dimension, lacking: dict[tuple[str, str], Lack]) -> Dimension:
        lacks = {source: self._source(dimension, source) for source in dimension.sources}
        left = {source: formula for source, formula in dimension.sources.items() if not lacks[source]}
        if len(left) == len(dimension.sources):
            return dimension
        if not left:
            lacking["dimensions", dimension.name] = _all_of(lacks.values())
        type = dimension.type
        if type is None:
            type = local(self.checked.types.of(DimensionMember(dimension.name), dimension.span, Sink()))
        return replace(
            dimension,
            type=type,
            sources=left,
            lacking={source: lack for source, lack in lacks.items() if lack},
        )

    def _dataset(self, dataset: Dataset, lacking: dict[tuple[str, str], Lack]) -> Dataset:
        joins = {}
        for name, join in dataset.joins.items():
            lack = self.missing.of(columns_of_join(dataset.name, name, self.checked))
            if lack:
                lacking["joins", f"{dataset.name}.{name}"] = lack
            else:
                joins[name] = join
        columns = {
            name: column
            for name, column in dataset.columns.items()
            if (dataset.name, name) not in self.missing.columns
        }
        return replace(dataset, columns=columns, joins=joins)

    def _objectives(self, lacking: Mapping[tuple[str, str], Lack]) -> dict[str, Objective]:
        """Return the objectives but for those of lexicons on KPIs that are left out."""
        return {
            name: one
            for name, one in self.project.objectives.items()
            if ("objectives", name) not in self.project.origins
            or ("kpis", one.kpi.text.strip()) not in lacking
        }

    def _scorecards(self, objectives: Collection[str]) -> dict[str, Scorecard]:
        gone = self.project.objectives.keys() - objectives
        return {
            name: card
            for name, card in self.project.scorecards.items()
            if ("scorecards", name) not in self.project.origins
            or not any(part.text.strip() in gone for part in card.objectives)
        }
