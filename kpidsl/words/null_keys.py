"""What a missing key means, in words: it is nobody, so it matches no row and is in no set."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    ColumnMember,
    Grain,
    InValues,
    Member,
    MetricRef,
    PerEntity,
    RowSequence,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.words.language import Language, code
from kpidsl.words.nulls import may_be_null
from kpidsl.words.phrases import Speaker


def null_keys(aggregate: Aggregate, speaker: Speaker) -> Iterator[str]:
    """Yield what is said of rows without a key that is matched with other rows or sought in a set."""
    for part in (aggregate.argument, *aggregate.others, aggregate.condition):
        for row, key in () if part is None else _asked(part, negated=False):
            is_skipped = key in (aggregate.argument, *aggregate.others) and row.endswith("not")
            if may_be_null(key, speaker.project) and not is_skipped:
                said = speaker.value(key, aggregate.dataset)
                yield speaker.language.say(row, code(aggregate.dataset), said)


def _asked(bound: Bound, *, negated: bool) -> Iterator[tuple[str, Bound]]:
    """Yield the keys of rows that are sought among others, each with how the language tells of it."""
    ends = " not" if negated else ""
    match bound:
        case RowSequence(includes_null=False, keys=keys):
            yield from ((f"nobody matches{ends}", key) for key in keys)
        case InValues(includes_null=False, operand=operand):
            yield f"nobody sought{ends}", operand
        case Apply(op="not"):
            negated = not negated
        case _:
            pass
    for child in children(bound):
        yield from _asked(child, negated=negated)


def null_entities(bound: Bound, project: CheckedProject, speaker: Speaker) -> Iterator[str]:
    """Yield what is said of entities without a key."""
    if isinstance(bound, MetricRef):
        yield from null_entities(project.metrics[bound.name].bound, project, speaker)
        return
    if isinstance(bound, PerEntity) and not bound.including_null:
        for member in bound.members:
            said = _nobody(member, speaker)
            if said is not None:
                yield speaker.language.say("nobody has", said)
    for child in children(bound):
        yield from null_entities(child, project, speaker)


def _nobody(member: Member, speaker: Speaker) -> str | None:
    """Return a key of entities that may be missing, and None for one that never is."""
    match member:
        case Grain():
            return None
        case ColumnMember(value=value, dataset=dataset):
            return speaker.value(value, dataset) if may_be_null(value, speaker.project) else None
        case _:
            return code(member.text)


def days_compared(project: CheckedProject, language: Language) -> str:
    """Return what a comparable day is: the calendar and its column."""
    calendar = next(one for one in project.project.calendars.values() if one.comparable is not None)
    assert calendar.comparable is not None
    return language.say("compares days", code(calendar.comparable), code(calendar.name))
