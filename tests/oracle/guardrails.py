"""What guards an objective: whether it holds, is broken, or nobody knows, and what becomes of the objective then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kpidsl.syntax import tree as t

from .judge import Number, order
from .table import OracleRefuses

JUDGED = ("met", "missed", "on_track", "at_risk", "off_track")


@dataclass(frozen=True, slots=True)
class Guard:
    """`holds` is None where nobody knows."""

    name: str
    holds: bool | None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    met: bool | None
    status: str
    reason: str
    guardrail: str | None


def of_objective(name: str, met: bool | None, status: str, guardrail: str | None) -> Guard:
    """Return an objective as a guard: what is judged holds where it is met."""
    if status not in JUDGED:
        return Guard(name, None, status)
    return Guard(name, False if guardrail is not None else met, status)


def outcome(met: bool | None, status: str, reason: str, guards: Sequence[Guard]) -> Outcome:
    """Return what an objective is beside its guards."""
    broken = next((guard.name for guard in guards if guard.holds is False), None)
    unknown = next((guard.name for guard in guards if guard.holds is None), None)
    together = False if met and broken else None if met and unknown else met
    if status == "met" and broken:
        return Outcome(together, "missed", f"guardrail: {broken}", broken)
    if status == "on_track" and broken:
        return Outcome(together, "at_risk", f"guardrail: {broken}", broken)
    if status == "met" and unknown:
        waits = any(guard.status == "immature" for guard in guards)
        return Outcome(together, "immature" if waits else "insufficient_data", f"guardrail: {unknown}", None)
    return Outcome(together, status, reason, broken)


def condition(formula: t.Expr, value: Callable[[t.Expr], Number | None]) -> bool | None:
    """Return whether comparisons hold; None where something in them is null."""
    match formula:
        case t.Logic(op=op, operands=operands):
            parts = [condition(part, value) for part in operands]
            if None in parts:
                return None
            return all(parts) if op == "and" else any(parts)
        case t.Compare(op=op, left=left, right=right):
            a, b = value(left), value(right)
            if a is None or b is None:
                return None
            place = order(a, b)
            held = {"<": place < 0, "<=": place <= 0, ">": place > 0, ">=": place >= 0, "=": place == 0}
            return held.get(op, place != 0)
        case _:
            raise OracleRefuses(f"a guardrail that compares nothing: {formula}")
