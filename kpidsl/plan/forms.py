"""Forms: in which way a plan makes each of its values. What `explain` tells people comes from here.

A node that makes values gives each of them its form; a new way of making values is a `Way` here, a row in
each language of `kpidsl/words`, and a case of the match that says which node it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from kpidsl.plan.nodes import (
    Aggregate,
    Attach,
    Completed,
    Crossed,
    EntityValues,
    Fill,
    Given,
    Held,
    InPieces,
    Inside,
    InWindows,
    Keep,
    Nothing,
    OverEntities,
    Regroup,
    Rows,
    Slot,
    SoughtIn,
    Spread,
    Stack,
    Traced,
    Values,
    Within,
)
from kpidsl.plan.results import Levels, Sort
from kpidsl.plan.sets import OWN_BUCKET
from kpidsl.semantics.bound import Apply, Constant


class Way(Enum):
    """How a value is made. The texts name the ways in the JSON of `explain` and the rows of the languages."""

    ROWS = "rows"
    WINDOWS = "rows in windows"
    CUT = "rows of the cut bucket"
    PIECES = "pieces"
    SHIFT = "shift"
    FIRST_SEEN = "first seen"
    UNTIL_NEXT = "until the next row"
    BUCKETS = "buckets of each value"
    FINER = "finer groups"
    RESULT = "rows of the result"
    ENTITIES = "values of entities"


class Search(Enum):
    """How a set is made in which values are looked up."""

    ONCE = "gathered once"
    BY_BUCKET = "by bucket"
    FIRST_SEEN = "first seen"
    WINDOWS = "in windows"
    ENTITIES = "of entities"


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is made: `grain` is that of the pieces which come first.

    Values with the same `read` come from one read of a dataset. `inner` are the values of entities that come
    first, by the place of their leaves.
    """

    way: Way
    keys: tuple[Slot, ...]
    grain: str | None = None
    read: int | None = field(default=None, compare=False)
    inner: tuple[tuple[int, tuple[Form, ...]], ...] = ()


def forms_of(plan: Sort) -> Mapping[Slot, tuple[Form, ...]]:
    """Return how each value of the detail rows is made; several forms are of different buckets."""
    rows = plan.compute.input
    return _by_slot(rows.levels[0].rows if isinstance(rows, Levels) else rows)


def _by_slot(rows: Rows) -> dict[Slot, tuple[Form, ...]]:
    found: dict[Slot, list[Form]] = {}
    for slot, form in _made(rows):
        forms = found.setdefault(slot, [])
        if form not in forms:
            forms.append(form)
    return {slot: tuple(_told_apart(forms)) for slot, forms in found.items()}


def _told_apart(forms: Sequence[Form]) -> Iterator[Form]:
    """Yield the forms of one value: beside pieces, what is read in windows is the bucket that is cut."""
    for form in forms:
        is_cut = form.way is Way.WINDOWS and len(forms) > 1
        yield Form(Way.CUT, form.keys, read=form.read) if is_cut else form


def _made(step: Rows | Given) -> Iterator[tuple[Slot, Form]]:
    """Yield each value that a step and those below it make, with its form."""
    match step:
        case Aggregate(input=source, measures=measures):
            way = Way.WINDOWS if isinstance(source, InWindows) else Way.ROWS
            form = Form(way, step.key_slots, read=id(step))
            yield from ((measure.slot, form) for measure in measures)
        case InPieces(input=pieces, keys=keys, measures=measures):
            grain = _grain(pieces, step.piece)
            for measure in measures:
                way = Way.PIECES if measure.function else Way.SHIFT
                yield measure.slot, Form(way, keys, grain, id(pieces))
        case Held(slot=slot, keys=keys, once=once):
            grain = _grain(step.pieces, step.piece)
            yield slot, Form(Way.FIRST_SEEN if once else Way.UNTIL_NEXT, keys, grain)
        case (Traced() as traced) | Regroup(input=Traced() as traced):
            form = Form(Way.BUCKETS, step.key_slots, _grain(traced, traced.bucket.slot), id(traced))
            yield from ((slot, form) for slot in step.value_slots)
        case Regroup(keys=keys, measures=measures):
            yield from ((measure.slot, Form(Way.FINER, keys)) for measure in measures)
        case OverEntities(input=inner, keys=keys, slots=slots, measures=measures):
            before = _by_slot(inner)
            found = tuple((place, before[slot]) for place, slot in enumerate(slots) if slot in before)
            yield from ((m.slot, Form(Way.ENTITIES, keys, inner=found)) for m in measures)
        case Stack(inputs=inputs):
            for part in inputs:
                yield from _made(part)
        case Within(input=inner, totals=totals):
            yield from _made(inner)
            yield from ((total.slot, Form(Way.RESULT, total.keys)) for total in totals)
        case Keep(input=inner) | Fill(input=inner):
            yield from _made(inner)
        case Completed(input=inner) | Inside(input=inner) | Spread(input=inner):
            yield from _made(inner)
        case Attach(input=inner, total=total):
            yield from _made(inner)
            yield from _made(total)
        case Crossed() | Given() | Nothing():
            return


def _grain(pieces: Aggregate | Traced, piece: Slot) -> str:
    """Return the grain of pieces: that of the bucket by which their rows are grouped, else days."""
    keys = (pieces.bucket,) if isinstance(pieces, Traced) else pieces.keys
    value = next(key.value for key in keys if key.slot == piece)
    match value:
        case Apply(op="bucket", args=(Constant(value=str() as grain), _)):
            return grain
        case _:
            return "day"


# the sets in which values of rows are looked up


def searches_of(plan: Sort) -> tuple[tuple[Search, str], ...]:
    """Return how sets are made in which rows' values are looked up, each with the dataset that it is of."""
    rows = plan.compute.input
    found = _searches(rows.levels[0].rows if isinstance(rows, Levels) else rows)
    return tuple(dict.fromkeys(found))


def _searches(step: Rows | Given) -> Iterator[tuple[Search, str]]:
    match step:
        case Aggregate(sought=sought):
            yield from _in_sets(sought)
        case InPieces(input=inner) | Regroup(input=inner) | OverEntities(input=inner):
            yield from _searches(inner)
        case Held(pieces=pieces, rows=rows):
            yield from _searches(pieces)
            yield from _in_sets(rows.sought)
        case Stack(inputs=inputs):
            for part in inputs:
                yield from _searches(part)
        case Within(input=inner) | Keep(input=inner) | Fill(input=inner):
            yield from _searches(inner)
        case Completed(input=inner) | Inside(input=inner) | Spread(input=inner):
            yield from _searches(inner)
        case Crossed(parts=entities):
            for made in entities:
                yield from _searches(made)
        case Attach(input=inner, total=total):
            yield from _searches(inner)
            yield from _searches(total)
        case Traced() | Given() | Nothing():
            return


def _in_sets(sets: Sequence[SoughtIn]) -> Iterator[tuple[Search, str]]:
    for sought in sets:
        values = sought.values
        if isinstance(values, EntityValues):
            yield Search.ENTITIES, values.dataset
            yield from _searches(values.input)
        else:
            yield _of_set(values), values.dataset
            yield from _in_sets(values.sought)


def _of_set(values: Values) -> Search:
    if isinstance(values.input, InWindows):
        return Search.WINDOWS
    if values.first is not None:
        return Search.FIRST_SEEN
    by_own = any(slot.name == OWN_BUCKET for slot in values.key_slots)
    return Search.BY_BUCKET if by_own else Search.ONCE
