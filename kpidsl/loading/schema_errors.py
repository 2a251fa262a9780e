"""What can be wrong with a document's shape."""

from __future__ import annotations

from collections.abc import Iterable

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.source import Span

UNKNOWN_KEY = rule("schema/unknown-key", "a key that the language does not have")
FORMULA_CUT = rule("schema/formula-cut", "a formula that a comma cut off inside braces")
WRONG_TYPE = rule("schema/wrong-type", "a value of another kind than the key takes")
MISSING_KEY = rule("schema/missing-key", "a definition without a key that it needs")
NOT_IN_LIST = rule("schema/not-in-list", "a value that is none of those allowed")
BAD_NAME = rule("schema/bad-name", "a name that is not snake_case")
BAD_VALUE = rule("schema/bad-value", "a value that its key does not take")


def is_cut(key: str) -> bool:
    """Tell whether a key looks like the rest of a formula that a comma cut off."""
    return " " in key or ")" in key


def formula_cut(span: Span) -> Diagnostic:
    return Diagnostic(
        FORMULA_CUT,
        "the comma ended the text before it: inside `{…}` a comma begins the next key",
        Label(span, "read as a key"),
        help='quote the whole text, for example `"decimal(12,2)"`, or write it on its own line',
    )


def unknown_key(span: Span, name: str, owner: str, known: Iterable[str]) -> Diagnostic:
    known = tuple(known)
    help = did_you_mean(name, known) or "the keys are " + ", ".join(f"`{k}`" for k in known)
    return Diagnostic(UNKNOWN_KEY, f"{owner} has no key `{name}`", Label(span, "unknown key"), help=help)


_ELEVEN = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def wrong_type(span: Span, text: str, found: str, due: str) -> Diagnostic:
    help = f"write {due}"
    if "true or false" in due and text.lower() in _ELEVEN:
        help = f"write `{_ELEVEN[text.lower()]}`"
    return Diagnostic(WRONG_TYPE, f"{due} is due here, and this is {found}", Label(span, found), help=help)


def missing_key(span: Span, name: str, owner: str, example: str) -> Diagnostic:
    return Diagnostic(
        MISSING_KEY,
        f"{owner} needs the key `{name}`",
        Label(span, f"without `{name}`"),
        help=f"add `{name}: {example}`",
    )


def not_in_list(span: Span, text: str, allowed: Iterable[str]) -> Diagnostic:
    allowed = tuple(allowed)
    return Diagnostic(
        NOT_IN_LIST,
        f"`{text}` is none of the values that this key takes",
        Label(span, "not in the list"),
        help=did_you_mean(text, allowed) or "the values are " + ", ".join(f"`{a}`" for a in allowed),
    )


def bad_name(span: Span, name: str, suggestion: str) -> Diagnostic:
    return Diagnostic(
        BAD_NAME,
        f"`{name}` is no name: small letters, digits and `_`, a letter first, at most 63 characters",
        Label(span, "not a name"),
        help=f"write `{suggestion}`" if suggestion else "choose another name",
    )


def bad_language(span: Span, name: str, suggestion: str) -> Diagnostic:
    return Diagnostic(
        BAD_NAME,
        f"`{name}` is no language: two small letters, and a country where it matters",
        Label(span, "not a language"),
        help=f"write `{suggestion}`" if suggestion else "languages are written `en`, `fr`, `fr_CA`",
    )


def bad_value(span: Span, fact: str, help: str) -> Diagnostic:
    return Diagnostic(BAD_VALUE, fact, Label(span, "does not fit"), help=help)
