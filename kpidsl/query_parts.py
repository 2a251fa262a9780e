"""The parts of a query as Python gives them: their names, and the kinds of value that each takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

from kpidsl.diagnostics import Diagnostic
from kpidsl.model.definitions import GivenValues, QueryText
from kpidsl.semantics import query_errors
from kpidsl.source import Excerpt, SourceFile, SourceText, Span
from kpidsl.syntax.printer import number, quote

OneValue = int | Decimal | float | str | bool | date
ParameterValue = OneValue | Sequence[OneValue]
"""A parameter's value: a text is read as the language writes values, a text that it holds may go bare."""

_VALUES = (int, Decimal, float, str, bool, date)
_TEXTS = "a text, or a list of them"
_EXPECTED = {
    "kpis": (_TEXTS, '["revenue"]'),
    "by": (_TEXTS, 'by=["month"]'),
    "where": ("a text", "where=\"channel = 'email'\""),
    "period": (_TEXTS, 'period="2026"'),
    "having": ("a text", 'having="revenue > 0"'),
    "top": ("a text", 'top="10 by revenue"'),
    "totals": ('True, False, "rollup" or "cube"', "totals=True"),
    "fill": ("True or False", "fill=True"),
    "as_of": ("a text, a date or a datetime", 'as_of="2026-08-15"'),
    "partial": ("a text", 'partial="drop"'),
    "order": (_TEXTS, 'order=["-revenue"]'),
    "limit": ("a whole number", "limit=10"),
    "null_label": ("a text", 'null_label="none"'),
    "parameters": ("a mapping of names to numbers, texts, dates or lists of them", 'parameters={"days": 28}'),
}
"""What each part takes, and an example of it."""


def option(part: str) -> str:
    """Return the option of commands by which a part is asked for."""
    return "--set" if part == "parameters" else f"--{part.replace('_', '-')}"


_PARTS = {option(part): part for part in _EXPECTED if part != "kpis"}
_BARE = re.compile(r"`(--[a-z-]+)`")
_TYPED = re.compile(r"`((?:--[a-z-]+ [^`]*?)(?: --[a-z-]+ [^`]*?)*)`")
_SEVERAL_NAMES = re.compile(r"\s*-?[\w.]+(\s*,\s*-?[\w.]+)+\s*")
_OPTION = re.compile(r"(--[a-z-]+) (\"[^\"]*\"|(?:(?! --[a-z]).)+)")


def with_arguments(told: Diagnostic) -> Diagnostic:
    """Return a report whose help is for Python: `period="2026"` in place of `--period 2026`."""
    if told.help is None or "`--" not in told.help:
        return told
    return replace(told, help=_TYPED.sub(_as_arguments, _BARE.sub(_as_argument, told.help)))


def _as_argument(found: re.Match[str]) -> str:
    part = _PARTS.get(found[1])
    return "`kpidsl.load(…)`" if found[1] == "--project" else found[0] if part is None else f"`{part}=`"


def _as_arguments(found: re.Match[str]) -> str:
    given: dict[str, list[str]] = {}
    for name, value in _OPTION.findall(found[1]):
        given.setdefault(name, []).append(value.strip('"'))
    if "--project" in given:
        return f'`kpidsl.load("{given["--project"][0]}")`'
    if not given.keys() <= _PARTS.keys():
        return found[0]
    return "`" + ", ".join(_argument(_PARTS[name], values) for name, values in given.items()) + "`"


def _argument(part: str, values: Sequence[str]) -> str:
    if part == "parameters":
        pairs = (value.partition("=") for value in values)
        return "parameters={" + ", ".join(f'"{name}": "{value}"' for name, _, value in pairs) + "}"
    if part == "limit":
        return f"limit={values[0]}"
    listed = [one.strip() for value in values for one in (value.split(",") if part == "by" else [value])]
    return f'{part}="{listed[0]}"' if len(listed) == 1 else _list_of(part, listed)


def wrong_parts(kpis: object, parts: Mapping[str, object]) -> list[Diagnostic]:
    """Return a report of each part that there is not, or whose value is of a kind that it does not take."""
    found: list[Diagnostic] = []
    for name, value in (("kpis", kpis), *parts.items()):
        if name not in _EXPECTED:
            found.append(query_errors.no_part(Span.of(SourceFile("query", name)), name, tuple(_EXPECTED)))
        elif not _fits(name, value) and (value is not None or name == "kpis"):
            expected, example = _EXPECTED[name]
            found.append(wrong_part(name, value, expected, _meant(name, value) or _asking(example, kpis)))
        elif (names := _names_in_one_text(name, value)) is not None:
            meant = _list_of(name, names)
            found.append(wrong_part(name, value, "one name in each text", meant, "a text of several"))
    return found


def shown_parts(text: QueryText, judged: str | None) -> str:
    """Return what is asked as arguments of Python; `judged` is the objective that is asked for."""
    kpis = [part.text for part in text.kpis]
    found = [repr(judged or (kpis[0] if len(kpis) == 1 else kpis))]
    for part in fields(text)[1:]:
        value = getattr(text, part.name)
        if not value:
            continue
        if part.name == "parameters":
            shown: object = {one.name: ", ".join(each.text for each in one.texts) for one in value}
        else:
            shown = [each.text for each in value] if isinstance(value, tuple) else value.text
        name = "period" if part.name == "periods" else part.name
        found.append(f"{name}={shown!r}")
    return ", ".join(found)


def wrong_part(name: str, value: object, expected: str, example: str, found: str | None = None) -> Diagnostic:
    """Return the report of a value of another kind than is expected, with one that would be right."""
    span = Span.of(SourceFile(name, repr(value)))
    return query_errors.wrong_part(span, name, expected, found or _kind(value), example)


def _names_in_one_text(name: str, value: object) -> list[str] | None:
    """Return the names of a part where one of its texts has several, as an option of a command has them."""
    if name not in ("by", "order") or not isinstance(value, Sequence):
        return None
    texts = [value] if isinstance(value, str) else value
    if not any(_SEVERAL_NAMES.fullmatch(text) for text in texts):
        return None
    return [each.strip() for text in texts for each in text.split(",")]


def _list_of(name: str, texts: Sequence[str]) -> str:
    written = ", ".join(f'"{text}"' for text in texts)
    return f"[{written}]" if name == "kpis" else f"{name}=[{written}]"


def _asking(example: str, kpis: object) -> str:
    """Return an example with the first KPI that is asked for."""
    first = kpis[0] if isinstance(kpis, Sequence) and not isinstance(kpis, str) and kpis else kpis
    name = first.partition("=")[0].strip() if isinstance(first, str) else ""
    return example.replace("revenue", name) if name.isidentifier() else example


def _fits(name: str, value: object) -> bool:
    match name:
        case "kpis" | "by" | "order" | "period":
            if isinstance(value, str):
                return True
            return isinstance(value, Sequence) and all(isinstance(one, str) for one in value)
        case "totals":
            return isinstance(value, str | bool)
        case "fill":
            return isinstance(value, bool)
        case "as_of":
            return isinstance(value, str | date)
        case "limit":
            return isinstance(value, int) and not isinstance(value, bool)
        case "parameters":
            return _are_parameters(value)
        case _:
            return isinstance(value, str)


def _are_parameters(value: object) -> bool:
    """Tell whether a value gives names with their values: a mapping, or a sequence of pairs."""
    if not isinstance(value, Mapping | Sequence) or isinstance(value, str):
        return False
    pairs = value.items() if isinstance(value, Mapping) else value
    return all(
        isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str) and _is_value(one[1])
        for one in pairs
    )


def _is_value(value: object) -> bool:
    """Tell whether a value may be that of a parameter: one, or several of a list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(isinstance(one, _VALUES) for one in value)
    return isinstance(value, _VALUES)


def _kind(value: object) -> str:
    """Return a value's type in words, and for a list that of its first entry that is no text."""
    name = type(value).__name__
    if isinstance(value, Sequence) and not isinstance(value, str):
        other = next((type(one).__name__ for one in value if not isinstance(one, str)), None)
        return _article(name) + ("" if other is None else f" with {_article(other)}")
    return _article(name)


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _meant(name: str, value: object) -> str | None:
    """Return the part with the value as a text, where that is what is meant."""
    if name == "period" and isinstance(value, int | date) and not isinstance(value, bool):
        day = value.date() if isinstance(value, datetime) else value
        return f'period="{day}"'
    if name == "limit" and isinstance(value, str) and value.strip().isdecimal():
        return f"limit={int(value)}"
    if name in ("by", "order", "kpis") and isinstance(value, set | frozenset):
        return _list_of(name, sorted(map(str, value)))
    return None


def literal(value: object) -> str:
    """Return a value as the language writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal() | float():
            return number(value)
        case date():
            return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
        case str():
            return quote(value)
        case _:
            assert isinstance(value, Sequence)
            return ", ".join(map(literal, value))


def text_of(kpis: str | Sequence[str], parts: Mapping[str, Any], shown: Callable[[str], str]) -> QueryText:
    """Return the parts of a query as texts; `shown` says what a diagnostic calls a part."""
    limit = parts.get("limit")
    return QueryText(
        kpis=_texts("KPI", kpis),
        by=_listed(shown("by"), parts.get("by") or ()),
        where=_text(shown("where"), parts.get("where")),
        periods=_texts(shown("period"), parts.get("period") or ()),
        having=_text(shown("having"), parts.get("having")),
        top=_text(shown("top"), parts.get("top")),
        totals=_text(shown("totals"), _word(parts.get("totals"))),
        fill=_text(shown("fill"), shown("fill") if parts.get("fill") else None),
        as_of=moment(shown("as_of"), parts.get("as_of")),
        partial=_text(shown("partial"), parts.get("partial")),
        order=_listed(shown("order"), parts.get("order") or ()),
        limit=_text(shown("limit"), None if limit is None else str(limit)),
        null_label=_text(shown("null_label"), parts.get("null_label")),
        parameters=_given(parts.get("parameters") or (), shown("parameters")),
    )


def _given(
    parameters: Mapping[str, ParameterValue] | Sequence[tuple[str, ParameterValue]], path: str
) -> tuple[GivenValues, ...]:
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    given = []
    for name, value in pairs:
        written = value if isinstance(value, str) else literal(value)
        source = SourceFile(path, f"{name}={written}")
        given.append(GivenValues(name, (Excerpt(source, len(name) + 1),), False, Span(source, 0, len(name))))
    return tuple(given)


def _text(path: str, part: str | None) -> SourceText | None:
    return None if part is None else SourceFile(path, part)


def moment(path: str, part: str | date | None) -> SourceText | None:
    """Return an instant as a text, at its place."""
    return _text(path, part.isoformat() if isinstance(part, date) else part)


def _word(part: str | bool | None) -> str | None:
    return str(part).lower() if isinstance(part, bool) else part


def _texts(path: str, parts: str | Sequence[str]) -> tuple[SourceText, ...]:
    return tuple(SourceFile(path, part) for part in ([parts] if isinstance(parts, str) else parts))


def _listed(path: str, parts: str | Sequence[str]) -> tuple[SourceText, ...]:
    """Return texts that are written with commas between, each at its place."""
    if isinstance(parts, str):
        return _texts(path, parts)
    whole = SourceFile(path, ",".join(parts))
    starts = accumulate((len(part) + 1 for part in parts), initial=0)
    return tuple(Excerpt(whole, start, start + len(part)) for start, part in zip(starts, parts, strict=False))
