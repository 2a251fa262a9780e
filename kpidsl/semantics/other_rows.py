"""Values on a row that rest on other rows: its children, its siblings, what follows and precedes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from kpidsl.model.types import BOOLEAN, Type
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.source import Span

if TYPE_CHECKING:
    from kpidsl.semantics.bound import Aggregate, Bound, Constant, ParameterRef


@dataclass(frozen=True, slots=True)
class Children:
    """The rows of another dataset that lead to a row: `keys` are, on them, the values of that row's key."""

    aggregate: Aggregate
    keys: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class OrderedBy:
    value: Bound
    descending: bool


@dataclass(frozen=True, slots=True)
class Siblings:
    """The rows of the same dataset with the same `keys` as a row.

    With an order they are those up to the row, itself included. The aggregate's function may also be
    `row_number`, `lag` or `lead`. A null key is nobody, and gives null, unless `including_null`.
    """

    aggregate: Aggregate
    keys: tuple[Bound, ...]
    order: tuple[OrderedBy, ...]
    including_null: bool


@dataclass(frozen=True, slots=True)
class Derived:
    """A value over the whole history, on a row of the dataset that `path` leads to.

    What stands in `form` are values on other rows: of the children's dataset, or of the dataset's own.
    `column` is the column whose formula it is in; `digits` is how many it is said to have, as in `Apply`.
    """

    path: tuple[str, ...]
    dataset: str
    form: Children | Siblings
    type: Type
    column: str = field(compare=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)
    digits: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Lapse:
    """How far a sequence looks: months of the calendar, or seconds of 86,400 a day.

    `amount` is what was written: a time with its unit, or the parameter's value.
    """

    months: int
    seconds: int | Decimal
    amount: Constant = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """A row that a sequence looks for: `keys`, `time`, `condition` and `own` are values on that row.

    `own` is its key, where it might be the very row that the sequence is about.
    """

    dataset: str
    keys: tuple[Bound, ...]
    time: Bound
    condition: Bound | None
    own: tuple[Bound, ...] = ()

    @property
    def parts(self) -> tuple[Bound, ...]:
        """Return what a row of the step is found by, without its own key."""
        conditions = () if self.condition is None else (self.condition,)
        return (*self.keys, self.time, *conditions)


@dataclass(frozen=True, slots=True)
class RowSequence:
    """Whether some other rows come after or before this one, in the order of `steps` in time.

    `keys`, `time` and `own` are values on this row; `names` are the keys as written. `start` and `end`
    are what stands behind `from` and `to`; behind `within` there is an `end` alone.
    """

    function: Literal["followed_by", "preceded_by"]
    steps: tuple[Step, ...]
    keys: tuple[Bound, ...]
    names: tuple[str, ...] = field(compare=False)
    time: Bound
    start: Lapse | ParameterRef | None
    end: Lapse | ParameterRef | None
    includes_null: bool
    own: tuple[Bound, ...]
    span: Span = field(compare=False, repr=False)
    type: Type = BOOLEAN
    unit: UnitFact | None = field(default=None, compare=False, repr=False)

    @property
    def outward(self) -> tuple[Step, ...]:
        """Return the steps from the one that is nearest to the row."""
        return self.steps if self.function == "followed_by" else self.steps[::-1]
