"""The form in which values are compared: for times, the zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from kpidsl.model.types import TIMESTAMP, Kind, Type
from kpidsl.model.zones import exists_once, in_zone, known
from kpidsl.semantics.bound import Constant
from kpidsl.semantics.functions import common
from kpidsl.sql.products import Value


def compared_in(args: Sequence[Value], project_zone: str, other_zone: Callable[[Type], str | None]) -> Type:
    """Return the type in which values are compared.

    Constants are moved to the zone of the columns beside them, so that an index or a partition on a column
    can be used, where they are one instant in both zones. Times of several zones are compared as instants.
    Other days beside times of another zone are compared by what clocks show, as windows have them: where a
    formula means instants, `kpidsl.semantics.midnights` has said so.
    """
    due = _zone_of_columns(args, project_zone)
    if due is not None:
        return due
    # A column may name the project's own zone.
    types = [replace(t, zone=other_zone(t)) if t.zone else t for t in (arg.type for arg in args)]
    due = common(types) or args[0].type
    has_days = any(arg.type.kind is Kind.DATE for arg in args)
    return TIMESTAMP if has_days and due.zone is not None else due


def _zone_of_columns(args: Sequence[Value], project_zone: str) -> Type | None:
    """Return the type of timestamps that meet nothing but constants, if these are one instant there."""
    columns = {arg.type for arg in args if not isinstance(arg, Constant)}
    if len(columns) != 1:
        return None
    (due,) = columns
    if due.kind is not Kind.TIMESTAMP:
        return None
    zone = due.zone or project_zone
    constants = [arg.value for arg in args if isinstance(arg, Constant)]
    are_told = bool(constants) and all(_is_one_instant(value, project_zone, zone) for value in constants)
    return due if are_told else None


def _is_one_instant(value: object, here: str, there: str) -> bool:
    """Tell whether a constant is one instant, by the clocks of the project and by those of a zone."""
    if not isinstance(value, date):
        return False
    if isinstance(value, datetime) and value.tzinfo is not None:
        return exists_once(value.astimezone(known(there)).replace(tzinfo=None), there)
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return exists_once(moment, here) and exists_once(in_zone(moment, here, there), there)
