"""The first half of the pipeline on one page: a folder of definitions to a checked project.

Each stage is a function `(input, Sink) -> output`; a user's mistake goes to the sink and the stage
goes on. The second half, to SQL, is `compiler`: who only checks does not wait for it to load.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.loading.documents import Documents, load_documents
from kpidsl.model.build import build
from kpidsl.model.definitions import Project
from kpidsl.model.lexicons import Lexicon
from kpidsl.model.taken_names import withhold_formulas
from kpidsl.semantics.check import CheckedProject, check
from kpidsl.semantics.labels import tell_names
from kpidsl.semantics.parameters import check_defaults


def load_project(folder: Path, sink: Sink) -> Project | None:
    """Return the project in a folder as written, or None where there is none.

    The datasets of its lexicons are as these declare them.
    """
    documents = load_documents(folder, sink)
    return None if documents.project is None else built(folder, documents, sink)


def built(folder: Path, documents: Documents, sink: Sink) -> Project:
    """Return the project that documents define, the lexicons that it uses included."""
    lexicons = []
    read = [*documents.definitions]
    if documents.project is not None:
        read.append(documents.project)
    for used in documents.lexicons:
        files = frozenset(document.file.path for document in (used.project, *used.definitions))
        trees = tuple(document.tree for document in used.definitions)
        lexicons.append((Lexicon(used.name, used.version, files), trees))
        read += used.definitions
    settings = None if documents.project is None else documents.project.tree
    rejected = frozenset(name for document in read for name in document.rejected)
    trees = tuple(document.tree for document in documents.definitions)
    return build(folder, settings, trees, rejected, sink, lexicons)


def load(folder: Path, sink: Sink) -> CheckedProject | None:
    """Return the checked project in a folder; its mistakes are in the sink."""
    documents = load_documents(folder, sink)
    return None if documents.project is None else checked(folder, documents, sink)


def checked(folder: Path, documents: Documents, sink: Sink) -> CheckedProject:
    """Return the project that documents define, checked; of its lexicons what is bound."""
    project = bound(folder, documents, sink)
    found = _checked(project, sink)
    tell_names(sink, 0, project)
    withhold_formulas(sink)
    return found


def _checked(project: Project, sink: Sink) -> CheckedProject:
    found = check(project, sink)
    check_defaults(found, sink)
    if not project.objectives and not project.scorecards:
        return found
    from kpidsl.objectives.check import check_objectives
    from kpidsl.objectives.scorecards import check_scorecards

    return check_scorecards(check_objectives(found, sink), sink)


def bound(folder: Path, documents: Documents, sink: Sink) -> Project:
    """Return the project that documents define, its lexicons where they are bound."""
    project = built(folder, documents, sink)
    if documents.project is None or documents.lost:
        return project
    if not documents.lexicons and "bind" not in documents.project.tree.entries:
        return project
    # Its room is loaded on use: most projects use no lexicon.
    from kpidsl.binding.bind import bind

    return bind(project, documents, sink)


def unbound(project: CheckedProject) -> CheckedProject:
    """Return the project with its lexicons' datasets as these declare them: tests give rows of those.

    Its metrics are those of the project as it is bound. Tests of a lexicon that give rows of a dataset that
    is overridden are left out: they are made for another.
    """
    canonical = project.project.unbound
    if canonical is None:
        return project
    kept = {name: metric for name, metric in canonical.metrics.items() if name in project.metrics}
    for name, metric in kept.items():
        if ("kpis", name) in canonical.origins:
            told = tuple(test for test in metric.tests if not canonical.overridden & test.rows.keys())
            kept[name] = replace(metric, tests=told)
    return check(replace(canonical, metrics=kept), Sink())
