"""The tree to text."""

from __future__ import annotations

from sqlglot import ErrorLevel, exp

from kpidsl.sql.dialects import Dialect
from kpidsl.sql.fewer_ctes import with_fewer_ctes


def reads_in_joins(query: exp.Expr) -> bool:
    """Tell whether the condition of an inner join reads a table of its own.

    Outer joins' conditions do so in naive plans, which only tests run.
    """
    inner = (join for join in query.find_all(exp.Join) if not join.args.get("side"))
    conditions = (join.args.get("on") for join in inner)
    return any(on is not None and _reads_a_table(on) for on in conditions)


def _reads_a_table(condition: exp.Expr) -> bool:
    return any(query.find(exp.Table) for query in condition.find_all(exp.Select))


def emit(query: exp.Expr, dialect: Dialect) -> str:
    """Return formatted SQL, ending in a line break; the tree is used up."""
    if dialect.finished is not None:
        query = dialect.finished(query)
    if dialect.most_ctes is not None:
        with_fewer_ctes(query, dialect.most_ctes)
    text = query.sql(dialect=dialect.name, pretty=True, copy=False, unsupported_level=ErrorLevel.RAISE)
    return text + "\n"
