"""What can be wrong with a formula's text."""

from __future__ import annotations

import re
from dataclasses import replace

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import SourceText, Span

SYNTAX = rule("formula/syntax", "a formula that does not read as one")
EMPTY = rule("formula/empty", "a formula without any text")
TOO_DEEP = rule("formula/too-deep", "a formula nested deeper than any engine reads")
TOO_LONG = rule("formula/too-long", "a formula longer than 100,000 characters")
CONTROL = rule("formula/control-character", "a character in a formula that nobody can see")
NO_SUCH_DATE = rule("formula/no-such-date", "a date that no calendar has")
CASE = rule("formula/upper-case", "a name or keyword in capitals")
OPERATOR = rule("formula/operator", "an operator of another language")
QUOTES = rule("formula/quotes", "text in double quotes")
CHAINED = rule("formula/chained-comparison", "a comparison of three values")
FILTER = rule("formula/filter-clause", "SQL's filter clause")
HABIT = rule("formula/habit", "a spelling of SQL, of a spreadsheet or of another language")
LOOK_ALIKE = rule("formula/look-alike", "a letter that looks like another one")
NUMBER = rule("formula/number-too-large", "a number that no engine holds")
BARE_MONTH = rule("formula/bare-month", "a month where a date is due")


def syntax(span: Span, message: str, label: str, help: str | None = None) -> Diagnostic:
    return Diagnostic(SYNTAX, message, Label(span, label), help=help)


def habit(span: Span, message: str, help: str) -> Diagnostic:
    return Diagnostic(HABIT, message, Label(span, "written otherwise here"), help=help)


def two_minus(source: SourceText, at: int) -> Diagnostic:
    line = source.text[at:].partition("\n")[0].rstrip()
    signs = len(line) - len(line.lstrip("-"))
    rest = line[signs:].strip()
    first = re.match(r"[\w.]+", rest)
    signed = f"minus signs that are meant have a blank between them: `{' '.join('-' * signs)}"
    signed += f"{first[0] if first else 'x'}`"
    before = source.text[:at].strip()
    # Behind an operator or a bracket no remark is worth a thought.
    is_remark = before and before[-1] not in "+-*/(,=<>"
    help = f"write `{before}`, with the remark under `description:` or behind ` #`; {signed}"
    return habit(
        Span(source, at, at + len(line)),
        "`--` begins a remark in SQL, and a formula holds no remarks",
        help if is_remark else signed,
    )


def empty(span: Span) -> Diagnostic:
    return Diagnostic(EMPTY, "the formula is empty", Label(span, "nothing here"), help="write a formula")


def too_deep(span: Span, most: int) -> Diagnostic:
    return Diagnostic(
        TOO_DEEP,
        f"the formula nests deeper than {most} levels",
        Label(span, "one level too many"),
        help="give an inner part its own name under `metrics:` and use the name",
    )


def too_long(span: Span, length: int, most: int) -> Diagnostic:
    return Diagnostic(
        TOO_LONG,
        f"the formula has {length:,} characters; {most:,} are read",
        Label(span, "starts here"),
        help="give parts of it names under `metrics:`",
    )


def number_too_large(span: Span) -> Diagnostic:
    written = span.excerpt()
    shown = written if len(written) <= 50 else written[:40] + "…"
    return Diagnostic(
        NUMBER,
        f"`{shown}` has more digits than any engine holds",
        Label(span, "too many digits"),
        help="exact numbers have at most 38 digits, floats (`1e9`) reach to about 1e308",
    )


def too_many_parts(span: Span, parts: int, most: int) -> Diagnostic:
    return Diagnostic(
        TOO_LONG,
        f"the formula stands for {parts:,} parts once its metrics are written out; {most:,} are compiled",
        Label(span, "grows too large"),
        help="use fewer metrics that are built on one another",
    )


def control_character(span: Span) -> Diagnostic:
    code = ord(span.excerpt())
    return Diagnostic(
        CONTROL,
        f"the formula holds the control character U+{code:04X}",
        Label(span, "invisible character"),
        help="remove it",
    )


def no_such_date(span: Span) -> Diagnostic:
    return Diagnostic(
        NO_SUCH_DATE,
        f"`{span.excerpt()}` is no day of the calendar",
        Label(span, "no such day"),
        help="dates are written year-month-day, such as `2026-01-31`",
    )


def upper_case(span: Span, is_keyword: bool, is_compared: bool) -> Diagnostic:
    """`is_compared` says that it stands where the text may that something is compared with."""
    word = span.excerpt()
    what = "keywords are" if is_keyword else "names are"
    is_text = is_compared and not is_keyword
    return Diagnostic(
        CASE,
        f"`{word}` has capitals; {what} written in small letters",
        Label(span, "capitals"),
        help=f"write `'{word}'` if it is a text, `{word.lower()}` if it is a name"
        if is_text
        else f"write `{word.lower()}`",
    )


def in_capitals(told: Diagnostic, written: str) -> Diagnostic:
    """Return what was told of a word in capitals, with the whole formula in small letters."""
    return replace(told, help=f"write `{written}`")


def other_function(span: Span, help: str) -> Diagnostic:
    word = span.excerpt()
    return habit(span, f"there is no function `{word}`", help)


def operator(span: Span, right: str) -> Diagnostic:
    return Diagnostic(
        OPERATOR,
        f"`{span.excerpt()}` is no operator of the formula language",
        Label(span, "unknown operator"),
        help=f"write `{right}`",
    )


def double_quotes(span: Span) -> Diagnostic:
    inner = span.excerpt().strip('"').replace("'", "''")
    return Diagnostic(
        QUOTES,
        "text stands in single quotes, not in double quotes",
        Label(span, "double quotes"),
        help=f"write `'{inner}'`",
    )


def chained(span: Span) -> Diagnostic:
    return Diagnostic(
        CHAINED,
        "a comparison has two sides; this is the start of a third",
        Label(span, "second comparison"),
        help="join two comparisons with `and`, for example `a < b and b < c`",
    )


def filter_clause(span: Span, written: str | None) -> Diagnostic:
    return Diagnostic(
        FILTER,
        "an aggregate is filtered inside its brackets, not by `filter (where …)`",
        Label(span, "SQL's filter clause"),
        help=f"write `{written or 'sum(… where …)'}`",
    )


def look_alike(span: Span, name: str, like: str | None, *, is_unseen: bool) -> Diagnostic:
    """`like` is what the character looks like, where that is of use; one that is unseen takes no room."""
    return Diagnostic(
        LOOK_ALIKE,
        f"`{span.excerpt()}` is the character U+{ord(span.excerpt()):04X} ({name}), which no formula uses",
        Label(span, "unusual character"),
        help="remove it"
        if is_unseen
        else f"write `{like}`"
        if like
        else "names use the letters a to z, digits and `_`; other text stands in quotes",
    )


def bare_month(span: Span) -> Diagnostic:
    return Diagnostic(
        BARE_MONTH,
        f"`{span.excerpt()}` is a month; a date has a day, a subtraction has blanks",
        Label(span, "month without a day"),
        help=f"write `{span.excerpt()}-01`",
    )
