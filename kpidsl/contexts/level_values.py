"""What the rows of a level have from their members alone: flags, and values in formulas.

A formula is pushed once more for each level of the result, and its arithmetic must stay the same.
So what differs by level has a number, `LevelValue`, and each level says what it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kpidsl.contexts.contexts import Context
from kpidsl.contexts.flags import PARTIAL_COLUMN, PROVISIONAL_COLUMN, any_of, partial, unfinished, unsettled
from kpidsl.contexts.flags import column as flag
from kpidsl.contexts.lacking import NEVER
from kpidsl.contexts.leaves import AnyLeaf, LevelValue, Operation, OutputColumn, Scalar
from kpidsl.contexts.placing import of_query
from kpidsl.contexts.reaching import Reaching
from kpidsl.contexts.windows import InBucket
from kpidsl.model.types import BOOLEAN, Type
from kpidsl.semantics.bound import Constant, Grain, KeyValue, Member
from kpidsl.semantics.queries import CheckedQuery

_ALWAYS = Constant(True, BOOLEAN)


class LevelValues:
    """Collects the values and flags of the levels of one query."""

    def __init__(self, query: CheckedQuery, placing: Reaching) -> None:
        self.query = query
        self.placing = placing
        self.grains = tuple(g.member for g in query.by if isinstance(g.member, Grain))
        self.level: tuple[Member, ...] = ()
        self.numbers: dict[object, int] = {}
        """The number of each value that the rows of a level have from their members alone."""
        self.here: dict[int, Scalar] = {}
        """What these values are at the level that is being pushed."""
        self.types: list[Type] | None = None
        """Of what type each value of the detail rows is."""
        self.unsettled: dict[AnyLeaf, Scalar] = {}
        """For each leaf of a dataset whose rows settle, when rows of its window may still change."""

    def begin(self, level: tuple[Member, ...]) -> None:
        """Begin with the formulas of a level, whose rows have these members."""
        self.level = level
        self.here = {}

    def here_of_all(self, partners: Mapping[int, int]) -> tuple[Scalar, ...]:
        """Return what the values of the detail rows are at the level that was pushed last.

        `partners` are the numbers in their places there: where a group lacks a member that only some
        of a formula's contexts have, two values of the detail rows are one.
        """
        if self.types is None:
            # The detail rows come first, and columns are made of their values.
            none = Constant(None, BOOLEAN)
            self.types = [self.here.get(i, none).type for i in range(len(self.numbers))]
        return tuple(
            self.here.get(partners.get(i, i), Constant(None, type)) for i, type in enumerate(self.types)
        )

    def value(self, key: object, value: Scalar, context: Context) -> Scalar:
        """Return a value by its number: the same number at each level, where it may be another value.

        The rows of entities have the value itself: they have all members of the query's group.
        """
        if context.depth:
            return value
        dropped = frozenset(member for member in self.level if member not in context.group)
        index = self.numbers.setdefault((key, dropped), len(self.numbers))
        self.here[index] = value
        return LevelValue(index, value.type)

    def settles(self, leaf: AnyLeaf, contexts: Iterable[tuple[str, Context]]) -> None:
        """Remember when rows of a leaf's windows may still change; they are those of datasets in contexts."""
        if self.query.as_of is None:
            return
        windows = self.placing.windows
        found: list[Scalar] = []
        for dataset, context in contexts:
            after = self.query.project.datasets[dataset].settles_after
            if after is None:
                continue
            steps = tuple(step for step in context.steps if not isinstance(step.move, InBucket))
            ahead = self.query.project.datasets[dataset].definition.lies_ahead
            around = (of_query(context.grains), steps, context.window)
            window = self.placing.reached(*around, is_cut=not ahead)
            limit = windows.earlier(self.query.as_of, after)
            assert isinstance(limit, Constant)
            if window is not None:
                may_change = unsettled(windows, window, limit)
                without = self.without_bucket(of_query(context.grains))
                if may_change == _ALWAYS and self.has_null_bucket(context) and without != NEVER:
                    # A row of no bucket has no window.
                    may_change = Operation("not", (without,), BOOLEAN)
                found.append(may_change)
        if found:
            self.unsettled[leaf] = any_of(found)

    def has_null_bucket(self, context: Context) -> bool:
        """Tell whether rows may have no bucket: those without a time, and days that a calendar leaves out."""
        rules = map(self.placing.windows.rule, self.grains)
        may_lack = not context.window.is_bounded or any(rule.calendar is not None for rule in rules)
        return may_lack and bool(self.grains)

    def without_bucket(self, grains: Iterable[Grain]) -> Scalar:
        """Return whether a row lacks a bucket of one of some grains."""
        type_of = self.placing.windows.type_of
        return any_of(Operation("is_null", (KeyValue(grain, type_of(grain)),), BOOLEAN) for grain in grains)

    def flags(self, context: Context, leaves: Sequence[AnyLeaf]) -> tuple[OutputColumn, ...]:
        """Return the columns that tell about the windows of a context's rows, whose leaves are given."""
        found: list[OutputColumn] = []
        windows, query = self.placing.windows, self.query
        if partial(windows, self.grains, query.period) is not None:
            value = partial(windows, context.grains, query.period)
            found.append(flag(PARTIAL_COLUMN, Constant(None, BOOLEAN) if value is None else value))
        if self.unsettled:
            own = map(self.unsettled.get, leaves)
            found.append(flag(PROVISIONAL_COLUMN, any_of(value for value in own if value is not None)))
        return tuple(found)

    def unfinished(self, context: Context) -> LevelValue | None:
        """Return whether `as_of` cuts a row's bucket, where such rows are to be left out."""
        if self.query.partial != "drop" or not self.grains:
            return None
        value = None
        if context.grains:
            value = unfinished(self.placing.windows, context.grains, self.query.period)
        self.level = context.group
        found = self.value("unfinished", value or Constant(False, BOOLEAN), context)
        assert isinstance(found, LevelValue)
        return found
