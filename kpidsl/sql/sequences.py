"""Sequences in SQL, two ways.

A row at a time, on every engine:

    exists (select 1 from orders where orders.visitor_id = visits.visitor_id and orders.ordered_at > …)

Or, where the plan marks rows and the engine has semi-joins, all keys and times that are followed at once;
each row is then looked up among these by equality, so it stays one row:

    select distinct visitor_id, visited_at from visits semi join orders on …

SQLite has no semi-joins, and an index of its own only on a step: there orders are one, and an EXISTS asks it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Self

from sqlglot import exp

from kpidsl.plan.nodes import Filter, Marked, RowSource
from kpidsl.plan.reading import rows_with
from kpidsl.semantics.bound import Bound, Lapse, RowSequence, Step
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.functions import common
from kpidsl.semantics.lapses import is_by_days, is_of_dates, moved_by
from kpidsl.semantics.walks import is_of_row_alone
from kpidsl.sql import nodes
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.products import Value
from kpidsl.sql.scope import named
from kpidsl.sql.times import LookupTables

_MOMENT, _FAR = "moment", "last_moment"


class SequenceExpressions(Expressions):
    """Lowers sequences on a dataset's rows; a subclass lowers everything else there."""

    project: CheckedProject
    dataset: str
    tables: LookupTables
    marks: dict[RowSequence, str]
    """The aliases under which the marks of sequences are joined."""

    @abstractmethod
    def on(self, dataset: str, *, beside: bool) -> Self: ...

    @abstractmethod
    def select(self, rows: RowSource) -> exp.Select: ...

    @abstractmethod
    def alias(self, wanted: str, of: str | None = None) -> str: ...

    def sequence(self, sequence: RowSequence) -> Node:
        mark = self.marks.get(sequence)
        return self._exists(sequence) if mark is None else nodes.is_not_null(nodes.column(mark, _MOMENT))

    def fails(self, condition: Value) -> Node:
        if not isinstance(condition, RowSequence):
            return super().fails(condition)
        mark = self.marks.get(condition)
        if mark is None:
            return nodes.not_(self._exists(condition))
        return nodes.is_null(nodes.column(mark, _MOMENT))

    # a row at a time

    def _exists(self, sequence: RowSequence, place: int = 0, before: Node | None = None) -> Node:
        """Return the test for the step at a place and those beyond it; `before` is the time of the last."""
        return exp.Exists(this=self._step(sequence, place, before))

    def _step(self, sequence: RowSequence, place: int, before: Node | None) -> exp.Select:
        """Return the rows of the step at a place, after which those beyond it are reached."""
        step = sequence.outward[place]
        there = self.on(step.dataset, beside=True)
        query = there.select(there.rows_of(step, marks=False))
        query.set("expressions", [nodes.integer(1)])
        moment = there.when(sequence, step.time)
        keys = zip(sequence.keys, step.keys, strict=True)
        wanted = [self._same(sequence, there._key(b, a), self._key(a, b)) for a, b in keys]
        if before is None:
            wanted.append(_begun(sequence, moment, self._start(sequence)))
        else:
            wanted.append(_further(sequence, moment, before))
        own = sequence.own if step.own else ()
        wanted.extend(self._another([there.value(x) for x in step.own], [self.value(x) for x in own]))
        if place + 1 < len(sequence.steps) and self.dialect.has_outer_names_in_depth:
            wanted.append(self._exists(sequence, place + 1, moment))
        elif place + 1 < len(sequence.steps):
            wanted.append(_joined(query, self._step(sequence, place + 1, moment)))
        else:
            wanted.extend(_not_over(sequence, moment, self._end(sequence)))
        for condition in wanted:
            nodes.also_where(query, condition)
        return query

    def rows_of(self, step: Step, *, marks: bool) -> Filter:
        """Return the rows of a step, as its dataset has them."""
        always = self.project.datasets[step.dataset].condition
        asked = [condition for condition in (always, step.condition) if condition is not None]
        return rows_with(step.dataset, asked, (*step.keys, step.time, *step.own), marks=marks)

    def when(self, sequence: RowSequence, time: Bound) -> Node:
        """Return a time in the form in which the times of a sequence are compared."""
        return self.value(time) if is_of_dates(sequence) else self.instant(time)

    def _key(self, own: Bound, other: Bound) -> Node:
        return self.as_type(own, common((own.type, other.type)) or own.type)

    def _same(self, sequence: RowSequence, left: Node, right: Node) -> Node:
        if sequence.includes_null:
            return self.dialect.forms["null_safe"](nodes.operand(left, 4), nodes.operand(right, 4))
        return nodes.compare(exp.EQ, left, right)

    def _another(self, own: list[Node], other: list[Node]) -> Iterable[Node]:
        """Yield the condition that a row is not the row itself, where it might be."""
        pairs = list(zip(own, other, strict=True))
        if len(pairs) == 1:
            yield nodes.compare(exp.NEQ, *pairs[0])
        elif pairs:
            yield nodes.not_(nodes.all_of([nodes.compare(exp.EQ, a, b) for a, b in pairs]))

    def _start(self, sequence: RowSequence) -> Node:
        """Return where a row's window begins."""
        if sequence.start is None:
            return self.when(sequence, sequence.time)
        return self._edge(sequence, sequence.start, sequence.outward[0])

    def _end(self, sequence: RowSequence) -> Node | None:
        """Return where a row's window ends, if it does."""
        return None if sequence.end is None else self._edge(sequence, sequence.end, sequence.outward[-1])

    def _edge(self, sequence: RowSequence, lapse: object, step: Step) -> Node:
        assert isinstance(lapse, Lapse)
        forward = sequence.function == "followed_by"
        edge = moved_by(sequence.time, lapse, forward=forward, on_dates=is_by_days(sequence, step))
        return self.when(sequence, edge)

    # all rows at once

    def to_mark(self, marked: Marked) -> tuple[RowSequence, ...]:
        """Return the sequences whose rows are found at once: all but those of which a later step asks which
        row it is about, unless the engine has no other way."""
        if not self.dialect.has_correlated_selects:
            return marked.sequences
        if not self.dialect.has_semi_joins or not marked.at_once:
            return ()
        return tuple(one for one in marked.sequences if not _asks_late(one))

    def mark(self, sequence: RowSequence, rows: Filter) -> exp.Join:
        """Return the join to the keys and times that are followed, of which a row has at most one."""
        # Conditions on the row alone say which rows are looked at; sets and buckets stand beside rows.
        plain = tuple(condition for condition in rows.all_of if is_of_row_alone(condition))
        wanted = "_".join((self.dataset, sequence.function, *(step.dataset for step in sequence.steps)))
        name = self.tables.marks(wanted, lambda: self._followed(sequence, plain), (sequence, plain))
        alias = self.marks[sequence] = self.alias(name, name)
        table = named(name, None if alias == name else alias)
        on = [
            self._same(sequence, nodes.column(alias, column), self.value(key))
            for column, key in _named(sequence.keys, "key")
        ]
        on.append(nodes.compare(exp.EQ, nodes.column(alias, _MOMENT), self.value(sequence.time)))
        on.extend(
            nodes.compare(exp.EQ, nodes.column(alias, column), self.value(part))
            for column, part in _named(sequence.own, "own")
        )
        return exp.Join(this=table, side="LEFT", on=nodes.all_of(on))

    def _followed(self, sequence: RowSequence, plain: tuple[Bound, ...]) -> exp.Select:
        """Return the keys and times of rows that are followed, or preceded, by what the sequence asks for."""
        rows = self.on(self.dataset, beside=False)
        values = [
            *_named(sequence.keys, "key"),
            (_MOMENT, sequence.time),
            *_named(sequence.own, "own"),
        ]
        query = rows.select(rows_with(self.dataset, plain, [value for _, value in values]))
        selected = {name: rows.value(value) for name, value in values}
        pairs = zip(sequence.keys, sequence.outward[0].keys, strict=True)
        asked = {f"wanted_{i}": rows._key(a, b) for i, (a, b) in enumerate(pairs, 1)}
        asked["begins"] = rows._start(sequence)
        end = rows._end(sequence)
        if end is not None:
            asked["ends"] = end
        found = rows.alias("found")
        if not isinstance(asked["begins"], exp.Column):
            # Times are brought to instants once, in a select of their own.
            apart = rows.alias("rows")
            columns = [nodes.alias(node, name) for name, node in (*selected.items(), *asked.items())]
            query.set("expressions", columns)
            query = exp.Select(from_=exp.From(this=nodes.subquery(query, apart)))
            selected = {name: nodes.column(apart, name) for name in selected}
            asked = {name: nodes.column(apart, name) for name in asked}
        query.set("expressions", [nodes.under(node, name) for name, node in selected.items()])
        query.set("distinct", exp.Distinct())
        if _asks_late(sequence):
            rows._all_steps(query, sequence, selected, asked)
            return query
        near = nodes.column(found, _MOMENT)
        far = nodes.column(found, _FAR) if len(sequence.steps) > 1 else near
        on = [
            rows._same(sequence, nodes.column(found, f"key_{i}"), asked[f"wanted_{i}"])
            for i in range(1, len(sequence.keys) + 1)
        ]
        on.append(_begun(sequence, near, asked["begins"]))
        on.extend(_not_over(sequence, far, asked.get("ends")))
        own = [name for name in selected if name.startswith("own_")]
        on.extend(rows._another([nodes.column(found, n) for n in own], [selected[n].copy() for n in own]))
        followed = self._apart(self._found(sequence), found, sequence.outward[0])
        query.append("joins", exp.Join(this=followed, kind="SEMI", on=nodes.all_of(on)))
        return query

    def _all_steps(
        self, query: exp.Select, sequence: RowSequence, selected: dict[str, Node], asked: dict[str, Node]
    ) -> None:
        """Join every row of every step to the rows that are looked at: each step may ask which row it is."""
        own = [node for name, node in selected.items() if name.startswith("own_")]
        before: Node | None = None
        for place, step in enumerate(sequence.outward):
            alias = self.alias(f"step_{place + 1}")
            on = [
                self._same(sequence, nodes.column(alias, f"key_{i}"), asked[f"wanted_{i}"].copy())
                for i in range(1, len(sequence.keys) + 1)
            ]
            rows = self._apart(self._rows_at(sequence, place, with_own=True), alias, step)
            query.append("joins", exp.Join(this=rows, on=nodes.all_of(on)))
            moment = nodes.column(alias, _MOMENT)
            wanted = [
                _begun(sequence, moment, asked["begins"])
                if before is None
                else _further(sequence, moment, before)
            ]
            theirs = [nodes.column(alias, name) for name, _ in _named(step.own, "own")]
            wanted.extend(self._another(theirs, [node.copy() for node in own] if theirs else []))
            before = moment
            for condition in wanted:
                nodes.also_where(query, condition)
        assert before is not None
        for condition in _not_over(sequence, before, asked.get("ends")):
            nodes.also_where(query, condition)

    def _found(self, sequence: RowSequence) -> exp.Select:
        """Return the rows of the nearest step; with several steps, each with when the last is reached."""
        query = self._rows_at(sequence, 0)
        forward = sequence.function == "followed_by"
        names = [*(f"key_{i}" for i in range(1, len(sequence.keys) + 1)), _MOMENT]
        names.extend(f"own_{i}" for i in range(1, len(sequence.own) + 1))
        for place in range(1, len(sequence.steps)):
            a, b = f"step_{place}", f"step_{place + 1}"
            far = nodes.column(a, _MOMENT if place == 1 else _FAR)
            on = [
                self._same(sequence, nodes.column(a, f"key_{i}"), nodes.column(b, f"key_{i}"))
                for i in range(1, len(sequence.keys) + 1)
            ]
            moment = nodes.column(b, _MOMENT)
            on.append(_further(sequence, moment, far))
            reached = (exp.Min if forward else exp.Max)(this=moment.copy())
            columns = [nodes.column(a, name) for name in names]
            near = self._apart(query, a, sequence.outward[place - 1])
            beyond = self._apart(self._rows_at(sequence, place), b, sequence.outward[place])
            query = exp.Select(
                expressions=[*columns, nodes.alias(reached, _FAR)],
                from_=exp.From(this=near),
                joins=[exp.Join(this=beyond, on=nodes.all_of(on))],
                group=exp.Group(expressions=[column.copy() for column in columns]),
            )
        return query

    def _apart(self, query: exp.Select, alias: str, step: Step) -> Node:
        """Return rows of a step under an alias, where an engine would have no index on them as a CTE."""
        if not self.dialect.indexes_steps:
            return nodes.subquery(query, alias)
        return named(self.tables.indexed(f"{step.dataset}_sought", query), alias)

    def _rows_at(self, sequence: RowSequence, place: int, *, with_own: bool = False) -> exp.Select:
        step = sequence.outward[place]
        there = self.on(step.dataset, beside=False)
        query = there.select(there.rows_of(step, marks=True))
        columns = [
            nodes.alias(there._key(theirs, mine), f"key_{i}")
            for i, (theirs, mine) in enumerate(zip(step.keys, sequence.keys, strict=True), 1)
        ]
        columns.append(nodes.alias(there.when(sequence, step.time), _MOMENT))
        own = step.own if place == 0 or with_own else ()
        columns.extend(nodes.alias(there.value(part), name) for name, part in _named(own, "own"))
        query.set("expressions", columns)
        return query


def _asks_late(sequence: RowSequence) -> bool:
    """Tell whether a step after the nearest asks which row it is about."""
    return any(step.own for step in sequence.outward[1:])


def _joined(query: exp.Select, further: exp.Select) -> Node:
    """Join a select's rows to those of another, and return the condition that it has."""
    query.append("joins", exp.Join(this=further.args["from_"].this, kind="CROSS"))
    for join in further.args.get("joins") or ():
        query.append("joins", join)
    condition: Node = further.args["where"].this
    return condition


def _begun(sequence: RowSequence, near: Node, start: Node) -> Node:
    """Return the condition that the nearest row lies where the window begins, or beyond."""
    forward = sequence.function == "followed_by"
    if sequence.start is None:
        return nodes.compare(exp.GT if forward else exp.LT, near.copy(), start)
    return nodes.compare(exp.GTE if forward else exp.LTE, near.copy(), start)


def _not_over(sequence: RowSequence, far: Node, end: Node | None) -> Iterable[Node]:
    """Yield the condition that the farthest row lies in the window, where that has an end."""
    forward = sequence.function == "followed_by"
    if end is not None and sequence.start is None:
        yield nodes.compare(exp.LTE if forward else exp.GTE, far.copy(), end)
    elif end is not None:
        yield nodes.compare(exp.LT if forward else exp.GT, far.copy(), end)


def _further(sequence: RowSequence, moment: Node, before: Node) -> Node:
    kind = exp.GT if sequence.function == "followed_by" else exp.LT
    return nodes.compare(kind, moment.copy(), before.copy())


def _named(parts: tuple[Bound, ...], stem: str) -> list[tuple[str, Bound]]:
    return [(f"{stem}_{i}", part) for i, part in enumerate(parts, 1)]
