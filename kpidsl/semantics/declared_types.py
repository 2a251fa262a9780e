"""The types and units of values as columns declare them, and types as they are in the project's zone."""

from __future__ import annotations

from dataclasses import replace

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Column
from kpidsl.model.types import TIMESTAMP, Kind, Type
from kpidsl.semantics import binding_errors, errors
from kpidsl.semantics.bound import BROKEN, Apply, Bound, Derived
from kpidsl.semantics.functions import common
from kpidsl.semantics.unit_names import DeclaredUnits, place, unit_not_given
from kpidsl.semantics.unit_rules import brought_to
from kpidsl.source import Span

_COMPUTED = (Apply, Derived)


def local(type: Type) -> Type:
    """Return the type of a value as seen in the project's zone."""
    return TIMESTAMP if type.kind is Kind.TIMESTAMP else type


def as_declared(bound: Bound, column: Column, span: Span, sink: Sink) -> Bound:
    """Return a computed column's value in the type that is declared for it, having reported another one.

    A formula's decimal has all the digits that its parts might need. A declared type of fewer says that its
    values have no more, as that of a table's column does: `digits` tells it to who asks what fits.
    """
    declared, found = column.type, local(bound.type)
    widened = common((found, local(declared)))
    same_kind = found.kind is declared.kind
    loses = declared.kind is Kind.DECIMAL and found.kind is Kind.DECIMAL and found.scale > declared.scale
    widens = declared.kind in (Kind.DECIMAL, Kind.FLOAT) and found.is_numeric and widened is not None
    if same_kind and not loses and found.scale == declared.scale:
        fewer = declared.kind is Kind.DECIMAL and declared.precision < found.precision
        return replace(bound, digits=declared.precision) if fewer and isinstance(bound, _COMPUTED) else bound
    fits = same_kind or (widens and widened is not None and widened.kind is declared.kind)
    if found.kind is Kind.NULL or (fits and not loses):
        return Apply("as_type", (bound,), local(declared), unit=bound.unit)
    if column.is_any_number and found.is_numeric and declared.is_numeric:
        return bound
    if column.bound_at is not None:
        sink.report(binding_errors.bound_type(column.bound_at, column.name, declared, found))
    else:
        sink.report(errors.declared_type(span, column.name, declared, found))
    return BROKEN


def in_declared_unit(bound: Bound, dataset: str, column: Column, units: DeclaredUnits, sink: Sink) -> Bound:
    """Return a computed column's value in the unit that is declared for it."""
    assert column.unit is not None
    declared = units.column(dataset, column)
    if declared is None:
        return bound
    value = brought_to(bound, declared.known())
    if value is None:
        assert bound.unit is not None
        what, unit = f"{dataset}.{column.name}", declared.known()
        if column.bound_at is None:
            sink.report(unit_not_given(column.unit, f"the column `{what}`", unit, bound.unit))
        else:
            told = (str(unit), place(column.unit), str(bound.unit.unit), bound.unit.origins)
            sink.report(binding_errors.bound_unit(column.bound_at, what, *told))
        return BROKEN
    return replace(value, unit=declared)
