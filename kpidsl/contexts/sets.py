"""Sets pushed down: `x in values(…)` on the rows of an aggregate, in that aggregate's context.

A set is evaluated in the context of the aggregate whose rows are asked, changed by what stands around
`values`. What remains is a set that owns its conditions, its groups and its window, as a leaf does, and
what each row has for the members of these groups:

    customer_id in prior(values(orders.customer_id), 1 month)     by month, channel
    customer_id in {orders.customer_id by month, channel, in the window of each month}
                   at month = bucket(month, ordered_at), channel = channel

A set of entities that a condition holds for has leaves of its own instead: see `EntitySet`.

Where the set's window begins with a bucket of some grain and ends within it, or has no beginning, its
values can be found by the buckets of its own rows: `Sought`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kpidsl.contexts.bounds import Bounds
from kpidsl.contexts.inside import LeafWindow, within
from kpidsl.contexts.leaves import EntityLeaf, Scalar, asks_for_buckets, rows_of
from kpidsl.contexts.printing import brief, print_scalar
from kpidsl.contexts.windows import Windows
from kpidsl.model.hashed_once import HashedOnce, hashed_once
from kpidsl.model.types import BOOLEAN, DATE, Type
from kpidsl.semantics.bound import (
    Amount,
    Apply,
    Bound,
    Earliest,
    Grain,
    InSet,
    InValues,
    KeyValue,
    Member,
    Prior,
    PushedSet,
    Sought,
    ToDate,
    ValueSet,
    children,
)
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.mapped import map_children
from kpidsl.semantics.times import of_time


@hashed_once
@dataclass(frozen=True, slots=True)
class EntitySet(PushedSet, HashedOnce):
    """The entities in each group that a condition holds for: a set in its own context.

    `of` has the entities and, as its value, the condition; `column` is who they are.
    """

    of: EntityLeaf
    column: Member
    includes_null: bool
    type: Type

    @property
    def members(self) -> tuple[Member, ...]:
        return self.of.members

    @property
    def holds(self) -> Scalar:
        assert self.of.value is not None
        return self.of.value

    def __str__(self) -> str:
        leaves = "; ".join(f"#{place} = {brief(leaf)}" for place, leaf in enumerate(self.of.inner))
        null = " including null" if self.includes_null else ""
        by = ", ".join(member.text for member in self.members)
        shown = f"{self.column.text}{null} having {print_scalar(self.holds)} with {leaves}"
        return f"{{{shown}{f' by {by}' if by else ''}}}"


def has_sets(bound: Bound) -> bool:
    """Tell whether a row is asked whether some value is in a set."""
    return isinstance(bound, (InValues, InSet)) or any(map(has_sets, children(bound)))


def sets_in(bound: Bound) -> tuple[InSet, ...]:
    """Return the sets that a row's values are sought in, each once; not those of the sets' own rows."""
    found: dict[InSet, None] = {}
    stack = [bound]
    while stack:
        node = stack.pop()
        if isinstance(node, InSet):
            found[node] = None
        stack.extend(reversed(children(node)))
    return tuple(found)


def read_of(dataset: str, values: Iterable[Bound]) -> Iterator[tuple[str, Bound]]:
    """Yield expressions on a dataset's rows and on those of the sets in them, each with its dataset."""
    for value in values:
        yield dataset, value
        for found in sets_in(value):
            for home, read in read_by_set(found.set):
                yield from read_of(home, read)


def members_in(bound: Bound) -> Iterator[tuple[Member, Type]]:
    """Yield the members of the groups of sets in which a row's values are sought, each with its type."""
    for found in sets_in(bound):
        yield from zip(found.set.members, (value.type for value in found.at), strict=True)
        for _, read in read_by_set(found.set):
            for value in read:
                yield from members_in(value)


def read_by_set(found: PushedSet) -> Iterator[tuple[str, tuple[Bound, ...]]]:
    """Yield what a set asks of the rows of datasets."""
    match found:
        case ValueSet():
            yield found.dataset, found.read
        case EntitySet():
            for leaf in rows_of(found.of):
                yield leaf.dataset, leaf.read
        case _:
            raise AssertionError(f"{found} as a set")


def depends_on_bucket(bound: Bound) -> bool:
    """Tell whether an expression is another one in each bucket."""
    return isinstance(bound, KeyValue) or any(map(depends_on_bucket, children(bound)))


def is_same_everywhere(window: LeafWindow) -> bool:
    """Tell whether a window is the same one in every bucket."""
    return window.is_cut is None and not depends_on_bucket(window.condition)


def in_buckets(found: InSet, at: Sequence[Bound]) -> Bound:
    """Return the condition, which holds of no row that has no bucket."""
    has_bucket = [Apply("not", (Apply("is_null", (value,), BOOLEAN),), BOOLEAN) for value in at]
    return conjunction((found, *has_bucket))


def with_buckets(bound: Bound, values: Mapping[Member, Bound]) -> Bound:
    """Return an expression over a group's buckets as one over what a row has for them."""
    if isinstance(bound, KeyValue):
        return values.get(bound.member, bound)
    return map_children(bound, lambda part: with_buckets(part, values))


def sought_by(
    window: LeafWindow, grains: tuple[Grain, ...], period: Bounds, windows: Windows
) -> Sought | None:
    """Return how a set's values are found by the buckets of its own rows, or None where these don't tell."""
    found = _sought_by(window, grains, windows)
    if found is None:
        return None
    moves = [move for move in window.moves if isinstance(move, Prior)]
    if any(isinstance(move.amount, Amount) and windows.is_own(move.amount.unit) for move in moves):
        # Where a period lies so many buckets before, the rows of a calendar tell.
        return found
    end = windows.moved(Bounds(None, period.end), moves, None).end
    is_whole = len(moves) == len(window.moves)
    start = windows.moved(Bounds(period.start, None), moves, None).start if is_whole else None
    assert window.time is not None
    exact = windows.exactly(window.time, (start, end))
    return replace(found, within=within(window.time, Bounds(start, end), exact))


def _sought_by(window: LeafWindow, grains: tuple[Grain, ...], windows: Windows) -> Sought | None:
    time, bounds = window.time, window.bounds
    if time is None or bounds.end is None or bounds.compared is not None or window.until is not None:
        return None
    first = window.exact or time
    if bounds.start is None:
        return Sought(first, None, None, _until(window, first, None))
    grain = _grain_of(window, grains, windows)
    if grain is None:
        return None
    start = bounds.start
    if window.cut is not None and window.is_cut is not None and isinstance(window.moves[-1], ToDate):
        assert window.cut.start is not None
        start = Apply("case", (window.is_cut, window.cut.start, start), DATE)
    until = _until(window, first, windows.end_of_days(windows.rule(grain), start))
    return Sought(first, of_time(windows.project, grain, time), start, until)


def _grain_of(window: LeafWindow, grains: tuple[Grain, ...], windows: Windows) -> Grain | None:
    """Return the grain of which the window of each bucket is a bucket too, or the beginning of one."""
    last = window.moves[-1]
    if isinstance(last, ToDate):
        grain = Grain(last.grain)
        return None if windows.rule(grain).calendar is not None else grain
    rules = [windows.rule(grain) for grain in grains]
    if len(rules) != 1 or rules[0].calendar is not None or rules[0].is_instant:
        return None
    (rule,) = rules
    for move in window.moves:
        amount = move.amount if isinstance(move, Prior) else None
        if not isinstance(amount, Amount):
            return None
        is_of_days = rule.unit == "day" and rule.count == 1 and amount.unit == "month"
        if not is_of_days and (amount.unit != rule.unit or amount.count % rule.count):
            return None
    whole = windows.moved(windows.of_buckets(grains), window.moves, None)
    return grains[0] if whole.start == window.bounds.start else None


def _until(window: LeafWindow, time: Bound, whole: Bound | None) -> Bound | None:
    """Return the condition that a time from the start on is in the window; `whole` ends its bucket."""
    earliest = Earliest(time.type)
    assert window.bounds.end is not None
    before = Apply("<", (earliest, window.bounds.end), BOOLEAN)
    if window.is_cut is None or window.cut is None:
        return None if window.bounds.end == whole else before
    assert isinstance(window.is_cut, Apply)
    assert window.cut.end is not None
    unfinished = conjunction((window.is_cut, Apply("<", (earliest, window.cut.end), BOOLEAN)))
    return Apply("or", (conjunction((replace(window.is_cut, op="<="), before)), unfinished), BOOLEAN)


def without_sets(conditions: Sequence[Bound]) -> tuple[Bound, ...]:
    """Return those of the conditions that ask nothing of sets."""
    return tuple(condition for condition in conditions if not has_sets(condition))


def is_windowed(found: Bound) -> bool:
    """Tell whether a row's value is sought in a set whose window is another one in each bucket."""
    return any(_has_window(one.set) for one in sets_in(found))


def _has_window(found: PushedSet) -> bool:
    if isinstance(found, ValueSet) and found.window is not None:
        return True
    if isinstance(found, EntitySet) and asks_for_buckets(found.of):
        return True
    return any(is_windowed(value) for _, read in read_by_set(found) for value in read)
