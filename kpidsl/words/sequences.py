"""Sequences in words."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from kpidsl.semantics.bound import Bound, Lapse, ParameterRef, RowSequence, Step
from kpidsl.semantics.units import Unit
from kpidsl.words.language import Language


def sequence_in_words(
    sequence: RowSequence,
    home: str,
    language: Language,
    condition: Callable[[Bound, str], str],
    quantity: Callable[[Fraction, Unit], str],
    *,
    negated: bool,
) -> str:
    """Return a sequence as a clause; `condition` and `quantity` tell the parts that are not its own."""
    keys = language.both([f"`{name}`" for name in sequence.names])

    def row(step: Step, place: int) -> str:
        which = "another row" if step.dataset == home else "a row"
        said = language.say(which, f"`{step.dataset}`")
        if place == 0:
            said = language.say("row with key", said, keys)
        if step.condition is None:
            return said
        return language.say("row where", said, condition(step.condition, step.dataset))

    def far(lapse: Lapse | ParameterRef) -> str:
        if isinstance(lapse, ParameterRef):
            return f"`{lapse.name}`"
        amount = lapse.amount
        unit = None if amount.unit is None else amount.unit.unit
        assert unit is not None
        assert isinstance(amount.value, int | Decimal | float)
        return quantity(Fraction(amount.value), unit)

    rows = [row(step, place) for place, step in enumerate(sequence.steps)]
    told = rows[0]
    for other in rows[1:]:
        told = language.say("then by", told, other)
    clause = f"not {sequence.function}" if negated else sequence.function
    return language.say(clause, _when(sequence, language, far), told)


def _when(sequence: RowSequence, language: Language, far: Callable[[Lapse | ParameterRef], str]) -> str:
    start, end = sequence.start, sequence.end
    if start is None:
        return "" if end is None else language.say("within", far(end))
    at_once = isinstance(start, Lapse) and not (start.months or start.seconds)
    side = "later" if sequence.function == "followed_by" else "earlier"
    row = f"{'at once' if at_once else 'from'}{'' if end is None else ' to'} {side}"
    parts = [] if at_once else [far(start)]
    if end is not None:
        parts.append(far(end))
    return language.say(row, *parts)
