"""Numbers that rows hold ready-made and that do not add up: rates, counts of different values, amounts."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import Dataset
from kpidsl.model.types import Kind
from kpidsl.semantics import rate_errors
from kpidsl.semantics.additivity import Additivity
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Grain, PerEntity, RowColumn
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import additivity_of
from kpidsl.semantics.printing import print_bound
from kpidsl.semantics.units import Unit, is_noun
from kpidsl.semantics.walks import inside

_OF_AMOUNTS = ("sum", "avg", "min", "max", "median", "percentile", "weighted_avg", "stddev", "variance")
_UNIQUE = frozenset({"unique", "uniques", "distinct", "distincts", "distinctes", "dau", "wau", "mau"})
_MONEY = re.compile(
    r"amounts?|prices?|(sub)?totals?|revenues?|sales|costs?|spend|fees?|tax|taxes|discounts?|refunds?|margins?|turnover"
    r"|montants?|prix|recettes?|couts?|depenses?|frais|remises?|marges?"
)
_CURRENCY = ("currency", "currency_code", "devise")
_RATIOS = (Additivity.RATIO, Additivity.RATIO_WITH_DISTINCT)


def rates(nodes: Iterable[Bound], project: CheckedProject, requires: Container[str], sink: Sink) -> None:
    """Warn of sums and means of what rows hold ready-made: each is right, and together they mean nothing.

    `nodes` are a formula and all that stands in it, `requires` the members without which it is not asked.
    """
    for node in nodes:
        match node:
            case Aggregate():
                told = _told(node, project, requires)
                if told is not None:
                    sink.report(told)
            case PerEntity(function="avg", operand=x, members=members):
                is_of_times = all(isinstance(member, Grain) for member in members)
                if is_of_times and additivity_of(x, project) in _RATIOS:
                    sink.report(rate_errors.mean_of_ratios(node.span, [m.text for m in members]))
            case _:
                pass


def _told(aggregate: Aggregate, project: CheckedProject, requires: Container[str]) -> Diagnostic | None:
    """Return what is to be said of an aggregate of a column or of a quotient of columns."""
    value, home = aggregate.argument, project.project.datasets[aggregate.dataset]
    unit = None if value is None or value.unit is None else value.unit.unit
    is_quotient = isinstance(value, Apply) and value.op == "/"
    if value is None or not (is_quotient or (isinstance(value, RowColumn) and not value.path)):
        return None
    if unit is not None and _is_rate(unit, home, project):
        written = print_bound(value)
        if aggregate.function == "sum":
            shown = None if unit.is_fraction else str(unit)
            return rate_errors.sum_of_rates(aggregate.span, written, shown, _weight(home))
        if aggregate.function == "avg" and _is_of_times(home):
            return rate_errors.mean_of_rates(aggregate.span, written, _weight(home))
    if not isinstance(value, RowColumn):
        return None
    words = value.column.split("_")
    if aggregate.function == "sum" and not _UNIQUE.isdisjoint(words):
        return rate_errors.sum_of_distinct(aggregate.span, f"{home.name}.{value.column}")
    currency = _currency(home)
    is_amount = unit is None and aggregate.function in _OF_AMOUNTS and any(map(_MONEY.fullmatch, words))
    if not is_amount or currency is None:
        return None
    if currency in requires or currency in _tested(aggregate, project):
        return None
    return rate_errors.row_currencies(aggregate.span, home.name, value.column, currency)


def _is_rate(unit: Unit, home: Dataset, project: CheckedProject) -> bool:
    """Tell whether values are so much for each of something that is not the row itself."""
    noun = project.rows.units.noun(home.name)
    own = {base for base, _ in noun.unit.powers} if noun is not None and noun.unit is not None else set()
    each = {base for base, power in unit.powers if power < 0 and is_noun(base)}
    return unit.is_fraction or bool(each and not each & own)


def _weight(home: Dataset) -> str | None:
    """Return the one column by which rows can be weighed, where there is one."""
    numbers = [
        column.name
        for column in home.columns.values()
        if column.type.kind is Kind.INTEGER and not (column.name in home.key or column.name.endswith("_id"))
    ]
    return numbers[0] if len(numbers) == 1 else None


def _is_of_times(home: Dataset) -> bool:
    """Tell whether rows are of days or other times, made of what happened then."""
    return home.time is not None and home.time.text in home.key


def _currency(home: Dataset) -> str | None:
    """Return the column that says of each row in which currency it is, where there are several."""
    found = (home.columns[name] for name in _CURRENCY if name in home.columns)
    return next((column.name for column in found if len(column.values) != 1), None)


def _tested(aggregate: Aggregate, project: CheckedProject) -> Iterator[str]:
    """Yield the columns that the conditions on an aggregate's rows read."""
    conditions = (aggregate.condition, project.datasets[aggregate.dataset].condition)
    for condition in conditions:
        for node in () if condition is None else inside(condition):
            if isinstance(node, RowColumn):
                yield node.column
