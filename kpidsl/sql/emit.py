"""The tree to text."""

from __future__ import annotations

from sqlglot import ErrorLevel, exp

from kpidsl.sql.dialects import Dialect
from kpidsl.sql.fewer_ctes import with_fewer_ctes


def emit(query: exp.Expr, dialect: Dialect) -> str:
    """Return formatted SQL, ending in a line break; the tree is used up."""
    if dialect.finished is not None:
        query = dialect.finished(query)
    if dialect.most_ctes is not None:
        with_fewer_ctes(query, dialect.most_ctes)
    text = query.sql(dialect=dialect.name, pretty=True, copy=False, unsupported_level=ErrorLevel.RAISE)
    return text + "\n"
