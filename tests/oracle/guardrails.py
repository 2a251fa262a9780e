"""What guards an objective: whether it holds, is broken, or nobody knows, and what becomes of the objective then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


def of_objective(name: str, row: Mapping[str, Any]) -> Guard:
    """Return an objective as a guard, from the columns of its row: what is judged holds where it is met.

    With a trajectory, before its end, it holds where it is on the way.
    """
    status = row["status"]
    if status not in JUDGED:
        return Guard(name, None, status)
    holds = row["met"]
    if row["pace"] is not None and status not in ("met", "missed"):
        holds = order(row["pace"], 1) >= 0
    return Guard(name, False if row["guardrail"] is not None else holds, status)


def outcome(row: Mapping[str, Any], guards: Sequence[Guard]) -> dict[str, Any]:
    """Return what an objective's row is beside its guards."""
    met, status, reason = row["met"], row["status"], row["reason"]
    broken = next((guard.name for guard in guards if guard.holds is False), None)
    unknown = next((guard.name for guard in guards if guard.holds is None), None)
    together = False if met and broken else None if met and unknown else met
    told = broken or unknown
    if status == "met" and broken:
        status = "missed"
    elif status == "on_track" and broken:
        status = "at_risk"
    elif status == "met" and unknown:
        waits = any(guard.status == "immature" for guard in guards)
        status = "immature" if waits else "insufficient_data"
    else:
        told = None
    reason = reason if told is None else f"guardrail: {told}"
    return {"met": together, "status": status, "reason": reason, "guardrail": broken}


def compared(formula: t.Expr) -> Iterator[t.Expr]:
    """Yield what the comparisons of a condition compare."""
    match formula:
        case t.Logic(operands=operands):
            for part in operands:
                yield from compared(part)
        case t.Compare(left=left, right=right):
            yield left
            yield right


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
