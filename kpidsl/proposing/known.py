"""Schemas that many have among a connection's tables: lexicons that ship, and bind another one to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kpidsl.binding.apply import apply
from kpidsl.checking import built
from kpidsl.diagnostics import Sink
from kpidsl.loading.documents import Documents, LexiconDocuments
from kpidsl.loading.lexicons import shipped_lexicons, uses
from kpidsl.model.bindings import Binding, bindings, put_together
from kpidsl.model.definitions import Dataset, Project
from kpidsl.model.plain_names import plain
from kpidsl.proposing.documents import documents_of
from kpidsl.proposing.matching import Table
from kpidsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Bound:
    """A dataset whose table is there; `lacks` are the lexicon's columns that this one does not have.

    `needed` are columns of the table without which the binding cannot be used at all, and that are missing.
    """

    table: Table
    lacks: tuple[str, ...]
    needed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A lexicon of bindings that fits: its datasets with a table each, and those whose table is not there.

    `several` are datasets for which the connection has tables of that name in more than one schema.
    """

    name: str
    found: Mapping[str, Bound]
    absent: Mapping[str, str]
    several: Mapping[str, tuple[str, ...]]

    @property
    def bound(self) -> Mapping[str, Bound]:
        """Return the datasets that are bound as the lexicon says."""
        return {dataset: one for dataset, one in self.found.items() if not one.needed}

    @property
    def datasets(self) -> tuple[str, ...]:
        """Return all datasets that the lexicon binds."""
        return (*self.found, *self.absent, *self.several)


def known_schemas(folder: Path, lexicon: str, tables: Sequence[Table]) -> tuple[Known, ...]:
    """Return the lexicons that ship, bind the given one, and have at least one of their tables here.

    The given one may be such a lexicon itself: then they are those that bind what it binds.
    """
    name = lexicon.partition("@")[0]
    used: dict[str, tuple[Documents, LexiconDocuments]] = {}
    for shipped in shipped_lexicons():
        sink = Sink()
        documents = documents_of(folder, f"use: [{shipped}]\n", sink)
        own = next((one for one in documents.lexicons if one.name == shipped), None)
        if own is not None and not sink.has_errors and "bind" in own.project.tree.entries:
            used[shipped] = (documents, own)
    bound = {name, *(_uses(used[name][1]) if name in used else ())}
    found: list[Known] = []
    for shipped, (documents, own) in used.items():
        if not bound & _uses(own):
            continue
        sink = Sink()
        said = put_together(bindings(own.project.tree, shipped, sink), sink)
        known = _compared(shipped, said, built(folder, documents, sink), tables)
        if known.found or known.several:
            found.append(known)
    return tuple(found)


def _uses(lexicon: LexiconDocuments) -> set[str]:
    return {asked.name for asked in uses(lexicon.project.tree)}


def _compared(name: str, said: Mapping[str, Binding], project: Project, tables: Sequence[Table]) -> Known:
    bound = apply(project, said, Sink()).datasets
    by_name: dict[str, list[Table]] = {}
    for table in tables:
        by_name.setdefault(plain(table.name.rpartition(".")[2]), []).append(table)
    found: dict[str, Bound] = {}
    absent: dict[str, str] = {}
    several: dict[str, tuple[str, ...]] = {}
    for dataset, binding in said.items():
        wanted = ".".join(part.text for part in bound[dataset].table or ())
        there = by_name.get(plain(wanted), [])
        if len(there) == 1:
            found[dataset] = _bound(bound[dataset], project.datasets[dataset], binding, there[0])
        elif there:
            several[dataset] = tuple(table.name for table in there)
        else:
            absent[dataset] = wanted
    return Known(name, found, absent, several)


def _bound(dataset: Dataset, declared: Dataset, binding: Binding, table: Table) -> Bound:
    present = {own.lower() for own, _ in table.columns}
    always = _read_always(dataset)
    lacks: set[str] = set()
    needed: set[str] = set()
    for name, column in dataset.columns.items():
        if column.is_derived or name in binding.lacks or column.physical.text.lower() in present:
            continue
        readers = {bound for bound in binding.columns if name in _names(dataset, bound)}
        if not column.is_beside:
            readers = {name}
        # What the lexicon computes by itself cannot be told to be lacking.
        computed = {reader for reader in readers if declared.columns[reader].is_derived}
        if computed or name in always or readers & always:
            needed.add(column.physical.text)
        else:
            lacks |= readers
    return Bound(table, tuple(sorted(lacks)), tuple(sorted(needed)))


def _read_always(dataset: Dataset) -> set[str]:
    """Return the columns that every use of a dataset reads: of its key, its times and its condition."""
    times = [part.text for part in (dataset.time, dataset.until, dataset.known_at) if part is not None]
    found = {*dataset.key, *times}
    if dataset.where is not None and dataset.where.expr is not None:
        found |= {node.text for node in tree.walk(dataset.where.expr) if isinstance(node, tree.Name)}
    return found | {name for column in found for name in _names(dataset, column)}


def _names(dataset: Dataset, column: str) -> set[str]:
    """Return the names in a column's formula."""
    formula = dataset.columns[column].expr if column in dataset.columns else None
    if formula is None or formula.expr is None:
        return set()
    return {node.text for node in tree.walk(formula.expr) if isinstance(node, tree.Name)}
