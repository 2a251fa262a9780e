"""What can be wrong with the data that definitions describe."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, nearest, rule
from kpidsl.loading.schema_help import in_one_line
from kpidsl.model.definitions import Calendar, Column, Dataset
from kpidsl.model.types import Kind
from kpidsl.source import Span
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.physical import identifier

MISSING_TABLE = rule("data/missing-table", "a dataset whose table is not there")
MISSING_COLUMN = rule("data/missing-column", "a column that its table does not have")
COLUMN_TYPE = rule("data/column-type", "a column whose table has another type")
DUPLICATE_KEY = rule("data/duplicate-key", "a key that several rows of the data share")
OVERLAPPING = rule("data/overlapping-intervals", "rows of one key that hold at the same time")
ENDS_BEFORE = rule("data/ends-before-it-begins", "rows that end before they begin", "warning")
DUPLICATE_DAY = rule("data/duplicate-day", "a calendar in which a day stands twice")
MISSING_DAY = rule("data/missing-day", "a calendar that lacks days between its first and its last", "warning")
NO_COMPARABLE_DAY = rule("data/no-comparable-day", "a calendar with days that compare with none", "warning")
SHARED_COMPARABLE_DAY = rule(
    "data/shared-comparable-day", "a calendar in which several days compare with one day", "warning"
)
NULL_KEY = rule("data/null-key", "rows whose key is null")
UNLISTED = rule("data/unlisted-value", "a column with texts beside those that it lists")
UNREADABLE = rule("data/unreadable-value", "a column with values that are not of its type")
REFUSED_SELECT = rule("data/refused-select", "a dataset's select that the connection refuses")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


MEND_SELECT = "mend the rows, or what the select makes of them"
_MOST_LISTED = 12
_LONGEST_VALUE = 60
_LEAST_SECONDS = 100_000_000
"""Of 1973: a smaller number is more likely a date written as one, such as 20260815."""
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}|\Z)")

_HELD_AS = {
    Kind.BOOLEAN: "0 or 1",
    Kind.INTEGER: "a whole number",
    Kind.DECIMAL: "a number",
    Kind.FLOAT: "a number",
    Kind.TEXT: "a text",
    Kind.DATE: "a text such as `2026-08-15`",
    Kind.TIMESTAMP: "a text such as `2026-08-15 14:30:00`",
}


def missing_table(span: Span, dataset: str, table: str, present: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        MISSING_TABLE,
        f"the connection has no table `{table}`",
        Label(span, "table not found"),
        help=help_for_table(dataset, table, present),
    )


def help_for_table(dataset: str, table: str, present: Iterable[str]) -> str:
    """Return what to write for a table that is not there, from those that are."""
    present = tuple(present)
    if not present:
        return f"the connection holds no table at all: check it, or mend `table:` of `{dataset}`"
    last = _last(table)
    close = [name for name in present if _last(name) == last] or nearest(table, present)
    if not close:
        ends = {_last(name): name for name in present}
        close = [ends[name] for name in nearest(last, ends)]
    if close:
        options = " or ".join(f"`table: {name}`" for name in close[:3])
        return f"write {options} for `{dataset}`, or check the connection"
    more = f" and {len(present) - _MOST_LISTED} more" if len(present) > _MOST_LISTED else ""
    shown = ", ".join(f"`{name}`" for name in present[:_MOST_LISTED])
    return f"mend `table:` of `{dataset}`, or check the connection: it has {shown}{more}"


def _last(name: str) -> str:
    return name.rpartition(".")[2].lower()


def refused_select(span: Span, dataset: str, told: str) -> Diagnostic:
    return Diagnostic(
        REFUSED_SELECT,
        f"the select of `{dataset}` does not run: {told}",
        Label(span, "refused"),
        help="mend the select, or check the connection; files are sought from the folder of the command on",
    )


def where_rows_are(source: Dataset | Calendar) -> str:
    """Return what a dataset's columns stand in, as messages call it."""
    if source.table is None:
        return f"the select of `{source.name}`"
    return f"the table `{'.'.join(part.text for part in source.table)}`"


def missing_column(span: Span, where: str, column: str, help: str) -> Diagnostic:
    return Diagnostic(
        MISSING_COLUMN,
        f"{where} has no column `{column}`",
        Label(span, "column not found"),
        help=help,
    )


def help_for_column(column: str, present: Iterable[str]) -> str:
    """Return what may be meant by a column that its table does not have."""
    present = tuple(present)
    return did_you_mean(column, present) or f"its columns are {shown_columns(present)}"


def shown_columns(present: Sequence[str]) -> str:
    """Return the names of a table's first columns."""
    return ", ".join(f"`{name}`" for name in present[:_MOST_LISTED])


def column_type(span: Span, column: str, declared: str, found: str, help: str, is_select: bool) -> Diagnostic:
    where = "select" if is_select else "table"
    return Diagnostic(
        COLUMN_TYPE,
        f"`{column}` is declared {declared} and is {found} in the {where}",
        Label(span, f"{found} in the {where}"),
        help=help,
    )


def help_for_type(column: Column, dialect: Dialect) -> str:
    """Return how a column is read whose own type compares otherwise than declared."""
    told = dialect.declared_instead[column.type.kind].written(identifier(column.physical), dialect.name)
    only = next(iter(told.values())) if len(told) == 1 else dict(told)
    return f"declare `{in_one_line({column.name: only}).removeprefix('{').removesuffix('}')}`"


def duplicate_key(span: Span, dataset: str, columns: str, example: str, count: int) -> Diagnostic:
    return Diagnostic(
        DUPLICATE_KEY,
        f"{_counted(count, 'key')} of `{dataset}` belong{'s' if count == 1 else ''} to several rows, "
        f"for example {example}",
        Label(span, "key not unique"),
        help="declare what makes a row unique, or remove the double rows; "
        f"joins on `{columns}` would count rows twice",
    )


def null_key(span: Span, dataset: str, column: str, count: int) -> Diagnostic:
    return Diagnostic(
        NULL_KEY,
        f"{_counted(count, 'row')} of `{dataset}` {'has' if count == 1 else 'have'} no `{column}`, "
        "which is part of the key",
        Label(span, "key is null"),
        help="declare a key that every row has, or fill the column",
    )


def overlapping(span: Span, dataset: str, join: str, example: str, count: int) -> Diagnostic:
    return Diagnostic(
        OVERLAPPING,
        f"{_counted(count, 'key')} of `{dataset}` {'has' if count == 1 else 'have'} several rows "
        f"that hold at one time, for example {example}",
        Label(span, "intervals overlap"),
        help=f"end each interval where the next one begins; join `{join}` would find several partners",
    )


def ends_before(span: Span, dataset: str, ends: tuple[str, str], example: str, count: int) -> Diagnostic:
    start, end = ends
    ends_early = "ends before it begins" if count == 1 else "end before they begin"
    return Diagnostic(
        ENDS_BEFORE,
        f"{_counted(count, 'row')} of `{dataset}` {ends_early}, for example {example}",
        Label(span, f"`{end}` is before `{start}`"),
        help="mend the rows, or leave them out with the dataset's `where`: such a row holds at no instant",
    )


def duplicate_day(span: Span, calendar: str, example: date, count: int) -> Diagnostic:
    stands = "stands" if count == 1 else "stand"
    return Diagnostic(
        DUPLICATE_DAY,
        f"{_counted(count, 'day')} of the calendar `{calendar}` {stands} there several times, "
        f"for example {example}",
        Label(span, "day not unique"),
        help="remove the double rows: a day lies in one bucket",
    )


def missing_day(span: Span, calendar: str, column: str, example: date, count: int) -> Diagnostic:
    """`column` names a bucket: a day without a value in it is left out on purpose."""
    lacks = "is" if count == 1 else "are"
    return Diagnostic(
        MISSING_DAY,
        f"{_counted(count, 'day')} between the first and the last {lacks} not in the calendar `{calendar}`, "
        f"for example {example}",
        Label(span, "days missing"),
        help="what happens on such days stands under a null bucket: add them; those that are to be in no "
        f"bucket, with a null `{column}`",
    )


def no_comparable_day(span: Span, calendar: str, example: date, count: int) -> Diagnostic:
    has = "compares" if count == 1 else "compare"
    return Diagnostic(
        NO_COMPARABLE_DAY,
        f"{_counted(count, 'day')} of the calendar `{calendar}` {has} with none, between days that do, "
        f"for example {example}",
        Label(span, "no comparable day"),
        help="name the day with which each compares; without one it compares with nothing",
    )


def shared_comparable_day(span: Span, calendar: str, example: date, count: int) -> Diagnostic:
    stands = "stands" if count == 1 else "stand"
    return Diagnostic(
        SHARED_COMPARABLE_DAY,
        f"{_counted(count, 'comparable day')} of the calendar `{calendar}` {stands} beside several days, "
        f"for example {example}",
        Label(span, "several days compare with one"),
        help="name each day once; a window that holds two days with one comparable day counts its rows once",
    )


def unlisted_value(source: str, column: Column, count: int, example: str) -> Diagnostic:
    holds = "holds" if count == 1 else "hold"
    shown = example if len(example) <= _LONGEST_VALUE else f"{example[:_LONGEST_VALUE]}…"
    return Diagnostic(
        UNLISTED,
        f"{_counted(count, 'row')} of `{source}` {holds} in `{column.name}` what its `values:` leave out, "
        f"for example `{shown}`",
        Label(column.span, "holds other values"),
        help=f"add `{shown}` to `values:` of `{column.name}`, or mend the rows",
    )


def uncomputed_value(span: Span, source: str, column: Column, told: str, is_table: bool) -> Diagnostic:
    return Diagnostic(
        UNREADABLE,
        f"`{source}` has values in `{column.name}` that the connection cannot read: {told}",
        Label(span, "cannot be read"),
        help="mend the rows, or what the view makes of them" if is_table else MEND_SELECT,
    )


def unreadable_value(source: str, column: Column, count: int, example: object) -> Diagnostic:
    kind = column.type.kind
    shown = "bytes" if isinstance(example, bytes) else f"`{str(example)[:_LONGEST_VALUE]}`"
    holds = "holds" if count == 1 else "hold"
    article = "an" if kind is Kind.INTEGER else "a"
    help = f"SQLite must hold {article} {kind.value} as {_HELD_AS[kind]}: mend the rows"
    read = _read_as(kind, column.physical.text, example)
    if read is not None:
        zone = "" if column.type.zone is None else f", timezone: {column.type.zone}"
        written = f'{{type: {kind.value}{zone}, sql: "{read}", dialect: sqlite}}'
        help = f"{help}, or declare `{column.name}: {written}`"
    return Diagnostic(
        UNREADABLE,
        f"{_counted(count, 'row')} of `{source}` {holds} in `{column.name}` what is no {kind.value}, "
        f"for example {shown}",
        Label(column.span, f"no {kind.value}"),
        help=help,
    )


def _read_as(kind: Kind, name: str, example: object) -> str | None:
    """Return how SQLite reads a time that is written otherwise, or is held in seconds since 1970."""
    function = {Kind.DATE: "date", Kind.TIMESTAMP: "datetime"}.get(kind)
    if function is None:
        return None
    if isinstance(example, int) and abs(example) >= _LEAST_SECONDS:
        return f"{function}({name}, 'unixepoch')"
    if not isinstance(example, str) or _ISO.match(example) is None:
        return None
    try:
        date.fromisoformat(example[:10])
    except ValueError:
        return None
    return f"{function}({name})"
