"""Datasets whose rows depend on themselves: by the sequences and joins in their `where`."""

from __future__ import annotations

from collections.abc import Mapping

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.semantics import errors
from kpidsl.semantics.bound import Bound
from kpidsl.semantics.walks import datasets_of


def check_row_circles(project: Project, conditions: Mapping[str, Bound | None], sink: Sink) -> None:
    """Report datasets whose condition can only be told once it is told.

    A sequence reads another dataset's rows as that one's own condition leaves them, and a join too.
    """
    needs = {
        name: tuple(dict.fromkeys(datasets_of(project, name, condition)))
        for name, condition in conditions.items()
        if condition is not None
    }
    done: set[str] = set()
    for root in needs:
        trail: list[str] = []
        pending = [(root, 0)]
        while pending:
            name, depth = pending.pop()
            del trail[depth:]
            if name in trail:
                circle = trail[trail.index(name) :]
                sink.report(errors.cycle(circle, [project.datasets[other].span for other in circle]))
                done.update(circle)
            elif name not in done:
                trail.append(name)
                pending.extend((needed, depth + 1) for needed in needs.get(name, ()))
        done.add(root)
