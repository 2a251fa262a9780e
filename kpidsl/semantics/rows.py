"""What names mean on a dataset's row: columns, paths over joins, conformed dimensions.

Derived columns and dimensions are inlined here, so later stages see physical columns only. Every
expression that is reached over a join is null where the partner is missing; it is wrapped in
`Partner` unless it gives null by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Column, Dataset, Project
from kpidsl.model.grains import EDGES
from kpidsl.model.types import UNKNOWN
from kpidsl.semantics import errors, join_errors
from kpidsl.semantics.bound import (
    BROKEN,
    Bound,
    Bucketed,
    ColumnMember,
    DimensionMember,
    Grain,
    Member,
    MemberValue,
    Part,
    PathMember,
    RowColumn,
)
from kpidsl.semantics.declared_types import as_declared, in_declared_unit
from kpidsl.semantics.filters_on_rows import of_own_time, on_row, with_filter
from kpidsl.semantics.functions import AGGREGATES, CONTEXTUAL, NEIGHBOURS
from kpidsl.semantics.listed_values import listed_values
from kpidsl.semantics.moves import edge
from kpidsl.semantics.nested import nested
from kpidsl.semantics.over import over
from kpidsl.semantics.paths import Path, paths
from kpidsl.semantics.sequences import SequenceBinder
from kpidsl.semantics.shared_names import is_rejected, seen_from, shared_names
from kpidsl.semantics.time_habits import time_of_row
from kpidsl.semantics.times import of_time
from kpidsl.semantics.unavailable import is_left_out, not_available
from kpidsl.semantics.unit_names import DeclaredUnits
from kpidsl.semantics.walks import used_at
from kpidsl.source import Span
from kpidsl.syntax import tree
from kpidsl.syntax.tree import Expr


class RowNames:
    """Everything that can be said about a project's rows; answers are remembered."""

    def __init__(self, project: Project, sink: Sink) -> None:
        self.project, self.sink = project, sink
        self.units = DeclaredUnits(project, sink)
        self._columns: dict[tuple[str, str], Bound] = {}
        self._required: dict[tuple[str, str], tuple[Bound, ...]] = {}
        self._dimensions: dict[tuple[str, Path, str], Bound] = {}
        self._required_of: dict[tuple[str, Path, str], tuple[Bound, ...]] = {}
        self._open: list[tuple[str, str, Span]] = []
        self._listed: dict[Bound, tuple[str, ...]] = {}
        self.filter: Callable[[str], Bound] = lambda _: BROKEN
        """The condition of a named filter; the checker sets it."""
        self.derive: Callable[[RowBinder, str, tree.Call], Bound] = lambda *_: BROKEN
        """The value of a call over other rows in a column's formula; the checker sets it."""

    def column(self, dataset: str, column: Column) -> Bound:
        """Return a column's value on its own dataset's row: itself, or its formula inlined."""
        if column.expr is None:
            unit = None if column.unit is None else self.units.column(dataset, column)
            return RowColumn((), dataset, column.name, column.type, unit)
        known = self._columns.get((dataset, column.name))
        if known is not None:
            return known
        expr = column.expr.expr
        bound, required = self._once(dataset, column.name, column.span, expr, dataset, ())
        if bound.type is not UNKNOWN and column.unit is not None:
            bound = in_declared_unit(bound, dataset, column, self.units, self.sink)
        if bound.type is not UNKNOWN and column.type is not UNKNOWN:
            bound = as_declared(bound, column, column.expr.span, self.sink)
        self._columns[dataset, column.name] = bound
        self._required[dataset, column.name] = required
        return bound

    def seen(self, path: Path, dataset: str, column: Column) -> Bound:
        """Return a column's value as seen over a path from the row."""
        value = over(path, self.column(dataset, column))
        if column.expr is not None and column.values and value.type is not UNKNOWN:
            self._listed[value] = column.values
        return value

    def listed(self, value: Bound) -> tuple[str, ...] | None:
        """Return the texts that a value on a row can be beside null, or None where nothing lists them."""
        return listed_values(value, self.project, self._listed)

    def required(self, dataset: str, column: Column) -> tuple[Bound, ...]:
        """Return what a column reads that no row may lack, itself included, on its dataset's row."""
        value = self.column(dataset, column)
        inner = self._required.get((dataset, column.name), ())
        return (value, *inner) if column.is_required and value is not BROKEN else inner

    def _once(
        self, owner: str, name: str, span: Span, expr: Expr | None, home: str, prefix: Path
    ) -> tuple[Bound, tuple[Bound, ...]]:
        """Bind a definition's formula, noticing when it comes back to itself; tell what it requires."""
        if expr is None:
            return BROKEN, ()
        for at, (other_owner, other, _) in enumerate(self._open):
            if (other_owner, other) == (owner, name):
                circle = self._open[at:]
                shown = [n if o == "dimension" else f"{o}.{n}" for o, n, _ in circle]
                self.sink.report(errors.cycle(shown, [s for _, _, s in circle]))
                return BROKEN, ()
        self._open.append((owner, name, span))
        binder = RowBinder(self, home, self.sink, prefix, None if owner == "dimension" else name)
        bound = binder.bind(expr)
        self._open.pop()
        return bound, tuple(binder.required)

    def is_open(self, name: str, *, innermost: bool = False) -> bool:
        """Tell whether a dimension's formula is being bound right now, or even no other within it."""
        opened = self._open[-1:] if innermost else self._open
        return any((owner, other) == ("dimension", name) for owner, other, _ in opened)

    def walk(self, dataset: Dataset, steps: Sequence[str], column: str, span: Span, sink: Sink) -> Bound:
        """Return the column that the joins `steps` lead to from a dataset, as seen from there."""
        found = self.find(dataset, steps, column, span, sink)
        if found is None:
            return BROKEN
        return self.seen(*found)

    def find(
        self, dataset: Dataset, steps: Sequence[str], column: str, span: Span, sink: Sink
    ) -> tuple[Path, str, Column] | None:
        """Return the column that the joins `steps` lead to: the way there, its dataset and itself."""
        path: Path = ()
        at = dataset
        for step in steps:
            join = at.joins.get(step)
            if join is None:
                if is_left_out(self.project, span, sink, ("joins", f"{at.name}.{step}")):
                    return None
                hint = join_errors.other_way(self.project, at, step, column)
                sink.report(errors.unknown(span, f"join of `{at.name}` called", step, at.joins, hint))
                return None
            target = self.project.datasets.get(join.target)
            if target is None:
                return None
            path, at = (*path, step), target
        found = at.columns.get(column)
        if found is None:
            if is_left_out(self.project, span, sink, ("columns", f"{at.name}.{column}")):
                return None
            hint = join_errors.other_way(self.project, at, column, column)
            if column in at.joins:
                target = self.project.datasets.get(at.joins[column].target)
                inner = next(iter(target.columns), "…") if target is not None else "…"
                hint = f"`{column}` is a join; its columns are reached by a path, such as `{column}.{inner}`"
            known = (*at.told_columns, *at.joins)
            sink.report(errors.unknown(span, f"column of `{at.name}` called", column, known, hint))
            return None
        return path, at.name, found

    def reach(
        self, source: str, target: str, span: Span, sink: Sink, member: str, aggregate: Span
    ) -> Path | None:
        """Return the only way from dataset to dataset; none or several are reported."""
        ways, datasets = paths(self.project, source, (target,)), self.project.datasets
        if len(ways) == 1:
            return ways[0][0]
        if ways:
            rest = member.partition(".")[2]
            roles = [f"`{'.'.join((source, *path, rest))}`" for path, _ in ways[:3]]
            help = f"name the one that is meant: {' or '.join(roles)}"
            sink.report(join_errors.ambiguous_path(span, source, target, [path for path, _ in ways], help))
        elif paths(self.project, target, (source,)):
            sink.report(join_errors.fan_out(span, source, target, member, aggregate))
        else:
            sink.report(join_errors.no_path(span, datasets[source], datasets[target]))
        return None

    def member(self, dataset: str, member: Member, span: Span, sink: Sink, aggregate: Span) -> Bound:
        """Return a dimension's or path's value on a dataset's row; what cannot be reached is reported."""
        match member:
            case DimensionMember(name=name):
                return self.dimension(dataset, (), name, span, sink)
            case PathMember(dataset=head, steps=steps, column=column):
                path = self.reach(dataset, head, span, sink, member.text, aggregate)
                if path is None:
                    return BROKEN
                return over(path, self.walk(self.project.datasets[head], steps, column, span, sink))
            case Bucketed(member=inner) | Part(member=DimensionMember() | PathMember() as inner):
                time = self.member(dataset, inner, span, sink, aggregate)
                return BROKEN if time is BROKEN else of_time(self.project, member, time)
            case ColumnMember(dataset=home, value=value):
                way = () if home == dataset else self.reach(dataset, home, span, sink, member.text, aggregate)
                return BROKEN if way is None else over(way, value)
            case Grain() | Part():
                raise AssertionError("the default time is the aggregate's affair")

    def dimension(self, dataset: str, prefix: Path, name: str, span: Span, sink: Sink) -> Bound:
        """Return a dimension's value on the row that `prefix` leads to a dataset from.

        Its formula is evaluated on the fact's own row, whatever path leads to the dataset that
        gives it: columns of a missing partner are null in it, and `coalesce` sees that.
        """
        known = self._dimensions.get((dataset, prefix, name))
        if known is not None:
            return known
        dimension = self.project.dimensions[name]
        sources = (*dimension.sources, *dimension.lacking)
        ways = paths(self.project, dataset, sources)
        if len(ways) == 1 and (lack := dimension.lacking.get(ways[0][1])):
            sink.report(not_available(span, f"the dimension `{name}` of `{dataset}`", lack))
            return BROKEN
        if len(ways) != 1:
            if ways:
                either, goal = [path for path, _ in ways], ways[0][1]
                help = join_errors.say_which(name, dataset, either, dimension.sources.get(goal))
                sink.report(join_errors.ambiguous_path(span, dataset, goal, either, help))
            elif sources:
                sink.report(join_errors.unreachable(span, dataset, name, sources, dimension.span))
            return BROKEN
        path, source = ways[0]
        expr = dimension.sources[source].expr
        own, owner = (*prefix, *path), f"{name} on {source}"
        bound, required = self._once("dimension", owner, dimension.span, expr, source, own)
        self._dimensions[dataset, prefix, name] = bound
        self._required_of[dataset, prefix, name] = required
        return bound

    def required_of_dimension(self, dataset: str, prefix: Path, name: str) -> tuple[Bound, ...]:
        """Return what a dimension's formula reads that no row may lack, once it has been bound."""
        return self._required_of.get((dataset, prefix, name), ())


class RowBinder(SequenceBinder):
    """Binds a row formula on one dataset's row, seen over the joins of `prefix` where there are some.

    `required` collects required values that the formula reads. `column` is the column whose formula it is.
    """

    def __init__(
        self, rows: RowNames, dataset: str, sink: Sink, prefix: Path = (), column: str | None = None
    ) -> None:
        super().__init__(sink)
        self.rows = rows
        self.project = rows.project
        self.home = rows.project.datasets[dataset]
        self.prefix = prefix
        self.column = column
        self.required: dict[Bound, None] = {}
        self.time: Bound | None = None
        """The time that an aggregate names with `at`, in place of the dataset's own."""
        self.has_window = False  # an aggregate's row has a window to speak of

    @property
    def defined(self) -> Project:
        return self.project

    def listed(self, value: Bound) -> tuple[str, ...] | None:
        return self.rows.listed(value)

    def name(self, expr: tree.Name) -> Bound:
        if len(expr.parts) == 1:
            return self._short(expr)
        head, *steps, column = expr.parts
        home = self.home
        if head in home.joins:
            return self._column_at(self.prefix, home, (head, *steps), column, expr.span)
        other = self.project.datasets.get(head)
        if other is None:
            names = (("joins", f"{home.name}.{head}"), ("datasets", head))
            if is_left_out(self.project, expr.span, self.sink, *names):
                return BROKEN
            if ("datasets", head) not in self.project.rejected:
                known, what = (*home.joins, *self.project.datasets), f"dataset, or join of `{home.name}`,"
                self.sink.report(errors.unknown(expr.span, f"{what} called", head, known))
            return BROKEN
        path = self.rows.reach(home.name, head, expr.span, self.sink, expr.text, expr.span)
        if path is None:
            return BROKEN
        return self._column_at((*self.prefix, *path), other, steps, column, expr.span)

    def _column_at(self, prefix: Path, at: Dataset, steps: Sequence[str], column: str, span: Span) -> Bound:
        found = self.rows.find(at, steps, column, span, self.sink)
        if found is None:
            return BROKEN
        path, owner, definition = found
        return self._read((*prefix, *path), owner, definition)

    def _read(self, path: Path, dataset: str, column: Column) -> Bound:
        for value in self.rows.required(dataset, column):
            self.required[over(path, value)] = None
        return self.rows.seen(path, dataset, column)

    def _short(self, expr: tree.Name) -> Bound:
        name = expr.parts[0]
        home = self.home.name
        column = self.home.columns.get(name)
        dimension = self.project.dimensions.get(name)
        if column is not None:
            if dimension is not None and not self._same_source(name, column):
                meanings = (f"a column of `{home}`", "a dimension with another source there")
                help = f"write `{home}.{name}` for the column, or rename one"
                self.sink.report(errors.ambiguous(expr.span, name, meanings, help))
                return BROKEN
            return self._read(self.prefix, home, column)
        if dimension is not None and not self.rows.is_open(f"{name} on {home}", innermost=True):
            return self._dimension(name, expr.span)
        if name in self.project.filters:
            return self._filter(name, expr.span)
        parameter = self.parameter(expr, self.rows.units)
        if parameter is not None:
            return parameter
        if self.has_window and name in EDGES and not is_rejected(self.project, name):
            return edge(name, expr.span)
        if name in self.project.metrics:
            self.sink.report(nested(expr, self.project, self.home))
        elif is_left_out(self.project, expr.span, self.sink, ("columns", f"{home}.{name}")):
            return BROKEN
        elif not is_rejected(self.project, name):
            hint = time_of_row(name, self.project, None if self.home.time is None else self.home.time.text)
            if name in self.home.joins:
                hint = f"joined columns are reached by a path: `{name}.…`"
            candidates = seen_from(self.home, self.project, name)
            self.sink.report(errors.unknown(expr.span, f"column of `{home}` called", name, candidates, hint))
        return BROKEN

    def _filter(self, name: str, span: Span) -> Bound:
        """Return a named filter's condition with the value that each dimension has on this row."""
        return on_row(used_at(self.rows.filter(name), name, span), self._value_of)

    def _value_of(self, value: MemberValue) -> Bound:
        sink = Sink()
        bound = self._member(value.member, value.span, sink)
        self.sink.extend(with_filter(value, sink))
        return bound

    def _member(self, member: Member, span: Span, sink: Sink) -> Bound:
        binder = RowBinder(self.rows, self.home.name, sink, self.prefix)
        match member:
            case DimensionMember(name=name):
                bound = binder._dimension(name, span)
            case PathMember(dataset=head, steps=steps, column=column):
                path = self.rows.reach(self.home.name, head, span, sink, member.text, span)
                if path is None:
                    return BROKEN
                other = self.project.datasets[head]
                bound = binder._column_at((*self.prefix, *path), other, steps, column, span)
            case Bucketed(member=inner) | Part(member=DimensionMember() | PathMember() as inner):
                time = self._member(inner, span, sink)
                return BROKEN if time is BROKEN else of_time(self.project, member, time)
            case ColumnMember(value=value):
                bound = value
            case Grain() | Part():
                binder.time = self.time
                return of_own_time(member, binder.moment(), self.home, self.project, span, sink)
        self.required |= binder.required
        return bound

    def _dimension(self, name: str, span: Span) -> Bound:
        home, prefix = self.home.name, self.prefix
        bound = self.rows.dimension(home, prefix, name, span, self.sink)
        self.required |= dict.fromkeys(self.rows.required_of_dimension(home, prefix, name))
        return bound

    def _same_source(self, name: str, column: Column) -> bool:
        """Tell whether a dimension of a column's name means that column here."""
        home = self.home.name
        if home not in self.project.dimensions[name].sources or self.rows.is_open(f"{name} on {home}"):
            # Not bound on this dataset, or this formula is the dimension's own: the column is meant.
            return True
        value = self.rows.dimension(home, (), name, column.span, Sink())
        return value == self.rows.column(home, column) or value is BROKEN

    def knows(self, name: str) -> bool:
        project, home = self.project, self.home
        known = (home.columns, home.joins, project.metrics, project.datasets, *shared_names(project))
        return any(name in names for names in known) or any(name == other for _, other in project.rejected)

    def call(self, expr: tree.Call) -> Bound:
        if self.column is not None and (expr.function in AGGREGATES or expr.function in NEIGHBOURS):
            return self.rows.derive(self, self.column, expr)
        if expr.function in AGGREGATES or expr.function in CONTEXTUAL:
            self.sink.report(nested(expr, self.project, self.home))
            return BROKEN
        return super().call(expr)

    def on(self, dataset: str, sink: Sink) -> RowBinder:
        return RowBinder(self.rows, dataset, sink)

    def moment(self) -> Bound | None:
        own = self.home.time
        return self.time if self.time is not None or own is None else self.name(own)

    def own_key(self) -> tuple[Bound, ...]:
        columns = (self.home.columns[name] for name in self.home.key if name in self.home.columns)
        return tuple(over(self.prefix, self.rows.column(self.home.name, column)) for column in columns)
