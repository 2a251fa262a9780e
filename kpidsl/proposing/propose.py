"""From the tables of a connection to a proposed `bind:`, what it makes available, and what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kpidsl.checking import bound, built
from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.loading.documents import Documents, with_lexicons
from kpidsl.loading.schema_check import check_schema
from kpidsl.loading.yaml_tree import parse_yaml
from kpidsl.model.definitions import Project
from kpidsl.model.lexicons import Lack
from kpidsl.proposing.matching import Match, Table, choose
from kpidsl.proposing.phrases import Locale
from kpidsl.proposing.written import binding_text
from kpidsl.source import SourceFile


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed binding of a lexicon: `text` is what a kpidsl.yml says from `use:` on.

    `tables` are those that were chosen, by dataset; `open` the datasets for which nothing decides among
    several tables, or whose table lacks the key. `always` are columns that every use of a bound dataset
    reads and that its table lacks; `available` the KPIs that can be asked then, `lacking` what others lack.
    """

    lexicon: Project
    text: str
    tables: Mapping[str, Match]
    open: Mapping[str, tuple[Match, ...]]
    always: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    available: tuple[str, ...] = ()
    lacking: Mapping[str, Lack] = field(default_factory=dict)


def tables_of(connection: Connection) -> tuple[Table, ...]:
    """Return the connection's tables and views with their columns."""
    described = ((name, connection.describe(tuple(name.split(".")))) for name in connection.tables())
    return tuple(Table(name, columns) for name, columns in described if columns)


def propose(
    folder: Path, lexicon: str, tables: Sequence[Table], locale: Locale, folds_names: bool, sink: Sink
) -> Proposal | None:
    """Return what is proposed for a lexicon's datasets, or None where there is no such lexicon.

    `folds_names` says that the engine tells capitals apart in quotes alone.
    """
    documents = _documents(folder, f"use: [{lexicon}]\n", sink)
    if sink.has_errors:
        return None
    whole = built(folder, documents, sink)
    chosen: dict[str, Match] = {}
    undecided: dict[str, tuple[Match, ...]] = {}
    for by_columns in (False, True):
        # A table that one dataset has by its name is no other's by what it looks like.
        taken = {one.table.name for one in chosen.values()} if by_columns else set()
        left = [table for table in tables if table.name not in taken]
        for name, dataset in whole.datasets.items():
            if name in chosen or name in undecided:
                continue
            found, others = choose(dataset, left, by_columns=by_columns)
            if found is not None:
                chosen[name] = found
            elif others:
                undecided[name] = others
    chosen = {name: chosen[name] for name in whole.datasets if name in chosen}
    text = binding_text(lexicon, whole, chosen, locale, folds_names, {})
    project = bound(folder, _documents(folder, text, sink), sink)
    always = {
        name: columns
        for name in chosen
        if (columns := _lacking_always(project.lacking.get(("datasets", name)), name))
    }
    if always:
        text = binding_text(lexicon, whole, chosen, locale, folds_names, always)
    kpis = [name for name, metric in whole.metrics.items() if metric.kind == "kpi"]
    return Proposal(
        whole,
        text,
        chosen,
        undecided,
        always,
        tuple(name for name in kpis if name in project.metrics),
        {name: project.lacking["kpis", name] for name in kpis if ("kpis", name) in project.lacking},
    )


def _lacking_always(lack: Lack | None, dataset: str) -> tuple[str, ...]:
    """Return the columns of a dataset itself without which nothing of it is there."""
    columns = () if lack is None else lack.columns
    return tuple(name.partition(".")[2] for name in columns if name.partition(".")[0] == dataset)


def _documents(folder: Path, text: str, sink: Sink) -> Documents:
    file = SourceFile("kpidsl.yml", f"project: proposed\nlanguage: 1\n{text}")
    settings = check_schema(file, parse_yaml(file, sink), "project", sink)
    return with_lexicons(folder, settings, (), sink)
