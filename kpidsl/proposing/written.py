"""A proposed binding as YAML, with a remark for each guess that is more than an equal name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines.stored_types import is_without_zone, names_a_zone, type_of_engine
from kpidsl.loading.schema_help import in_one_line
from kpidsl.model.definitions import Column, Dataset, Project
from kpidsl.model.grains import Cut
from kpidsl.model.lexicons import Instead
from kpidsl.model.plain_names import plain
from kpidsl.model.types import BOOLEAN, Kind
from kpidsl.model.zones import is_utc
from kpidsl.proposing.known import Bound, Known
from kpidsl.proposing.matching import Guess, Match, physical
from kpidsl.proposing.phrases import Locale, say
from kpidsl.source import SourceFile
from kpidsl.sql import nodes
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.dialects.declared import AT_UTC
from kpidsl.sql.emit import finished
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import LookupTables
from kpidsl.syntax import parse_formula, tree

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_MOST = 24
"""How many of a table's other columns are shown."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes bindings to tables of an engine, with remarks in a language.

    `zone` is the one of times that are stored without any, None where nobody said.
    """

    dialect: Dialect
    locale: Locale
    zone: str | None = None

    def binding(
        self,
        lexicon: str,
        project: Project,
        schemas: Sequence[Known],
        tables: Mapping[str, Match],
        undecided: Mapping[str, tuple[Match, ...]],
        always: Mapping[str, tuple[str, ...]] | None = None,
        ready: Mapping[str, tuple[Instead, int]] | None = None,
    ) -> str:
        """Return `use:` and `bind:` for a lexicon's datasets in tables of known schemas, and in others.

        Tables among which nothing decides stand there as remarks, each whole.

        `always` are columns of a dataset without which nothing of it is there, `ready` columns that may be
        a constant, each with the number of KPIs that need no more then.
        """
        used = [one for one in schemas if one.bound]
        others = [one.name for one in used if one.name != lexicon.partition("@")[0]]
        lines = [f"use: [{', '.join((lexicon, *others))}]", "bind:"]
        for known in used:
            for name, bound in known.bound.items():
                lines.extend(self._of_schema(name, bound, (ready or {}).get(name)))
            lines.extend(self._absent(known))
        for name, found in tables.items():
            dataset = project.datasets[name]
            lines.append(f"  {name}:")
            lines.extend(self._remarks(dataset, found, (always or {}).get(name, ()), (ready or {}).get(name)))
            lines.extend(self._dataset(dataset, found))
        has_none = len(lines) == 2
        if has_none:
            # A key without a value would be one mistake more.
            lines[1:2] = ["# bind:"] if undecided else []
        for name, matches in undecided.items():
            marked = self._behind_marks(project.datasets[name], matches)
            lines.extend(f"#   {line}" if has_none else f"  # {line}" for line in marked)
        return "\n".join(lines) + "\n"

    def _behind_marks(self, dataset: Dataset, matches: tuple[Match, ...]) -> Iterator[str]:
        named = _listed(tuple(one.table.name for one in matches))
        yield f"# {say(self.locale, 'which', dataset.name, named)}"
        for one in matches:
            yield f"{dataset.name}:"
            lines = (*self._remarks(dataset, one, (), None), *self._dataset(dataset, one))
            yield from (line.removeprefix("  ") for line in lines)

    def _of_schema(self, name: str, bound: Bound, ready: tuple[Instead, int] | None) -> Iterator[str]:
        """Yield what a project has to say of a dataset that another lexicon binds, if anything."""
        is_elsewhere = "." in bound.table.name
        if not (is_elsewhere or bound.lacks or ready):
            return
        yield f"  {name}:"
        if ready is not None:
            yield self._ready(ready)
        yield f"    table: {in_one_line(self._table(bound.table.name))}"
        if bound.lacks:
            yield f"    lacks: [{', '.join(bound.lacks)}]"

    def _absent(self, known: Known) -> Iterator[str]:
        for name, table in known.absent.items():
            yield f"  {name}: false  # {say(self.locale, 'absent', table)}"
        for name, there in known.several.items():
            yield f"  {name}: false  # {say(self.locale, 'either', _listed(there))}"
        for name, one in known.found.items():
            if one.needed:
                yield f"  {name}: false  # {say(self.locale, 'needed', one.table.name, _listed(one.needed))}"

    def _ready(self, ready: tuple[Instead, int]) -> str:
        one, count = ready
        column = one.column.partition(".")[2]
        constant = f"{column}: {one.constant}"
        return f"    # {say(self.locale, 'ready', count, f'columns: {{{constant}}}', column, one.constant)}"

    def _remarks(
        self, dataset: Dataset, found: Match, always: tuple[str, ...], ready: tuple[Instead, int] | None
    ) -> Iterator[str]:
        if always:
            examples = tuple(f"{name}: {_example(dataset.columns[name])}" for name in always)
            yield f"    # {say(self.locale, 'always', _listed(always), _listed(examples))}"
        if ready is not None:
            yield self._ready(ready)
        texts = tuple(name for name, own in found.given.items() if own is None)
        if texts:
            yield f"    # {say(self.locale, 'constant', _listed(texts))}"
        types = dict(found.table.columns)
        days = tuple(name for name, own in found.given.items() if own and names_a_zone(types[own]))
        if days and self.zone is None:
            yield f"    # {say(self.locale, 'days', _listed(days))}"
        for name, others in found.open.items():
            yield f"    # {say(self.locale, 'open', _listed(others), name)}"
        mistyped = {name: pair for name, pair in found.mistyped.items() if name not in found.given}
        for name, (own, type) in mistyped.items():
            yield f"    # {say(self.locale, 'mistyped', own, name, type)}"

    def _dataset(self, dataset: Dataset, found: Match) -> Iterator[str]:
        wanted = physical(dataset)
        types = dict(found.table.columns)
        table = in_one_line(self._table(found.table.name))
        why = _remark(_why_table(dataset, found, self.locale))
        if found.given:
            yield from (
                f"    sql: {in_one_line(self._select(found))}{why}",
                f"    dialect: {self.dialect.name}",
            )
        else:
            yield f"    table: {table}{why}"
        columns = [
            f"      {name}: {in_one_line(written)}{_remark(why)}"
            for name, column in wanted.items()
            if (guess := found.found.get(name)) is not None
            for written, why in self._column(column, guess, types[guess.own])
        ]
        yield from ["    columns:", *columns] if columns else []
        yield from self._own(found)
        lacks = [name for name in wanted if name not in found.found and name not in found.given]
        if lacks:
            short = f"    lacks: [{', '.join(lacks)}]"
            yield from (
                [short] if len(short) <= 100 else ["    lacks:", *(f"      - {name}" for name in lacks)]
            )

    def _select(self, found: Match) -> str:
        """Return the rows of a table with what it does not have."""
        types = dict(found.table.columns)
        values = {
            name: nodes.text("…") if own is None else self._day(own, types[own])
            for name, own in found.given.items()
        }
        query = exp.Select(
            expressions=[exp.Star(), *(nodes.alias(value, name) for name, value in values.items())],
            from_=exp.From(this=exp.to_table(self._table(found.table.name), dialect=self.dialect.name)),
        )
        return finished(query, self.dialect).sql(self.dialect.name)

    def _day(self, own: str, type: str) -> Node:
        """Return the day of a time: of an instant, that in the zone which was named, else in UTC."""
        time: Node = exp.Column(this=self._identifier(own))
        return nodes.cast(self._local(time) if self._is_instant(type) else time, "date")

    def _local(self, instant: Node) -> Node:
        zone = self.zone or "UTC"
        told = self.dialect.declared_instead[Kind.TIMESTAMP]
        if told is AT_UTC:
            return exp.AtTimeZone(this=instant, zone=nodes.text(zone))
        utc = instant if told.sql is None else told.sql(instant)
        tables = LookupTables()
        times = self.dialect.times(Cut(zone), self.dialect.forms["bucket"], tables)
        local = utc if is_utc(zone) else times.local(utc, "UTC", None)
        # Where a zone has to be written out beside the select, its days are those of UTC.
        return utc if tables.ctes else local

    def _is_instant(self, type: str) -> bool:
        """Tell whether a column's times compare as instants, which are of no day by themselves."""
        is_other = self.dialect.compares_otherwise(Kind.TIMESTAMP, type)
        return is_other and not self.dialect.times_are_instants

    def _is_read_by_an_expression(self, kind: Kind, type: str) -> bool:
        """Tell whether an instant, or a text, compares otherwise than a column that is declared as one."""
        if kind is Kind.TIMESTAMP:
            return self._is_instant(type)
        return kind is Kind.TEXT and self.dialect.compares_otherwise(kind, type)

    def _identifier(self, name: str) -> exp.Identifier:
        return exp.Identifier(this=name, quoted=self._needs_quotes(name))

    def _own(self, found: Match) -> Iterator[str]:
        """Yield the table's other columns with their types, as formulas of the binding read them."""
        taken = {guess.own for guess in found.found.values()}
        # What is read by an expression, no column of the table is declared to be.
        others = [
            (own, text)
            for own, text in found.table.columns
            if own not in taken
            and not any(self._is_read_by_an_expression(kind, text) for kind in (Kind.TIMESTAMP, Kind.TEXT))
        ]
        told = {plain(own): self._type(own, text) for own, text in others}
        named = {name: told for name, told in told.items() if told is not None and _NAME.fullmatch(name)}
        if named:
            first = dict(list(named.items())[:_MOST])
            remark = say(self.locale, "others" if first == named else "some_others")
            yield f"    own: {in_one_line(first)}  # {remark}"

    def _type(self, own: str, text: str) -> object | None:
        """Return what `own:` says of a column of the table, None where its type is none of the language's."""
        type = type_of_engine(text)
        if type is None:
            return None
        told = {} if own == plain(own) else {"column": self._quoted(own)}
        if type.kind is Kind.TIMESTAMP:
            is_naive = is_without_zone(text, self.dialect.name, self.dialect.times_are_instants)
            told["timezone"] = (self.zone if is_naive else None) or "UTC"
        return {**told, "type": str(type)} if told else str(type)

    def _column(self, column: Column, guess: Guess, type: str) -> Iterator[tuple[object, str | None]]:
        """Yield how a binding says where a column is, with its remark; nothing where it need not."""
        name, own = column.name, self._quoted(guess.own)
        at = {} if guess.own == name else {"column": own}
        why = _why(guess, self.locale)
        read_as = self._read_as(column, guess.own, type)
        if read_as is not None:
            yield read_as, why
        elif column.type.kind is Kind.TIMESTAMP and is_without_zone(
            type, self.dialect.name, self.dialect.times_are_instants
        ):
            asked = None if self.zone is not None else say(self.locale, "no_zone")
            yield {**at, "timezone": self.zone or "UTC"}, "; ".join(x for x in (why, asked) if x) or None
        elif guess.type is not None:
            yield {**at, "type": str(guess.type)}, why
        elif at:
            read = parse_formula(SourceFile("", guess.own), Sink())
            yield (guess.own if own == guess.own and isinstance(read, tree.Name) else at), why

    def _read_as(self, column: Column, own: str, type: str) -> dict[str, str] | None:
        """Return how an instant, or a text, is read whose own type compares otherwise than declared."""
        kind = column.type.kind
        if not self._is_read_by_an_expression(kind, type):
            return None
        told = self.dialect.declared_instead[kind]
        return {"sql": told.sql_of(self._identifier(own), self.dialect.name), "dialect": self.dialect.name}

    def _quoted(self, name: str) -> str:
        """Return a name of the warehouse with quotes where it needs them to be found."""
        return '"' + name.replace('"', '""') + '"' if self._needs_quotes(name) else name

    def _needs_quotes(self, name: str) -> bool:
        is_mixed = name not in (name.lower(), name.upper())
        return not _PLAIN.fullmatch(name) or (self.dialect.folds_names and is_mixed)

    def _table(self, name: str) -> str:
        return ".".join(self._quoted(part) for part in name.split("."))


def _example(column: Column) -> str:
    """Return what a column may be bound to where the table does not tell: nothing is a test, or cancelled."""
    if column.type == BOOLEAN:
        return "false"
    return "'null'" if column.type.is_time else "…"


def _why_table(dataset: Dataset, found: Match, locale: Locale) -> str | None:
    if found.ground == "synonym":
        return say(locale, "table_synonym", dataset.name)
    if found.ground == "columns":
        return say(locale, "table_columns", len(found.found), len(physical(dataset)))
    return None


def _why(guess: Guess, locale: Locale) -> str | None:
    if guess.type is not None and guess.type.kind is not Kind.UNKNOWN:
        return say(locale, "stored", guess.type)
    return None if guess.ground == "name" else say(locale, guess.ground)


def _remark(text: str | None) -> str:
    return "" if text is None else f"  # {text}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
