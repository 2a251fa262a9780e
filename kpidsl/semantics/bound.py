"""The checked formula: every name bound, every node typed.

Row formulas have `RowColumn`, `Derived`, `Partner` and `RowSequence` as atoms; formulas over aggregates have
`Aggregate`, `MetricRef`, `Filtered` and `Total`; conditions on a context have `MemberValue`, those on result
rows `ResultValue`. A parameter's name is a `ParameterRef` wherever a value may stand. Operators and scalar
functions are one node, `Apply`; sugar is gone (`!=`, `not in`, `between` are built from the rest).

`unit` is what is known of a value's unit. It counts in no comparison of nodes: conversions stand in the
tree as arithmetic, so two equal nodes are the same number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kpidsl.model.types import BOOLEAN, Type
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.source import Span

ConstantValue = int | Decimal | float | str | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A value; `parameter` names the parameter that it is the value of, for those who tell about it."""

    value: ConstantValue
    type: Type
    unit: UnitFact | None = field(default=None, compare=False, repr=False)
    parameter: str | None = field(default=None, compare=False, repr=False)


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


@dataclass(frozen=True, slots=True)
class RowColumn:
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


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or scalar function over arguments; `op` is its name in the table of functions."""

    op: str
    args: tuple[Bound, ...]
    type: Type
    span: Span | None = field(default=None, compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


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


# Members of a group: what stands in `by` and `across`, and in conditions on a context.


@dataclass(frozen=True, slots=True)
class Grain:
    name: str

    @property
    def text(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class DimensionMember:
    name: str

    @property
    def text(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class PathMember:
    """`dataset.column` or `dataset.join.column`, for whoever reaches that dataset by one path."""

    dataset: str
    steps: tuple[str, ...]
    column: str

    @property
    def text(self) -> str:
        return ".".join((self.dataset, *self.steps, self.column))


@dataclass(frozen=True, slots=True)
class Bucketed:
    """The bucket of a time other than the default one: `signup.month`. A member like any dimension."""

    member: DimensionMember | PathMember
    grain: str

    @property
    def text(self) -> str:
        return f"{self.member.text}.{self.grain}"


@dataclass(frozen=True, slots=True)
class Part:
    """A date part such as `weekday`: of the default time (`member` None), or of another one."""

    name: str
    member: DimensionMember | PathMember | None = None

    @property
    def text(self) -> str:
        return self.name if self.member is None else f"{self.member.text}.{self.name}"


Member = Grain | DimensionMember | PathMember | Bucketed | Part


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
    `column` is the column whose formula it is in.
    """

    path: tuple[str, ...]
    dataset: str
    form: Children | Siblings
    type: Type
    column: str = field(compare=False)
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
    | Filtered
    | Total
)


def children(expr: Bound) -> tuple[Bound, ...]:
    """Return the expressions directly inside `expr`, on the same row: not those of a sequence's steps."""
    match expr:
        case RowSequence(keys=keys, time=time, own=own):
            return (*keys, time, *own)
        case Apply(args=args):
            return args
        case Partner(value=value):
            return (value,)
        case Filtered(operand=a, condition=b):
            return (a, b)
        case Total(operand=x):
            return (x,)
        case Aggregate(argument=argument, others=others, condition=condition, at=at):
            return tuple(x for x in (argument, *others, condition, at) if x is not None)
        case Constant() | ParameterRef() | RowColumn() | Derived():
            # What a derived value is made of stands on other rows.
            return ()
        case MemberValue() | ResultValue() | MetricRef():
            return ()


def map_children(expr: Bound, change: Callable[[Bound], Bound]) -> Bound:
    """Return the expression with each of those directly inside it changed, also on the rows of steps."""

    def some(value: Bound | None) -> Bound | None:
        return None if value is None else change(value)

    match expr:
        case RowSequence(keys=keys, time=time, own=own, steps=steps):
            return replace(
                expr,
                keys=tuple(map(change, keys)),
                time=change(time),
                own=tuple(map(change, own)),
                steps=tuple(
                    replace(
                        step,
                        keys=tuple(map(change, step.keys)),
                        time=change(step.time),
                        condition=some(step.condition),
                        own=tuple(map(change, step.own)),
                    )
                    for step in steps
                ),
            )
        case Apply(args=args):
            return replace(expr, args=tuple(map(change, args)))
        case Partner(value=value):
            return replace(expr, value=change(value))
        case Filtered(operand=a, condition=b):
            return replace(expr, operand=change(a), condition=change(b))
        case Total(operand=x):
            return replace(expr, operand=change(x))
        case Aggregate(argument=argument, others=others, condition=condition, at=at, required=required):
            return replace(
                expr,
                argument=some(argument),
                others=tuple(map(change, others)),
                condition=some(condition),
                at=some(at),
                required=tuple(map(change, required)),
            )
        case Constant() | ParameterRef() | RowColumn() | Derived():
            return expr
        case MemberValue() | ResultValue() | MetricRef():
            return expr
