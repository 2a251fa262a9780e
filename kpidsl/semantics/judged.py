"""Columns that are judged from a result's own columns: each once, for other columns to name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpidsl.model.types import INTEGER, Type
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.declared_types import local
from kpidsl.semantics.grouped import Grouped


@dataclass(frozen=True, slots=True)
class AmongRows:
    """What is told of a row by those that are alike in the columns `within`.

    `rank` is its place, `count` how many of them have a value, `best` the best value. The rank of the best
    is 1, equal values have the better one; the greatest is best, or the least where `is_least_best`.
    """

    function: Literal["rank", "count", "best"]
    column: str
    within: tuple[str, ...]
    is_least_best: bool = False
    type: Type = INTEGER


@dataclass(frozen=True, slots=True)
class Judged:
    """A column whose value is over `ResultValue`s of columns of earlier layers."""

    name: str
    value: Bound | AmongRows
    unit: str | None = None
    comment: str | None = None

    @property
    def type(self) -> Type:
        return self.value.type if isinstance(self.value, AmongRows) else local(self.value.type)


@dataclass(frozen=True, slots=True)
class Layer:
    """Columns that are judged together; none of them names another."""

    name: str
    columns: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """A sum along the rows that have the same `per`: up to each row, or from it on where `is_from`.

    Without an `order` it is the sum of all of them. `value` is a whole number.
    """

    name: str
    value: Bound
    per: tuple[str, ...]
    order: str | None = None
    is_from: bool = False

    @property
    def type(self) -> Type:
        return INTEGER


@dataclass(frozen=True, slots=True)
class Runs:
    """Columns that are summed along the rows of earlier layers."""

    name: str
    columns: tuple[Running, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """A column of rows put together: a sum of whole numbers, 0 of nothing, or the greatest value."""

    name: str
    function: Literal["sum", "max"]
    value: Bound

    @property
    def type(self) -> Type:
        return INTEGER if self.function == "sum" else local(self.value.type)


@dataclass(frozen=True, slots=True)
class Collected:
    """The rows of earlier layers that have the same `keys`, as one row; nothing else of them is left.

    (month, week, channel, is_met)  ->  (month, channel, met)
    """

    name: str
    keys: tuple[str, ...]
    columns: tuple[Collection, ...]


AnyLayer = Layer | Runs | Collected


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is judged of a query's rows: layer after layer, then some of the columns are shown.

    `kept` is the condition on the query's own columns without which a row is left out. The last layer is
    a `Layer`. `by` are the members of the result, where they are not those of the query.
    """

    layers: tuple[AnyLayer, ...]
    shown: tuple[str, ...]
    """The columns behind the members, in their order: KPIs of the query and judged ones."""
    kept: Bound | None = None
    by: tuple[Grouped, ...] | None = None
    is_long: bool = False
    """Whether each layer is computed as such where an engine can be told.

    An engine that writes expressions in the place of their names would double them with each layer.
    """

    @property
    def columns(self) -> tuple[Judged | Running | Collection, ...]:
        return tuple(column for layer in self.layers for column in layer.columns)
