"""Keys of a dataset's rows: no two rows share one, and none lacks a part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from kpidsl.diagnostics import Sink
from kpidsl.engines import Connection
from kpidsl.model.definitions import Dataset
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.rows import RowExpressions
from kpidsl.verifying.kept import fetched

_Asked = Callable[[exp.Select, Sequence[Node]], None]


def keys_shared(
    checked: CheckedProject, dataset: Dataset, connection: Connection, sink: Sink
) -> list[tuple[Any, ...]]:
    """Return the keys that several of a dataset's rows have, in a fixed order; none of them has a null."""

    def shared(kept: exp.Select, keys: Sequence[Node]) -> None:
        kept.where(nodes.all_of([nodes.is_not_null(key.copy()) for key in keys]), copy=False)
        kept.set("expressions", [nodes.alias(key.copy(), f"k_{n}") for n, key in enumerate(keys)])
        kept.set("group", exp.Group(expressions=[key.copy() for key in keys]))
        several = nodes.compare(exp.GT, exp.Count(this=exp.Star()), nodes.integer(1))
        kept.set("having", exp.Having(this=several))

    return sorted(_fetched(checked, dataset, connection, sink, shared), key=str)


def null_keys(
    checked: CheckedProject, dataset: Dataset, connection: Connection, sink: Sink
) -> dict[str, int]:
    """Return how many of a dataset's rows lack the columns of its key, for those that are lacking at all."""

    def counted(kept: exp.Select, keys: Sequence[Node]) -> None:
        nulls = [
            exp.Sum(this=nodes.case([(nodes.is_null(key.copy()), nodes.integer(1))], nodes.integer(0)))
            for key in keys
        ]
        kept.set("expressions", [nodes.alias(node, f"k_{n}") for n, node in enumerate(nulls)])

    counts = next(iter(_fetched(checked, dataset, connection, sink, counted)), ())
    return {name: int(count) for name, count in zip(dataset.key, counts, strict=False) if count}


def _fetched(
    checked: CheckedProject, dataset: Dataset, connection: Connection, sink: Sink, asked: _Asked
) -> list[tuple[Any, ...]]:
    """Return what a question about a dataset's rows and the columns of their key gives."""

    def of_keys(kept: exp.Select, rows: RowExpressions) -> exp.Select:
        own = rows.aliases[()]
        asked(kept, [rows.column_at(own, dataset.name, name, plain=True) for name in dataset.key])
        return kept

    return fetched(checked, dataset.name, dataset.key_span, connection, sink, of_keys)
