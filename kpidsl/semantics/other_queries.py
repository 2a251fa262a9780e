"""Queries as people type them: a name that is no KPI, to what was probably meant by it."""

from __future__ import annotations

import re

from kpidsl.diagnostics import Sink, as_name
from kpidsl.model.definitions import Project, QueryText
from kpidsl.semantics.formulas import member_named
from kpidsl.semantics.near_metrics import near_metrics
from kpidsl.source import SourceFile, SourceText
from kpidsl.syntax import parse_formula, tree

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OTHER_NAME = re.compile(r"([^=<>!()'*/+.,]*[^=<>!()'*/+.,\s])\s*=\s*(\S.*)", re.DOTALL)
_RENAMED = re.compile(r"(.*\S)\s+as\s+([a-z_]\w*)", re.IGNORECASE | re.DOTALL)
_WORDS = re.compile(r"[^\W\d][\w -]*")
_FILE = re.compile(r"\.(?:ya?ml|sql|csv|json|md)\Z")
_OTHER_SIGN = re.compile(r"([a-z][a-z0-9_]*)\s*(?::=?|==|=>)\s*(\S.*)", re.DOTALL)


def kpi_meant(part: SourceText, query: QueryText, project: Project) -> str | None:
    """Return the help for a text that is no metric or KPI, or None where it is like nothing else.

    The shell parts what has blanks: `--by month, channel` asks for a KPI `channel`.
    """
    text = part.text.strip()
    if formula := text.startswith("=") and text.lstrip("= "):
        return f"write `{formula if formula in project.metrics else f'answer = {formula}'}`"
    for kind, known in (("objective", project.objectives), ("scorecard", project.scorecards)):
        if text in known:
            article = "an" if kind == "objective" else "a"
            return (
                f"`{text}` is {article} {kind}: `kpidsl {kind}s {text}`, or `kpidsl compile --{kind} {text}`"
            )
    if text in ("asc", "desc") and query.order:
        last = query.order[-1].text.strip().lstrip("-")
        return f"a `-` before a column sorts downwards: `--order {'-' if text == 'desc' else ''}{last}`"
    if _is_member(text, query, project):
        groups = [*query.by, *(kpi for kpi in query.kpis if _is_member(kpi.text.strip(), query, project))]
        return f"rows are grouped by it: `--by {','.join(group.text.strip() for group in groups)}`"
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    if "," in text and all(_NAME.fullmatch(piece) for piece in pieces):
        every = [piece.strip() for kpi in query.kpis for piece in kpi.text.split(",") if piece.strip()]
        names = every if all(_NAME.fullmatch(name) for name in every) else pieces
        as_list = ", ".join(f'"{name}"' for name in names)
        return f"KPIs stand side by side with blanks between: `{' '.join(names)}`; in Python as `[{as_list}]`"
    found = _OTHER_SIGN.fullmatch(text)
    if found is not None:
        return f"write `{found[1]} = {found[2]}`"
    if not text.strip("= "):
        return "name what is asked, or give a formula: `answer = …`; `kpidsl list` shows all"
    named = _OTHER_NAME.fullmatch(text)
    if named is not None:
        return (
            "a formula's name has small letters, digits and `_`, a letter first: "
            f"`{as_name(named[1]) or 'answer'} = {named[2]}`"
        )
    return _spelt_otherwise(text, project)


def _spelt_otherwise(text: str, project: Project) -> str | None:
    """Return the help for names that are written another way, and for formulas without a name."""
    if (name := as_name(text)) in project.metrics:
        return f"write `{name}`"
    pieces = text.split()
    if len(pieces) > 1 and all(piece in project.metrics for piece in pieces):
        return f"each stands by itself, without quotes around them all: `{text}`"
    renamed = _RENAMED.fullmatch(text)
    if renamed is not None:
        return f"write `{renamed[2].lower()} = {renamed[1]}`"
    if text == "*" or _FILE.search(text):
        return "KPIs are asked by their names; `kpidsl list` shows all"
    if _WORDS.fullmatch(text):
        return near_metrics(project, text)
    return f"an ad-hoc formula has a name: `answer = {text}`"


def _is_member(text: str, query: QueryText, project: Project) -> bool:
    """Tell whether rows may be grouped by a text; a path is meant so only behind other groups."""
    if text in project.metrics or not text or ("." in text and not query.by):
        return False
    silent = Sink()
    expr = parse_formula(SourceFile("KPI", text), silent)
    return isinstance(expr, tree.Name) and member_named(expr, project, silent, grains=True) is not None
