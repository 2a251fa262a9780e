"""A query as leaves at several levels: what is asked of them, and which rows the result has."""

from __future__ import annotations

from dataclasses import dataclass

from kpidsl.contexts.leaves import AnyLeaf, Key, Leaf, LevelValue, OutputColumn, Scalar
from kpidsl.semantics.bound import Bound, Constant, Member
from kpidsl.semantics.judged import Judgement
from kpidsl.semantics.periods import Window
from kpidsl.semantics.queries import Grouped, Ordering


@dataclass(frozen=True, slots=True)
class OpenRange:
    """From where to where an open calendar reaches: from the first to the last bucket with rows of `counts`,
    which count rows by grains. Where rows may lie beyond it, `latest` is the last day, or instant.
    """

    counts: tuple[Leaf, ...] = ()
    latest: Constant | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of the result's rows, by the members that they have.

    `leaves` holds, for each leaf of the detail rows, the place of the leaf that is in its stead here.
    With `gathers` the rows stand for the others of the query's ranking.
    """

    name: str
    members: tuple[Member, ...]
    leaves: tuple[int, ...]
    gathers: bool = False
    flags: tuple[Scalar, ...] = ()
    """What the query's flags are here."""
    values: tuple[Scalar, ...] = ()
    """What each `LevelValue` is here."""
    range: OpenRange = OpenRange()
    """Which buckets it may have: those that a query by its members would."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The members to rank, and the value that ranks them, over the leaves of the detail rows.

    `leaves` pairs each leaf in `value` with the one in its stead where the members alone are the group.
    """

    members: tuple[Member, ...]
    value: Scalar
    leaves: tuple[tuple[int, int], ...]
    descending: bool
    count: int
    values: tuple[Scalar, ...] = ()
    """What each `LevelValue` is where the members alone are the group."""
    range: OpenRange = OpenRange()
    """Which buckets are ranked: those that a query of its KPI alone would have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """A query as a set of leaves and arithmetic over them.

    The leaves of the detail rows come first; `columns` and `flags` are over these. The first of
    `levels` is that of the detail rows. `grains` holds the query's grains, each as an expression on
    `DAY`, or on `MOMENT` where one is shorter than a day; `fill` asks for their empty buckets.
    `calendar` are the days whose buckets may be in the result, if they begin before `as_of`, an instant
    within the last of them; where it is open, each level and the ranking close it; `set_ranges` count at
    least the rows whose values are sought in sets.
    """

    leaves: tuple[AnyLeaf, ...]
    by: tuple[Grouped, ...]
    columns: tuple[OutputColumn, ...]
    levels: tuple[Level, ...]
    shows_levels: bool
    ranking: Ranking | None
    grains: tuple[Key, ...]
    fill: bool
    calendar: Window
    as_of: Constant | None
    fill_range: OpenRange
    """The range of all levels together: their empty buckets may lie outside of their own."""
    set_ranges: tuple[Leaf, ...]
    flags: tuple[OutputColumn, ...]
    unfinished: LevelValue | None
    """Whether a row's bucket is cut by `as_of`, where such rows are to be left out."""
    window: Window
    having: Bound | None
    order: tuple[Ordering, ...]
    limit: int | None
    null_label: str | None
    named: tuple[tuple[Constant, ...], ...] = ()
    """Members that are among the rows whether or not facts have them."""
    judgement: Judgement | None = None
