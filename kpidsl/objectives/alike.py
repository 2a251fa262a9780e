"""Whether objectives can be judged in the same rows."""

from __future__ import annotations

from kpidsl.semantics.bound import MemberValue
from kpidsl.semantics.objectives import CheckedObjective
from kpidsl.semantics.walks import inside


def rows_of(objective: CheckedObjective) -> object:
    """Return what an objective's rows are told by: equal where they are those of another one."""
    part = None if objective.each is None else objective.each.grain
    return objective.grain, part, frozenset(one.member for one in objective.by)


def told(objective: CheckedObjective) -> str:
    """Return by what an objective is judged, as it is read."""
    parts = [f"`{one.name}`" for one in objective.by]
    if objective.grain is not None:
        parts.insert(0, f"`{objective.grain}`")
    if objective.kind == "milestone":
        return "as a milestone"
    how = "by " + " and ".join(parts) if parts else "as a whole"
    return how if objective.each is None else f"{how}, {objective.each.grain} by {objective.each.grain}"


def narrows(objective: CheckedObjective) -> bool:
    """Tell whether an objective leaves out some of the members that it is judged by."""
    members = {one.member for one in objective.by}
    return objective.where is not None and any(
        isinstance(part, MemberValue) and part.member in members for part in inside(objective.where)
    )
