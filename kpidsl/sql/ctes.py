"""The steps of a plan as CTEs: each node once, however many others read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from kpidsl.plan.nodes import (
    Aggregate,
    Attach,
    Completed,
    Crossed,
    EntityValues,
    Fill,
    Given,
    Groups,
    Held,
    InPieces,
    Inside,
    InWindows,
    Keep,
    Nothing,
    OverEntities,
    Presences,
    Regroup,
    Rows,
    RowsOutside,
    Spine,
    Spread,
    Stack,
    Top,
    Traced,
    Values,
    WindowBuckets,
    WindowSpine,
    Within,
)
from kpidsl.sql import nodes
from kpidsl.sql.aggregates import aggregate
from kpidsl.sql.entities import completed, crossed, name_of_entities, over_entities, spread
from kpidsl.sql.filling import Filling
from kpidsl.sql.given_members import given_members
from kpidsl.sql.held import HeldSql
from kpidsl.sql.joined import Joined
from kpidsl.sql.nodes import Node
from kpidsl.sql.pieces import in_pieces
from kpidsl.sql.reading import Beside
from kpidsl.sql.scope import (
    IS_TOP,
    Scope,
    is_constant,
    named,
    named_by,
    or_zero,
    slot_of,
    some_rows,
    under,
    union,
)
from kpidsl.sql.slots import SlotExpressions
from kpidsl.sql.traced import traced
from kpidsl.sql.value_sets import entity_values, values
from kpidsl.sql.windows import WindowBucketsSql

Made = Aggregate | Regroup | InPieces | Held | Traced | OverEntities | Stack | Given
"""Groups that are made somehow."""


class Ctes:
    """Makes the CTEs of nodes. A node that is the input of several is one CTE."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.filling = Filling(scope)
        self.held = HeldSql(scope)
        self.window_buckets = WindowBucketsSql(scope)
        self._names: dict[tuple[int, bool], str] = {}

    def _once(self, node: object, make: Callable[[], str], *, zero: bool = True) -> str:
        """Return the name of a node's CTE, made when it is first wanted."""
        key = (id(node), zero)
        if key not in self._names:
            self._names[key] = make()
        return self._names[key]

    def groups(self, node: Made, *, zero: bool = True) -> str:
        """Return the name of the groups' CTE.

        `zero` writes sums of nothing as 0; without it they are null or 0, as another reader has them.
        """
        zero = zero or (id(node), True) in self._names
        return self._once(node, lambda: self._groups(node, zero), zero=zero)

    def _groups(self, node: Made, zero: bool) -> str:
        match node:
            case Aggregate():
                return self._aggregate(node, zero)
            case Regroup():
                return self._regroup(node, zero)
            case InPieces():
                return self._in_pieces(node, zero)
            case Held():
                return self._held(node)
            case Traced():
                return self._traced(node, zero)
            case Given():
                return self.scope.add(
                    named_by("given", node.keys), union(given_members(self.scope, node.keys, node.rows))
                )
            case OverEntities():
                return over_entities(self.scope, node, self.joined(node.input), zero=zero)
            case Stack():
                return self._stack(node)

    def joined(self, rows: Rows) -> Joined | None:
        """Return rows with what is attached to them, or None where no fact gives rows."""
        match rows:
            case Nothing():
                return None
            case Aggregate() | Regroup() | InPieces() | Held() | Traced() | OverEntities() | Stack():
                return Joined(self.groups(rows), (), {})
            case Fill():
                return Joined(self._filled(rows), (), {})
            case Completed():
                return Joined(self._completed(rows), (), {})
            case Inside():
                return Joined(self._once(rows, lambda: self._inside(rows)), (), {})
            case Spread():
                return Joined(self._once(rows, lambda: self._spread(rows)), (), {})
            case Crossed():
                crossed_rows = self._crossed(rows)
                return None if crossed_rows is None else Joined(crossed_rows, (), {})
            case Within():
                return Joined(self._once(rows, lambda: self._within(rows)), (), {})
            case Keep(input=inner, top=top):
                base = self.joined(inner)
                return None if base is None else self._kept(base, top)
            case Attach(input=inner, total=total):
                base = self.joined(inner)
                return None if base is None else self._attached(base, total)

    # groups

    def _aggregate(self, node: Aggregate, zero: bool) -> str:
        return aggregate(self.scope, node, self._beside(node), zero=zero)

    def _beside(self, node: Aggregate | Values | Presences) -> Beside:
        """Make the CTEs that stand beside the rows that a node reads."""
        top = buckets = None
        source = node.input
        if isinstance(source, InWindows):
            buckets = self.spine(source.spine)
            source = source.input
        if isinstance(source, RowsOutside):
            top = self.top(source.top)
        sets = {sought.condition: self._values(sought.values) for sought in node.sought}
        return Beside(top, buckets, sets)

    def _values(self, node: Values | EntityValues) -> str:
        span = self.scope.places.first
        if isinstance(node, EntityValues):
            rows = self.joined(node.input)
            assert rows is not None
            return self._once(node, lambda: entity_values(self.scope, node, rows, span))
        return self._once(node, lambda: values(self.scope, node, self._beside(node), span))

    def _regroup(self, node: Regroup, zero: bool) -> str:
        source = self._base(node.input)
        assert source is not None
        query = exp.Select(from_=exp.From(this=named(source)))
        columns = [slot_of(source, key) for key in node.keys]
        for measure in node.measures:
            value: Node = self.scope.merged(
                measure.function, nodes.column(source, measure.source.name), measure.slot
            )
            if zero and not node.keys and not node.needs_rows:
                value = or_zero(value, measure.slot)
            columns.append(nodes.alias(value, measure.slot.name))
        # Without keys and values it says no more than that there are rows.
        query.set("expressions", columns or [nodes.alias(exp.Count(this=exp.Star()), "how_many")])
        if node.outside is not None:
            top = self.top(node.outside)
            query.set("joins", [self._to_top(source, node.outside, top, "LEFT")])
            missing = nodes.is_null(nodes.column(top, IS_TOP.name))
            query.set("where", exp.Where(this=missing))
        if node.having_rows:
            nodes.also_where(query, some_rows(slot_of(source, count) for count in node.having_rows))
        _group(query, [nodes.column(source, key.name) for key in node.keys], node.needs_rows)
        stem = _stem(node) if node.outside is None else f"other_{_stem(node)}"
        return self.scope.add(named_by(stem, node.keys), query)

    def _in_pieces(self, node: InPieces, zero: bool) -> str:
        pieces = self.groups(node.input, zero=False)
        return in_pieces(self.scope, node, pieces, self.spine(node.spine), zero=zero)

    def _held(self, node: Held) -> str:
        pieces, buckets = self.groups(node.pieces, zero=False), self.spine(node.spine)
        return self.held.held(node, pieces, buckets, self._beside(node.rows))

    def _traced(self, node: Traced, zero: bool) -> str:
        return (
            traced(self.scope, node) if self.scope.dialect.packs_bits else self._aggregate(node.plain, zero)
        )

    def _stack(self, node: Stack) -> str:
        names = [self.groups(part, zero=False) for part in node.inputs]
        parts: list[exp.Query] = []
        for name, part in zip(names, node.inputs, strict=True):
            own = set(part.value_slots)
            columns = [slot_of(name, slot) for slot in node.key_slots]
            for slot in node.value_slots:
                columns.append(
                    slot_of(name, slot)
                    if slot in own
                    else nodes.alias(self.scope.no_value(slot.type), slot.name)
                )
            parts.append(exp.Select(expressions=columns, from_=exp.From(this=named(name))))
        stacked = self.scope.add("stacked", union(parts))
        columns = [slot_of(stacked, slot) for slot in node.key_slots]
        for slot in node.value_slots:
            value = self.scope.merged("max", nodes.column(stacked, slot.name), slot)
            columns.append(nodes.alias(or_zero(value, slot), slot.name))
        query = exp.Select(expressions=columns, from_=exp.From(this=named(stacked)))
        _group(query, [nodes.column(stacked, slot.name) for slot in node.key_slots], node.needs_rows)
        return self.scope.add("combined", query)

    # more beside groups

    def _filled(self, node: Fill) -> str:
        return self.filling.filled(node, self._base(node.input), self.spine(node.spine))

    def _completed(self, node: Completed) -> str:
        rows = self._base(node.input)
        assert rows is not None
        parts = [self.groups(part, zero=False) for part in node.parts]
        buckets = None if node.within is None else self.spine(node.within)
        return completed(self.scope, node, rows, parts, buckets)

    def _inside(self, node: Inside) -> str:
        rows = self._base(node.input)
        assert rows is not None
        slots = (*node.key_slots, *node.value_slots)
        return self.filling.only_in_windows(node.within.of, rows, slots, self.spine(node.within))

    def _spread(self, node: Spread) -> str:
        rows = self._base(node.input)
        assert rows is not None
        return spread(self.scope, node, rows, self.spine(node.within))

    def _crossed(self, node: Crossed) -> str | None:
        groups = self.joined(node.groups)
        if groups is None:
            return None
        parts = [self.groups(part, zero=False) for part in node.parts]
        buckets = None if node.within is None else self.spine(node.within)
        return self._once(node, lambda: crossed(self.scope, node, groups.base, parts, buckets))

    def spine(self, node: Spine | WindowSpine) -> str:
        """Return the name of the CTE with the buckets of a calendar's days, or of windows."""
        if isinstance(node, Spine):
            days = node.days.rows
            # Groups that are the pieces of other buckets, too, are made once.
            if isinstance(days, Aggregate | Traced | Regroup | Stack):
                return self.filling.spine(node, self.groups(days, zero=False))
            return self.filling.spine(node, None if days is None else self._base(days))
        of = node.of
        return self.window_buckets.of_grains(node, self._once(of, lambda: self._window_buckets(of)))

    def _window_buckets(self, node: WindowBuckets) -> str:
        outer = None if node.outer is None else self.spine(node.outer)
        rows = None if node.rows is None else self._base(node.rows)
        return self.window_buckets.all(node, outer, rows)

    def _base(self, rows: Groups | Keep | Fill | Completed | Inside | Spread) -> str | None:
        """Return the name of the CTE that holds rows with nothing attached, or None for no rows."""
        joined = self.joined(rows)
        if joined is None or not joined.joins:
            return None if joined is None else joined.base
        return self._once(rows, lambda: self._shown(rows, joined))

    def _shown(self, rows: Groups | Keep | Fill | Completed | Inside | Spread, joined: Joined) -> str:
        query = joined.select()
        slots = (*rows.key_slots, *rows.value_slots)
        query.set("expressions", [slot_of(joined.base, slot) for slot in slots])
        return self.scope.add("shown", query)

    def _within(self, node: Within) -> str:
        inner = node.input
        rows = self._base(inner)
        assert rows is not None
        columns = [slot_of(rows, slot) for slot in (*inner.key_slots, *inner.value_slots)]
        for total in node.totals:
            windowed = exp.Window(
                this=self.scope.merged(total.function, nodes.column(rows, total.source.name), total.slot),
                partition_by=[
                    self.scope.dialect.window_key(nodes.column(rows, key.name), key.type)
                    for key in total.keys
                ],
            )
            columns.append(nodes.alias(windowed, total.slot.name))
        query = exp.Select(expressions=columns, from_=exp.From(this=named(rows)))
        return self.scope.add("with_totals", query)

    def _attached(self, base: Joined, total: Made) -> Joined:
        name = self.groups(total, zero=False)
        attached = {**base.attached, **{slot.name: name for slot in total.value_slots}}
        if not total.key_slots:
            join = exp.Join(this=named(name), kind="CROSS")
        else:
            on = nodes.all_of(self.scope.same(base.base, name, total.key_slots))
            join = exp.Join(this=named(name), side="LEFT", on=on)
        return Joined(base.base, (*base.joins, join), attached)

    # rankings

    def top(self, node: Top) -> str:
        """Return the name of the CTE that holds the first members of a ranking, each marked."""
        return self._once(node, lambda: self._top(node))

    def _top(self, node: Top) -> str:
        rows = self.joined(node.input)
        assert rows is not None
        query = rows.select()
        columns = [under(rows.column(slot), slot) for slot in node.keys]
        query.set("expressions", [*columns, nodes.alias(exp.true(), IS_TOP.name)])
        span = self.scope.places.first
        keys = dict(zip(node.members, node.keys, strict=True))
        value = SlotExpressions(self.scope, node.slots, rows.column, span, keys, node.own).value(node.value)
        order = (
            [] if is_constant(value) else [exp.Ordered(this=value, desc=node.descending, nulls_first=False)]
        )
        order.extend(exp.Ordered(this=rows.column(slot), desc=False, nulls_first=False) for slot in node.keys)
        if node.having_rows:
            query.set("where", exp.Where(this=some_rows(rows.column(slot) for slot in node.having_rows)))
        query.set("order", exp.Order(expressions=order))
        nodes.limited(query, node.count, with_offset=self.scope.dialect.drops_limits)
        return self.scope.add("top_" + "_".join(slot.name[2:] for slot in node.keys), query)

    def _kept(self, base: Joined, node: Top) -> Joined:
        join = self._to_top(base.base, node, self.top(node), "")
        return Joined(base.base, (*base.joins, join), base.attached)

    def _to_top(self, rows: str, node: Top, top: str, side: str) -> exp.Join:
        return exp.Join(this=named(top), side=side, on=nodes.all_of(self.scope.same(top, rows, node.keys)))


def _stem(node: Groups | Keep | Given) -> str:
    """Return what groups are groups of, for a name."""
    match node:
        case Aggregate(dataset=dataset) | Traced(dataset=dataset):
            return dataset
        case InPieces(input=inner):
            return _stem(inner)
        case Regroup(input=inner) | Keep(input=inner):
            return _stem(inner)
        case Held(rows=rows):
            return rows.dataset
        case OverEntities(entities=entities):
            return name_of_entities(entities)
        case Stack() | Given() | Nothing():
            return "combined"


def _group(query: exp.Select, keys: Sequence[Node], needs_rows: bool) -> None:
    """Group a select; without keys it has one row, or with `needs_rows` none where there are no rows."""
    if keys:
        query.set("group", exp.Group(expressions=list(keys)))
    elif needs_rows:
        some = nodes.compare(exp.GT, exp.Count(this=exp.Star()), nodes.integer(0))
        query.set("having", exp.Having(this=some))
