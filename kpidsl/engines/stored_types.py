"""What engines' own names of types mean."""

from __future__ import annotations

import re

from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type, decimal

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
