"""Parameters: the values that a query gives them, put in their place.

Formulas are bound once for the project, with a `ParameterRef` where a parameter is named. For each
query the references become constants, here and nowhere else: `given` returns the project as it is
for that query. So no later stage knows of parameters, and a value can only ever be a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from kpidsl.diagnostics import Diagnostic, Label, Sink
from kpidsl.model.definitions import Column, GivenValues, Project
from kpidsl.model.types import TEXT
from kpidsl.semantics import errors, move_errors, parameter_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Amount,
    Apply,
    Bound,
    Children,
    Constant,
    Derived,
    Lapse,
    Listed,
    Moved,
    ParameterRef,
    Partner,
    Prior,
    Rolling,
    RowSequence,
    Siblings,
)
from kpidsl.semantics.check import CheckedDataset, CheckedMetric, CheckedProject
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.elapsed import time_arithmetic
from kpidsl.semantics.instants import exists
from kpidsl.semantics.lapses import is_by_days, lapse_of
from kpidsl.semantics.mapped import map_children
from kpidsl.semantics.matches import Match
from kpidsl.semantics.members import ColumnMember, Member
from kpidsl.semantics.moves import amount_of, most_of
from kpidsl.semantics.nearest import Pick, length_of
from kpidsl.semantics.parameter_values import Values, in_seconds
from kpidsl.semantics.paths import Path
from kpidsl.semantics.printing import constant
from kpidsl.semantics.rounded import rounded_type
from kpidsl.semantics.rows import RowNames
from kpidsl.source import Span


@dataclass(frozen=True, slots=True)
class Constants:
    """The values of a query's parameters; a parameter without one gives a null that is told later."""

    values: Values
    project: Project
    sink: Sink
    given: Sequence[GivenValues] = ()
    """What the query gives itself; the other values are defaults."""

    def of(self, bound: Bound) -> Bound:
        """Return the expression with every parameter's value in its place."""
        match bound:
            case ParameterRef():
                return self._items(bound)[0]
            case Apply(op="add_duration" | "subtract_duration" as op, args=(time, ParameterRef() as amount)):
                return self._moved(bound, op, self.of(time), amount)
            case Derived(form=form):
                return replace(bound, form=self._form(form))
            case Moved(operand=x, move=Prior(amount=ParameterRef() as amount)):
                return replace(bound, operand=self.of(x), move=Prior(self._amount(amount)))
            case Moved(operand=x, move=Rolling(amount=ParameterRef() as amount)):
                return replace(bound, operand=self.of(x), move=Rolling(self._amount(amount)))
            case RowSequence():
                return self._sequence(bound)
            case Partner(value=inner):
                # A time that is moved has its type from the duration: days give a date, hours none.
                value = self.of(inner)
                return replace(bound, value=value, type=value.type)
            case Apply(op="in", args=args):
                return replace(bound, args=tuple(item for arg in args for item in self._item(arg)))
            case Apply(op="round", args=(number, ParameterRef() as digits), type=type):
                # The result's type was fixed without the digits; now that they are known it has fewer.
                args = (self.of(number), self.of(digits))
                narrowed = rounded_type(type, args)
                rounded = replace(bound, args=args, type=narrowed)
                return rounded if narrowed == type else replace(bound, op="as_type", args=(rounded,))
            case _:
                return map_children(bound, self.of)

    def _form(self, form: Children | Siblings) -> Children | Siblings:
        aggregate, keys = self.of(form.aggregate), tuple(map(self.of, form.keys))
        assert isinstance(aggregate, Aggregate)
        if isinstance(form, Children):
            return Children(aggregate, keys)
        order = tuple(replace(by, value=self.of(by.value)) for by in form.order)
        return replace(form, aggregate=aggregate, keys=keys, order=order)

    def _item(self, arg: Bound) -> tuple[Bound, ...]:
        return self._items(arg) if isinstance(arg, ParameterRef) else (self.of(arg),)

    def _items(self, reference: ParameterRef) -> tuple[Constant, ...]:
        found = self.values.get(reference.name, (Constant(None, reference.type, parameter=reference.name),))
        if reference.beside is not None:
            self._compared(reference, reference.beside, found)
        return tuple(map(self._seconds, found)) if reference.is_duration else found

    def _compared(self, reference: ParameterRef, beside: Listed, found: tuple[Constant, ...]) -> None:
        """Report the values of a parameter that what it is compared with never is."""
        for one in found:
            if isinstance(one.value, str) and one.value not in beside.texts:
                place = self._place(reference.name, one.value)
                told = errors.never_equal(place, beside.shown, one.value, beside.texts)
                compared = Label(reference.span, f"`{beside.shown}` is compared with `{reference.name}`")
                self.sink.report(replace(told, related=(compared,)))

    def _place(self, name: str, value: str) -> Span:
        """Return where a parameter is given a text."""
        default = self.project.parameters[name].default
        given = next((part for part in self.given if part.name == name), default)
        assert given is not None
        found = ((source, source.text.find(value)) for source in given.texts)
        places = (Span(source, at, at + len(value)) for source, at in found if at >= 0)
        return next(places, given.span)

    def length(self, within: Constant | ParameterRef | None) -> Constant | None:
        """Return a duration as it was written, with a parameter's value in its place."""
        if not isinstance(within, ParameterRef):
            return within
        (found,) = self.values.get(within.name, (Constant(None, within.type, parameter=within.name),))
        if found.value is not None and length_of(found) is None:
            definition = self.project.parameters[within.name]
            self.sink.report(parameter_errors.no_distance(definition.span, within.name, constant(found)))
        return found

    def _amount(self, reference: ParameterRef) -> Amount:
        """Return how far a duration moves a window; what moves none is reported."""
        (found,) = self.values.get(reference.name, (None,))
        none = Amount(1, "day", reference.name, reference.name)
        if found is None or found.unit is None:
            return none
        word = str(found.unit.unit)
        amount = amount_of(found.value, word, constant(found), self.project)
        if amount is None:
            definition = self.project.parameters[reference.name]
            text, most = constant(found), most_of(found.value, word)
            self.sink.report(
                move_errors.amount_of_parameter(definition.span, reference.name, text)
                if most is None
                else move_errors.amount_too_long(definition.span, text, most)
            )
            return none
        return replace(amount, parameter=reference.name)

    def _seconds(self, duration: Constant) -> Constant:
        if duration.value is None:
            return duration
        seconds = in_seconds(duration)
        if seconds is None:
            assert duration.parameter is not None
            definition = self.project.parameters[duration.parameter]
            self.sink.report(parameter_errors.no_length(definition.span, definition.name, constant(duration)))
            return replace(duration, unit=None)
        return seconds

    def _sequence(self, bound: RowSequence) -> Bound:
        found = map_children(bound, self.of)
        assert isinstance(found, RowSequence)
        near, far = found.outward[0], found.outward[-1]
        start = self._far(found.start, on_dates=is_by_days(found, near))
        return replace(found, start=start, end=self._far(found.end, on_dates=is_by_days(found, far)))

    def _far(self, far: Lapse | ParameterRef | None, *, on_dates: bool) -> Lapse | None:
        """Return how far a sequence looks, as if the duration had been written in the parameter's place."""
        if not isinstance(far, ParameterRef):
            return far
        (amount,) = self.values.get(far.name, (Constant(None, far.type, parameter=far.name),))
        found = lapse_of(amount, constant(amount), far.span, on_dates=on_dates)
        if isinstance(found, Diagnostic):
            self.sink.report(found)
            return Lapse(0, 0, amount)
        return found

    def _moved(self, bound: Apply, op: str, time: Bound, reference: ParameterRef) -> Bound:
        """Return a time moved by a duration, as it would be by the quantity written in its place."""
        (amount,) = self.values.get(reference.name, (None,))
        if amount is None:
            return Constant(None, bound.type, parameter=reference.name)
        span = bound.span or reference.span
        sign = "+" if op == "add_duration" else "-"
        moved = time_arithmetic(sign, (time, amount), self.project, span, self.sink)
        assert moved is not None
        return replace(moved, parameter=amount.parameter) if isinstance(moved, Constant) else moved


def given(project: CheckedProject, constants: Constants, as_of: Constant | None = None) -> CheckedProject:
    """Return the project as it is for one query: no parameter is left in it, no row is later than `as_of`."""
    if not project.project.parameters:
        if as_of is None:
            return project
        return replace(project, datasets=_existing(project.datasets, as_of, project.project))

    def some(bound: Bound | None) -> Bound | None:
        return None if bound is None else constants.of(bound)

    def picked(pick: Pick) -> Pick:
        return replace(
            pick,
            moment=constants.of(pick.moment),
            time=constants.of(pick.time),
            within=constants.length(pick.within),
            keys=tuple((constants.of(theirs), constants.of(own)) for theirs, own in pick.keys),
            order=tuple(map(constants.of, pick.order)),
            condition=some(pick.condition),
        )

    def matched(match: Match) -> Match:
        pick = None if match.pick is None else picked(match.pick)
        return Match(some(match.condition), tuple(map(constants.of, match.own)), pick)

    def dataset(found: CheckedDataset) -> CheckedDataset:
        return replace(
            found,
            time=some(found.time),
            until=some(found.until),
            condition=some(found.condition),
            matches={join: matched(match) for join, match in found.matches.items()},
        )

    def metric(found: CheckedMetric) -> CheckedMetric:
        return replace(found, bound=constants.of(found.bound))

    datasets: Mapping[str, CheckedDataset] = _Lazily(project.datasets, dataset)
    return replace(
        project,
        datasets=datasets if as_of is None else _existing(datasets, as_of, project.project),
        metrics=_Lazily(project.metrics, metric),
        rows=_GivenRows(project.rows, constants),
    )


def _existing(
    datasets: Mapping[str, CheckedDataset], as_of: Constant, project: Project
) -> Mapping[str, CheckedDataset]:
    """Return the datasets with the rows alone that exist at an instant."""

    def dataset(found: CheckedDataset) -> CheckedDataset:
        tested = found.known_at if found.definition.lies_ahead else found.time
        if tested is None:
            return found
        still = exists(tested, as_of, project)
        own = () if found.condition is None else (found.condition,)
        return replace(found, condition=conjunction((*own, still)), exists=still)

    return _Lazily(datasets, dataset)


def check_defaults(project: CheckedProject, sink: Sink) -> None:
    """Report the defaults that what they are compared with in the project never is."""
    defaults = {name: found for name, found in project.defaults.items() if found[0].type is TEXT}
    if not defaults:
        return
    told = Sink()
    constants = Constants(defaults, project.project, told)
    seen = given(project, constants)
    tuple(seen.datasets.values())
    tuple(seen.metrics.values())
    for dataset in project.project.datasets.values():
        for column in dataset.columns.values():
            if column.is_derived:
                seen.rows.column(dataset.name, column)
    sink.extend(one for one in told.reported if one.rule is errors.NEVER_EQUAL)


class _GivenRows(RowNames):
    """What names mean on rows, with the values of parameters in their place."""

    def __init__(self, rows: RowNames, constants: Constants) -> None:
        super().__init__(rows.project, rows.sink)
        self.__dict__.update(vars(rows))
        self._rows = rows
        self._constants = constants

    def column(self, dataset: str, column: Column) -> Bound:
        return self._constants.of(self._rows.column(dataset, column))

    def dimension(self, dataset: str, prefix: Path, name: str, span: Span, sink: Sink) -> Bound:
        return self._constants.of(self._rows.dimension(dataset, prefix, name, span, sink))

    def member(self, dataset: str, member: Member, span: Span, sink: Sink, aggregate: Span) -> Bound:
        found = super().member(dataset, member, span, sink, aggregate)
        return self._constants.of(found) if isinstance(member, ColumnMember) else found


T = TypeVar("T")


class _Lazily(Mapping[str, T]):
    """A mapping whose values are changed when they are asked for, each once."""

    def __init__(self, base: Mapping[str, T], change: Callable[[T], T]) -> None:
        self._base = base
        self._change = change
        self._made: dict[str, T] = {}

    def __getitem__(self, key: str) -> T:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._change(self._base[key])
        return made

    def __contains__(self, key: object) -> bool:
        return key in self._base

    def __iter__(self) -> Iterator[str]:
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)
