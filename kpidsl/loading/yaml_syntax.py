"""What is wrong where YAML cannot be read: told from the text at the place, since the parsers'
own wordings differ from one another."""

from __future__ import annotations

import yaml

from kpidsl.diagnostics import Diagnostic, Label
from kpidsl.loading import errors
from kpidsl.loading.templates import in_line
from kpidsl.loading.yaml_inside import behind_key, inside_brackets
from kpidsl.loading.yaml_lines import misfit, rest_in_quotes, stray_colon
from kpidsl.source import SourceFile, Span

_INDICATORS = "%@`*&!|>#"


def syntax_error(file: SourceFile, error: yaml.YAMLError, bracket: int | None = None) -> Diagnostic:
    """Return the diagnostic for a parser's error; `bracket` is where the innermost open one stands."""
    text = file.text
    at = _index(error, "problem_mark", text)
    begun = _index(error, "context_mark", text)
    if at is None:
        at = begun if begun is not None else len(text)
    opening = "" if begun is None else text[begun : begun + 1]
    template = in_line(text, at) if opening == "{" else None
    if template is not None:
        return errors.template(Span(file, template[0], template[1]), template[2])
    char = text[at : at + 1]
    if opening in ("'", '"') and (char == "" or text.startswith(("---", "..."), at)):
        return errors.syntax(
            _one(file, begun or 0),
            "the text that begins here has no closing quote",
            "opening quote",
            f"end it with `{opening}`",
        )
    if char == "" and bracket is not None:
        opening = text[bracket]
        return errors.syntax(
            _one(file, bracket), f"the `{opening}` is not closed", "opened here", _closing(opening)
        )
    if char == "\\" or opening == '"' or text[at - 2 : at] in ("\\x", "\\u", "\\U"):
        return errors.syntax(
            _one(file, at),
            "no such escape exists in a text in double quotes",
            "unknown escape",
            "write `\\\\` for a backslash, or put the text in single quotes",
        )
    if opening in ("[", "{"):
        told = inside_brackets(file, at)
        return told or errors.syntax(
            _one(file, at),
            f"the `{opening}` is not closed, or a comma is missing",
            "cannot stand here",
            _closing(opening),
            [Label(_one(file, begun or 0), "opened here")],
        )
    return _by_character(file, at, char)


def _closing(bracket: str) -> str:
    return f"close it with `{']' if bracket == '[' else '}'}`; a text with `,` or brackets stands in quotes"


def _by_character(file: SourceFile, at: int, char: str) -> Diagnostic:
    place = _one(file, at)
    if char == ":":
        return behind_key(file, at) or stray_colon(file, at)
    if char in ("]", "}"):
        stray = errors.syntax(place, f"no bracket is open for this `{char}`", "closes nothing", "remove it")
        return behind_key(file, at) or stray
    if char and char in _INDICATORS:
        return errors.syntax(
            place,
            "a text cannot begin with a backtick" if char == "`" else f"a text cannot begin with `{char}`",
            "needs quotes",
            f"put the text in quotes: `{rest_in_quotes(file, at)}`",
        )
    return misfit(file, at)


def _index(error: yaml.YAMLError, name: str, text: str) -> int | None:
    mark = getattr(error, name, None)
    return None if mark is None else min(mark.index, len(text))


def _one(file: SourceFile, at: int) -> Span:
    """Return the span of the character at an offset; of nothing at the end of a line."""
    return Span(file, at, at if file.text[at : at + 1] in ("", "\r", "\n") else at + 1)
