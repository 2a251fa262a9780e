"""SQL that authors write themselves: parsed in its dialect, held as a tree, never pasted."""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp, parse
from sqlglot.dialects.dialect import Dialects
from sqlglot.errors import ErrorLevel, SqlglotError

from kpidsl.diagnostics import Sink, did_you_mean
from kpidsl.model.definitions import SqlFragment
from kpidsl.model.errors import unknown_sql_dialect
from kpidsl.semantics import fragment_errors

LONGEST = 50_000


@lru_cache(maxsize=512)
def _parsed(text: str, dialect: str) -> exp.Expr | str:
    """Return the only statement of the text, or what is wrong with it."""
    try:
        statements = parse(text, read=dialect, error_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        first = str(error).splitlines()[0].split(". Line", 1)[0]
        return "it stops before its end" if "class '" in first else first[:1].lower() + first[1:]
    except RecursionError:
        return "it nests too deep"
    found = [statement for statement in statements if statement is not None]
    return found[0] if len(found) == 1 else f"{len(found)} statements stand here"


def _tree(fragment: SqlFragment, sink: Sink) -> exp.Expr | None:
    known = sorted(name.value for name in Dialects if name.value)
    if fragment.dialect not in known:
        help = did_you_mean(fragment.dialect, known) or "the dialects are " + ", ".join(known)
        sink.report(unknown_sql_dialect(fragment.dialect_span, fragment.dialect, help))
        return None
    found = _parsed(fragment.text, fragment.dialect) if len(fragment.text) <= LONGEST else "it is too long"
    if isinstance(found, str):
        sink.report(fragment_errors.bad_sql(fragment.span, fragment.dialect, found))
        return None
    return found


def check_query(fragment: SqlFragment, sink: Sink) -> None:
    """Report a dataset's SQL that is not one select."""
    found = _tree(fragment, sink)
    if found is not None and not isinstance(found, exp.Query):
        sink.report(fragment_errors.sql_shape(fragment.span, "one `select`"))


def check_expression(fragment: SqlFragment, sink: Sink) -> None:
    """Report a column's SQL that is more than an expression over the row's own columns."""
    found = _tree(fragment, sink)
    if found is None:
        return
    forbidden = (exp.Query, exp.AggFunc, exp.Window, exp.DDL, exp.DML, exp.Command, exp.Star)
    qualified = any(column.table for column in found.find_all(exp.Column))
    if qualified or isinstance(found, forbidden) or found.find(*forbidden):
        sink.report(fragment_errors.sql_shape(fragment.span, "an expression over the table's own columns"))


def query_tree(fragment: SqlFragment) -> exp.Expr:
    """Return a copy of the tree of SQL that has been checked."""
    found = _parsed(fragment.text, fragment.dialect)
    assert isinstance(found, exp.Expr)
    return found.copy()
