"""Columns that are judged from a result's own columns: each once, for other columns to name."""

from __future__ import annotations

from dataclasses import dataclass

from kpidsl.model.types import Type
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.declared_types import local


@dataclass(frozen=True, slots=True)
class Judged:
    """A column whose value is over `ResultValue`s of columns of earlier layers."""

    name: str
    value: Bound
    unit: str | None = None
    comment: str | None = None

    @property
    def type(self) -> Type:
        return local(self.value.type)


@dataclass(frozen=True, slots=True)
class Layer:
    """Columns that are judged together; none of them names another."""

    name: str
    columns: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is judged of a query's rows: layer after layer, then some of the columns are shown.

    `kept` is the condition on the query's own columns without which a row is left out.
    """

    layers: tuple[Layer, ...]
    shown: tuple[str, ...]
    """The columns behind the members, in their order: KPIs of the query and judged ones."""
    kept: Bound | None = None

    @property
    def columns(self) -> tuple[Judged, ...]:
        return tuple(column for layer in self.layers for column in layer.columns)
