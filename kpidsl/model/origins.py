"""Which definitions come from lexicons, and whether a name is still free."""

from __future__ import annotations

from typing import Any

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Entry, Mapping
from kpidsl.model import errors
from kpidsl.model.definitions import Metric
from kpidsl.model.reading import is_true


class Origins:
    """The lexicons of definitions, by section and name. `lexicon` is the one that is being read.

    `is_whole` is false where files are read without the project that they belong to, and its lexicons.
    """

    def __init__(self, rejected: set[tuple[str, str]], is_whole: bool, sink: Sink) -> None:
        self.rejected = rejected
        self.is_whole = is_whole
        self.sink = sink
        self.lexicon: str | None = None
        self.found: dict[tuple[str, str], str] = {}
        self.overridden: set[str] = set()
        """Datasets of lexicons in whose place others are."""

    def tell(self, section: str, name: str) -> None:
        """Remember where a definition comes from."""
        if self.lexicon is not None:
            self.found.setdefault((of_figures(section), name), self.lexicon)

    def is_new(self, section: str, entry: Entry, known: dict[str, Any]) -> bool:
        """Tell whether a definition counts; one that it takes the place of is taken out of `known`.

        A name that is not free is reported, and an override of nothing.
        """
        name = entry.key.text
        first = known.get(name)
        origin = self.found.get((of_figures(section), name))
        is_other = origin is not None and origin != self.lexicon
        mark = entry.value.get("override") if isinstance(entry.value, Mapping) else None
        if mark is not None and is_true(mark) and (first is None or is_other):
            if first is None and self.is_whole and (section, name) not in self.rejected:
                self.sink.report(errors.overrides_nothing(section, name, mark.span))
            if known.pop(name, None) is not None and section == "datasets":
                self.overridden.add(name)
            self.found.pop((of_figures(section), name), None)
            return True
        if first is None:
            return True
        owner = {"metric": "metrics", "kpi": "kpis"}[first.kind] if isinstance(first, Metric) else section
        lexicon = origin if is_other else None
        self.sink.report(errors.duplicate_name(owner, name, entry.key.span, first.span, lexicon))
        if owner != section:
            self.rejected.add((section, name))
        return False


def of_figures(section: str) -> str:
    """Return a section, `kpis` for the metrics too: both share their names."""
    return "kpis" if section == "metrics" else section
