"""The tree to text."""

from __future__ import annotations

from functools import lru_cache

from sqlglot import ErrorLevel, exp
from sqlglot.dialects.dialect import Dialect as Writing

from kpidsl.sql.dialects import Dialect
from kpidsl.sql.fewer_ctes import with_fewer_ctes
from kpidsl.sql.physical import folded
from kpidsl.sql.refusals import settled


def finished(query: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Return a whole statement as the dialect takes it; the tree is used up."""
    query = settled(query)
    if dialect.folds_names:
        query = folded(query)
    if dialect.finished is not None:
        query = dialect.finished(query)
    if dialect.most_ctes is not None:
        with_fewer_ctes(query, dialect.most_ctes)
    return query


def formatted(query: exp.Expr, dialect: Dialect) -> str:
    """Return formatted SQL of a finished statement, ending in a line break; the tree is used up."""
    how = _writing(dialect.name)
    return query.sql(how, pretty=True, copy=False, unsupported_level=ErrorLevel.RAISE) + "\n"


@lru_cache(maxsize=64)
def _writing(dialect: str) -> Writing:
    """Return sqlglot's own dialect; it looks its settings up at every statement otherwise."""
    return Writing.get_or_raise(dialect)


def emit(query: exp.Expr, dialect: Dialect) -> str:
    """Return formatted SQL, ending in a line break; the tree is used up."""
    return formatted(finished(query, dialect), dialect)
