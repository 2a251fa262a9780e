"""Columns over the whole history: what they aggregate, and in which order.

    first_order_at: min(orders.ordered_at)                           the rows that lead to this one
    order_number: row_number(per customer_id order by ordered_at)    the rows that share a key with it

Neither the query's group nor its filter nor its window touches them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpidsl.model.definitions import Dataset, Join, Project
from kpidsl.model.types import INTEGER, UNKNOWN, Type
from kpidsl.semantics import derived_errors, errors, join_errors, time_errors
from kpidsl.semantics.aggregates import AggregateBinder, is_fraction
from kpidsl.semantics.bound import (
    BROKEN,
    Aggregate,
    Apply,
    Bound,
    Children,
    Constant,
    Derived,
    Grain,
    OrderedBy,
    ParameterRef,
    RowColumn,
    Siblings,
)
from kpidsl.semantics.conditions import lacking
from kpidsl.semantics.filters_on_rows import of_own_time
from kpidsl.semantics.functions import AGGREGATES, NEIGHBOURS
from kpidsl.semantics.over import over
from kpidsl.semantics.paths import Path, paths
from kpidsl.semantics.rows import RowBinder, RowNames
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.source import Span
from kpidsl.syntax import print_formula, tree

_OF_SIBLINGS = ("per", "including null", "order by")


def derive(binder: RowBinder, column: str, expr: tree.Call) -> Bound:
    """Return the value of a call over other rows in a column's formula, having reported what is wrong."""
    if expr.function in NEIGHBOURS or any(modifier.word in _OF_SIBLINGS for modifier in expr.modifiers):
        return _SiblingsBinder(binder, column, expr).derived()
    return _of_children(binder, column, expr)


def _require(derived: Derived, binder: RowBinder) -> None:
    """Have a row read as one that lacks something where another row lacks what its value requires.

    So an aggregate of the column is null too, and not silently too small.
    """
    aggregate = derived.form.aggregate
    if not aggregate.required:
        return
    counted = replace(derived.form, aggregate=lacking(aggregate))
    missing = replace(derived, form=counted, type=INTEGER, unit=None)
    binder.required[Apply("none", (missing,), INTEGER)] = None


# The rows that lead to a row.


class _ChildBinder(AggregateBinder):
    """Binds an aggregate in a column's formula: beside aggregates nothing stands there."""

    has_window = False

    @property
    def defined(self) -> Project:
        return self.project

    def name(self, expr: tree.Name) -> Bound:
        raise AssertionError(f"{expr} outside an aggregate")

    def call(self, expr: tree.Call) -> Bound:
        raise AssertionError(f"{expr} outside an aggregate")

    def where(self, expr: tree.Where) -> Bound:
        raise AssertionError(f"{expr} outside an aggregate")


def _of_children(binder: RowBinder, column: str, expr: tree.Call) -> Bound:
    rows, own = binder.rows, binder.home
    words = _first_words(expr)
    is_own = bool(words) and all(word in own.columns or word in own.joins for word in words)
    aggregate = BROKEN if is_own else _ChildBinder(rows, binder.sink, empty_is_null=False).aggregate(expr)
    if is_own or (isinstance(aggregate, Aggregate) and aggregate.dataset == own.name):
        told = derived_errors.which_rows(expr.span, print_formula(expr), own.name, _shared(own))
        binder.sink.report(told)
        return BROKEN
    if not isinstance(aggregate, Aggregate):
        return BROKEN
    child = rows.project.datasets[aggregate.dataset]
    if aggregate.at is None and child.until is not None:
        binder.sink.report(time_errors.no_window(expr.span, child))
        return BROKEN
    way = _way_to(rows, aggregate.dataset, own.name, expr.span, binder)
    if way is None:
        return BROKEN
    keys = _keys(rows, aggregate.dataset, way, own.name, own.key)
    if any(key is BROKEN for key in keys):
        return BROKEN
    found = Derived((), own.name, Children(aggregate, keys), aggregate.type, column, aggregate.unit)
    _require(found, binder)
    return found


def _shared(dataset: Dataset) -> str:
    """Return a column that several rows of a dataset are likely to share."""
    joined = (own for join in dataset.joins.values() for _, own in join.keys)
    others = (name for name in dataset.columns if name not in dataset.key)
    return next(iter((*joined, *others, *dataset.key)), "…")


def _first_words(expr: tree.Call) -> Sequence[str]:
    return [
        node.parts[0]
        for argument in expr.arguments[:1]
        for node in tree.walk(argument)
        if isinstance(node, tree.Name)
    ]


def _way_to(rows: RowNames, child: str, own: str, span: Span, binder: RowBinder) -> Path | None:
    """Return the only way from a dataset to the column's own; none or several are reported."""
    ways = paths(rows.project, child, (own,))
    if len(ways) == 1:
        return ways[0][0]
    if ways:
        help = f"one way must be left: define `{child}` once more with one of these joins, and aggregate that"
        binder.sink.report(join_errors.ambiguous_path(span, child, own, [path for path, _ in ways], help))
        return None
    back = paths(rows.project, own, (child,))
    if back:
        binder.sink.report(derived_errors.one_partner(span, own, child, ".".join(back[0][0])))
    elif all(join.target in rows.project.datasets for join in rows.project.datasets[child].joins.values()):
        binder.sink.report(join_errors.no_path(span, *(rows.project.datasets[name] for name in (child, own))))
    return None


def _keys(rows: RowNames, child: str, way: Path, own: str, key: Sequence[str]) -> tuple[Bound, ...]:
    """Return the values of a dataset's key on the rows that lead to it.

    A join on the key alone holds them in its own columns; any other has to be walked.
    """
    before, at = way[:-1], rows.project.datasets[child]
    for step in before:
        at = rows.project.datasets[at.joins[step].target]
    join = at.joins[way[-1]]
    if not is_on_key_alone(join, key):
        columns = rows.project.datasets[own].columns
        if any(name not in columns for name in key):
            return (BROKEN,)
        return tuple(RowColumn(way, own, name, columns[name].type) for name in key)
    own_of = dict(join.keys)
    if any(own_of[name] not in at.columns for name in key):
        return (BROKEN,)
    return tuple(over(before, rows.column(at.name, at.columns[own_of[name]])) for name in key)


def is_on_key_alone(join: Join, key: Sequence[str]) -> bool:
    """Tell whether a join finds its partner by nothing but the columns of the target's key."""
    is_plain = join.interval is None and join.nearest is None
    return is_plain and sorted(theirs for theirs, _ in join.keys) == sorted(key)


# The rows that share a key.


class _SiblingsBinder:
    def __init__(self, binder: RowBinder, column: str, expr: tree.Call) -> None:
        self.outer = binder
        self.rows = binder.rows
        self.sink = binder.sink
        self.home = binder.home
        self.column = column
        self.expr = expr
        # What the other rows read is no affair of this row.
        self.binder = RowBinder(binder.rows, binder.home.name, binder.sink)

    def derived(self) -> Bound:
        expr = self.expr
        for modifier in expr.modifiers:
            if modifier.word == "at":
                self.sink.report(derived_errors.out_of_place(modifier.span, "at", expr.function))
                return BROKEN
            if modifier.word not in _OF_SIBLINGS:
                self.binder.misplaced(modifier, expr)
                return BROKEN
        child = self._child()
        if child is not None:
            kept = tuple(m for m in expr.modifiers if m.word not in _OF_SIBLINGS)
            call = print_formula(replace(expr, modifiers=kept))
            told = derived_errors.per_of_children(expr.span, child, self.home.name, call)
            self.sink.report(told)
            return BROKEN
        sorting = [by for m in self._modifiers("order by") for by in m.arguments]
        bound = self._neighbour() if expr.function in NEIGHBOURS else self._aggregate(ordered=bool(sorting))
        keys = tuple(self._key(name) for m in self._modifiers("per") for name in m.names)
        order = tuple(map(self._ordered_by, sorting))
        nulls = self._modifiers("including null")
        if nulls and not keys:
            span = nulls[0].span
            self.sink.report(derived_errors.out_of_place(span, "including null", expr.function))
            return BROKEN
        parts = (bound, *keys, *(by.value for by in order))
        if not isinstance(bound, Aggregate) or any(part.type is UNKNOWN for part in parts):
            return BROKEN
        if expr.function in NEIGHBOURS and not order:
            example = NEIGHBOURS[expr.function].example
            self.sink.report(derived_errors.no_order(expr.span, expr.function, example))
            return BROKEN
        form = Siblings(bound, keys, order, bool(nulls))
        found = Derived((), self.home.name, form, bound.type, self.column, bound.unit)
        _require(found, self.outer)
        return found

    def _child(self) -> str | None:
        """Return the dataset that leads to this one and that the call aggregates, where it does."""
        nodes = [node for argument in self.expr.arguments for node in tree.walk(argument)]
        if any(isinstance(node, tree.Call) and node.function in AGGREGATES for node in nodes):
            return None
        for word in _first_words(self.expr):
            others = word in self.rows.project.datasets and word not in (self.home.name, *self.home.joins)
            if others and paths(self.rows.project, word, (self.home.name,)):
                return word
        return None

    def _modifiers(self, word: str) -> list[tree.Modifier]:
        return [modifier for modifier in self.expr.modifiers if modifier.word == word]

    def _ordered_by(self, by: tree.Expr) -> OrderedBy:
        if isinstance(by, tree.Negative):
            return OrderedBy(self.binder.bind(by.operand), descending=True)
        return OrderedBy(self.binder.bind(by), descending=False)

    def _key(self, name: tree.Name) -> Bound:
        """Return a key's value on the row: a column, a path, a dimension, or a bucket of the default time."""
        project, home = self.rows.project, self.home
        word = name.text
        if word not in project.grains or word in home.columns or word in project.dimensions:
            return self.binder.bind(name)
        time = None if home.time is None else self.binder.name(home.time)
        return of_own_time(Grain(word), time, home, project, name.span, self.sink)

    def _neighbour(self) -> Bound:
        """Return a row's number, or what stands some rows before or after it."""
        expr, function = self.expr, NEIGHBOURS[self.expr.function]
        if not self.binder.has_arity(expr, function):
            return BROKEN
        for argument in expr.arguments:
            if isinstance(argument, tree.Where):
                self.sink.report(errors.misplaced_where(argument.span))
                return BROKEN
        values = tuple(map(self.binder.bind, expr.arguments))
        if any(value.type is UNKNOWN for value in values):
            return BROKEN
        value, *others = values or (None,)
        if others and not _is_number_of_rows(others[0]):
            written = print_formula(expr.arguments[1])
            self.sink.report(derived_errors.offset(expr.arguments[1].span, expr.function, written))
            return BROKEN
        types = tuple(value.type for value in values)
        found = function.typing(types)
        if found is None:
            self.sink.report(errors.mismatch(expr.span, expr.function, types, function.example))
            return BROKEN
        unit = None if value is None else value.unit
        return self._over(values, None, found, unit)

    def _aggregate(self, *, ordered: bool) -> Bound:
        expr, function, home = self.expr, AGGREGATES[self.expr.function], self.home.name
        if not self.binder.has_arity(expr, function):
            return BROKEN
        arguments = [a.operand if isinstance(a, tree.Where) else a for a in expr.arguments]
        conditions = [self.binder.condition(a.condition) for a in expr.arguments if isinstance(a, tree.Where)]
        first = arguments[0]
        counts_rows = isinstance(first, tree.Name) and first.parts == (home,) and expr.function == "count"
        values = () if counts_rows else tuple(map(self.binder.bind, arguments))
        if any(part.type is UNKNOWN for part in (*values, *conditions)):
            return BROKEN
        condition = conditions[0] if conditions else None
        if len(conditions) > 1:
            condition = self.binder.apply("and", tuple(conditions), expr.span)
        types = tuple(value.type for value in values)
        found = function.typing(types)
        if found is None:
            self.sink.report(errors.mismatch(expr.span, expr.function, types, function.example))
            return BROKEN
        is_written = expr.function == "percentile" and not isinstance(values[1], ParameterRef)
        if is_written and not is_fraction(values[1], arguments[1].span, self.sink):
            return BROKEN
        if expr.function in ("first", "last") and not ordered and self.home.time is None:
            because = f"`{expr.function}` has no `order by`"
            self.sink.report(time_errors.no_time(expr.span, self.home, because))
            return BROKEN
        unit = self.rows.units.of_aggregate(expr.function, home, values)
        return self._over(values, condition, found, unit)

    def _over(
        self, values: tuple[Bound, ...], condition: Bound | None, type: Type, unit: UnitFact | None
    ) -> Aggregate:
        value, *others = values or (None,)
        return Aggregate(
            self.expr.function,
            self.home.name,
            value,
            condition,
            None,
            False,
            type,
            self.expr.span,
            tuple(others),
            tuple(self.binder.required),
            unit,
        )


def _is_number_of_rows(value: Bound) -> bool:
    return (
        isinstance(value, Constant)
        and isinstance(value.value, int)
        and not isinstance(value.value, bool)
        and value.value >= 1
    )
