"""From the tables of a connection to a proposed `bind:`, what it makes available, and what it leaves open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kpidsl.checking import bound, built
from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Project
from kpidsl.model.lexicons import Instead, Lack
from kpidsl.proposing.documents import documents_of
from kpidsl.proposing.known import Known, known_schemas
from kpidsl.proposing.matching import Match, Table, choose, is_undecided
from kpidsl.proposing.written import Writer


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed binding of a lexicon: `text` is what a kpidsl.yml says from `use:` on.

    `schemas` are lexicons that ship and whose tables are there. `tables` are those that were chosen for the
    other datasets; `open` the datasets for which nothing decides among several tables, or whose table lacks
    the key. `always` are columns that every use of a bound dataset reads and that its table lacks;
    `available` the KPIs that can be asked then, `lacking` what others lack.
    """

    lexicon: Project
    text: str
    schemas: tuple[Known, ...]
    tables: Mapping[str, Match]
    open: Mapping[str, tuple[Match, ...]]
    always: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    available: tuple[str, ...] = ()
    lacking: Mapping[str, Lack] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    """The tables that no dataset has, and of which nothing else is told."""


def tables_of(connection: Connection) -> tuple[Table, ...]:
    """Return the connection's tables and views with their columns."""
    described = ((name, connection.describe(tuple(name.split(".")))) for name in connection.tables())
    return tuple(Table(name, columns) for name, columns in described if columns)


def propose(
    folder: Path, lexicon: str, tables: Sequence[Table], writer: Writer, sink: Sink
) -> Proposal | None:
    """Return what is proposed for a lexicon's datasets, or None where there is no such lexicon."""
    documents = documents_of(folder, f"use: [{lexicon}]\n", sink)
    if sink.has_errors:
        return None
    whole = built(folder, documents, sink)
    schemas = known_schemas(folder, lexicon, tables)
    chosen, undecided = _chosen(whole, schemas, tables)
    several = {name: ones for name, ones in undecided.items() if is_undecided(whole.datasets[name], ones)}
    text = writer.binding(lexicon, whole, schemas, chosen, several)
    project = bound(folder, documents_of(folder, text, sink), sink)
    always = {
        name: columns
        for name in chosen
        if (columns := _lacking_always(project.lacking.get(("datasets", name)), name))
    }
    kpis = [name for name, metric in whole.metrics.items() if metric.kind == "kpi"]
    lacking = {name: project.lacking["kpis", name] for name in kpis if ("kpis", name) in project.lacking}
    ready = _ready_made(lacking)
    if always or ready:
        text = writer.binding(lexicon, whole, schemas, chosen, several, always, ready)
    available = tuple(name for name in kpis if name in project.metrics)
    unused = _unused(tables, schemas, chosen, undecided)
    return Proposal(whole, text, schemas, chosen, undecided, always, available, lacking, unused)


def _chosen(
    whole: Project, schemas: Sequence[Known], tables: Sequence[Table]
) -> tuple[dict[str, Match], dict[str, tuple[Match, ...]]]:
    """Return the tables of the datasets that no schema has, and those among which nothing decides."""
    known = {dataset for one in schemas if one.bound for dataset in one.datasets}
    theirs = {bound.table.name for one in schemas for bound in one.bound.values()}
    chosen: dict[str, Match] = {}
    undecided: dict[str, tuple[Match, ...]] = {}
    for by_columns in (False, True):
        # A table that one dataset has by its name is no other's by what it looks like.
        taken = {one.table.name for one in chosen.values()} if by_columns else set()
        left = [table for table in tables if table.name not in taken | theirs]
        for name, dataset in whole.datasets.items():
            if name in chosen or name in undecided or name in known:
                continue
            found, others = choose(dataset, left, by_columns=by_columns)
            if found is not None:
                chosen[name] = found
            elif others:
                undecided[name] = others
    return {name: chosen[name] for name in whole.datasets if name in chosen}, undecided


def _unused(
    tables: Sequence[Table],
    schemas: Sequence[Known],
    chosen: Mapping[str, Match],
    undecided: Mapping[str, tuple[Match, ...]],
) -> tuple[str, ...]:
    told = {one.table.name for one in chosen.values()}
    told |= {one.table.name for ones in undecided.values() for one in ones}
    for known in schemas:
        told |= {bound.table.name for bound in known.found.values()}
        told |= {name for names in known.several.values() for name in names}
    return tuple(table.name for table in tables if table.name not in told)


def _ready_made(lacking: Mapping[str, Lack]) -> dict[str, tuple[Instead, int]]:
    """Return, by dataset, the computed column that may be a constant, and how many KPIs need no more then."""
    counted = Counter(one for lack in lacking.values() for one in lack.instead if one.constant is not None)
    found: dict[str, tuple[Instead, int]] = {}
    for one, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].column)):
        found.setdefault(one.column.partition(".")[0], (one, count))
    return found


def _lacking_always(lack: Lack | None, dataset: str) -> tuple[str, ...]:
    """Return the columns of a dataset itself without which nothing of it is there."""
    columns = () if lack is None else lack.columns
    return tuple(name.partition(".")[2] for name in columns if name.partition(".")[0] == dataset)
