"""The steps that add values over the whole history to a dataset's rows, as CTEs.

    orders_by_customer_id (customer_id, min of ordered_at)    an aggregate of the children, by the key
    customers_derived     (customer_id, first_order_at)       the customers, with what they have of it
    orders_derived        (order_id, order_number)            the orders, numbered

A step reads the table, or a step of a lower level where a value rests on others of the same dataset. It
holds the columns that are read of it and no more. Values over siblings are over the rows that the dataset's
condition keeps; nobody reads the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from kpidsl.contexts.leaves import LeafValue, Scalar
from kpidsl.contexts.parts import null_where_lacking, parts_of
from kpidsl.plan import nodes as plan
from kpidsl.plan.reading import in_common, rows_with
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Children,
    Derived,
    RowColumn,
    Siblings,
)
from kpidsl.semantics.conditions import is_present
from kpidsl.semantics.functions import ZERO_OF_NOTHING, common
from kpidsl.semantics.histories import parts_of_form
from kpidsl.semantics.reads import order_of
from kpidsl.semantics.walks import conjuncts
from kpidsl.sql import nodes
from kpidsl.sql.aggregates import aggregate
from kpidsl.sql.measures import filtered, is_over_windows, settled
from kpidsl.sql.nodes import Node
from kpidsl.sql.reading import Beside
from kpidsl.sql.rows import RowExpressions
from kpidsl.sql.scope import Places, Scope, named, or_zero
from kpidsl.sql.slots import SlotExpressions
from kpidsl.sql.sources import Step

Ctes = list[tuple[str, exp.Query]]


def steps(scope: Scope) -> Ctes:
    """Return the CTEs of all steps that the statement reads, each after those that it reads itself."""
    histories = scope.tables.histories
    made: dict[Step, Ctes] = {}
    # A step reads lower ones only, so whoever reads it is known once the higher ones are made.
    while (step := histories.highest(set(made))) is not None:
        scope.tables.step = step
        made[step] = _StepMaker(scope, step).ctes()
    lowest_first = sorted(made, key=lambda step: step[1])
    return [cte for step in lowest_first for cte in made[step]]


class _StepMaker:
    """Makes one step: the rows of a dataset with the derived values of one level."""

    def __init__(self, scope: Scope, step: Step) -> None:
        self.scope = scope
        self.project = scope.project
        self.step = step
        self.dataset, self.level = step
        self.histories = scope.tables.histories
        self.name = self.histories.names[step]
        self.columns, self.derived = self.histories.asked_of(step)
        self.before: Ctes = []

    def ctes(self) -> Ctes:
        """Return the step's CTE after those of its children's aggregates."""
        levels = self.histories.levels
        own = [one for one in self.derived if levels[one] == self.level]
        siblings = [one for one in own if isinstance(one.form, Siblings)]
        grouped = [one for one in own if isinstance(one.form, Children) or self._is_grouped(one.form)]
        scope = self.scope
        span = own[0].form.aggregate.span
        rows = RowExpressions(self.project, self.dataset, scope.dialect, scope.tables, scope.sink, span)
        dataset = self.project.datasets[self.dataset]
        wanted = conjuncts(dataset.condition) if dataset.condition is not None and siblings else ()
        read = [part for one in siblings for part in parts_of_form(one)]
        rows.has_all_rows = self.histories.has_all_rows(self.step)
        if rows.has_all_rows and dataset.exists in wanted:
            # Whoever reads a row tells by its time whether it exists: it must be there for that.
            rows.asked = (dataset.exists,)
            read.append(dataset.exists)
            wanted = tuple(part for part in wanted if part != dataset.exists)
        query = rows.select(rows_with(self.dataset, wanted, read))
        alias = rows.aliases[()]
        selected: list[Node] = [rows.physical_at(alias, column) for column in self.columns]
        values = self._of_groups(grouped, rows, query)
        for one in self.derived:
            if levels[one] < self.level:
                value = rows.atom(one)
            elif one in values:
                value = values[one]
            else:
                assert isinstance(one.form, Siblings)
                rows.span = one.form.aggregate.span
                value = self._over_siblings(one, one.form, rows)
            selected.append(nodes.under(value, self.histories.column(one)))
        query.set("expressions", selected)
        return [*self.before, (self.name, query)]

    def _key(self) -> tuple[RowColumn, ...]:
        definition = self.project.datasets[self.dataset].definition
        return tuple(
            RowColumn((), self.dataset, name, definition.columns[name].type) for name in definition.key
        )

    # over the rows that share a key

    def _over_siblings(self, derived: Derived, form: Siblings, rows: RowExpressions) -> Node:
        value = self._window(derived, form, rows)
        if form.including_null or not form.keys:
            return value
        present = [rows.holds(is_present(key)) for key in form.keys if key not in self._key()]
        return nodes.case([(nodes.all_of(present), value)], None) if present else value

    def _window(self, derived: Derived, form: Siblings, rows: RowExpressions) -> Node:
        found = form.aggregate
        by = [*((by.value, by.descending) for by in form.order)]
        given = {value for value, _ in by}
        window = exp.Window(
            partition_by=[rows.dialect.window_key(rows.value(key), key.type) for key in form.keys]
        )
        for condition in rows.asked:
            # Rows that do not exist are beside each other, never beside those that do.
            flag = nodes.case([(rows.holds(condition), nodes.integer(1))], nodes.integer(0))
            window.append("partition_by", flag)
        if form.order or found.function == "row_number":
            # Rows at one place of the order stand by their key.
            by.extend((key, False) for key in self._key() if key not in given)
            has_null_order = rows.dialect.has_null_order
            ordered = [
                part
                for value, descending in by
                for part in nodes.nulls_last(
                    rows.value(value), descending=descending, has_null_order=has_null_order
                )
            ]
            window.set("order", exp.Order(expressions=ordered))
        if found.function in ("row_number", "lag", "lead"):
            arguments = () if found.argument is None else (found.argument, *found.others)
            window.set("this", nodes.call(found.function.upper(), *map(rows.value, arguments)))
            return window
        conditions = () if found.condition is None else conjuncts(found.condition)
        slot = plan.Slot("v_value", derived.type)
        measure = plan.Measure(slot, found.function, found.argument, found.others, conditions, False)
        if not is_over_windows(measure, rows.dialect):
            return rows.refuse(
                Apply("row", (), derived.type, found.span),
                f"`{found.function}` of the rows up to a row",
                "it has no such function over windows",
                "leave `order by` out, or take `avg`, `min` or `max`",
            )
        window.set("this", filtered(rows, measure))
        if form.order:
            sides = {"start": "UNBOUNDED", "start_side": "PRECEDING", "end": "CURRENT ROW"}
            window.set("spec", exp.WindowSpec(kind="ROWS", **sides))
        return settled(window, measure, zero=True)

    # over groups that are joined

    def _is_grouped(self, form: Siblings) -> bool:
        """Tell whether an aggregate of all siblings is one that the dialect has not over windows."""
        found = form.aggregate
        if form.order or found.function in ("row_number", "lag", "lead"):
            return False
        slot = plan.Slot("v_value", found.type)
        measure = plan.Measure(slot, found.function, found.argument, found.others, (), False)
        return not is_over_windows(measure, self.scope.dialect)

    def _of_groups(
        self, derived: Sequence[Derived], rows: RowExpressions, query: exp.Select
    ) -> Mapping[Derived, Node]:
        """Return the values of aggregates by a key, having joined the groups to the step's rows."""
        groups: dict[tuple[str, tuple[Bound, ...], bool], list[Derived]] = {}
        for one in derived:
            form = one.form
            is_null_a_key = isinstance(form, Siblings) and form.including_null
            groups.setdefault((form.aggregate.dataset, form.keys, is_null_a_key), []).append(one)
        found: dict[Derived, Node] = {}
        for (dataset, keys, is_null_a_key), members in groups.items():
            grouped = _Grouped(self.scope, dataset)
            scalars = {one: grouped.scalar(one.form.aggregate, one.column) for one in members}
            own: tuple[Bound, ...] = self._key() if isinstance(members[0].form, Children) else keys
            types = [common((key.type, value.type)) or key.type for key, value in zip(own, keys, strict=True)]
            slots = [
                plan.Slot(unique_name(f"k_{_word(key)}", grouped.taken), type)
                for key, type in zip(own, types, strict=True)
            ]
            name = grouped.cte(tuple(map(plan.KeySlot, slots, keys)), self.before)
            on = []
            for key, slot in zip(own, slots, strict=True):
                mine, theirs = rows.as_type(key, slot.type), nodes.column(name, slot.name)
                same = rows.dialect.forms["null_safe"]
                equal = nodes.compare(exp.EQ, mine, theirs)
                on.append(same(nodes.operand(mine, 4), theirs) if is_null_a_key else equal)
            if on:
                query.append("joins", exp.Join(this=named(name), side="LEFT", on=nodes.all_of(on)))
            else:
                query.append("joins", exp.Join(this=named(name), kind="CROSS"))
            found.update((one, grouped.value(scalar, name, one)) for one, scalar in scalars.items())
        return found


def _word(key: Bound) -> str:
    """Return what a key is called."""
    return key.column if isinstance(key, RowColumn | Derived) else "key"


class _Grouped:
    """Aggregates of one dataset's rows by the key of another."""

    def __init__(self, scope: Scope, dataset: str) -> None:
        self.scope = scope
        self.dataset = dataset
        self.taken: set[str] = set()
        self.measures: dict[Aggregate, plan.Measure] = {}

    def scalar(self, found: Aggregate, column: str) -> Scalar:
        """Return an aggregate as arithmetic over measures; null where a row lacks what is required."""
        return null_where_lacking(
            parts_of(found, order_of(found, self.scope.project)),
            lambda part: self._value(part, column),
            lambda part: self._value(part, f"{column}_missing"),
        )

    def _value(self, part: Aggregate, column: str) -> Scalar:
        if part not in self.measures:
            self.measures[part] = self._measure(part, column)
        return LeafValue(list(self.measures).index(part), part.type)

    def _measure(self, found: Aggregate, column: str) -> plan.Measure:
        is_zero = found.function in ZERO_OF_NOTHING
        slot = plan.Slot(unique_name(f"v_{column}", self.taken), found.type, is_zero)
        asked: list[Bound] = [] if found.condition is None else list(conjuncts(found.condition))
        if found.at is not None:
            asked.append(is_present(found.at))
        return plan.Measure(slot, found.function, found.argument, found.others, tuple(asked), False)

    def cte(self, keys: tuple[plan.KeySlot, ...], ctes: Ctes) -> str:
        """Add the CTE of the groups, and those that it needs, and return its name."""
        project, scope = self.scope.project, self.scope
        condition = project.datasets[self.dataset].condition
        measures = tuple(self.measures.values())
        shared, rests = in_common([measure.conditions for measure in measures])
        wanted = (*(conjuncts(condition) if condition is not None else ()), *shared)
        rest = [replace(m, conditions=own) for m, own in zip(measures, rests, strict=True)]
        read = [key.value for key in keys]
        for measure in rest:
            read.extend((*measure.others, *measure.conditions))
            if measure.argument is not None:
                read.append(measure.argument)
        rows = rows_with(self.dataset, wanted, read)
        spans = {m.slot.name: a.span for a, m in self.measures.items()}
        inner = Scope(project, scope.dialect, Places(spans, {}), scope.sink, tables=scope.tables)
        name = aggregate(inner, plan.Aggregate(rows, self.dataset, keys, tuple(rest)), Beside(), zero=False)
        ctes.extend(inner.ctes)
        return name

    def value(self, scalar: Scalar, cte: str, derived: Derived) -> Node:
        """Return an aggregate's value on a row to which the groups are joined."""
        slots = [measure.slot for measure in self.measures.values()]

        def column(slot: plan.Slot) -> Node:
            return or_zero(nodes.column(cte, slot.name), slot)

        return SlotExpressions(self.scope, slots, column, derived.form.aggregate.span).value(scalar)
