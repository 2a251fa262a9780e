"""When values that are sought in sets of other buckets are found from the buckets that each value has.

    customer_id in prior(values(orders.customer_id), 1 month)      by month, on rows of orders

asks of each row what is the same for all rows of its customer and month: whether the customer has rows in
the month before. So rows are brought down to customers with their months, and months are counted from
these: those values, and of the same read all different values of a month, whether it is asked for itself
or as a month that is moved.

It applies where a count of different values tests these very values, against rows of the same dataset in
the same groups, in the same bucket or in a whole one that lies some buckets back. Days are left out:
there are many of them, and most values are in few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kpidsl.contexts.leaves import AnyLeaf, Key, Leaf
from kpidsl.contexts.sets import has_sets
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule
from kpidsl.model.types import DATE, INTEGER
from kpidsl.plan.aggregating import Aggregating
from kpidsl.plan.held import rows_of
from kpidsl.plan.nodes import KeySlot, Merged, Presences, Regroup, Slot, Traced
from kpidsl.plan.piece_rows import count_slot, have_all_rows
from kpidsl.plan.piece_windows import PIECE
from kpidsl.plan.reading import in_common
from kpidsl.plan.slots import unique_name
from kpidsl.plan.traced_nodes import BITS, Trace, TracedMeasure, TraceTest
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, InSet, KeyValue, ValueSet
from kpidsl.semantics.times import of_time
from kpidsl.semantics.walks import sequences_of, steps_of


@dataclass(frozen=True, slots=True)
class Made:
    """What a node has: the leaves of its values, in their own buckets and by `in_order`; and the node's
    groups of those that are asked for so."""

    node: Traced
    slots: Mapping[Leaf, Slot]
    asked: tuple[Leaf, ...]
    groups: Traced | Regroup


@dataclass(frozen=True, slots=True)
class _Sought:
    """A test of a leaf's values: in rows under which conditions, in which bucket."""

    conditions: tuple[Bound, ...]
    move: Bound | None
    is_in: bool


class Tracing:
    """Makes the groups of counts of values that are sought in sets, from each value's buckets."""

    def __init__(self, leaves: Sequence[AnyLeaf], aggregating: Aggregating, project: Project) -> None:
        self.leaves = leaves
        self.aggregating = aggregating
        self.project = project
        self.made: list[Made] = []

    def parts(
        self,
        scanned: Sequence[Sequence[int]],
        names: Mapping[int, Slot],
        shifted: Mapping[int, Leaf],
    ) -> tuple[list[Traced | Regroup], list[list[int]]]:
        """Return the groups of those leaves that this gives, and the leaves that are left.

        `shifted` are leaves in other buckets than their own, each as that in its own: their pieces are
        found on the way, and are given by `holding`.
        """
        families: dict[object, list[int]] = {}
        for i in (i for indices in scanned for i in indices):
            leaf = self.leaves[i]
            if isinstance(leaf, Leaf) and leaf.window is None and self._is_traced(i, leaf):
                families.setdefault(_family(leaf), []).append(i)
        found: list[Traced | Regroup] = []
        gone: set[int] = set()
        for family, own in families.items():
            if not any(self._tests(self._leaf(i)) for i in own):
                continue
            pieces = {i: leaf for i, leaf in shifted.items() if _family(leaf) == family}
            pieces = {i: leaf for i, leaf in pieces.items() if self._is_traced(i, leaf)}
            found.append(self._made(own, pieces, names))
            gone.update(own)
        rest = [[i for i in indices if i not in gone] for indices in scanned]
        return found, [indices for indices in rest if indices]

    def holding(self, leaf: Leaf) -> Made | None:
        """Return what has a leaf's value in its own buckets, and tells in which of these it has rows."""
        own = in_order(leaf)
        for made in self.made:
            if own in made.slots and (have_all_rows([own], made.slots) or rows_of(own) in made.slots):
                return made
        return None

    def _leaf(self, index: int) -> Leaf:
        leaf = self.leaves[index]
        assert isinstance(leaf, Leaf)
        return leaf

    # which leaves

    def _is_traced(self, index: int, leaf: Leaf) -> bool:
        if leaf.function != "count_distinct" or leaf.others or leaf.gathered:
            return False
        if index in self.aggregating.counts or len(leaf.grains) != 1 or leaf.grains[0].depth:
            return False
        rule = self.project.grains[leaf.grains[0].name]
        if rule.calendar is not None or rule.is_instant or rule.name == "day":
            return False
        return _time_of(leaf) is not None and self._tests(leaf) is not None

    def _tests(self, leaf: Leaf) -> tuple[_Sought, ...] | None:
        """Return the tests of a leaf's values, or None where one of them is not of this kind."""
        found = [self._test(condition, leaf) for condition in leaf.conditions if has_sets(condition)]
        tests = tuple(test for test in found if test is not None)
        return tests if len(tests) == len(found) else None

    def _test(self, condition: Bound, leaf: Leaf) -> _Sought | None:
        is_in = isinstance(condition, InSet)
        if isinstance(condition, Apply) and condition.op == "not":
            (condition,) = condition.args
        if not isinstance(condition, InSet) or not isinstance(condition.set, ValueSet):
            return None
        own = condition.set
        is_same = own.dataset == leaf.dataset and condition.operand == leaf.argument == own.value
        if not is_same or own.includes_null or own.gathered or any(map(has_sets, own.conditions)):
            return None
        groups = {key.member: key.value for key in leaf.keys}
        if dict(zip(own.members, condition.at, strict=True)) != groups:
            return None
        grain = leaf.grains[0]
        if own.window is None:
            return _Sought(own.conditions, None, is_in) if dict(own.keys) == groups else None
        how = own.sought
        if how is None or how.until is not None or how.start is None or how.bucket != groups[grain]:
            return None
        rest = {member: value for member, value in own.keys if member != grain}
        if rest != {member: value for member, value in groups.items() if member != grain}:
            return None
        buckets = _buckets_back(how.start, grain, self.project.grains[grain.name])
        if buckets is None or buckets > BITS:
            return None
        return _Sought((*own.conditions, *how.within), how.start, is_in)

    # nodes

    def _made(
        self, own: Sequence[int], pieces: Mapping[int, Leaf], names: Mapping[int, Slot]
    ) -> Traced | Regroup:
        """Return the groups of leaves in their own buckets, and remember what else the node has."""
        taken = {slot.name for slot in names.values()}
        slots: dict[Leaf, Slot] = {}
        for i in own:
            slots.setdefault(in_order(self._leaf(i)), names[i])
        asked = tuple(slots)
        for i, leaf in pieces.items():
            name = unique_name(f"p{names[i].name[1:]}", taken)
            slots.setdefault(in_order(leaf), replace(names[i], name=name))
        tests = {leaf: self._tests(leaf) or () for leaf in slots}
        # The node has the groups of all leaves: some must tell which of these have rows of them.
        are_all = have_all_rows(asked, slots)
        telling = {in_order(leaf) for leaf in pieces.values()} | set(() if are_all else asked)
        having_rows: list[Slot] = []
        for leaf, slot in tuple(slots.items()):
            if leaf not in telling or have_all_rows([leaf], slots):
                continue
            if any(test.is_in for test in tests[leaf]):
                having_rows.append(slot)
                continue
            count = rows_of(leaf)
            slots[count] = count_slot(unique_name(f"{slot.name}_rows", taken))
            tests[count] = tests[leaf]
            if leaf in asked and not are_all:
                having_rows.append(slots[count])
        node = self._node(slots, tests, self._leaf(own[0]))
        groups: Traced | Regroup = node
        if len(slots) > len(asked):
            measures = tuple(Merged(slots[leaf], "max", slots[leaf]) for leaf in asked)
            groups = Regroup(node, node.keys, measures, having_rows=tuple(having_rows))
        self.made.append(Made(node, slots, asked, groups))
        return groups

    def _node(
        self, slots: Mapping[Leaf, Slot], tests: Mapping[Leaf, tuple[_Sought, ...]], first: Leaf
    ) -> Traced:
        plain = {leaf: tuple(c for c in leaf.conditions if not has_sets(c)) for leaf in slots}
        asked = [*plain.values(), *(test.conditions for found in tests.values() for test in found)]
        distinct = {frozenset(conditions): conditions for conditions in asked}
        common, rests = in_common(tuple(distinct.values()))
        names: set[str] = set()
        traces = {
            same: Trace(Slot(unique_name("seen", names), INTEGER), rest)
            for same, rest in zip(distinct, rests, strict=True)
        }
        moves = tuple(
            dict.fromkeys(test.move for found in tests.values() for test in found if test.move is not None)
        )

        def tested(test: _Sought) -> TraceTest:
            place = None if test.move is None else moves.index(test.move)
            return TraceTest(traces[frozenset(test.conditions)].slot, place, test.is_in)

        measures = tuple(
            TracedMeasure(
                slot,
                traces[frozenset(plain[leaf])].slot,
                tuple(map(tested, tests[leaf])),
                leaf.function == "count",
                leaf.empty_is_null,
            )
            for leaf, slot in slots.items()
        )
        any_of = tuple(dict.fromkeys(rests)) if all(rests) else ()
        grain = first.grains[0]
        time, value = _time_of(first), first.argument
        assert time is not None
        assert value is not None
        day = of_time(self.project, Grain("day"), time)
        key_of = self.aggregating.key_of
        rest_keys = tuple(KeySlot(key_of[key.member], key.value) for key in _members(first))
        return Traced(
            days=self._days(first.dataset, day, common, any_of),
            rows=self._rows(first.dataset, rest_keys, (value,), day, common, any_of, rests),
            day=Slot("p_day", DATE),
            bucket=KeySlot(key_of[grain], of_time(self.project, grain, PIECE)),
            keys=tuple(key_of[key.member] for key in first.keys),
            value=Slot("v_value", value.type),
            traces=tuple(traces.values()),
            moves=moves,
            measures=measures,
            plain=self.aggregating.of_leaves(
                [(_by_keys_of(first, leaf), slot) for leaf, slot in slots.items()], {}
            ),
        )

    def _days(
        self, dataset: str, day: Bound, common: tuple[Bound, ...], any_of: tuple[tuple[Bound, ...], ...]
    ) -> Presences:
        """Return the days of rows, without what it would take to look up other rows."""
        known = set(steps_of((day,)))

        def is_cheap(condition: Bound) -> bool:
            return set(steps_of((condition,))) <= known and not any(sequences_of(condition))

        fewer = tuple(tuple(filter(is_cheap, one)) for one in any_of)
        kept = tuple(dict.fromkeys(fewer)) if all(fewer) else ()
        return self._rows(dataset, (), (), day, tuple(filter(is_cheap, common)), kept)

    def _rows(
        self,
        dataset: str,
        keys: tuple[KeySlot, ...],
        values: tuple[Bound, ...],
        day: Bound,
        common: tuple[Bound, ...],
        any_of: tuple[tuple[Bound, ...], ...],
        rests: Sequence[tuple[Bound, ...]] = (),
    ) -> Presences:
        conditions = (*common, *(condition for one in (*any_of, *rests) for condition in one))
        read = (*(key.value for key in keys), *values, day, *conditions)
        rows = self.aggregating.reading.rows(dataset, read, common, any_of)
        return Presences(rows, dataset, keys, values, day, ())


def in_order(leaf: Leaf) -> Leaf:
    """Return a leaf with its grain before its other members."""
    own = tuple(key for key in leaf.keys if isinstance(key.member, Grain))
    return replace(leaf, keys=(*own, *_members(leaf)))


def _by_keys_of(first: Leaf, leaf: Leaf) -> Leaf:
    return replace(leaf, keys=first.keys)


def _members(leaf: Leaf) -> tuple[Key, ...]:
    return tuple(key for key in leaf.keys if not isinstance(key.member, Grain))


def _family(leaf: Leaf) -> object:
    """Return what leaves have in common that may be found from the same values' buckets."""
    return (leaf.dataset, leaf.argument, in_order(leaf).keys)


def _time_of(leaf: Leaf) -> Bound | None:
    """Return the time whose buckets a leaf's rows are in."""
    for key in leaf.keys:
        match key:
            case Key(member=Grain(), value=Apply(op="bucket", args=(_, time))):
                return time
            case _:
                continue
    return None


def _buckets_back(start: Bound, grain: Grain, rule: GrainRule) -> int | None:
    """Return by how many buckets one lies before another, where that is known."""
    unit = {"add_months": "month", "add_days": "day"}
    match start:
        case KeyValue(member=member) if member == grain:
            return 0
        case Apply(op=op, args=(KeyValue(member=member), Constant(value=int() as count))) if (
            member == grain and unit.get(op) == rule.unit and count % rule.count == 0 and count <= 0
        ):
            return -count // rule.count
        case _:
            return None
