"""What can be wrong with a document's shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.loading.other_words import currency_meant, values_meant
from kpidsl.loading.yaml_lines import quoted
from kpidsl.source import SourceFile, Span

UNKNOWN_KEY = rule("schema/unknown-key", "a key that the language does not have")
FORMULA_CUT = rule("schema/formula-cut", "a formula that a comma cut off inside braces")
WRONG_TYPE = rule("schema/wrong-type", "a value of another kind than the key takes")
MISSING_KEY = rule("schema/missing-key", "a definition without a key that it needs")
NOT_IN_LIST = rule("schema/not-in-list", "a value that is none of those allowed")
BAD_NAME = rule("schema/bad-name", "a name that is not snake_case")
NOT_INDENTED = rule("schema/not-indented", "a definition whose content stands beside it, not below")
BAD_VALUE = rule("schema/bad-value", "a value that its key does not take")
OLD_COPY = rule("schema/old-copy", "schemas for editors that another version wrote", "warning")


def is_cut(key: str) -> bool:
    """Tell whether a key looks like the rest of a formula that a comma cut off."""
    return " " in key or ")" in key


def formula_cut(span: Span, before: Sequence[str], whole: str) -> Diagnostic:
    lead = f"{before[0]}: " if before else ""
    return Diagnostic(
        FORMULA_CUT,
        "the comma ended the text before it: inside `{…}` a comma begins the next key",
        Label(span, "read as a key"),
        help=f"write `{lead}{quoted(whole)}` in quotes, or `{lead}{whole}` on its own line without braces",
    )


def list_cut(whole: Span, name: str) -> Diagnostic:
    return Diagnostic(
        WRONG_TYPE,
        f"`{name}` takes a list, and inside `{{…}}` a comma begins the next key",
        Label(whole, "no list"),
        help=f"write `{name}: [{whole.excerpt()}]`",
    )


def not_indented(empty: Span, name: str, beside: Span) -> Diagnostic:
    return Diagnostic(
        NOT_INDENTED,
        f"`{name}` is empty, and what belongs to it stands beside it, not below",
        Label(beside, "not indented"),
        (Label(empty, "empty"),),
        help=f"indent the lines that belong to `{name}` by two more blanks",
    )


def unknown_key(span: Span, name: str, owner: str, help: str) -> Diagnostic:
    return Diagnostic(UNKNOWN_KEY, f"{owner} has no key `{name}`", Label(span, "unknown key"), help=help)


def help_for_key(meant: Sequence[str], known: Iterable[str]) -> str:
    """Return the help for an unknown key: those that were probably meant, or all."""
    return _did_you_mean(meant) or "the keys are " + ", ".join(f"`{key}`" for key in known)


def _did_you_mean(meant: Sequence[str]) -> str:
    return "did you mean " + " or ".join(f"`{word}`" for word in meant) + "?" if meant else ""


def wrong_type(span: Span, name: str | None, found: str, due: str, help: str) -> Diagnostic:
    fact = (
        f"{due} is due here, and this is {found}"
        if name is None
        else f"`{name}` takes {due}, and this is {found}"
    )
    return Diagnostic(WRONG_TYPE, fact, Label(span, found), help=help)


def missing_keys(
    span: Span, names: Sequence[str], owner: str, lines: Sequence[str], help: str | None = None
) -> Diagnostic:
    """`lines` are the keys with an example of their value each; `help` is told where these do not do."""
    quoted_names = [f"`{name}`" for name in names]
    listed = " and ".join(filter(None, (", ".join(quoted_names[:-1]), quoted_names[-1])))
    return Diagnostic(
        MISSING_KEY,
        f"{owner} needs the key{'' if len(names) == 1 else 's'} {listed}",
        Label(span, f"without {quoted_names[0]}" if len(names) == 1 else "keys are missing"),
        help=help or "add " + ", ".join(f"`{line}`" for line in lines),
    )


def not_in_list(span: Span, text: str, help: str) -> Diagnostic:
    return Diagnostic(
        NOT_IN_LIST,
        f"`{text}` is none of the values that this key takes",
        Label(span, "not in the list"),
        help=help,
    )


def help_for_value(text: str, allowed: Iterable[str], told: Sequence[str]) -> str:
    """Return the help for a value that is not in the list; `told` describes the values one by one."""
    allowed = tuple(allowed)
    guess = _did_you_mean(values_meant(text, allowed))
    if guess:
        return guess
    each = [f"`{value}` ({words})" for value, words in zip(allowed, told, strict=False)]
    return "the values are " + ", ".join(each or [f"`{value}`" for value in allowed])


def help_for_currency(text: str, allowed: Iterable[str]) -> str:
    """Return the help for what is no currency; there are too many to name all."""
    allowed = tuple(allowed)
    code = text.upper() if text.upper() in allowed else currency_meant(text)
    if code:
        return f"write `{code}`"
    guess = _did_you_mean(values_meant(text, allowed)[:3])
    return guess or "write the currency's code of ISO 4217, such as `EUR` or `USD`"


def other_language(span: Span, text: str, known: Sequence[object]) -> Diagnostic:
    latest = known[-1]
    return Diagnostic(
        NOT_IN_LIST,
        f"version `{text}` of the language is not known here; the latest is {latest}",
        Label(span, "unknown version"),
        help=f"write `language: {latest}`, or use a kpidsl that knows version {text}",
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


def old_copy(file: SourceFile) -> Diagnostic:
    return Diagnostic(
        OLD_COPY,
        f"`{file.path}` is of another version of kpidsl, so editors complete and underline by other rules",
        Label(Span(file, 0, 0), "of another version"),
        help="write it anew: `kpidsl schema`",
    )


def bad_value(span: Span, fact: str, help: str) -> Diagnostic:
    return Diagnostic(BAD_VALUE, fact, Label(span, "does not fit"), help=help)
