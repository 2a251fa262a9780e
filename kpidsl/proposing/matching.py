"""Which of a table's columns stand for a dataset's, and which table for a dataset.

Names decide, then types: a column is found by its own name, by another that it may have, or, for the time of
the rows, as the only one of its type. Where two would do, none is taken, and both are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from kpidsl.engines.stored_types import type_of_engine
from kpidsl.model.definitions import Column, Dataset
from kpidsl.model.plain_names import plain
from kpidsl.model.types import Kind, Type
from kpidsl.proposing.synonyms import (
    bare_table,
    column_names,
    identifiers,
    singular,
    table_names,
    without_links,
)

Ground = Literal["name", "synonym", "type"]
TableGround = Literal["name", "synonym", "columns"]

_ENOUGH = 0.6
"""The share of a dataset's columns, beside those of the key, that a table of another name must have."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the connection has it: each column with the engine's text for its type."""

    name: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """A column of a table for one of a dataset. `type` is its own where the binding has to tell it."""

    own: str
    ground: Ground
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What a table has of a dataset."""

    table: Table
    ground: TableGround
    found: Mapping[str, Guess]
    open: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns of the dataset that several of the table's may stand for."""
    mistyped: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Columns that a name leads to, and whose type does not: the table's column and its type."""
    given: Mapping[str, str | None] = field(default_factory=dict)
    """Columns that a select has to give: the table's column that is cast, None for a text to be written."""


def physical(dataset: Dataset) -> dict[str, Column]:
    """Return the columns that a table has to give."""
    return {name: column for name, column in dataset.columns.items() if not column.is_derived}


def match(dataset: Dataset, table: Table) -> Match:
    """Return which of a table's columns stand for a dataset's."""
    wanted = physical(dataset)
    by_name: dict[str, list[str]] = {}
    for own, _ in table.columns:
        for name in dict.fromkeys((plain(own), without_links(plain(own)))):
            by_name.setdefault(name, []).append(own)
    types = dict(table.columns)
    found: dict[str, Guess] = {}
    told: dict[str, tuple[str, ...]] = {}
    mistyped: dict[str, tuple[str, str]] = {}
    grounds: tuple[Ground, ...] = ("name", "synonym")
    for ground in grounds:
        candidates: dict[str, list[Guess]] = {}
        taken = {guess.own for guess in found.values()}
        for name, column in wanted.items():
            names = (name,) if ground == "name" else _other_names(name, dataset, table)
            led_to = dict.fromkeys(own for other in names for own in by_name.get(other, ()))
            owns = [own for own in led_to if own not in taken]
            for own in owns if name not in found else ():
                fit = _fit(column, types[own])
                if fit is None:
                    mistyped.setdefault(name, (own, types[own]))
                else:
                    candidates.setdefault(name, []).append(Guess(own, ground, fit[0]))
        claims = [guess.own for guesses in candidates.values() for guess in guesses]
        for name, guesses in candidates.items():
            if len(guesses) == 1 and claims.count(guesses[0].own) == 1:
                found[name] = guesses[0]
            else:
                told[name] = tuple(guess.own for guess in guesses)
    _by_type(dataset, table, wanted, found, told)
    mistyped = {name: pair for name, pair in mistyped.items() if name not in found}
    return Match(table, "columns", found, {n: o for n, o in told.items() if n not in found}, mistyped)


def _other_names(column: str, dataset: Dataset, table: Table) -> tuple[str, ...]:
    """Return what a dataset's column may be called in a table besides its own name."""
    names = tuple(column_names(column, dataset.name))
    if dataset.key == (column,):
        # A row's own number is called after what the table holds: `visit_id` in `visits`.
        bare = bare_table(table.name)
        own = (*identifiers(singular(bare)), *identifiers(bare))
        names = (*own, *names, "id", "no", "key")
    return tuple(dict.fromkeys(name for name in names if name != column))


def _by_type(
    dataset: Dataset,
    table: Table,
    wanted: Mapping[str, Column],
    found: dict[str, Guess],
    told: Mapping[str, tuple[str, ...]],
) -> None:
    """Add the rows' time where no name tells it and the table has one column of its type only."""
    name = None if dataset.time is None else dataset.time.text
    column = wanted.get(name or "")
    if name is None or column is None or name in found or name in told:
        return
    taken = {guess.own for guess in found.values()}
    times = [own for own, text in table.columns if own not in taken and type_of_engine(text) is not None]
    alike = [own for own in times if _kind(dict(table.columns)[own]) is column.type.kind]
    if len(alike) == 1:
        found[name] = Guess(alike[0], "type")


def _kind(text: str) -> Kind | None:
    type = type_of_engine(text)
    return None if type is None else type.kind


def _fit(column: Column, text: str) -> tuple[Type | None] | None:
    """Return the type that a binding tells of a column, `(None,)` for none; None where it does not fit."""
    own, declared = type_of_engine(text), column.type
    if own is None:
        return (None,)
    if own.is_numeric and declared.is_numeric:
        finer = own.kind is Kind.DECIMAL and declared.kind is Kind.DECIMAL and own.scale > declared.scale
        inexact = own.kind is Kind.FLOAT and declared.kind is not Kind.FLOAT
        broken = own.kind is Kind.DECIMAL and declared.kind is Kind.INTEGER
        return (own,) if finer or inexact or broken else (None,)
    if own.kind is declared.kind:
        return (None,)
    return (own,) if own.kind is Kind.INTEGER and declared.kind is Kind.TEXT else None


def required(dataset: Dataset) -> tuple[str, ...]:
    """Return the columns without which a table is not proposed: the key, and the time of the rows."""
    wanted = physical(dataset)
    times = [part.text for part in (dataset.time, dataset.until) if part is not None]
    return tuple(dict.fromkeys((*dataset.key, *(name for name in times if name in wanted))))


def may_be(dataset: Dataset, found: Match, name: str) -> tuple[str, ...]:
    """Return which of a table's columns may be a time that was not found: those of its kind that are left."""
    kind = physical(dataset)[name].type.kind
    if kind not in (Kind.DATE, Kind.TIMESTAMP):
        return ()
    taken = {guess.own for guess in found.found.values()}
    return tuple(own for own, text in found.table.columns if own not in taken and _kind(text) is kind)


def is_usable(dataset: Dataset, found: Match) -> bool:
    """Tell whether a table gives a dataset's key, and the time of its rows."""
    return all(name in found.found or name in found.given for name in required(dataset))


def is_undecided(dataset: Dataset, found: tuple[Match, ...]) -> bool:
    """Tell whether several tables would do, each by itself."""
    return len(found) > 1 and all(is_usable(dataset, one) for one in found)


def completed(dataset: Dataset, found: Match) -> Match:
    """Return a match with what a select can give: times that are days there, and texts that are all the same.

    Not where all of the key would be given, or the table has a column of that name.
    """
    lacking = [name for name in required(dataset) if name not in found.found]
    present = {plain(own) for own, _ in found.table.columns}
    given: dict[str, str | None] = {}
    for name in lacking:
        declared = dataset.columns[name].type
        own = found.mistyped.get(name, (None, ""))
        is_day = (declared.kind, _kind(own[1])) == (Kind.DATE, Kind.TIMESTAMP)
        if own[0] is not None and is_day:
            given[name] = own[0]
        elif own[0] is None and declared.kind is Kind.TEXT:
            given[name] = None
    whole = given.keys() == set(lacking) and not given.keys() & present
    return replace(found, given=given) if whole and set(dataset.key) - given.keys() else found


def choose(
    dataset: Dataset, tables: Sequence[Table], *, by_columns: bool
) -> tuple[Match | None, tuple[Match, ...]]:
    """Return the table for a dataset, or None; and those among which nothing decides, or that nearly do.

    `by_columns` takes tables of any name that have enough of the dataset's columns, otherwise the name tells.
    """
    names = {singular(dataset.name), dataset.name}
    if dataset.table is not None:
        names.add(plain(dataset.table[-1].text))
    others = set(table_names(dataset.name))
    called: dict[TableGround, list[Match]] = {"name": [], "synonym": [], "columns": []}
    for table in tables:
        bare = bare_table(table.name)
        ground: TableGround = "name" if bare in names else "synonym" if bare in others else "columns"
        if by_columns != (ground == "columns"):
            continue
        one = match(dataset, table)
        if ground != "columns" or _has_enough(dataset, one):
            called[ground].append(replace(one, ground=ground))
    for ground, matches in called.items():
        # A table that only looks like a dataset is not made to fit.
        usable = [one for one in matches if is_usable(dataset, one)] or [
            one
            for match in matches
            if ground != "columns" and is_usable(dataset, one := completed(dataset, match))
        ]
        if len(usable) == 1:
            return usable[0], ()
        if usable:
            best = max(len(one.found) for one in usable)
            first = [one for one in usable if len(one.found) == best]
            return None, tuple(first if len(first) > 1 else usable)
    return None, tuple(one for matches in called.values() for one in matches)


def _has_enough(dataset: Dataset, found: Match) -> bool:
    """Tell whether a table has what makes a row unique, and most of what there is to tell of it."""
    needed = required(dataset)
    rest = [name for name in physical(dataset) if name not in needed]
    there = sum(name in found.found for name in rest)
    return is_usable(dataset, found) and bool(rest) and there >= _ENOUGH * len(rest)
