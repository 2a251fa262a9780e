"""Members of a group: what stands in `by` and `across`, and in conditions on a context."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpidsl.semantics.bound import Bound


@dataclass(frozen=True, slots=True)
class Grain:
    """A time grain; `depth` tells that of `per` from the query's own: one more inside each `per`."""

    name: str
    depth: int = 0

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


@dataclass(frozen=True, slots=True)
class ColumnMember:
    """A value on the rows of one dataset alone: who an entity is, in `per` and `having`."""

    dataset: str
    value: Bound
    text: str = field(compare=False)


Member = Grain | DimensionMember | PathMember | Bucketed | Part | ColumnMember
