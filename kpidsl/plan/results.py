"""Plan nodes of the result: its levels, its KPIs, its order."""

from __future__ import annotations

from dataclasses import dataclass

from kpidsl.contexts.leaves import LevelValue, OutputColumn, Scalar
from kpidsl.plan.nodes import Rows, Slot
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.judged import Judgement
from kpidsl.semantics.periods import Window
from kpidsl.semantics.queries import Grouped, Ordering


@dataclass(frozen=True, slots=True)
class LevelRows:
    """The rows of one level; `values` are the slots in which it has the plan's values."""

    name: str
    rows: Rows
    gathers: bool
    values: tuple[Slot, ...]
    flags: tuple[Scalar, ...] = ()
    own: tuple[Scalar, ...] = ()
    """What each `LevelValue` is here."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The rows of several levels one after another, each with its level's name.

    (month, channel, revenue) + (month, revenue)  ->  (month, channel or null, level, revenue)
    """

    levels: tuple[LevelRows, ...]


@dataclass(frozen=True, slots=True)
class Compute:
    """The KPIs, as arithmetic over the slots that hold the leaves."""

    input: Rows | Levels
    keys: tuple[Slot, ...]
    slots: tuple[Slot, ...]
    by: tuple[Grouped, ...]
    columns: tuple[OutputColumn, ...]
    flags: tuple[OutputColumn, ...] = ()
    own: tuple[Scalar, ...] = ()
    """What each `LevelValue` is for the detail rows."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The rows that the judgement keeps, with the columns that it adds, layer after layer."""

    input: Compute
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """The rows for which `having` holds, in their order, cut to `limit` rows.

    With levels, a row that sums up others stands after them. `null_label` is shown for the null
    members of texts in detail rows; order and `having` know nothing of it.
    """

    input: Compute | Judge
    unfinished: LevelValue | None
    having: Bound | None
    order: tuple[Ordering, ...]
    limit: int | None
    null_label: str | None
    window: Window

    @property
    def compute(self) -> Compute:
        """Return the step that makes the KPIs."""
        return self.input.input if isinstance(self.input, Judge) else self.input

    @property
    def by(self) -> tuple[Grouped, ...]:
        """Return the members of the result."""
        by = self.input.judgement.by if isinstance(self.input, Judge) else None
        return self.compute.by if by is None else by
