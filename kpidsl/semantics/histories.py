"""What values over the whole history rest on: which of them must be known before which.

A derived value reads the rows of a dataset, so it rests on what stands in its formula and also on the
dataset's own condition and time, and on all that its joins ask of a row and its partner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Dataset
from kpidsl.semantics import errors
from kpidsl.semantics.bound import Bound, Children, Derived, RowSequence, children
from kpidsl.semantics.matches import Match, values_of
from kpidsl.semantics.rows import RowNames
from kpidsl.semantics.walks import datasets_of, joins_of, of_steps, sequences_of
from kpidsl.source import Span


class Rows(Protocol):
    """A dataset's rows, as the checker has them."""

    @property
    def definition(self) -> Dataset: ...
    @property
    def time(self) -> Bound | None: ...
    @property
    def condition(self) -> Bound | None: ...
    @property
    def matches(self) -> Mapping[str, Match]: ...


def parts_of_form(derived: Derived) -> tuple[Bound, ...]:
    """Return the row formulas in a derived value: they stand on rows of its aggregate's dataset."""
    form = derived.form
    aggregate = form.aggregate
    order = () if isinstance(form, Children) else tuple(by.value for by in form.order)
    return (*children(aggregate), *aggregate.required, *form.keys, *order)


def derived_in(bound: Bound) -> Iterator[Derived]:
    """Yield the derived values in a row formula, and in what its sequences ask of other rows."""
    if isinstance(bound, Derived):
        yield bound
    others = of_steps(bound) if isinstance(bound, RowSequence) else ()
    for part in (*children(bound), *others):
        yield from derived_in(part)


def read_by(derived: Derived, datasets: Mapping[str, Rows]) -> Iterator[tuple[str, Bound]]:
    """Yield every row formula that a derived value rests on directly, with the dataset on whose row it is."""
    home = derived.form.aggregate.dataset
    asked: dict[tuple[str, str], None] = {}
    own = (*parts_of_form(derived), datasets[home].condition, datasets[home].time)
    for bound in own:
        if bound is not None:
            yield home, bound
            yield from _on_the_way(home, bound, datasets, asked)


def _on_the_way(
    home: str, bound: Bound, datasets: Mapping[str, Rows], asked: dict[tuple[str, str], None]
) -> Iterator[tuple[str, Bound]]:
    """Yield what the joins of a row formula ask of a row and its partner, and its sequences of other rows."""
    for sequence in sequences_of(bound):
        for dataset, part in read_of(sequence, datasets, asked):
            yield dataset, part
            yield from _on_the_way(dataset, part, datasets, asked)
    for path in joins_of(bound):
        name = home
        for step in path:
            target = datasets[name].definition.joins[step].target
            if (name, step) not in asked:
                asked[name, step] = None
                match = datasets[name].matches.get(step)
                condition = datasets[target].condition
                needed = [] if condition is None else [(target, condition)]
                needed.extend(() if match is None else values_of(match, name, target))
                for owner, value in needed:
                    yield owner, value
                    yield from _on_the_way(owner, value, datasets, asked)
            name = target


def read_of(
    sequence: RowSequence, datasets: Mapping[str, Rows], asked: dict[tuple[str, str], None]
) -> Iterator[tuple[str, Bound]]:
    """Yield what a sequence asks of the rows of each step, with their dataset's own condition."""
    for step in sequence.steps:
        always = None if (step.dataset, "") in asked else datasets[step.dataset].condition
        asked[step.dataset, ""] = None
        yield from ((step.dataset, part) for part in step.parts)
        if always is not None:
            yield step.dataset, always


def rests_on(derived: Derived, datasets: Mapping[str, Rows]) -> tuple[Derived, ...]:
    """Return the derived values that one reads, each once and on its own dataset's row."""
    found = (inner for _, bound in read_by(derived, datasets) for inner in derived_in(bound))
    return tuple(dict.fromkeys(at_home(inner) for inner in found))


def at_home(derived: Derived) -> Derived:
    """Return a derived value as it is on its own dataset's row."""
    return replace(derived, path=()) if derived.path else derived


def datasets_behind(dataset: str, rows: RowNames) -> tuple[str, ...]:
    """Return the datasets whose rows the derived columns of a dataset aggregate."""
    columns = rows.project.datasets[dataset].columns.values()
    found: dict[str, None] = {}
    for derived in (inner for column in columns for inner in derived_in(rows.column(dataset, column))):
        home = derived.form.aggregate.dataset
        found[home] = None
        for part in parts_of_form(derived):
            found.update(dict.fromkeys(datasets_of(rows.project, home, part)))
    return tuple(found)


def check_histories(datasets: Mapping[str, Rows], rows: RowNames, sink: Sink) -> None:
    """Report derived columns that rest on themselves by way of conditions, times or joins."""
    needs: dict[Derived, tuple[Derived, ...]] = {}
    pending = [
        at_home(inner)
        for name, dataset in datasets.items()
        for column in dataset.definition.columns.values()
        for inner in derived_in(rows.column(name, column))
    ]
    roots = tuple(dict.fromkeys(pending))
    while pending:
        one = pending.pop()
        if one not in needs:
            needs[one] = rests_on(one, datasets)
            pending.extend(needs[one])
    done: set[Derived] = set()
    for root in roots:
        trail: list[Derived] = []
        on_way = [(root, 0)]
        while on_way:
            one, depth = on_way.pop()
            done.update(trail[depth:])
            del trail[depth:]
            if one in trail:
                _report_circle(trail[trail.index(one) :], datasets, sink)
                return
            if one not in done:
                trail.append(one)
                on_way.extend((needed, depth + 1) for needed in needs[one])
        done.update(trail)


def _report_circle(circle: list[Derived], datasets: Mapping[str, Rows], sink: Sink) -> None:
    names: list[str] = []
    spans: list[Span] = []
    for one, following in zip(circle, (*circle[1:], circle[0]), strict=True):
        names.append(f"{one.dataset}.{one.column}")
        spans.append(datasets[one.dataset].definition.columns[one.column].span)
        between = _by_way_of(one, following, datasets)
        if between is not None:
            names.append(between[0])
            spans.append(between[1])
    sink.report(errors.cycle(names, spans))


def _by_way_of(one: Derived, other: Derived, datasets: Mapping[str, Rows]) -> tuple[str, Span] | None:
    """Return what makes a derived value rest on another that is not in its formula: a condition or a time."""
    for owner, bound in read_by(one, datasets):
        if other in map(at_home, derived_in(bound)):
            definition = datasets[owner].definition
            if bound is datasets[owner].condition and definition.where is not None:
                return f"where of {owner}", definition.where.span
            if bound is datasets[owner].time and definition.time is not None:
                return f"time of {owner}", definition.time.span
            return None
    return None
