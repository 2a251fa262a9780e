"""Changes of the window in words."""

from __future__ import annotations

from collections.abc import Callable

from kpidsl.semantics.bound import (
    Aggregate,
    Amount,
    Apply,
    Bound,
    Cumulative,
    During,
    KeyValue,
    Move,
    Moved,
    Opening,
    ParameterRef,
    Prior,
    Rolling,
    ToDate,
    WindowEdge,
)
from kpidsl.words.language import Language, code


def of_window(expr: Moved | WindowEdge | KeyValue, tell: Callable[[Bound], str], language: Language) -> str:
    """Return a figure in another window, or an end of a window; `tell` says what it is a figure of."""
    match expr:
        case Moved(operand=x, move=move):
            return moved(tell(x), move, language)
        case WindowEdge(which=which):
            return language.say(which)
        case KeyValue(member=member):
            return code(member.text)


def compared(expr: Apply, tell: Callable[[Bound], str], language: Language) -> str:
    """Return a change or a growth in words, and nothing where an operation is neither."""
    match expr:
        case Apply(op="-", args=(a, Moved(operand=x, move=Prior() as move))) if a == x:
            return _back("change", tell(a), move, language)
        case Apply(op="case", args=(_, Apply(op="-", args=(Apply(args=(a, Moved() as base)), _)), _)) if (
            isinstance(base.move, Prior) and a == base.operand
        ):
            return _back("growth", tell(a), base.move, language)
        case _:
            return ""


def moved(what: str, move: Move, language: Language) -> str:
    """Return a figure, told by `what`, in the window that a change of it gives."""
    match move:
        case Prior():
            return _back("prior", what, move, language)
        case Rolling(amount=amount):
            return language.say("rolling", what, length(amount, language))
        case ToDate(grain=grain):
            return language.say("to date", what, language.grains.get(grain, code(grain)))
        case Cumulative():
            return language.say("cumulative", what)
        case Opening():
            return language.say("opening", what)
        case During(start=start, end=end):
            return language.say("during", what, start.isoformat(), end.isoformat())


def _back(row: str, what: str, move: Prior, language: Language) -> str:
    if move.is_compared:
        return language.say(f"{row} comparable", what)
    return language.say(row, what, length(move.amount, language))


def length(amount: Amount | ParameterRef, language: Language) -> str:
    """Return a length of time: in its own unit, or by the parameter that gives it."""
    if isinstance(amount, ParameterRef):
        return code(amount.name)
    figure, _, word = amount.text.partition(" ")
    row = f"length {word.removesuffix('s') if word not in language.grains else word}"
    if row not in language.sentences:
        return f"{figure} {code(word)}"
    return language.say(row if figure == "1" else f"{row}s", figure)


def rows_in_words(
    aggregate: Aggregate,
    language: Language,
    condition: Callable[[Bound, str], str],
    value: Callable[[Bound, str], str],
    *,
    holds: bool,
) -> str:
    """Return the rows of an aggregate; `holds` tells that it reads those that hold at an instant."""
    dataset, row = code(aggregate.dataset), "rows held" if holds else "rows"
    if aggregate.condition is None:
        told = language.say(row, dataset)
    else:
        told = language.say(f"{row} where", dataset, condition(aggregate.condition, aggregate.dataset))
    if aggregate.at is not None:
        told = language.say("by time", told, value(aggregate.at, aggregate.dataset))
    return told
