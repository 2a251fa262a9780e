"""An engine's failure in the words of the project: which dataset's table or column is not there."""

from __future__ import annotations

from collections.abc import Iterable

from kpidsl.engines import Connection
from kpidsl.engines.errors import EngineError
from kpidsl.model.definitions import Calendar, Dataset
from kpidsl.verifying.errors import help_for_column, help_for_table


def in_own_words(
    failure: EngineError, read: Iterable[Dataset | Calendar], connection: Connection
) -> EngineError:
    """Return what a failed statement lacks, or the failure itself where it is another one.

    `read` are the datasets and calendars behind the statement. Only names that the engine's own message
    has are looked at, since not every declared column is read.
    """
    told = failure.message.lower()
    for source in read:
        if source.table is None:
            continue
        parts = tuple(part.text for part in source.table)
        table = ".".join(parts)
        at = source.span.location()
        place = f"`{source.name}` ({at.path}:{at.line})"
        found = connection.describe(parts)
        if found is None:
            if parts[-1].lower() not in told:
                continue
            return EngineError(
                f"{place} reads the table `{table}`, and the connection has none of that name",
                help_for_table(source.name, table, connection.tables()),
            )
        present = [name for name, _ in found]
        known = {name.lower() for name in present}
        for column in source.columns.values():
            name = column.physical.text
            if not column.is_derived and name.lower() not in known and name.lower() in told:
                return EngineError(
                    f"{place} reads the column `{name}` of `{table}`, which has none of that name",
                    help_for_column(name, present),
                )
    return failure
