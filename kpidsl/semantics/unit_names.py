"""Units that a project declares, those of columns and the nouns of datasets, and what aggregates give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpidsl.diagnostics import Diagnostic, Label, Sink
from kpidsl.model.definitions import Column, Parameter, Project, UnitText
from kpidsl.model.types import DURATION
from kpidsl.semantics import unit_errors as errors
from kpidsl.semantics.bound import Bound, RowColumn
from kpidsl.semantics.unit_facts import PLAIN, UnitFact
from kpidsl.semantics.unit_text import noun_of, read_unit
from kpidsl.semantics.units import FRACTION, MONEY, Unit, currency_of_money, in_currency, named
from kpidsl.source import Span

_OF_VALUES = frozenset(
    ["sum", "avg", "min", "max", "median", "percentile", "first", "last", "weighted_avg", "stddev"]
)
"""Aggregates whose value is in the unit of the values."""


class DeclaredUnits:
    """The units that stand in `unit:`, each read once; what is wrong with one is reported once."""

    def __init__(self, project: Project, sink: Sink) -> None:
        self.project = project
        self.sink = sink
        self._read: dict[int, Unit | None] = {}
        self._columns: dict[tuple[str, str], UnitFact | None] = {}
        self._nouns: dict[str, UnitFact | None] = {}

    def read_all(self) -> None:
        """Read the unit of every dataset and column, whether or not a formula uses it."""
        for dataset in self.project.datasets.values():
            self.noun(dataset.name)
            for column in dataset.columns.values():
                self.column(dataset.name, column)
        for parameter in self.project.parameters.values():
            self.parameter(parameter)

    def written(self, text: UnitText) -> Unit | None:
        key = id(text)
        if key not in self._read:
            unit = read_unit(text, self.sink)
            self._read[key] = None if unit is None else in_currency(unit, self.project.currency)
        return self._read[key]

    def column(self, dataset: str, column: Column) -> UnitFact | None:
        """Return the declared unit of a column's values."""
        if column.unit is None:
            return None
        key = (dataset, column.name)
        if key not in self._columns:
            self._columns[key] = self._fact(column.unit, f"`{dataset}.{column.name}` is in")
        return self._columns[key]

    def noun(self, dataset: str) -> UnitFact | None:
        """Return the noun that counting a dataset's rows gives."""
        definition = self.project.datasets.get(dataset)
        if definition is None or definition.unit is None:
            return None
        if dataset not in self._nouns:
            self._nouns[dataset] = self._noun(dataset, definition.unit)
        return self._nouns[dataset]

    def _noun(self, dataset: str, text: UnitText) -> UnitFact | None:
        fact = self._fact(text, f"a row of `{dataset}` is one")
        if fact is None or (fact.known().is_count and fact.unit != named(MONEY)):
            return fact
        noun = noun_of(dataset)
        self.sink.report(errors.not_a_noun(place(text), dataset, text.text.strip(), noun))
        return None

    def parameter(self, parameter: Parameter) -> UnitFact | None:
        """Return the unit of a parameter's values: its own, or that of any number in a formula."""
        if parameter.type is DURATION:
            return UnitFact(named("second"), (Label(parameter.span, f"`{parameter.name}` is a duration"),))
        if not parameter.type.is_numeric:
            return None
        declared = None if parameter.unit is None else self._fact(parameter.unit, f"`{parameter.name}` is in")
        return declared or PLAIN

    def _fact(self, text: UnitText, what: str) -> UnitFact | None:
        unit = self.written(text)
        if unit is None:
            return None
        return UnitFact(unit, (Label(place(text), f"{what} `{unit}`"),))

    def of_aggregate(self, function: str, home: str, arguments: Sequence[Bound]) -> UnitFact | None:
        """Return the unit of an aggregate over a dataset's rows; no argument: rows are counted."""
        if function == "count" or not arguments:
            return self.noun(home)
        if function == "count_distinct":
            return self._of_keys(arguments)
        fact = arguments[0].unit
        if fact is None or fact.unit is None:
            return None
        if function == "variance":
            return replace(fact, unit=fact.unit**2, optional=None)
        if function not in _OF_VALUES:
            return None
        noun = self.noun(home)
        if function == "sum" or noun is None or noun.unit is None or fact.unit.is_fraction:
            return replace(fact, optional=None)
        return replace(fact, optional=FRACTION / noun.unit)

    def _of_keys(self, arguments: Sequence[Bound]) -> UnitFact | None:
        """Return what different values of a key are counted as: the column's unit, or the noun of the
        dataset whose key it is or to which a join by the whole key leads.

        A join on validity or as of a time has rows of which several share the value: they are others than it.
        """
        first = arguments[0]
        if len(arguments) == 1 and first.unit is not None and first.unit.unit is not None:
            return replace(first.unit, optional=None)
        columns = [argument for argument in arguments if isinstance(argument, RowColumn)]
        places = {(column.path, column.dataset) for column in columns}
        if len(columns) < len(arguments) or len(places) != 1:
            return None
        definition = self.project.datasets[first.dataset] if isinstance(first, RowColumn) else None
        if definition is None:
            return None
        names = sorted(column.column for column in columns)
        if names == sorted(definition.key):
            return self.noun(definition.name)
        led = {
            join.target: None
            for join in definition.joins.values()
            if join.interval is None and join.nearest is None and sorted(own for _, own in join.keys) == names
        }
        nouns = [noun for target in led if (noun := self.noun(target)) is not None]
        return nouns[0] if len({noun.unit for noun in nouns}) == 1 else None


def place(text: UnitText) -> Span:
    """Return where a unit stands, without blanks around it."""
    start = len(text.text) - len(text.text.lstrip())
    return Span(text.source, start, max(len(text.text.rstrip()), start))


def unit_not_given(text: UnitText, what: str, declared: Unit, found: UnitFact) -> Diagnostic:
    """Return the report of a declared unit that the formula under it does not give."""
    shown = str(found.readings[-1] if found.optional is not None and not declared.is_currency else found.unit)
    return errors.declared(place(text), what, str(declared), shown, found.origins, _advice(declared, found))


def _advice(declared: Unit, found: UnitFact) -> str:
    unit = found.known()
    currency = currency_of_money(declared, unit)
    if currency is not None:
        return errors.say_currency(currency)
    if unit.is_currency and declared.is_currency:
        return f"multiply by a rate of unit `{declared}/{unit}`, or write `unit: {unit}`"
    if unit.is_count and declared.is_count:
        only = "only a count of some of the rows may have a noun of its own"
        return f"write `unit: {unit}`, or leave `unit:` out; {only}"
    return f"write `unit: {unit}`, or mend the formula"
