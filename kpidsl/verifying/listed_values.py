"""Columns that list their values against the data: a text beside them is in no condition that names it."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Column, Dataset
from kpidsl.model.types import BOOLEAN, TEXT
from kpidsl.semantics.bound import Apply, Bound, Constant
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.conditions import conjunction, is_present
from kpidsl.sql import nodes
from kpidsl.sql.rows import RowExpressions
from kpidsl.verifying import errors
from kpidsl.verifying.kept import fetched


def unlisted_values(checked: CheckedProject, dataset: Dataset, connection: Connection, sink: Sink) -> None:
    """Report columns that hold texts beside those that they list, all by one look at the rows."""
    listing = [column for column in dataset.columns.values() if column.values and column.type is TEXT]
    values = tuple(checked.rows.column(dataset.name, column) for column in listing)
    if not listing:
        return

    def counted(kept: exp.Select, rows: RowExpressions) -> exp.Select:
        found = []
        for n, (column, value) in enumerate(zip(listing, values, strict=True)):
            is_other = rows.holds(_is_other(column, value))
            one = nodes.case([(is_other, nodes.integer(1))], nodes.integer(0))
            example = nodes.case([(is_other.copy(), rows.value(value))], None)
            found.append(nodes.alias(exp.Sum(this=one), f"times_{n}"))
            found.append(nodes.alias(exp.Min(this=example), f"example_{n}"))
        kept.set("expressions", found)
        return kept

    answer = fetched(checked, dataset.name, dataset.span, connection, sink, counted, read=values)
    for n, column in enumerate(listing if answer else ()):
        times, example = answer[0][2 * n : 2 * n + 2]
        if times:
            sink.report(errors.unlisted_value(dataset.name, column, int(times), str(example)))


def _is_other(column: Column, value: Bound) -> Bound:
    """Return the condition that a value is there and is none of those that its column lists."""
    listed = tuple(Constant(text, TEXT) for text in column.values)
    is_listed = Apply("in", (value, *listed), BOOLEAN)
    return conjunction((is_present(value), Apply("not", (is_listed,), BOOLEAN)))
