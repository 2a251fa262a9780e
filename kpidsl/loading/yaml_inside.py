"""What probably went wrong within brackets, or right before them: told from the text of the line."""

from __future__ import annotations

import re

from kpidsl.diagnostics import Diagnostic
from kpidsl.loading import errors
from kpidsl.loading.yaml_lines import quoted
from kpidsl.source import SourceFile, Span

_KEY_BEFORE = re.compile(r"(?:^|[{,\n])\s*(?P<key>\w+) +\Z")
_KEY_AND_BRACKET = re.compile(r"(?P<key>\w+) +(?P<value>[{\[].*)")


def inside_brackets(file: SourceFile, at: int) -> Diagnostic | None:
    """Return what is wrong at a place within brackets that no comma or bracket may stand at."""
    return _half_a_quote(file, at) or _no_colon(file, at)


def behind_key(file: SourceFile, at: int) -> Diagnostic | None:
    """Return that a line whose bracket closes nothing has no `:` behind its key, where that is so."""
    start = file.text.rfind("\n", 0, at) + 1
    line = file.text[start:].partition("\n")[0].rstrip()
    found = _KEY_AND_BRACKET.fullmatch(line.lstrip(" -"))
    if found is None:
        return None
    begun = start + len(line) - len(found[0])
    return errors.syntax(
        Span(file, begun, begun + len(found["key"])),
        f"`{found['key']}` has no `:` behind it",
        "`:` is missing",
        f"write `{found['key']}: {found['value']}`",
    )


def _half_a_quote(file: SourceFile, at: int) -> Diagnostic | None:
    """Return that a text in quotes ends at a quote within it: `'Taux d'absence'`."""
    text = file.text
    quote = text[at - 1 : at]
    if quote not in ("'", '"') or not text[at : at + 1].isalnum():
        return None
    start = text.rfind(quote, 0, at - 1)
    end = text.find(quote, at)
    if start < 0 or end < 0 or "\n" in text[start:end]:
        return None
    return errors.syntax(
        Span(file, start, end + 1),
        "a quote within a text ends it",
        "ends too early",
        f"put the whole text in other quotes: `{quoted(text[start + 1 : end])}`",
    )


def _no_colon(file: SourceFile, at: int) -> Diagnostic | None:
    """Return that a bracket stands behind a key without `:`, as in `{by [month]}`."""
    before = _KEY_BEFORE.search(file.text, 0, at)
    if before is None or file.text[at : at + 1] not in ("[", "{"):
        return None
    key = before["key"]
    return errors.syntax(
        Span(file, before.start("key"), before.end("key")),
        f"`{key}` has no `:` behind it",
        "`:` is missing",
        f"write `{key}:` before the `{file.text[at]}`",
    )
