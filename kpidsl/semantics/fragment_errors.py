"""What can be wrong with what a definition quotes: test rows and SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.model.types import INTEGERS, Kind, Type
from kpidsl.model.zones import known
from kpidsl.semantics.errors import close_or_all, listed, one_of_its_values, write_meant
from kpidsl.source import Span

TEST_TABLE = rule("test/unknown-dataset", "test rows for a dataset that does not exist")
TEST_COLUMN = rule("test/unknown-column", "a test's cell for a column that does not exist")
TEST_VALUE = rule("test/value", "a test's cell that does not fit its column")
TEST_KEY = rule("test/duplicate-key", "two rows of a test with one key")
BAD_SQL = rule("sql/syntax", "SQL that does not parse in its dialect")
SQL_SHAPE = rule("sql/shape", "SQL that is more than a select or a column's expression")


def test_table(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        TEST_TABLE,
        f"there is no dataset `{name}`",
        Label(span, "unknown dataset"),
        help=close_or_all(name, candidates),
    )


def test_computed_column(span: Span, where: str, name: str) -> Diagnostic:
    return Diagnostic(
        TEST_COLUMN,
        f"`{name}` of {where} is computed by its formula, and rows do not give it",
        Label(span, "a column with a formula"),
        help=f"leave `{name}` out of the row",
    )


def test_column(span: Span, where: str, name: str, candidates: Iterable[str]) -> Diagnostic:
    candidates = tuple(candidates)
    return Diagnostic(
        TEST_COLUMN,
        f"{where} has no column `{name}`",
        Label(span, "unknown column"),
        help=did_you_mean(name, candidates) or f"its columns are {listed(candidates)}",
    )


_LONGEST_SHOWN = 40
_VALUES = {
    Kind.BOOLEAN: "true",
    Kind.INTEGER: "12",
    Kind.DECIMAL: "40.00",
    Kind.FLOAT: "0.25",
    Kind.DATE: "2026-01-31",
    Kind.TIMESTAMP: "2026-01-31 14:30:00",
}


def test_value(span: Span, text: str, type: Type, meant: str | None, why: str | None) -> Diagnostic:
    """`meant` is the day that is meant (two with `or`), `why` what is wrong with one of the right form."""
    example = _VALUES.get(type.kind, "text")
    if type.shown_in is not None:
        moment = datetime(2026, 1, 31, 14, tzinfo=known(type.shown_in))
        example = moment.isoformat(sep=" ")
    return Diagnostic(
        TEST_VALUE,
        f"`{text}` is no {type}",
        Label(span, f"no {type}"),
        help=write_meant(meant) or (type.is_time and why) or f"write it like `{example}`",
    )


def test_unlisted_value(span: Span, text: str, column: str, values: Sequence[str], at: Span) -> Diagnostic:
    return Diagnostic(
        TEST_VALUE,
        f"`{column}` is never `{_short(text)}`",
        Label(span, "none of its values"),
        (Label(at, "its values are listed here"),),
        help=one_of_its_values(text, values),
    )


def test_value_out_of_range(span: Span, text: str, type: Type) -> Diagnostic:
    shown = _short(text)
    if type.kind is Kind.INTEGER:
        room = f"an integer is from {INTEGERS[0]} to {INTEGERS[1]}"
    else:
        digits = type.precision - type.scale
        room = f"a {type} has {digits} {'digit' if digits == 1 else 'digits'} before the point"
    return Diagnostic(TEST_VALUE, f"`{shown}` is out of range", Label(span, "too large"), help=room)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def test_key(
    again: Span, first: Span, owner: str, columns: Sequence[str], cells: Sequence[str], *, kept: bool
) -> Diagnostic:
    """`kept` tells that the rows are among those that the dataset's `where` keeps."""
    key = ", ".join(f"{name}: {cell}" for name, cell in zip(columns, cells, strict=True))
    whose = f"two rows of `{owner}` that its `where` keeps" if kept else f"two rows of `{owner}`"
    names = " and ".join(f"`{name}`" for name in columns)
    return Diagnostic(
        TEST_KEY,
        f"{whose} have the key `{key}`, and a key makes a row unique",
        Label(again, "given again"),
        (Label(first, "first given here"),),
        help=f"give each row its own {names}",
    )


def bad_sql(span: Span, dialect: str, reason: str) -> Diagnostic:
    return Diagnostic(
        BAD_SQL,
        f"this does not parse as {dialect}: {reason}",
        Label(span, "does not parse"),
        help="mend the SQL or its `dialect:`",
    )


def sql_shape(span: Span, due: str) -> Diagnostic:
    return Diagnostic(SQL_SHAPE, f"{due} is due here", Label(span, "something else"), help=f"write {due}")
