"""An engine's failure in the words of the project: which dataset's table, select or column is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpidsl.engines import Connection
from kpidsl.engines.errors import ANSWER, STATEMENT, EngineError
from kpidsl.model.definitions import Calendar, Dataset
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.physical import stored
from kpidsl.verifying.bound import help_for_missing, place_of
from kpidsl.verifying.columns import described, is_of_another_type, mistyped, read_of, types_by_name
from kpidsl.verifying.errors import MEND_SELECT, help_for_table, help_for_type, where_rows_are


def in_own_words(
    failure: EngineError, read: Iterable[Dataset | Calendar], connection: Connection
) -> EngineError:
    """Return what a failed statement lacks, or the failure itself where it is another one.

    `read` are the datasets and calendars behind the statement. Only names that the engine's own message
    has are looked at, since not every declared column is read.
    """
    if failure.rule not in (STATEMENT, ANSWER) or failure.help is not None:
        return failure
    found = {}
    for source in read:
        if source.sql is not None and source.sql.dialect != connection.dialect:
            continue
        try:
            found[source.name] = (source, described(source, connection))
        except EngineError as refused:
            if refused.rule is not STATEMENT:
                return failure
            return EngineError(STATEMENT, f"the select of {_place(source)} does not run: {refused.message}")
    for ask in (_missing, _mistyped):
        for source, present in found.values():
            told = ask(failure, source, present, connection)
            if told is not None:
                return told
    return next((told for source, _ in found.values() if (told := _unread(failure, source))), failure)


def _place(source: Dataset | Calendar) -> str:
    at = source.span.location()
    return f"`{source.name}` ({at.path}:{at.line})"


def _missing(
    failure: EngineError,
    source: Dataset | Calendar,
    found: Sequence[tuple[str, str]] | None,
    connection: Connection,
) -> EngineError | None:
    folds_names = DIALECTS[connection.dialect].folds_names
    told = failure.message.lower()
    if found is None:
        parts = source.table or ()
        if stored(parts[-1], folds_names).lower() not in told:
            return None
        table = ".".join(part.text for part in parts)
        return EngineError(
            STATEMENT,
            f"{_place(source)} reads the table `{table}`, and the connection has none of that name",
            help_for_table(source.name, table, connection.tables()),
        )
    known = types_by_name(found, DIALECTS[connection.dialect])
    for column in read_of(source):
        name = column.physical.text
        if stored(column.physical, folds_names) not in known and name.lower() in told:
            where = where_rows_are(source).removeprefix("the table ")
            return EngineError(
                STATEMENT,
                f"{_place(source)} reads the column `{name}` of {where}, which has none of that name",
                help_for_missing(source, column, [name for name, _ in found]),
            )
    return None


def _mistyped(
    failure: EngineError,
    source: Dataset | Calendar,
    found: Sequence[tuple[str, str]] | None,
    connection: Connection,
) -> EngineError | None:
    """Return the failure with a column that may be why, since the engine takes it for something else."""
    dialect = DIALECTS[connection.dialect]
    types = types_by_name(found or (), dialect)
    for column in read_of(source):
        type_ = types.get(stored(column.physical, dialect.folds_names))
        wrong = None if type_ is None else mistyped(source, column, type_, dialect)
        if wrong is not None:
            at = place_of(source, column).location()
            help = f"`{column.name}` ({at.path}:{at.line}) is declared {wrong[0]} and is {type_}: {wrong[1]}"
            return EngineError(failure.rule, failure.message, help)
    return None


def _unread(failure: EngineError, source: Dataset | Calendar) -> EngineError | None:
    """Return the failure with the place of a select's column that it names, as one of a file of rows."""
    for column in read_of(source) if source.sql is not None else ():
        if f'"{column.physical.text.lower()}"' in failure.message.lower():
            at = place_of(source, column).location()
            help = f"it is read as `{column.name}` of `{source.name}` ({at.path}:{at.line}): {MEND_SELECT}"
            return EngineError(failure.rule, failure.message, help)
    return None


def refuse_other_types(read: Iterable[Dataset | Calendar], connection: Connection) -> None:
    """Raise where a column that may be read compares otherwise than its declared type does."""
    dialect = DIALECTS[connection.dialect]
    for source in read if dialect.other_types else ():
        if source.sql is not None and source.sql.dialect != dialect.name:
            continue
        found = types_by_name(described(source, connection) or (), dialect)
        for column in read_of(source):
            type_ = found.get(stored(column.physical, dialect.folds_names), "")
            if is_of_another_type(column, type_, dialect):
                where = "select" if source.table is None else "table"
                raise EngineError(
                    ANSWER,
                    f"{_place(source)} declares `{column.name}` "
                    f"{column.type.kind.value}, and it is {type_} in the {where}",
                    help_for_type(column, dialect),
                )
