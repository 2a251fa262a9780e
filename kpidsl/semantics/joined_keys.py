"""What two datasets are matched by is of one type, one zone and one unit: it is compared as it is stored."""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Dataset
from kpidsl.model.types import UNKNOWN, Kind, Type
from kpidsl.semantics import errors, join_errors, unit_errors
from kpidsl.semantics.unit_facts import UnitFact, origins_of
from kpidsl.semantics.unit_names import DeclaredUnits
from kpidsl.source import Span


def check_key(
    dataset: Dataset, target: Dataset, pair: tuple[str, str], span: Span, units: DeclaredUnits, sink: Sink
) -> None:
    """Report columns that a join cannot match; `pair` names the target's column, and the own one."""
    theirs, own = pair
    if own not in dataset.columns:
        sink.report(errors.unknown(span, f"column of `{dataset.name}` called", own, dataset.columns))
        return
    other = target.columns.get(theirs)
    mine = dataset.columns[own]
    if other is None or UNKNOWN in (mine.type, other.type):
        return
    if mine.type.kind is other.type.kind is Kind.TIMESTAMP and mine.type != other.type:
        zones = [column.type.zone or "the project" for column in (mine, other)]
        sink.report(join_errors.key_zones(span, own, zones[0], f"{target.name}.{theirs}", zones[1]))
        return
    if not _match(mine.type, other.type):
        sink.report(join_errors.key_types(span, own, mine.type, f"{target.name}.{theirs}", other.type))
        return
    both = (units.column(dataset.name, mine), units.column(target.name, other))
    check_units("using", both, span, sink)


def _match(mine: Type, theirs: Type) -> bool:
    return mine.kind is theirs.kind or (mine.is_exact and theirs.is_exact)


def check_units(where: str, both: tuple[UnitFact | None, UnitFact | None], span: Span, sink: Sink) -> bool:
    """Tell whether values of these units may be matched: of one, or one is not known; else report it."""
    known = [fact for fact in both if fact is not None and fact.unit is not None]
    if len(known) < 2 or known[0].unit == known[1].unit:
        return True
    left, right = (str(fact.unit) for fact in known)
    if all(fact.known().is_currency for fact in known):
        sink.report(unit_errors.currencies(span, where, left, right, origins_of(known)))
        return False
    help = "give one of them a column in the other's unit, by `expr:` and `unit:`"
    sink.report(unit_errors.mismatch(span, where, left, right, origins_of(known), help))
    return False
