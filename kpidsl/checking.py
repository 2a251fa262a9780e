"""The first half of the pipeline on one page: a folder of definitions to a checked project.

Each stage is a function `(input, Sink) -> output`; a user's mistake goes to the sink and the stage
goes on. The second half, to SQL, is `compiler`: who only checks does not wait for it to load.
"""

from __future__ import annotations

from pathlib import Path

from kpidsl.diagnostics import Sink
from kpidsl.loading.documents import load_documents
from kpidsl.model.build import build
from kpidsl.model.definitions import Project
from kpidsl.semantics.check import CheckedProject, check


def load_project(folder: Path, sink: Sink) -> Project | None:
    """Return the project in a folder as written, or None where there is none."""
    documents = load_documents(folder, sink)
    if documents.project is None:
        return None
    found = documents.definitions
    rejected = frozenset(name for document in (documents.project, *found) for name in document.rejected)
    trees = [document.tree for document in found]
    return build(folder, documents.project.tree, trees, rejected, sink)


def load(folder: Path, sink: Sink) -> CheckedProject | None:
    """Return the checked project in a folder; its mistakes are in the sink."""
    project = load_project(folder, sink)
    if project is None:
        return None
    checked = check(project, sink)
    if not project.objectives and not project.scorecards:
        return checked
    # Their room is loaded on use: most projects have none.
    from kpidsl.objectives.check import check_objectives
    from kpidsl.objectives.scorecards import check_scorecards

    return check_scorecards(check_objectives(checked, sink), sink)
