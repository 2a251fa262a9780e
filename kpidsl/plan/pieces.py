"""The fast form of moved windows: groups by pieces of time first, then buckets from pieces.

A dataset is read once, by pieces that no window cuts (its days, or buckets of a grain), however many
windows are asked for; then each bucket takes the pieces in its window:

    (day, channel, revenue)  ->  (month, channel, revenue of the 28 days before its end)

It applies where a group of pieces gives the value of the whole (sums, counts, least and greatest), and
to any aggregate where each bucket's window is one whole bucket, so that it is one piece: a shift.
Different values are counted by the pieces in which they come in and go out: `Held`.
A bucket that is cut within a day is computed from the rows, beside the pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kpidsl.contexts.inside import LeafWindow, within
from kpidsl.contexts.leaves import AnyLeaf, Key, Leaf
from kpidsl.contexts.sets import depends_on_bucket
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule, bucket_of_day
from kpidsl.model.types import BOOLEAN, DATE
from kpidsl.model.types import INTEGER as _INT
from kpidsl.plan.aggregating import Aggregating
from kpidsl.plan.held import is_held_once, moves_on, rows_of, rows_with_values
from kpidsl.plan.nodes import Aggregate, Held, InPieces, Merged, Slot, Stack
from kpidsl.plan.piece_rows import count_slot, counts_of_rows, have_all_rows
from kpidsl.plan.ranking import DECOMPOSABLE
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, KeyValue, RowColumn
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.times import of_time

PIECE = RowColumn((), "calendar", "piece", DATE)
"""The first day of a piece."""

_COARSEST_FIRST = ("year", "quarter", "month", "week", "day")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a leaf is made of pieces: of which grain, and whether of a single one, or of values held."""

    grain: str
    is_one: bool
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """Pieces, with the rows that are in them."""

    rows: frozenset[object]
    pieces: Aggregate
    piece: Slot


@dataclass(frozen=True, slots=True)
class _Shared:
    """Pieces, and for each window the leaves made of them: which slot they take, and in which form."""

    pieces: Aggregate
    piece: Slot
    by_window: Mapping[LeafWindow, tuple[tuple[int, Slot, _Form], ...]]
    having_rows: Mapping[LeafWindow, tuple[Slot, ...]]
    """Where not all pieces have rows of a window's leaves: the counts that tell which have."""


class Pieces:
    """Makes the groups of moved leaves from pieces, where that gives their values."""

    def __init__(self, leaves: Sequence[AnyLeaf], aggregating: Aggregating, project: Project) -> None:
        self.leaves = {place: leaf for place, leaf in enumerate(leaves) if isinstance(leaf, Leaf)}
        self.aggregating = aggregating
        self.project = project
        self.read: list[_Read] = []
        """The pieces that have been made so far."""
        self.beside: list[tuple[Sequence[int], Mapping[int, Slot]]] = []
        """Leaves in their own buckets that are read anyway, and their slots."""

    def parts(
        self, indices: Iterable[int], names: Mapping[int, Slot], beside: Sequence[Sequence[int]] = ()
    ) -> tuple[list[InPieces | Held | Aggregate], list[int]]:
        """Return the groups of those leaves that pieces give, and the leaves that they do not.

        `beside` are leaves in their own buckets that are read anyway, those together that share rows:
        their groups may be the pieces.
        """
        self.beside.extend((group, names) for group in beside)
        shared: dict[object, list[tuple[int, _Form]]] = {}
        rest: list[int] = []
        for i in indices:
            form = self._form(self.leaves[i])
            if form is None or i in self.aggregating.counts:
                rest.append(i)
                continue
            leaf = self.leaves[i]
            assert leaf.window is not None
            members = tuple(key for key in leaf.keys if not isinstance(key.member, Grain))
            shared.setdefault((leaf.dataset, members, leaf.window.time, form.grain), []).append((i, form))
        # All pieces first: the days of the calendar may come from several of them.
        read = [self._shared(same, names, beside) for same in shared.values()]
        return [part for one in read for part in self._of_pieces(one, names)], rest

    def _shared(
        self,
        same: Sequence[tuple[int, _Form]],
        names: Mapping[int, Slot],
        beside: Sequence[Sequence[int]],
    ) -> _Shared:
        """Return the pieces that some leaves share."""
        first = self.leaves[same[0][0]]
        assert first.window is not None
        assert first.window.time is not None
        grain = Grain(same[0][1].grain)
        own = Key(grain, of_time(self.project, grain, first.window.time))
        pieces: dict[Leaf, Slot] = {}
        by_window: dict[LeafWindow, list[tuple[int, Leaf, _Form]]] = {}
        asking: dict[LeafWindow, dict[Leaf, str]] = {}
        rows: set[object] = set()
        taken = {f"p{slot.name[1:]}" for slot in names.values()}
        for i, form in same:
            leaf = self.leaves[i]
            assert leaf.window is not None
            rest = tuple(key for key in leaf.keys if not isinstance(key.member, Grain))
            unmoved = replace(leaf, window=None, keys=(own, *rest))
            rows.add(_rows_of(unmoved))
            own_name = f"p{names[i].name[1:]}"
            counted = rows_of(unmoved)
            asking.setdefault(leaf.window, {}).setdefault(counted, f"{own_name}_rows")
            if form.is_held:
                pieces.setdefault(counted, count_slot(unique_name(f"{own_name}_rows", taken)))
                unmoved = rows_with_values(unmoved)
                pieces.setdefault(unmoved, count_slot(unique_name(f"{own_name}_held", taken)))
            else:
                pieces.setdefault(unmoved, replace(names[i], name=own_name))
            by_window.setdefault(leaf.window, []).append((i, unmoved, form))
        there = next((group for group in beside if self._holds(group, pieces, asking)), None)
        having_rows = {} if there else counts_of_rows(asking, pieces, taken)
        piece = Slot(f"p_{grain.name}", DATE)
        if there is None:
            aggregate = self.aggregating.of_leaves(tuple(pieces.items()), {grain: piece})
        else:
            aggregate = self.aggregating.aggregate(there, names, None)
            piece = self.aggregating.key_of[grain]
            pieces = {self.leaves[i]: names[i] for i in there}
            rows = {_rows_of(leaf) for leaf in pieces}
        self.read.append(_Read(frozenset(rows), aggregate, piece))
        slotted = {
            window: tuple((i, pieces[unmoved], form) for i, unmoved, form in made)
            for window, made in by_window.items()
        }
        return _Shared(aggregate, piece, slotted, having_rows)

    def _of_pieces(self, shared: _Shared, names: Mapping[int, Slot]) -> Iterable[InPieces | Held | Aggregate]:
        """Yield the buckets of leaves that share their pieces: a node for each window, one for each count of
        different values."""
        for window, made in shared.by_window.items():
            merged = [(i, slot, form.is_one) for i, slot, form in made if not form.is_held]
            if merged:
                yield self._in_window(window, shared, merged, names)
            for i, slot, form in made:
                if form.is_held:
                    yield self._held(i, shared, slot, names[i])
            if window.cut is not None:
                yield self._cut_bucket(window, [i for i, _, _ in made], names)

    def _holds(
        self,
        group: Sequence[int],
        pieces: Iterable[Leaf],
        asking: Mapping[LeafWindow, Iterable[Leaf]],
    ) -> bool:
        """Tell whether the groups of some leaves in their own buckets are the pieces.

        They are not where only other leaves than a window's have rows in some of them.
        """
        there = [self.leaves[i] for i in group if i in self.leaves]
        if not all(leaf in there for leaf in pieces):
            return False
        return all(have_all_rows(counts, there) for counts in asking.values())

    def days_of(self, ranges: Iterable[Leaf]) -> tuple[Aggregate | Stack, Slot] | None:
        """Return pieces that reach from the first to the last bucket of some counts, and their days' slot."""
        counts = tuple(ranges)
        asked = frozenset(map(_rows_of, counts))
        found = [read for read in self.read if read.rows <= asked]
        if not found or frozenset().union(*(read.rows for read in found)) != asked:
            return self._buckets_of(counts)
        first = found[0]
        if any(read.pieces.key_slots != first.pieces.key_slots for read in found):
            return None
        parts = tuple(dict.fromkeys(read.pieces for read in found))
        return (parts[0] if len(parts) == 1 else Stack(parts)), first.piece

    def _buckets_of(self, counts: Sequence[Leaf]) -> tuple[Aggregate, Slot] | None:
        """Return groups of leaves in their own buckets that have rows where some counts have, and the slot
        of their buckets."""
        asked = {_times_of(count) for count in counts}
        for group, names in self.beside:
            leaves = [self.leaves[i] for i in group if i in self.leaves]
            if len(leaves) < len(group) or any(leaf.gathered for leaf in leaves):
                continue
            if any(i in self.aggregating.counts for i in group) or len(leaves[0].grains) != 1:
                continue
            if {_times_of(leaf) for leaf in leaves} == asked:
                buckets = self.aggregating.key_of[leaves[0].grains[0]]
                return self.aggregating.aggregate(group, names, None), buckets
        return None

    def _in_window(
        self,
        window: LeafWindow,
        shared: _Shared,
        made: Sequence[tuple[int, Slot, bool]],
        names: Mapping[int, Slot],
    ) -> InPieces:
        leaf = self.leaves[made[0][0]]
        is_one = all(one for _, _, one in made)
        key_of = self.aggregating.key_of
        return InPieces(
            input=shared.pieces,
            spine=self.aggregating.spine(leaf.grains),
            piece=shared.piece,
            condition=_inside(window, is_one=is_one),
            keys=tuple(key_of[key.member] for key in leaf.keys),
            measures=tuple(
                Merged(names[i], "" if is_one else DECOMPOSABLE[self.leaves[i].function], slot)
                for i, slot, _ in made
            ),
            having_rows=shared.having_rows.get(window, ()),
        )

    def _held(self, index: int, shared: _Shared, held: Slot, slot: Slot) -> Held:
        leaf = self.leaves[index]
        window = leaf.window
        assert window is not None
        assert window.time is not None
        key_of = self.aggregating.key_of
        piece = next(key.value for key in shared.pieces.keys if key.slot == shared.piece)
        return Held(
            pieces=shared.pieces,
            rows=self.aggregating.presences(leaf, piece),
            spine=self.aggregating.spine(leaf.grains),
            piece=shared.piece,
            condition=_inside(window, is_one=False),
            keys=tuple(key_of[key.member] for key in leaf.keys),
            slot=slot,
            held=held,
            empty_is_null=leaf.empty_is_null,
            once=is_held_once(window, self.project),
            having_rows=shared.having_rows.get(window, ()),
        )

    def _cut_bucket(self, window: LeafWindow, indices: Sequence[int], names: Mapping[int, Slot]) -> Aggregate:
        """Return the groups of the one bucket that `as_of` cuts, from the rows."""
        assert window.cut is not None
        assert window.is_cut is not None
        assert window.time is not None
        alone = _CutAlone(window.time, window.cut, window.is_cut, None, window.moves)
        found = [(replace(self.leaves[i], window=alone), names[i]) for i in indices]
        return self.aggregating.of_leaves(found, {})

    # which form

    def _form(self, leaf: Leaf) -> _Form | None:
        window = leaf.window
        if window is None or window.time is None or window.until is not None:
            return None
        if leaf.gathered or len(leaf.grains) != 1:
            return None
        if leaf.grains[0].depth:
            return None
        if any(map(depends_on_bucket, (*leaf.conditions, *leaf.arguments))):
            return None
        rule = self.project.grains[leaf.grains[0].name]
        if rule.calendar is not None or rule.is_instant:
            return None
        compared = window.bounds.compared is not None
        if not compared and self._is_shift(window, rule):
            return _Form(rule.name, True)
        is_held = leaf.function == "count_distinct" and moves_on(window, self.project)
        if leaf.function not in DECOMPOSABLE and not is_held:
            return None
        bounds = [bound for bound in (window.bounds.start, window.bounds.end) if bound is not None]
        if compared:
            return _Form("day", False) if all(bound.type == DATE for bound in bounds) else None
        for name in dict.fromkeys((rule.name, *_COARSEST_FIRST)):
            piece = self.project.grains[name]
            if _divides(piece, rule) and all(self._is_on(bound, piece) for bound in bounds):
                return _Form(name, False, is_held)
        return None

    def _is_shift(self, window: LeafWindow, rule: GrainRule) -> bool:
        """Tell whether each bucket's window is one whole bucket of the same grain."""
        start, end = window.bounds.start, window.bounds.end
        if start is None or end is None or not self._is_on(start, rule):
            return False
        if isinstance(start, Constant) or isinstance(end, Constant):
            return False
        key = KeyValue(Grain(rule.name), DATE)
        match start, end:
            case Apply(op="add_months" | "add_days" as op, args=(base, Constant(value=int() as back))), _ if (
                base == key
            ):
                whole = _moved(op, key, back + rule.count)
                if rule.unit == ("month" if op == "add_months" else "day"):
                    return end == whole
                # A day, a month or a year ago: the day after the moved one.
                return rule.name == "day" and end == Apply("add_days", (start, Constant(1, _INT)), DATE)
            case _:
                return False

    def _is_on(self, bound: Bound, piece: GrainRule) -> bool:
        """Tell whether a bound surely begins a piece."""
        if bound.type != DATE:
            return False
        if piece.name == "day":
            return True
        match bound:
            case Constant(value=date() as day):
                return bucket_of_day(piece, day, self.project.cut) == day
            case (
                KeyValue(member=Grain(name=name))
                | Apply(op="bucket", args=(Constant(value=str() as name), _))
            ):
                return _divides(piece, self.project.grains[name])
            case Apply(op="add_months", args=(inner, Constant(value=int() as months))):
                return piece.unit == "month" and months % piece.count == 0 and self._is_on(inner, piece)
            case Apply(op="add_days", args=(inner, Constant(value=int() as days))):
                return piece.unit == "day" and days % piece.count == 0 and self._is_on(inner, piece)
            case Apply(op="least" | "greatest", args=args):
                return all(self._is_on(arg, piece) for arg in args)
            case Apply(op="case", args=(_, a, b)):
                return self._is_on(a, piece) and self._is_on(b, piece)
            case _:
                return False


class _CutAlone(LeafWindow):
    """The window of the bucket that is cut, for that bucket alone: `is_cut` tells which it is."""

    @property
    def condition(self) -> Bound:
        assert self.time is not None
        assert self.is_cut is not None
        return conjunction((self.is_cut, *within(self.time, self.bounds)))


def _inside(window: LeafWindow, *, is_one: bool) -> Bound:
    """Return when a piece is in a bucket's window; none is in that of a bucket that is cut."""
    if is_one:
        assert window.bounds.start is not None
        inside: tuple[Bound, ...] = (Apply("=", (PIECE, window.bounds.start), BOOLEAN),)
    else:
        inside = within(PIECE, window.bounds)
    if window.is_cut is not None:
        assert isinstance(window.is_cut, Apply)
        inside = (replace(window.is_cut, op="<="), *inside)
    return conjunction(inside)


def _times_of(leaf: Leaf) -> object:
    """Return which rows a leaf has, and in which buckets."""
    times = frozenset(key for key in leaf.keys if isinstance(key.member, Grain))
    return (leaf.dataset, frozenset(leaf.conditions), times)


def _rows_of(leaf: Leaf) -> object:
    return (leaf.dataset, frozenset(leaf.conditions))


def _divides(piece: GrainRule, rule: GrainRule) -> bool:
    """Tell whether buckets of a grain are made of whole pieces."""
    if piece.name in (rule.name, "day"):
        return not rule.is_instant and rule.calendar is None
    if piece.calendar is not None or rule.calendar is not None:
        return False
    same_anchor = piece.name == "month" or piece.anchor == rule.anchor
    return piece.unit == rule.unit == "month" and rule.count % piece.count == 0 and same_anchor


def _moved(op: str, key: Bound, amount: int) -> Bound:
    return key if amount == 0 else Apply(op, (key, Constant(amount, _INT)), DATE)
