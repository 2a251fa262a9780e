"""What engines' own names of types mean."""

from __future__ import annotations

import re

from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type, decimal

_WITH_A_ZONE = (
    "WITH TIME ZONE",
    "WITH LOCAL TIME ZONE",
    "TIMESTAMPTZ",
    "TIMESTAMP_TZ",
    "TIMESTAMP_LTZ",
    "OFFSET",
)
_INSTANTS = {
    "bigquery": "TIMESTAMP",
    "mysql": "TIMESTAMP",
    "mariadb": "TIMESTAMP",
    "singlestore": "TIMESTAMP",
}
"""Engines whose type of that name is an instant, and another one a clock's time."""
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC|NUMBER)\((\d+),\s*(\d+)\)")
_FAMILIES: tuple[tuple[tuple[str, ...], Type], ...] = (
    (("TIMESTAMP", "DATETIME"), TIMESTAMP),
    (("DATE",), DATE),
    (("BOOL",), BOOLEAN),
    (("DOUBLE", "FLOAT", "REAL", "DECIMAL", "NUMERIC", "NUMBER"), FLOAT),
    (("INT", "LONG", "SHORT"), INTEGER),
    (("CHAR", "TEXT", "STRING", "CLOB", "ENUM", "UUID"), TEXT),
)


def type_of_engine(text: str) -> Type | None:
    """Return the type that an engine's text for one means, None where it does not say."""
    upper = text.upper()
    exact = _DECIMAL.search(upper)
    if exact is not None:
        return decimal(int(exact[1]), int(exact[2])) if int(exact[2]) else INTEGER
    return next((type for words, type in _FAMILIES if any(word in upper for word in words)), None)


def names_a_zone(text: str) -> bool:
    """Tell whether an engine's text for a type says that its times are instants."""
    return any(word in text.upper() for word in _WITH_A_ZONE)


def is_without_zone(text: str, dialect: str, times_are_instants: bool) -> bool:
    """Tell whether a column's times are those of some clock, and the table does not say whose."""
    upper = text.upper()
    if type_of_engine(text) is not TIMESTAMP or names_a_zone(text):
        return False
    if dialect in _INSTANTS:
        return not upper.startswith(_INSTANTS[dialect])
    return not times_are_instants or "NTZ" in upper
