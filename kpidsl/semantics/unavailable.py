"""What a project leaves out since what it reads is not bound, and how that is told to who asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, Sink, rule
from kpidsl.model.definitions import Project
from kpidsl.model.lexicons import Instead, Lack
from kpidsl.semantics.errors import unknown
from kpidsl.semantics.terms_errors import variants
from kpidsl.source import Span

UNAVAILABLE = rule("bind/unavailable", "something that reads what is not bound")
_KINDS = {
    "datasets": "the dataset ",
    "dimensions": "the dimension ",
    "columns": "the column ",
    "joins": "the join ",
}


def told(lack: Lack) -> str:
    """Return what a definition lacks, as the end of a sentence."""
    parts = []
    if lack.datasets:
        are = "is" if len(lack.datasets) == 1 else "are"
        parts.append(f"{_listed(lack.datasets)}, which {are} not bound")
    if lack.columns:
        tables = {name.partition(".")[0] for name in lack.columns}
        theirs = "the table lacks" if len(tables) == 1 else "the tables lack"
        parts.append(f"{_listed(lack.columns)}, which {theirs}")
    return f"it reads {'; and '.join(parts)}"


def help_for(lack: Lack) -> str:
    """Return what makes something available that is not."""
    columns = [name.partition(".")[2] for name in lack.columns]
    all_told = ""
    if lack.datasets:
        all_told = "; `kpidsl list unavailable` tells all"
        more = f", and {_of_tables(lack.columns)}" if columns else ""
        bind = f"bind {_listed(lack.datasets)}{more} under `bind:` of kpidsl.yml"
    else:
        to, them = ("a column", "it") if len(columns) == 1 else ("columns", "them")
        bind = f"bind {_listed(columns)} to {to} or a formula of your table, and take {them} out of `lacks:`"
    ready = f"; or {_instead(lack.instead)}" if lack.instead else ""
    return f"{bind}{ready}{all_told}"


def _of_tables(columns: Sequence[str]) -> str:
    parts = (name.partition(".") for name in columns)
    return ", ".join(f"`{column}` of `{dataset}`" for dataset, _, column in parts)


def _instead(alternatives: Sequence[Instead]) -> str:
    """Return what else may be bound: one computed column, on each of the datasets that compute it."""
    first = alternatives[0]
    column = first.column.partition(".")[2]
    datasets = [one.column.partition(".")[0] for one in alternatives if one.column.endswith(f".{column}")]
    named = f"`{column}` of {_listed(datasets)}"
    if first.constant is None:
        return f"{named} alone, where a table has that ready"
    return f"{named} alone: `{column}: {first.constant}` where that is always {first.constant}"


def unavailable_by_words(project: Project, span: Span, names: Sequence[str]) -> Diagnostic | None:
    """Return the report of words by which the named KPIs are called, none of which is there."""
    if len(names) == 1:
        return not_available(span, f"`{names[0]}`, which is called so,", project.lacking["kpis", names[0]])
    return variants(span, span.excerpt().strip(), [], names) if names else None


def unavailable(project: Project, span: Span, *names: tuple[str, str]) -> Diagnostic | None:
    """Return the report of the first of some names that is left out: each a section and a name there."""
    for section, name in names:
        lack = project.lacking.get((section, name))
        if lack is not None:
            what = f"{_KINDS.get(section, '')}`{name}`"
            if lack in (Lack(datasets=(name,)), Lack(columns=(name,))):
                why = "not bound" if lack.datasets else "lacking"
                return Diagnostic(
                    UNAVAILABLE, f"{what} is {why}", Label(span, "not available"), help=help_for(lack)
                )
            return not_available(span, what, lack)
    return None


def is_left_out(project: Project, span: Span, sink: Sink, *names: tuple[str, str]) -> bool:
    """Tell, and report, whether one of some names is left out."""
    found = unavailable(project, span, *names)
    if found is not None:
        sink.report(found)
    return found is not None


def no_dataset(project: Project, name: str, span: Span, sink: Sink, help: str | None = None) -> None:
    """Report a dataset that is not there; one that could not be read has been."""
    if (
        not is_left_out(project, span, sink, ("datasets", name))
        and ("datasets", name) not in project.rejected
    ):
        sink.report(unknown(span, "dataset", name, project.datasets, help or _without_section(project, span)))


_SECTIONS = frozenset({"kpis", "kpi", "metrics", "metric", "measures", "measure", "dimensions", "dimension"})


def _without_section(project: Project, span: Span) -> str | None:
    """Return the help for a name behind that of its section, `kpis.revenue`."""
    section, _, name = span.excerpt().strip().rpartition(".")
    known = project.dimensions if section.startswith("dimension") else project.metrics
    return f"write `{name}`" if section in _SECTIONS and name in known else None


def not_available(span: Span, what: str, lack: Lack) -> Diagnostic:
    return Diagnostic(
        UNAVAILABLE,
        f"{what} is not available: {told(lack)}",
        Label(span, "not available"),
        help=help_for(lack),
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
