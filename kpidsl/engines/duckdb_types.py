"""Types of DuckDB's columns, and what no catalogue tells of them: how texts compare."""

from __future__ import annotations

import duckdb
from sqlglot import exp

from kpidsl.engines import tables

OTHERWISE = "VARCHAR with a collation"
_LONG = 60
"""How many characters an ENUM with its members may have, to be told whole."""
_EQUAL_BY_SOME = (("a", "A"), ("\u00e9", "e"), ("\u00e9", "e\u0301"))
"""Texts that are one for NOCASE, NOACCENT and NFC."""
_NEXT = ("Z", "a")
"""Texts that stand in this order by their characters, and in the other one in every language."""


def types_of(rows: duckdb.DuckDBPyRelation) -> tuple[tuple[str, str], ...]:
    """Return the columns of some rows with their types: of a text with a collation, that is `OTHERWISE`.

    Of no rows at all the greatest text is null, and still has the column's collation, which goes over to the
    text that stands for it.
    """
    found = tuple(zip(rows.columns, map(_told, rows.types), strict=True))
    texts = [name for name, type_ in found if type_ == "VARCHAR"]
    if not texts:
        return found
    tests = ", ".join(_is_exact(name).sql("duckdb") for name in texts)
    (told,) = rows.filter("FALSE").aggregate(tests).fetchall()
    others = {name for name, is_exact in zip(texts, told, strict=True) if not is_exact}
    return tuple((name, OTHERWISE if name in others else type_) for name, type_ in found)


def _told(type_: object) -> str:
    told = str(type_)
    return f"{told[:_LONG]}…" if told.startswith("ENUM(") and len(told) > _LONG else told


def _is_exact(name: str) -> exp.Condition:
    greatest = exp.Max(this=exp.Column(this=tables.identifier(name)))

    def compared(kind: type[exp.Binary], one: str, other: str) -> exp.Binary:
        own = exp.Coalesce(this=greatest.copy(), expressions=[exp.Literal.string(one)])
        return kind(this=own, expression=exp.Literal.string(other))

    return exp.and_(*(compared(exp.NEQ, *pair) for pair in _EQUAL_BY_SOME), compared(exp.LT, *_NEXT))
