"""What guardrails make of an objective: met where they hold too, at risk at best where one is broken.

guards   the first guardrail that is broken, and the first of which nobody knows
guarded  met and status: from those that the objective has by itself, and these
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kpidsl.objectives.arithmetic import (
    FALSE,
    NOTHING,
    TRUE,
    all_of,
    any_of,
    applied,
    cases,
    is_null,
    negation,
    number,
    reaches,
    text,
)
from kpidsl.objectives.columns import Column
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.judged import Layer

Columns = Mapping[Column, Bound]
Named = Iterator[tuple[Column, Bound]]

_CLOSED = ("met", "missed")
_IN_FLIGHT = ("on_track", "at_risk", "off_track")
_FIRST, _LAST = ("entered", "placed", "bounded", "signalled", "compared", "rated", "judged"), ("told",)


@dataclass(frozen=True, slots=True)
class Guard:
    """A guardrail by its name, with when it is broken, when nobody knows, and when it has not settled."""

    name: str
    is_broken: Bound
    is_unknown: Bound
    is_immature: Bound = FALSE


def of_condition(name: str, state: Bound) -> Guard:
    """Return the guard of a condition, which is null where nobody knows."""
    return Guard(name, negation(applied("coalesce", state, TRUE)), is_null(state))


def of_objective(name: str, of: Columns) -> Guard:
    """Return the guard of an objective by its columns: on its way it holds as long as the pace does."""
    status, met = of["status"], of["met"]
    has_missed = negation(applied("coalesce", met, TRUE) if "guardrail" in of else met)
    is_judged = applied("in", status, *map(text, (*_CLOSED, *_IN_FLIGHT)))
    if "pace" not in of:
        return Guard(
            name, all_of(is_judged, has_missed), negation(is_judged), applied("=", status, text("immature"))
        )
    is_slow = negation(reaches(applied("coalesce", of["pace"], number(1)), number(1)))
    if "guardrail" in of:
        is_slow = any_of(is_slow, negation(is_null(of["guardrail"])))
    is_broken = any_of(
        applied("=", status, text("missed")),
        all_of(applied("in", status, *map(text, _IN_FLIGHT)), is_slow),
    )
    return Guard(name, is_broken, negation(is_judged), applied("=", status, text("immature")))


def first_of(guards: Sequence[Guard]) -> Named:
    """Yield the first guardrail that is broken, and the first of which nobody knows whether it is."""
    yield "guardrail", cases([(guard.is_broken, text(guard.name)) for guard in guards])
    yield "unknown_guardrail", cases([(guard.is_unknown, text(guard.name)) for guard in guards])


def guarded(of: Columns, guards: Sequence[Guard]) -> Named:
    """Yield whether an objective is met beside its guardrails, and its status."""
    reached, standing = of["reached"], of["standing"]
    is_broken = negation(is_null(of["guardrail"]))
    is_unknown = negation(is_null(of["unknown_guardrail"]))
    unmet: list[tuple[Bound, Bound]] = [
        (is_null(reached), NOTHING),
        (negation(reached), FALSE),
        (is_broken, FALSE),
        (is_unknown, NOTHING),
    ]
    yield "met", cases(unmet, TRUE)
    is_met, is_on_track = (applied("=", standing, text(name)) for name in ("met", "on_track"))
    immature = [guard.is_immature for guard in guards if guard.is_immature != FALSE]
    branches = [(all_of(is_met, is_broken), text("missed"))]
    if immature:
        branches.append((all_of(is_met, any_of(*immature)), text("immature")))
    branches.append((all_of(is_met, is_unknown), text("insufficient_data")))
    branches.append((all_of(is_on_track, is_broken), text("at_risk")))
    yield "status", cases(branches, standing)


def reason_beside(of: Columns, own: Bound) -> Bound:
    """Return the reason for a status, which is a guardrail's where the objective alone has another one."""
    which = applied("coalesce", of["guardrail"], of["unknown_guardrail"])
    is_other = negation(applied("=", of["status"], of["standing"]))
    return cases([(is_other, applied("concat", text("guardrail: "), which))], own)


def side_by_side(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers of several objectives with those of one name together, each after what it reads."""
    found: dict[str, Layer] = {}
    for layer in layers:
        before = found.get(layer.name)
        columns = layer.columns if before is None else (*before.columns, *layer.columns)
        found[layer.name] = Layer(layer.name, columns)
    between = sorted(
        (name for name in found if name not in (*_FIRST, *_LAST)),
        key=lambda name: (_depth(name), name.startswith("guarded")),
    )
    return [found[name] for name in (*_FIRST, *between, *_LAST) if name in found]


def _depth(name: str) -> int:
    digits = "".join(filter(str.isdigit, name))
    return int(digits or 1)


def layer_names(depth: int) -> tuple[str, str]:
    """Return what the two layers of an objective are called whose guardrails are so many levels deep."""
    after = "" if depth == 1 else f"_{depth}"
    return f"guards{after}", f"guarded{after}"
