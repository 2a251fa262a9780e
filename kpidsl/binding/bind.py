"""A project as written to the project that its bindings make available."""

from __future__ import annotations

from dataclasses import replace

from kpidsl.binding.apply import apply
from kpidsl.binding.availability import available, is_whole
from kpidsl.diagnostics import Sink
from kpidsl.loading.documents import Documents
from kpidsl.model.bindings import bindings, put_together
from kpidsl.model.definitions import Project
from kpidsl.semantics.check import check


def bind(project: Project, documents: Documents, sink: Sink) -> Project:
    """Return the project with its lexicons on the tables that its files and theirs bind them to.

    What reads a dataset that is not bound is left out (`Project.lacking`). Where anything is wrong nothing
    is, so that only the mistake is told.
    """
    assert documents.project is not None
    before = sink.errors
    own = documents.project.tree
    said = [
        *(one for used in documents.lexicons for one in bindings(used.project.tree, used.name, sink)),
        *bindings(own, "", sink),
    ]
    together = put_together(said, sink)
    bound = replace(apply(project, together, sink), unbound=project)
    lacks = {name: one.lacks for name, one in together.items() if not one.is_absent}
    if sink.errors > before or is_whole(bound, lacks.keys(), lacks):
        return bound
    quiet = Sink()
    whole = check(bound, quiet)
    if quiet.has_errors:
        return bound
    return available(whole, lacks.keys(), lacks, sink)
