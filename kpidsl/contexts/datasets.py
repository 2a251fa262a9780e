"""Which datasets a query reads."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.contexts.leaves import AnyLeaf, rows_of
from kpidsl.contexts.sets import read_of
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.histories import datasets_behind
from kpidsl.semantics.walks import datasets_of


def datasets_read(checked: CheckedProject, leaves: Sequence[AnyLeaf]) -> list[str]:
    """Return the datasets of the leaves, and all that their joins, sequences and derived columns lead to."""
    found: dict[str, None] = {}
    rows = [row for leaf in leaves for row in rows_of(leaf)]
    pending = [leaf.dataset for leaf in rows]
    for leaf in rows:
        for dataset_read, value in read_of(leaf.dataset, leaf.read):
            pending.append(dataset_read)
            pending.extend(datasets_of(checked.project, dataset_read, value))
    while pending:
        name = pending.pop()
        if name in found or name not in checked.datasets:
            continue
        found[name] = None
        dataset = checked.datasets[name]
        pending.extend(join.target for join in dataset.definition.joins.values())
        own = [value for match in dataset.matches.values() for value in match.own]
        for value in own if dataset.condition is None else (*own, dataset.condition):
            pending.extend(datasets_of(checked.project, name, value))
        pending.extend(datasets_behind(name, checked.rows))
    return sorted(found)
