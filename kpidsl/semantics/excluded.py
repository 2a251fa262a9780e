"""Whether a condition leaves out whoever has some members, as far as the condition alone tells."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kpidsl.semantics.bound import Apply, Bound, Constant, MemberValue
from kpidsl.semantics.members import Member

Members = Mapping[Member, Constant]
_NUMBERS = (int, float, Decimal)


def excludes(condition: Bound | None, members: Members) -> bool:
    """Tell whether a condition holds for none of the rows with these members, whatever else they have."""
    return condition is not None and _holds(condition, members) is False


def _holds(condition: Bound, members: Members) -> bool | None:
    """Return whether a condition holds, None where that depends on more.

    What compares the null member does not hold; what says so of that is left to the rows.
    """
    match condition:
        case Apply(op="and", args=parts):
            told = [_holds(part, members) for part in parts]
            return False if False in told else None if None in told else True
        case Apply(op="or", args=parts):
            told = [_holds(part, members) for part in parts]
            return True if True in told else None if None in told else False
        case Apply(op="not", args=(Apply(op="is_null", args=(MemberValue(member=member),)),)):
            return None if member not in members else members[member].value is not None
        case Apply(op="not", args=(part,)):
            told_of = None if _has_null(part, members) else _holds(part, members)
            return None if told_of is None else not told_of
        case Apply(op="is_null", args=(MemberValue(member=member),)):
            return None if member not in members else members[member].value is None
        case Apply(op="=" | "in", args=(MemberValue(member=member), *values)) if member in members:
            told = [_is_same(members[member].value, value) for value in values]
            return True if True in told else None if None in told else False
        case _:
            return None


def _has_null(condition: Bound, members: Members) -> bool:
    if isinstance(condition, MemberValue):
        return condition.member in members and members[condition.member].value is None
    return isinstance(condition, Apply) and any(_has_null(part, members) for part in condition.args)


def _is_same(value: object, other: Bound) -> bool | None:
    if not isinstance(other, Constant) or other.value is None:
        return None
    if value is None:
        return False
    is_alike = type(value) is type(other.value) or (
        isinstance(value, _NUMBERS) and isinstance(other.value, _NUMBERS)
    )
    return value == other.value if is_alike else None
