"""The checked formula: every name bound, every node typed.

Row formulas have `RowColumn`, `Derived`, `Partner` and `RowSequence` as atoms; formulas over aggregates have
`Aggregate`, `MetricRef`, `Filtered` and `Total`; conditions on a context have `MemberValue`, those on result
rows `ResultValue`. A parameter's name is a `ParameterRef` wherever a value may stand. Operators and scalar
functions are one node, `Apply`; sugar is gone (`!=`, `not in`, `between` are built from the rest).

`unit` is what is known of a value's unit. It counts in no comparison of nodes: conversions stand in the
tree as arithmetic, so two equal nodes are the same number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kpidsl.model.hashed_once import HashedOnce, hashed_once
from kpidsl.model.types import UNKNOWN, Type
from kpidsl.semantics.members import Bucketed as Bucketed
from kpidsl.semantics.members import ColumnMember as ColumnMember
from kpidsl.semantics.members import DimensionMember as DimensionMember
from kpidsl.semantics.members import Grain as Grain
from kpidsl.semantics.members import Member as Member
from kpidsl.semantics.members import Part as Part
from kpidsl.semantics.members import PathMember as PathMember
from kpidsl.semantics.other_rows import Children as Children
from kpidsl.semantics.other_rows import Derived as Derived
from kpidsl.semantics.other_rows import Lapse as Lapse
from kpidsl.semantics.other_rows import OrderedBy as OrderedBy
from kpidsl.semantics.other_rows import RowSequence as RowSequence
from kpidsl.semantics.other_rows import Siblings as Siblings
from kpidsl.semantics.other_rows import Step as Step
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.semantics.value_sets import Earliest as Earliest
from kpidsl.semantics.value_sets import InSet as InSet
from kpidsl.semantics.value_sets import InValues as InValues
from kpidsl.semantics.value_sets import PushedSet as PushedSet
from kpidsl.semantics.value_sets import Sought as Sought
from kpidsl.semantics.value_sets import ValueSet as ValueSet
from kpidsl.source import Span

ConstantValue = int | Decimal | float | str | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A value; `parameter` names the parameter that it is the value of, for those who tell about it."""

    value: ConstantValue
    type: Type
    unit: UnitFact | None = field(default=None, compare=False, repr=False)
    parameter: str | None = field(default=None, compare=False, repr=False)


BROKEN = Constant(None, UNKNOWN)
"""Stands for what was wrong and has been reported; nobody complains about it again."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A value as it is written, and the texts that it can be beside null."""

    shown: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """A parameter's name in a formula. Each query has a value in its place before leaves are made.

    A duration is a number of seconds wherever no time is moved by it.
    """

    name: str
    type: Type
    is_list: bool
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)
    is_duration: bool = False
    beside: Listed | None = field(default=None, compare=False, repr=False)
    """What it is compared with, where columns list the texts that this can be."""


@hashed_once
@dataclass(frozen=True, slots=True)
class RowColumn(HashedOnce):
    """A physical column (or one with `sql:`) of the dataset that `path`, join by join, leads to."""

    path: tuple[str, ...]
    dataset: str
    column: str
    type: Type
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Partner:
    """`value` where the row has a partner at the end of `path`, else null."""

    path: tuple[str, ...]
    value: Bound
    type: Type
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@hashed_once
@dataclass(frozen=True, slots=True)
class Apply(HashedOnce):
    """An operator or scalar function over arguments; `op` is its name in the table of functions.

    `digits` is how many a column that is computed so is said to have, where they are fewer than its type's.
    """

    op: str
    args: tuple[Bound, ...]
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)
    digits: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MemberValue:
    """A dimension's value, in a condition on a context; `filter` names the filter that it came with."""

    member: Member
    type: Type
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)
    filter: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ResultValue:
    """The value of a column of the result, in `having`."""

    name: str
    type: Type
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate of rows of `dataset`: `argument` is None where rows are counted.

    `others` are the arguments after the first; `at` is the time column named by the author;
    `empty_is_null` asks for null where sum and count would give 0. `required` are the values that
    the arguments read and that no row may lack.
    """

    function: str
    dataset: str
    argument: Bound | None
    condition: Bound | None
    at: Bound | None
    empty_is_null: bool
    type: Type
    span: Span = field(compare=False, repr=False)
    others: tuple[Bound, ...] = ()
    required: tuple[Bound, ...] = ()
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MetricRef:
    name: str
    type: Type
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ripe:
    """`operand` over the rows that are as old as a metric demands (`maturity`): what is told beside it."""

    operand: Bound
    metric: str
    type: Type
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Filtered:
    operand: Bound
    condition: Bound
    type: Type
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Total:
    """`total(x across …)`; `across` None drops all members but the time bucket.

    `is_share` tells that it is the denominator of a share, whose members must be in the query's `by`.
    """

    operand: Bound
    across: tuple[Member, ...] | None
    is_share: bool
    type: Type
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


COMPARABLE = "comparable"
"""The unit of a move by comparable days."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How far a window is moved or how long it is: `unit` is a second, a day, a month, or the period.

    The period is one bucket of the query's grain, or the query's period. `unit` may also be a
    calendar's grain, or `COMPARABLE`: each day to its comparable day. `text` is how it was written.
    """

    count: int
    unit: str
    text: str = field(compare=False)
    parameter: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Prior:
    """The window moved back."""

    amount: Amount | ParameterRef

    @property
    def is_compared(self) -> bool:
        """Tell whether each day goes to its comparable day."""
        return isinstance(self.amount, Amount) and self.amount.unit == COMPARABLE


@dataclass(frozen=True, slots=True)
class Rolling:
    """The window of a length that ends where the window ends."""

    amount: Amount | ParameterRef


@dataclass(frozen=True, slots=True)
class ToDate:
    """The window from the start of a grain's bucket, that of the window's last instant, to its end."""

    grain: str


@dataclass(frozen=True, slots=True)
class Cumulative:
    """The window from the beginning of time to the window's end."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The window from the beginning of time to the window's beginning."""


@dataclass(frozen=True, slots=True)
class During:
    """The local days [start, end), whatever the window is."""

    start: date
    end: date


Move = Prior | Rolling | ToDate | Cumulative | Opening | During


@dataclass(frozen=True, slots=True)
class Moved:
    """`operand` in the same context with another window."""

    operand: Bound
    move: Move
    type: Type
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WindowEdge:
    """`period_start`, `period_end`, `as_of`: the ends of the context's window, and the query's instant."""

    which: Literal["period_start", "period_end", "as_of"]
    type: Type
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class KeyValue:
    """The value that a member of the group has: in a window's bounds, and beside leaves."""

    member: Member
    type: Type
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PerEntity:
    """`function` over the values of `operand`, one for each value of `members` in the context.

    `others` are the arguments after the first. `among`, where it is there, counts the rows in which the
    entities are looked for: its condition and time hold for the aggregates of its dataset in `operand`.
    """

    function: str
    operand: Bound
    members: tuple[Member, ...]
    others: tuple[Bound, ...]
    including_null: bool
    among: Aggregate | None
    empty_is_null: bool
    type: Type
    span: Span = field(compare=False, repr=False)
    spans: tuple[Span, ...] = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


Bound = (
    Constant
    | ParameterRef
    | RowColumn
    | Derived
    | Partner
    | Apply
    | RowSequence
    | MemberValue
    | ResultValue
    | Aggregate
    | MetricRef
    | Ripe
    | Filtered
    | Total
    | Moved
    | PerEntity
    | WindowEdge
    | KeyValue
    | InValues
    | InSet
    | Earliest
)


def children(expr: Bound) -> tuple[Bound, ...]:
    """Return the expressions directly inside `expr`, on the same row: not those of steps and sets."""
    match expr:
        # Most of a tree are these: they are asked first.
        case Apply(args=args):
            return args
        case RowColumn() | Constant() | MetricRef():
            return ()
        case Aggregate(argument=argument, others=others, condition=condition, at=at):
            return tuple(x for x in (argument, *others, condition, at) if x is not None)
        case Filtered(operand=a, condition=b):
            return (a, b)
        case MemberValue() | KeyValue() | ParameterRef() | Derived() | Earliest():
            # What a derived value is made of stands on other rows.
            return ()
        case RowSequence(keys=keys, time=time, own=own):
            return (*keys, time, *own)
        case Partner(value=value):
            return (value,)
        case Total(operand=x) | Moved(operand=x) | Ripe(operand=x):
            return (x,)
        case InValues(operand=x):
            return (x,)
        case InSet(operand=x, at=at):
            return (x, *at)
        case PerEntity(operand=x, others=others, among=among):
            return (x, *others) if among is None else (among, x, *others)
        case ResultValue() | WindowEdge():
            return ()
