"""A dataset's rows in SQL: its source, its joins, and expressions on a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Column, Identifier, SqlFragment
from kpidsl.model.types import Kind
from kpidsl.plan.histories import in_simple_values, level_of
from kpidsl.plan.nodes import Filter, Lookup, Marked, RowSource
from kpidsl.plan.reading import rows_with
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import (
    Bound,
    Derived,
    Earliest,
    InSet,
    KeyValue,
    Member,
    Partner,
    RowColumn,
    RowSequence,
)
from kpidsl.semantics.check import CheckedDataset, CheckedProject
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.fragments import query_tree
from kpidsl.semantics.histories import at_home
from kpidsl.semantics.matches import computed_keys
from kpidsl.semantics.over import moved, over
from kpidsl.semantics.paths import Path
from kpidsl.semantics.walks import conjuncts, joins_of, sequences_of, steps_of
from kpidsl.source import Span
from kpidsl.sql import errors, nodes
from kpidsl.sql.candidates import Picked
from kpidsl.sql.days_of_rows import days_of_rows
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.nearest import AsOfJoins
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import identifier_of, named_table, physical, scaled, table
from kpidsl.sql.products import Value
from kpidsl.sql.reserved import RESERVED
from kpidsl.sql.sequences import SequenceExpressions
from kpidsl.sql.sources import FilteredSource, Source
from kpidsl.sql.times import LookupTables
from kpidsl.sql.values import as_declared


@dataclass(frozen=True, slots=True)
class SetColumns:
    """Under which alias a set is joined, and its columns.

    `found` is null where nothing is found, `first` the earliest time.
    """

    alias: str
    found: str
    first: str | None


class RowExpressions(SequenceExpressions, AsOfJoins):
    """Lowers expressions on the rows of one dataset and of its partners."""

    def __init__(
        self,
        project: CheckedProject,
        dataset: str,
        dialect: Dialect,
        tables: LookupTables,
        sink: Sink,
        span: Span,
        taken: set[str] | None = None,
    ) -> None:
        super().__init__(project, dialect, tables, sink, span)
        self.dataset = dataset
        self.taken: set[str] = set() if taken is None else taken
        self.marks: dict[RowSequence, str] = {}
        self.aliases: dict[Path, str] = {(): self.alias(dataset, named_table(project, dataset))}
        self.sources: dict[str, Source] = {}
        """What the aliases stand for."""
        self.picked: dict[str, Picked] = {}
        self.in_one_pass = not dialect.has_subqueries_in_joins
        self.buckets: Mapping[Member, Node] = {}
        """The buckets beside a row, where it is counted in windows."""
        self.sets: Mapping[InSet, SetColumns] = {}
        """What is found in the sets in which the row's values are sought."""
        self.earliest: SetColumns | None = None
        """The set whose times are looked at."""
        self.ever: dict[Path, str] = {}
        """The aliases of what tells whether a row exists, where partners that do not are joined for that."""
        self.joins_ever = False
        self.asked: tuple[Bound, ...] = ()
        """Conditions beside those that are filtered by."""
        self.has_all_rows = False
        """Whether the rows that do not exist at the instant are read too."""

    def alias(self, wanted: str, of: str | None = None) -> str:
        """Return what a table is called in the select; `of` is the name that it has outside of it.

        No other table has it: beside `shops AS towns` ClickHouse reads `towns AS origin` as the shops.
        """
        others = self.tables.taken - self.tables.no_tables - {of}
        alias = unique_name(f"{wanted}_" if wanted in RESERVED else wanted, self.taken | others)
        self.taken.add(alias)
        return alias

    def atom(self, value: Value) -> Node:
        match value:
            case RowColumn(path=path, dataset=dataset, column=column):
                return self.column_at(self.aliases[path], dataset, column)
            case Derived():
                return self._derived(value)
            case Partner(path=path, value=inner):
                target = self._target(path)
                if self.aliases[path] in self.picked:
                    return nodes.case([(self.picked[self.aliases[path]].is_found, self.value(inner))], None)
                key = target.definition.key[0]
                found = nodes.is_not_null(
                    self.column_at(self.aliases[path], target.definition.name, key, plain=True)
                )
                return nodes.case([(found, self.value(inner))], None)
            case RowSequence():
                return self.sequence(value)
            case KeyValue(member=member):
                return self.buckets[member].copy()
            case InSet():
                return nodes.is_not_null(self._in_set(value))
            case Earliest():
                assert self.earliest is not None
                assert self.earliest.first is not None
                return nodes.column(self.earliest.alias, self.earliest.first)
            case _:
                raise AssertionError(f"{value} on a row")

    def _derived(self, value: Derived) -> Node:
        """Return a value over the whole history; the source of its rows then is a step that has it."""
        home = at_home(value)
        simple = in_simple_values(home, self.project)
        if simple is not home:
            return self.value(over(value.path, simple))
        alias = self.aliases[value.path]
        picked = self.picked.get(alias)
        if picked is not None:
            return picked.value(home, value.column)
        histories = self.tables.histories
        if not histories.knows(value.dataset):
            histories.set_apart(value.dataset, self.physical_names(value.dataset))
        level = level_of(home, self.project, histories.levels)
        return nodes.column(alias, self.sources[alias].ask(home, level))

    def physical_names(self, dataset: str) -> set[str]:
        """Return the names that the columns of a table have, as far as they are known."""
        columns = self.project.datasets[dataset].definition.columns.values()
        named = {c.physical.text.lower() for c in columns if not c.is_derived}
        fragments = [query_tree(c.sql) for c in columns if c.sql is not None]
        return named | {found.name.lower() for tree in fragments for found in tree.find_all(exp.Column)}

    def on(self, dataset: str, *, beside: bool) -> RowExpressions:
        """Return the expressions on another dataset's rows; `beside` these rows, names differ from theirs."""
        taken = self.taken if beside else None
        return RowExpressions(self.project, dataset, self.dialect, self.tables, self.sink, self.span, taken)

    def _in_set(self, sought: InSet) -> Node:
        columns = self.sets[sought]
        return nodes.column(columns.alias, columns.found)

    def fails(self, condition: Value) -> Node:
        """Return SQL that is true exactly where the condition is not true; what is not found is null."""
        return (
            nodes.is_null(self._in_set(condition))
            if isinstance(condition, InSet)
            else super().fails(condition)
        )

    def _target(self, path: Path) -> CheckedDataset:
        name = self.dataset
        for step in path:
            name = self.project.datasets[name].definition.joins[step].target
        return self.project.datasets[name]

    def column_at(self, alias: str, dataset: str, name: str, *, plain: bool = False) -> Node:
        """Return a column of the table under an alias; `plain` leaves it as the table has it."""
        column = self.project.datasets[dataset].definition.columns[name]
        node = self.source_value(alias, column)
        if column.stored is not None:
            node = nodes.cast(node, self.dialect.text_type)
        node = as_declared(node, column.type, self.dialect)
        if plain and not self.dialect.keys_as_values:
            return node
        if column.type.kind is Kind.TEXT and self.dialect.in_code_point_order is not None:
            # The table may declare its texts case-insensitive there; the language never compares so.
            return self.dialect.in_code_point_order(node)
        if column.type.kind is Kind.DECIMAL and self.dialect.scaled_decimals:
            return scaled(node, column.type.precision, column.type.scale)
        form = self.dialect.columns.get(column.type.kind)
        return node if form is None else form(node)

    def source_value(self, alias: str, column: Column) -> Node:
        picked = self.picked.get(alias)
        if picked is not None:
            return picked.column(column)
        if column.sql is None:
            return self.physical_at(alias, column.physical)
        tree = self._own_sql(column.sql)
        if tree is None:
            return exp.Null()
        for found in list(tree.find_all(exp.Column)):
            self.sources[alias].read((identifier_of(found),))
            found.set("table", exp.Identifier(this=alias, quoted=False))
        return nodes.atom(tree)

    def physical_at(self, alias: str, name: Identifier) -> Node:
        """Return a column as the table has it, under an alias."""
        self.sources[alias].read((name,))
        return physical(alias, name)

    def _own_sql(self, fragment: SqlFragment) -> Node | None:
        if fragment.dialect != self.dialect.name:
            self.sink.report(
                errors.unsupported(
                    fragment.span,
                    f"SQL written for {fragment.dialect}",
                    self.dialect.name,
                    "its meaning may differ there",
                    f"compile with `--dialect {fragment.dialect}`, or write the formula in the language",
                )
            )
            return None
        return query_tree(fragment)

    def source(self, dataset: str, alias: str) -> Source:
        """Return the table, or the author's select, under an alias."""
        definition = self.project.datasets[dataset].definition
        if definition.sql is not None:
            tree = self._own_sql(definition.sql) or exp.Select()
            node: Node = nodes.subquery(tree, alias)
        else:
            node = table(definition.table or (Identifier(dataset, False),), alias)
        self.sources[alias] = Source(dataset, alias, node, self.tables.histories)
        return self.sources[alias]

    def select(self, rows: RowSource) -> exp.Select:
        """Return a select over the rows, without its columns."""
        filtered = rows if isinstance(rows, Filter) else Filter(rows, ())
        marked = filtered.input if isinstance(filtered.input, Marked) else Marked(filtered.input, ())
        self.bounds = days_of_rows(filtered)
        query = exp.Select()
        own = self.source(self.dataset, self.aliases[()])
        own.has_all_rows = self.has_all_rows
        query.set("from_", exp.From(this=own.node))
        joins: list[exp.Join] = []
        if isinstance(marked.input, Lookup):
            one_pass = marked.input.in_one_pass or not self.dialect.has_correlated_selects
            self.in_one_pass = self.in_one_pass or one_pass
            joins = [join for path in self._in_order(marked.input.paths) for join in self._joins(path)]
            joins.extend(self._joins_ever((*filtered.all_of, *chain(*filtered.any_of), *self.asked)))
        joins.extend(self.mark(sequence, filtered) for sequence in self.to_mark(marked))
        if joins:
            query.set("joins", joins)
        wanted = [self.holds(condition) for condition in filtered.all_of]
        if filtered.any_of:
            alternatives = [nodes.all_of([self.holds(c) for c in group]) for group in filtered.any_of]
            wanted.append(nodes.any_of(alternatives))
        if wanted:
            query.set("where", exp.Where(this=nodes.all_of(wanted)))
        return query

    def _in_order(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Return the paths, each after those that it is found by: those that its match walks too."""
        ordered: dict[Path, None] = {}
        for path in paths:
            self._add_in_order(path, ordered)
        return ordered

    def _add_in_order(self, path: Path, ordered: dict[Path, None]) -> None:
        if path in ordered:
            return
        match = self._parent(path).matches.get(path[-1])
        needed = () if match is None else tuple((*path[:-1], *walked) for walked in match.needed())
        for before in (path[:-1], *needed):
            for length in range(1, len(before) + 1):
                self._add_in_order(before[:length], ordered)
        ordered[path] = None

    def _parent(self, path: Path) -> CheckedDataset:
        return self._target(path[:-1])

    def _joins(self, path: Path) -> list[exp.Join]:
        own = self.aliases[path[:-1]]
        parent = self._parent(path).definition
        join = parent.joins[path[-1]]
        target = self._target(path)
        alias = self.aliases[path] = self.alias("_".join(path), named_table(self.project, join.target))
        match = self._parent(path).matches.get(join.name)
        if match is not None and match.pick is not None:
            return self.nearest_joins(path, alias, parent.name, join, match.pick)
        computed = computed_keys(parent, join)
        source = self.source(join.target, alias)
        source.has_all_rows = self._exists_by_its_row(path)
        condition = self._asked_of(path)
        if condition is not None and self._needs_select(condition):
            source = self.sources[alias] = self._filtered(source, condition)
        on = [
            nodes.compare(
                exp.EQ,
                self.column_at(own, parent.name, mine, plain=True),
                self.column_at(alias, target.definition.name, theirs, plain=True),
            )
            for theirs, mine in join.keys
            if (theirs, mine) not in computed
        ]
        if match is not None and match.condition is not None:
            on.extend(self._condition_at(path[:-1], match.condition))
        if condition is not None and not self._needs_select(condition):
            on.extend(self._condition_at(path, condition))
        return [exp.Join(this=source.node, side="LEFT", on=nodes.all_of(on))]

    def _asked_of(self, path: Path) -> Bound | None:
        """Return the condition on the rows of a join's target: on all of them where those are joined that
        tell whether a row exists."""
        target = self._target(path)
        if target.condition is None or not self._exists_by_its_row(path):
            return target.condition
        rest = tuple(part for part in conjuncts(target.condition) if part != target.exists)
        return conjunction(rest) if rest else None

    def _exists_by_its_row(self, path: Path) -> bool:
        """Tell whether a partner is joined whether it exists or not, since its row is tested by it."""
        return self.joins_ever or self._exist_together(path)

    def _exist_together(self, path: Path) -> bool:
        """Tell whether a partner exists wherever its row does: the row has its time from it, and both are
        tested by that."""
        parent, target = self._parent(path), self._target(path)
        if target.time is None or parent.definition.lies_ahead or target.definition.lies_ahead:
            return False
        return parent.exists is not None and parent.time == over(path[-1:], target.time)

    def _joins_ever(self, asked: Collection[Bound]) -> list[exp.Join]:
        """Return the joins to what tells whether a row exists, where that is asked and some of it may not.

        Whether a row does is told by the times as they are stored, before partners that do not are gone.
        """
        exists = self.project.datasets[self.dataset].exists
        paths = steps_of((exists,)) if exists is not None and exists in asked else ()
        if any(self._is_nearest(path) for path in paths) or not any(map(self._may_be_gone, paths)):
            return []
        own, self.joins_ever = self.aliases, True
        self.aliases = self.ever = dict(own)
        joins = [join for path in paths for join in self._joins(path)]
        self.aliases, self.joins_ever = own, False
        return joins

    def _may_be_gone(self, path: Path) -> bool:
        return self._target(path).exists is not None and not self._exist_together(path)

    def _is_nearest(self, path: Path) -> bool:
        match = self._parent(path).matches.get(path[-1])
        return match is not None and match.pick is not None

    def holds(self, condition: Value) -> Node:
        if not self.ever or condition != self.project.datasets[self.dataset].exists:
            return super().holds(condition)
        own, self.aliases = self.aliases, self.ever
        node = super().holds(condition)
        self.aliases = own
        return node

    def _needs_select(self, condition: Bound) -> bool:
        """Tell whether a joined dataset's condition is more than a comparison of its own columns."""
        return bool(joins_of(condition) or sequences_of(condition))

    def _condition_at(self, path: Path, condition: Bound) -> list[Node]:
        return [self.holds(moved(path, part)) for part in conjuncts(condition)]

    def _filtered(self, source: Source, condition: Bound) -> Source:
        """Return a joined dataset whose condition needs joins of its own, as a select under its alias."""
        dataset, alias = source.dataset, source.alias
        inner = self.on(dataset, beside=False)
        inner.has_all_rows = source.has_all_rows
        query = inner.select(rows_with(dataset, (condition,), in_one_pass=self.in_one_pass))
        own = inner.aliases[()]
        columns = [c for c in self.project.datasets[dataset].definition.columns.values() if c.expr is None]
        selected = [c.physical for c in columns if c.sql is None]
        for fragment in (c.sql for c in columns if c.sql is not None):
            tree = inner._own_sql(fragment)
            for found in tree.find_all(exp.Column) if tree is not None else ():
                selected.append(identifier_of(found))
        query.set("expressions", [inner.physical_at(own, name) for name in dict.fromkeys(selected)])
        node = nodes.subquery(query, alias)
        return FilteredSource(dataset, alias, node, self.tables.histories, inner.atom)
