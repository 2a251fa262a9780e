"""An engine's failure in the words of the project: which dataset's table or column is not there."""

from __future__ import annotations

from collections.abc import Iterable

from kpidsl.engines import Connection
from kpidsl.engines.errors import ANSWER, STATEMENT, EngineError
from kpidsl.model.definitions import Calendar, Dataset
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.physical import stored
from kpidsl.verifying.bound import help_for_missing
from kpidsl.verifying.errors import help_for_table, help_for_type
from kpidsl.verifying.verify import described, is_of_another_type, types_by_name


def in_own_words(
    failure: EngineError, read: Iterable[Dataset | Calendar], connection: Connection
) -> EngineError:
    """Return what a failed statement lacks, or the failure itself where it is another one.

    `read` are the datasets and calendars behind the statement. Only names that the engine's own message
    has are looked at, since not every declared column is read.
    """
    dialect = DIALECTS[connection.dialect]
    told = failure.message.lower()
    for source in read:
        if source.table is None:
            continue
        table = ".".join(part.text for part in source.table)
        at = source.span.location()
        place = f"`{source.name}` ({at.path}:{at.line})"
        found = described(source.table, connection)
        if found is None:
            if stored(source.table[-1], dialect.folds_names).lower() not in told:
                continue
            return EngineError(
                STATEMENT,
                f"{place} reads the table `{table}`, and the connection has none of that name",
                help_for_table(source.name, table, connection.tables()),
            )
        present = [name for name, _ in found]
        known = types_by_name(found, dialect)
        for column in source.columns.values():
            name = column.physical.text
            is_missing = not column.is_derived and stored(column.physical, dialect.folds_names) not in known
            if is_missing and name.lower() in told:
                return EngineError(
                    STATEMENT,
                    f"{place} reads the column `{name}` of `{table}`, which has none of that name",
                    help_for_missing(source, column, present),
                )
    return failure


def refuse_other_types(read: Iterable[Dataset | Calendar], connection: Connection) -> None:
    """Raise where a column that may be read compares otherwise than its declared type does."""
    dialect = DIALECTS[connection.dialect]
    for source in read if dialect.other_types else ():
        if source.table is None:
            continue
        found = types_by_name(described(source.table, connection) or (), dialect)
        for column in source.columns.values():
            type_ = found.get(stored(column.physical, dialect.folds_names), "")
            if not column.is_derived and is_of_another_type(column, type_, dialect):
                at = source.span.location()
                raise EngineError(
                    ANSWER,
                    f"`{source.name}` ({at.path}:{at.line}) declares `{column.name}` "
                    f"{column.type.kind.value}, and it is {type_} in the table",
                    help_for_type(column, dialect),
                )
