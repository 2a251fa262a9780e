"""A proposed binding as YAML, with a remark for each guess that is more than an equal name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kpidsl.diagnostics import Sink
from kpidsl.loading.schema_help import in_one_line
from kpidsl.model.definitions import Dataset, Project
from kpidsl.model.types import BOOLEAN, Kind
from kpidsl.proposing.matching import Guess, Match, physical
from kpidsl.proposing.phrases import Locale, say
from kpidsl.source import SourceFile
from kpidsl.syntax import parse_formula, tree

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


def binding_text(
    lexicon: str,
    project: Project,
    tables: Mapping[str, Match],
    locale: Locale,
    folds_names: bool,
    always: Mapping[str, tuple[str, ...]],
) -> str:
    """Return `use:` and `bind:` for the tables that were chosen for a lexicon's datasets."""
    lines = [f"use: [{lexicon}]"]
    if tables:
        lines.append("bind:")
    for name, found in tables.items():
        dataset = project.datasets[name]
        lines.extend(_dataset(dataset, found, locale, folds_names, always.get(name, ())))
    return "\n".join(lines) + "\n"


def _dataset(
    dataset: Dataset, found: Match, locale: Locale, folds_names: bool, always: tuple[str, ...]
) -> Iterator[str]:
    wanted = physical(dataset)
    lacks = [name for name in wanted if name not in found.found]
    columns = {
        name: written
        for name in wanted
        if (guess := found.found.get(name)) is not None
        and (written := _column(name, guess, folds_names)) is not None
    }
    table = in_one_line(_table(found.table.name, folds_names))
    yield f"  {dataset.name}:"
    if always:
        example = f"{always[0]}: {'false' if wanted[always[0]].type == BOOLEAN else '…'}"
        yield f"    # {say(locale, 'always', _listed(always), example)}"
    for name, others in found.open.items():
        yield f"    # {say(locale, 'open', _listed(others), name)}"
    for name, (own, type) in found.mistyped.items():
        yield f"    # {say(locale, 'mistyped', own, name, type)}"
    yield f"    table: {table}{_remark(_why_table(dataset, found, locale))}"
    if columns:
        yield "    columns:"
    for name, written in columns.items():
        yield f"      {name}: {in_one_line(written)}{_remark(_why(found.found[name], locale))}"
    if lacks:
        short = f"    lacks: [{', '.join(lacks)}]"
        yield from [short] if len(short) <= 100 else ["    lacks:", *(f"      - {name}" for name in lacks)]


def _column(name: str, guess: Guess, folds_names: bool) -> object | None:
    """Return how a binding says where a column is; None where it need not."""
    physical = _quoted(guess.own, folds_names)
    if guess.type is not None:
        at = {} if guess.own == name else {"column": physical}
        return {**at, "type": str(guess.type)}
    if guess.own == name:
        return None
    read = parse_formula(SourceFile("", guess.own), Sink())
    return guess.own if physical == guess.own and isinstance(read, tree.Name) else {"column": physical}


def _quoted(name: str, folds_names: bool) -> str:
    """Return a name of the warehouse with quotes where it needs them to be found."""
    is_mixed = name not in (name.lower(), name.upper())
    if _PLAIN.fullmatch(name) and not (folds_names and is_mixed):
        return name
    return '"' + name.replace('"', '""') + '"'


def _table(name: str, folds_names: bool) -> str:
    return ".".join(_quoted(part, folds_names) for part in name.split("."))


def _why_table(dataset: Dataset, found: Match, locale: Locale) -> str | None:
    if found.ground == "synonym":
        return say(locale, "table_synonym", dataset.name)
    if found.ground == "columns":
        return say(locale, "table_columns", len(found.found), len(physical(dataset)))
    return None


def _why(guess: Guess, locale: Locale) -> str | None:
    if guess.type is not None and guess.type.kind is not Kind.UNKNOWN:
        return say(locale, "stored", guess.type)
    return None if guess.ground == "name" else say(locale, guess.ground)


def _remark(text: str | None) -> str:
    return "" if text is None else f"  # {text}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
