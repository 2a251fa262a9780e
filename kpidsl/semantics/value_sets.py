"""Sets in the checked formula: a value sought among those of a column, and how it is pushed and found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kpidsl.model.hashed_once import HashedOnce, hashed_once
from kpidsl.model.types import Type
from kpidsl.semantics.members import Member
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.source import Span

if TYPE_CHECKING:
    from kpidsl.semantics.bound import Bound, Move


@dataclass(frozen=True, slots=True)
class InValues:
    """Whether a row's value is among those of a set, and what changes the context of that.

    At its bottom is an aggregate `values` of rows, or one of entities that a condition holds for.
    `operand` is a value on the row, `set` is evaluated in the context of the aggregate whose row it is.
    """

    operand: Bound
    set: Bound
    includes_null: bool
    type: Type
    span: Span = field(compare=False, repr=False)
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """How a set's values are found in the buckets of its own rows, where these tell its window.

    `bucket` is on the set's rows, and `start` says which one belongs to a group's bucket; None where it is
    any. `until` must hold for the `Earliest` time of a value there; None where every time will do. `within`
    holds of all rows that are in some window of the query's period.
    """

    time: Bound
    bucket: Bound | None
    start: Bound | None
    until: Bound | None
    within: tuple[Bound, ...] = ()


class PushedSet(ABC):
    """A set in its own context, in each of whose groups a value is sought: `ValueSet`, or one of entities."""

    __slots__ = ()

    @property
    @abstractmethod
    def members(self) -> tuple[Member, ...]:
        """Return the members of its group."""


@hashed_once
@dataclass(frozen=True, slots=True)
class ValueSet(PushedSet, HashedOnce):
    """The different values that rows of a dataset have in each group: a set in its own context.

    `keys` gives, for each member of its group, the value on its rows. `window` is there where the set's
    window was moved: when a row is in that of a bucket, and the grains among the keys are those of buckets
    then. `gathered` are values on its rows that must not be among the first of the query's ranking.
    """

    dataset: str
    value: Bound
    includes_null: bool
    conditions: tuple[Bound, ...]
    keys: tuple[tuple[Member, Bound], ...]
    gathered: tuple[Bound, ...]
    window: Bound | None
    sought: Sought | None
    type: Type
    moves: tuple[Move, ...] = field(compare=False)
    """How the window came about."""
    span: Span = field(compare=False, repr=False)

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(member for member, _ in self.keys)

    @property
    def read(self) -> tuple[Bound, ...]:
        """Return what is asked of the set's rows."""
        found = [self.value, *self.conditions, *(value for _, value in self.keys), *self.gathered]
        if self.window is not None:
            found.append(self.window)
        if self.sought is not None:
            found.append(self.sought.time)
        return tuple(found)


@hashed_once
@dataclass(frozen=True, slots=True)
class InSet(HashedOnce):
    """Whether a row's value is in a set, in the group with the members that the row is counted under."""

    operand: Bound
    set: PushedSet
    at: tuple[Bound, ...]
    """The values on the row of the set's members."""
    type: Type
    unit: UnitFact | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Earliest:
    """The earliest time at which a set has a value, beside a row whose value is sought there."""

    type: Type
    unit: UnitFact | None = field(default=None, compare=False, repr=False)
