"""Binding of sequences: `followed_by(orders where is_paid per visitor_id within 7 days)`.

A sequence is a condition on a row: that some other rows of the named datasets have the same key, meet
their conditions and lie in a window from the row's time. Inside, names are those of the other dataset.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Literal

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import Dataset
from kpidsl.model.types import UNKNOWN
from kpidsl.semantics import errors, sequence_errors
from kpidsl.semantics.bound import BROKEN, Bound, Constant, Lapse, ParameterRef, RowSequence, Step
from kpidsl.semantics.functions import SEQUENCES, common
from kpidsl.semantics.joined_keys import check_units
from kpidsl.semantics.lapses import is_by_days, is_empty, lapse_of
from kpidsl.semantics.scalars import ScalarBinder
from kpidsl.semantics.sequence_keys import shared_keys
from kpidsl.semantics.unavailable import is_left_out
from kpidsl.syntax import print_formula, tree
from kpidsl.syntax.tree import Expr

Side = tuple[Bound, ...]


class SequenceBinder(ScalarBinder):
    """Binds the sequences of a row formula; a subclass says what names mean on a row."""

    home: Dataset
    time: Bound | None
    """What `at` measures from, where it is there."""

    @abstractmethod
    def on(self, dataset: str, sink: Sink) -> SequenceBinder:
        """Return a binder on the rows of a dataset."""

    @abstractmethod
    def moment(self) -> Bound | None:
        """Return the row's time, or None where it has none."""

    @abstractmethod
    def own_key(self) -> Side:
        """Return what makes the row unique."""

    def call(self, expr: tree.Call) -> Bound:
        return self.sequence(expr) if expr.function in SEQUENCES else super().call(expr)

    def sequence(self, expr: tree.Call) -> Bound:
        function: Literal["followed_by", "preceded_by"]
        function = "followed_by" if expr.function == "followed_by" else "preceded_by"
        words = self._words(expr)
        found = self._datasets(expr)
        if words is None or found is None:
            return BROKEN
        per = words.get("per")
        if per is None:
            others = [dataset for dataset, _ in found]
            names = tuple(dict.fromkeys((self.home.name, *(dataset.name for dataset in others))))
            shared = shared_keys(self.defined, self.home, others)
            self.sink.report(sequence_errors.no_key(expr.name_span, function, names, shared))
            return BROKEN
        datasets = [dataset for dataset, _ in found]
        own = self._sides(per, self, datasets)
        time = self._time(self, expr)
        steps = (
            []
            if own is None
            else [self._step(dataset, condition, per, own, expr) for dataset, condition in found]
        )
        whole = [step for step in steps if step is not None]
        if own is None or time is None or len(whole) < len(found):
            return BROKEN
        sequence = RowSequence(
            function,
            tuple(whole),
            own,
            tuple(name.text for name in per.names),
            time,
            start=None,
            end=None,
            includes_null="including null" in words,
            own=(),
            span=expr.span,
        )
        return self._with_window(sequence, words.get("within"))

    # its parts, as written

    def _words(self, expr: tree.Call) -> dict[str, tree.Modifier] | None:
        """Return the modifiers but `then`, each once; None where one does not belong here."""
        found: dict[str, tree.Modifier] = {}
        for modifier in expr.modifiers:
            word = "within" if modifier.word == "from" else modifier.word
            if word == "then":
                continue
            if word not in ("per", "within", "including null"):
                self.misplaced(modifier, expr)
                return None
            if word in found:
                self.sink.report(sequence_errors.two_windows(modifier.span, modifier.word, found[word].span))
                return None
            found[word] = modifier
        return found

    def _datasets(self, expr: tree.Call) -> list[tuple[Dataset, Expr | None]] | None:
        """Return the dataset of each step with its condition; None where one is no dataset."""
        if len(expr.arguments) != 1:
            steps = [x.operand if isinstance(x, tree.Where) else x for x in expr.arguments]
            datasets = self.defined.datasets
            if steps and all(isinstance(one, tree.Name) and one.text in datasets for one in steps):
                rest = tuple(tree.Modifier("then", (other,), other.span) for other in expr.arguments[1:])
                meant = replace(expr, arguments=expr.arguments[:1], modifiers=(*rest, *expr.modifiers))
                told = sequence_errors.several_datasets(expr.span, expr.function, print_formula(meant))
            else:
                told = sequence_errors.no_dataset(expr.span, expr.function, None)
            self.sink.report(told)
            return None
        then = (m.arguments[0] for m in expr.modifiers if m.word == "then")
        found: list[tuple[Dataset, Expr | None]] = []
        for step in (expr.arguments[0], *then):
            condition = step.condition if isinstance(step, tree.Where) else None
            named = step.operand if isinstance(step, tree.Where) else step
            dataset = self._dataset(named, expr.function)
            if dataset is None:
                return None
            found.append((dataset, condition))
        return found

    def _dataset(self, named: Expr, function: str) -> Dataset | None:
        datasets = self.defined.datasets
        if isinstance(named, tree.Name) and len(named.parts) == 1:
            name = named.parts[0]
            left_out = is_left_out(self.defined, named.span, self.sink, ("datasets", name))
            if not left_out and name not in datasets and ("datasets", name) not in self.defined.rejected:
                self.sink.report(sequence_errors.unknown_dataset(named.span, name, tuple(datasets)))
            return datasets.get(name)
        head = named.parts[0] if isinstance(named, tree.Name) and named.parts[0] in datasets else None
        self.sink.report(sequence_errors.no_dataset(named.span, function, head))
        return None

    # what is bound on a row

    def _step(
        self, dataset: Dataset, condition: Expr | None, per: tree.Modifier, own: Side, expr: tree.Call
    ) -> Step | None:
        there = self.on(dataset.name, self.sink)
        keys = self._sides(per, there, [dataset])
        time = self._time(there, expr)
        bound = None if condition is None else there.condition(condition)
        if keys is None or time is None or bound is BROKEN or (bound is not None and bound.type is UNKNOWN):
            return None
        for name, mine, theirs in zip(per.names, own, keys, strict=True):
            if common((mine.type, theirs.type)) is None:
                types = (mine.type, theirs.type)
                self.sink.report(errors.mismatch(name.span, "per", types, SEQUENCES[expr.function]))
                return None
            if not check_units("per", (mine.unit, theirs.unit), name.span, self.sink):
                return None
        return Step(dataset.name, keys, time, bound)

    def _sides(self, per: tree.Modifier, there: SequenceBinder, others: list[Dataset]) -> Side | None:
        """Return the keys on one side's row; a name that it lacks is reported as such."""
        found = [self._side(name, there, others) for name in per.names]
        return None if any(key is BROKEN for key in found) else tuple(found)

    def _side(self, name: tree.Name, there: SequenceBinder, others: list[Dataset]) -> Bound:
        outer, there.sink = there.sink, Sink()
        key = there.name(name)
        told, there.sink = there.sink, outer
        if any(found.rule is errors.UNKNOWN for found in told.reported):
            shared = shared_keys(self.defined, self.home, others)
            self.sink.report(sequence_errors.one_sided_key(name.span, name.text, there.home.name, shared))
            return BROKEN
        self.sink.extend(told.reported)
        if isinstance(key, ParameterRef):
            self.sink.report(sequence_errors.no_value_of_row(name.span, name.text))
            return BROKEN
        return BROKEN if key.type is UNKNOWN else key

    def _time(self, there: SequenceBinder, expr: tree.Call) -> Bound | None:
        if there is self or there.home.time is not None:
            outer, there.sink = there.sink, Sink()  # a time that is none is told at its dataset
            time = there.moment()
            there.sink = outer
            if time is not None:
                return time if time.type.is_time else None
        home = there.home
        self.sink.report(
            sequence_errors.timeless(
                expr.name_span, expr.function, home.name, home.span, is_home=there is self
            )
        )
        return None

    # the window

    def _with_window(self, sequence: RowSequence, modifier: tree.Modifier | None) -> Bound:
        written = () if modifier is None else modifier.arguments
        has_start = modifier is not None and modifier.word == "from"
        near, far = (is_by_days(sequence, sequence.outward[place]) for place in (0, -1))
        bounds = [
            self._far(x, on_dates=near if has_start and place == 0 else far)
            for place, x in enumerate(written)
        ]
        if None in bounds:
            return BROKEN
        start = bounds[0] if has_start else None
        end = bounds[-1] if len(bounds) > has_start else None
        if isinstance(end, Lapse) and (start is None or isinstance(start, Lapse)):
            assert modifier is not None
            if is_empty(start or Lapse(0, 0, end.amount), end):
                self.sink.report(sequence_errors.nothing_inside(modifier.span, modifier.span.excerpt()))
                return BROKEN
        found = replace(sequence, start=start, end=end)
        holds_itself = start is not None and _may_be_zero(start)
        return self._without_itself(found) if holds_itself or self.time is not None else found

    def _far(self, expr: Expr, *, on_dates: bool) -> Lapse | ParameterRef | None:
        bound = self.bind(expr)
        if bound.type is UNKNOWN:
            return None
        if isinstance(bound, ParameterRef) and bound.is_duration:
            return bound
        shown = print_formula(expr)
        if not isinstance(bound, Constant):
            self.sink.report(sequence_errors.no_time(expr.span, shown))
            return None
        found = lapse_of(bound, shown, expr.span, on_dates=on_dates)
        if isinstance(found, Diagnostic):
            self.sink.report(found)
            return None
        return found

    def _without_itself(self, sequence: RowSequence) -> RowSequence:
        """Return the sequence told apart from the row itself, which may lie in its window.

        By its own time a row is at most in the nearest step; measured from another time in any.
        """
        near = sequence.outward[0]
        fit = [s for s in sequence.steps if s.dataset == self.home.name and (s is near or self.time)]
        if not fit:
            return sequence
        own = self.on(self.home.name, Sink()).own_key()
        steps = tuple(
            replace(step, own=own) if any(step is one for one in fit) else step for step in sequence.steps
        )
        return replace(sequence, steps=steps, own=self.own_key())


def _may_be_zero(start: Lapse | ParameterRef) -> bool:
    return isinstance(start, ParameterRef) or not (start.months or start.seconds)
