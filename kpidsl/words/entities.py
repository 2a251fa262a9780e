"""Aggregates over entities in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpidsl.semantics.bound import Aggregate, Apply, Bound, ColumnMember, Grain, Member, PerEntity
from kpidsl.words.language import code

if TYPE_CHECKING:
    from kpidsl.words.phrases import Speaker


def over_entities(expr: PerEntity, speaker: Speaker) -> str:
    """Return an aggregate over values of entities, or how many entities a condition holds for."""
    language = speaker.language
    keys = [_key(member, speaker) for member in expr.members]
    each = _each(expr, keys, speaker)
    match expr:
        case PerEntity(function="values", among=Aggregate() as among, operand=x):
            told = language.fill(language.aggregates["values"], *keys, rows=speaker.rows(among))
            return language.say("those for which", told, speaker.condition(x))
        case PerEntity(among=Aggregate() as among, operand=x):
            row = "count_distinct" if len(keys) == 1 else "count_distinct of several"
            told = language.fill(language.aggregates[row], *keys, rows=speaker.rows(among))
            if isinstance(x, Apply):
                told = language.say("filtered", told, speaker.condition(x.args[0]))
        case PerEntity(function="count", operand=x):
            told = language.say("count per", _bracketed(x, speaker), each)
        case _:
            parts = (expr.operand, *expr.others)
            row = language.aggregates[expr.function]
            told = language.fill(row, *(_bracketed(part, speaker) for part in parts), rows=each)
    return language.say("including null", told) if expr.including_null else told


def _bracketed(x: Bound, speaker: Speaker) -> str:
    """Return a value of entities: in brackets where it names rows of its own."""
    shown = speaker.tight(x, "")
    return f"({shown})" if isinstance(x, Aggregate) else shown


def _each(expr: PerEntity, keys: list[str], speaker: Speaker) -> str:
    """Return what the values are of: entities, or the buckets of the window."""
    language = speaker.language
    if len(expr.members) > 1 or not isinstance(expr.members[0], Grain):
        return language.say("each", language.both(keys))
    many = f"length {expr.members[0].name}s"
    named = language.say(many, "").strip() if many in language.sentences else language.say("buckets", keys[0])
    return language.say("each bucket", named)


def _key(member: Member, speaker: Speaker) -> str:
    if isinstance(member, ColumnMember):
        return speaker.value(member.value, member.dataset)
    return code(member.text)
