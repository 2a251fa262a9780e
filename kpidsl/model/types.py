"""The types of columns, dimensions and formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    NULL = "null"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__
    """Types are hashed with every formula that is; `Enum` would hash its name each time, in Python."""


MOST_DIGITS = 38
INTEGERS = -(2**63), 2**63 - 1
"""The least integer and the greatest."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type. `precision` and `scale` belong to decimals; `zone` to timestamps.

    A timestamp without `zone` is local to the project; with one, its values are naive instants
    of that zone (usually UTC). `shown_in` belongs to instants: they are held in UTC and shown as
    local times of that zone, each with its offset.
    """

    kind: Kind
    precision: int = 0
    scale: int = 0
    zone: str | None = None
    shown_in: str | None = None

    def __str__(self) -> str:
        if self.kind is Kind.DECIMAL:
            return f"decimal({self.precision},{self.scale})"
        return str(self.kind.value)

    @property
    def is_numeric(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)

    @property
    def is_exact(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.DECIMAL)

    @property
    def is_time(self) -> bool:
        return self.kind in (Kind.DATE, Kind.TIMESTAMP)


BOOLEAN = Type(Kind.BOOLEAN)
INTEGER = Type(Kind.INTEGER)
FLOAT = Type(Kind.FLOAT)
TEXT = Type(Kind.TEXT)
DATE = Type(Kind.DATE)
TIMESTAMP = Type(Kind.TIMESTAMP)
IN_UTC = Type(Kind.TIMESTAMP, zone="UTC")
"""Instants, as times of two zones are brought together."""
DURATION = Type(Kind.DURATION)
"""A parameter's type only: its values are quantities of time."""
NULL = Type(Kind.NULL)
UNKNOWN = Type(Kind.UNKNOWN)


def decimal(precision: int, scale: int) -> Type:
    return Type(Kind.DECIMAL, precision, scale)


def instant(shown_in: str) -> Type:
    """Return the type of instants that are shown in a zone."""
    return Type(Kind.TIMESTAMP, zone="UTC", shown_in=shown_in)


_SIMPLE = {
    "boolean": BOOLEAN,
    "integer": INTEGER,
    "float": FLOAT,
    "text": TEXT,
    "date": DATE,
    "timestamp": TIMESTAMP,
}
_DECIMAL = re.compile(r"decimal\(\s*([0-9]{1,9})\s*(?:,\s*([0-9]{1,9})\s*)?\)")

TYPE_NAMES = (*_SIMPLE, "decimal(precision,scale)")


def parse_type(text: str) -> Type | None:
    """Return the type that a definition file names, or None where it is none.

    `decimal` takes 1 to 38 digits, of which the scale says how many stand after the point.
    """
    simple = _SIMPLE.get(text)
    if simple is not None:
        return simple
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    precision, scale = int(match[1]), int(match[2] or 0)
    if not 1 <= precision <= MOST_DIGITS or scale > precision:
        return None
    return decimal(precision, scale)


def decimal_in_range(text: str) -> Type | None:
    """Return the nearest type to a decimal of too many digits, or of none; None for other texts."""
    match = _DECIMAL.fullmatch(text)
    if match is None or parse_type(text) is not None:
        return None
    precision, scale = int(match[1]), int(match[2] or 0)
    return decimal(min(max(precision, scale, 1), MOST_DIGITS), min(scale, MOST_DIGITS))
