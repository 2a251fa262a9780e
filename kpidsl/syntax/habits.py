"""Spellings of SQL, spreadsheets and other metric languages, each with what is written here instead.

A habit is found by its text around the place where the parser stopped. `{1}` in a help is the text
of the pattern's first group. Functions of other languages are in `other_functions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpidsl.diagnostics import Diagnostic
from kpidsl.source import SourceText, Span
from kpidsl.syntax import errors


@dataclass(frozen=True, slots=True)
class Habit:
    pattern: re.Pattern[str]
    message: str
    help: str


def _habit(pattern: str, message: str, help: str) -> Habit:
    return Habit(re.compile(pattern, re.IGNORECASE), message, help)


_DATASET = (
    "name a dataset in place of `*`, whose rows are counted; a column counts those that have a value in it"
)
_ROUND = "a list stands in round brackets"
_LISTED = r"(?:'(?:[^']|'')*'|\"[^\"]*\"|\d[\w.-]*)"
_ALONE = "names stand alone, with no template around them"
_NAMED = r"\(\s*(?:['\"]([^'\"]*)['\"]\s*,\s*)?['\"]([^'\"]*)['\"]\s*(?:,[^()]*)?\)\s*-?\}*"
_WINDOWS = "SQL's windows are not part of formulas"

HABITS = (
    _habit(r"(\d[\d.]*)\s+%", "a percentage is one word", "write `{1}%`"),
    _habit(r"([\w.]+)\s*%\s*([\w.]+)", "there is no remainder", "write `{1} - floor({1} / {2}) * {2}`"),
    _habit(r"([\w.]+)\s*(?:\^|\*\*)\s*2\b", "a power is written out", "write `{1} * {1}`"),
    _habit(r"([\w.]+)\s*(?:\^|\*\*)\s*3\b", "a power is written out", "write `{1} * {1} * {1}`"),
    _habit(r"\bcount\s*\(\s*\*\s*\)", "`*` does not say which rows are counted", _DATASET),
    _habit(
        r"\bcount\s*\(\s*([a-z_]\w*)\.\*",
        "`*` stands for no column",
        "write `count({1})`, which counts its rows; `count({1}.…)` counts those with a value in a column",
    ),
    _habit(r"([a-z_]\w*)\.\*", "`*` stands for no column", "name one column of `{1}` in place of `*`"),
    _habit(
        r"\bcount\s*\(\s*distinct\s+\(?\s*case\s+when\s+(.+?)\s+then\s+([\w.]+)\s+end\s*\)?\s*\)?",
        "`distinct` is part of the aggregate's name, and a condition follows `where`",
        "write `count_distinct({2} where {1})`",
    ),
    _habit(
        r"\bcount\s*\(\s*distinct\s*\(?\s*([\w.]+)\s*\)?",
        "`distinct` is part of the aggregate's name",
        "write `count_distinct({1})`",
    ),
    _habit(
        r"\bcount\s+distinct\s+\(?([\w.]+)\)?",
        "`distinct` is part of the aggregate's name",
        "write `count_distinct({1})`",
    ),
    _habit(
        r"^\s*distinct\s+\(?([\w.]+)\)?",
        "`distinct` is part of the aggregate's name",
        "write `count_distinct({1})`",
    ),
    _habit(
        r"\b(?:sum|avg|min|max)\s*\(\s*distinct\s+[\w.]*",
        "`distinct` inside an aggregate drops equal values that belong to different rows",
        "aggregate the dataset whose rows these are, once each; `count_distinct(…)` counts different values",
    ),
    _habit(
        r"\b(?:try_|safe_)?cast\s*\(\s*([\w.]+)\s+as\s+date\s*\)?",
        "a time is cut to its day by a function",
        "write `date_trunc(day, {1})`",
    ),
    _habit(
        r"([\w.]+)\s*::\s*date\b",
        "a time is cut to its day by a function",
        "write `date_trunc(day, {1})`",
    ),
    _habit(
        r"\b(?:try_|safe_)?cast\s*\(.*?\bas\s+\w+",
        "a type is declared once, with its column",
        "leave `cast` out; say the type under `columns:`, for example `amount: decimal(12,2)`",
    ),
    _habit(
        r"::\s*\w*",
        "a type is declared once, with its column",
        "leave `::` out; say the type under `columns:`, for example `amount: decimal(12,2)`",
    ),
    _habit(
        r"\bcase\s+([\w.]+)\s+when\s+('[^']*'|[\w.]+)",
        "each branch of a `case` has a whole condition",
        "write `case when {1} = {2} then … else … end`",
    ),
    _habit(
        r"\bover\s*\(\s*partition\s+by\s+([\w., ]+?)\s+order\s+by\s+([\w., ]+?)\s*\)",
        _WINDOWS,
        "in a column's formula end the brackets before `over` with ` per {1} order by {2}`",
    ),
    _habit(
        r"\bover\s*\(\s*partition\s+by\s+([\w., ]+?)\s*\)",
        _WINDOWS,
        "a part of a whole is `share(revenue across channel)`, the whole `total(revenue)`; "
        "in a column's formula end the brackets before `over` with ` per {1}`",
    ),
    _habit(
        r"\bover\s*\(\s*order\s+by\s+([\w., ]+?)\s*\)",
        _WINDOWS,
        "in a column's formula end the brackets before `over` with ` order by {1}`; the first of a result "
        'are asked with `--top "10 by NAME"`',
    ),
    _habit(
        r"\bover\s*\(",
        _WINDOWS,
        "a part of a whole is `share(revenue across channel)`, the whole `total(revenue)`",
    ),
    _habit(
        r"\binterval\s+'?(\d+)\s*'?\s*(\w+)'?",
        "a length of time is written without `interval`",
        "write `{1} {2}`",
    ),
    _habit(r"\bextract\s*\(\s*(\w+)\s+from\s+([\w.]+)", "parts of a date are functions", "write `{1}({2})`"),
    _habit(
        r"([\w.]+)\s+ilike\b",
        "texts compare by exact characters",
        "write `lower({1}) like 'a%'`, with the pattern in small letters",
    ),
    _habit(
        r"([\w.]+)\s+is\s+not\s+('[^']*'|\d[\w.-]*|true\b|false\b)",
        "`is not` asks for nulls only",
        "write `{1} != {2}`",
    ),
    _habit(
        r"([\w.]+)\s+is\s+('[^']*'|\d[\w.-]*|true\b|false\b)",
        "`is` asks for nulls only",
        "write `{1} = {2}`",
    ),
    _habit(
        r"\b(?:not\s+)?exists\s*\(\s*select\b.*",
        "whether there are such rows is asked by a set or a sequence, and no query of SQL",
        "write `customer_id in values(visits.customer_id)`, or `preceded_by(visits per customer_id)`",
    ),
    _habit(
        r"\brows\s+(?:between\s+)?(\d+)\s+preceding\b.*",
        "SQL's windows are not part of formulas",
        "the window of the last days is `rolling(revenue, 7 days)`, and goes by time, not by rows",
    ),
    _habit(
        r"([\w.]+)\s+in\s*\(\s*\)",
        "an empty list holds nothing",
        "write what is sought between the brackets, or leave the condition on `{1}` out",
    ),
    _habit(r"\bin\s*\[\s*([^\[\]]*[^\[\]\s])?\s*\]?", _ROUND, "write `in ({1})`"),
    _habit(rf"\bin\s*({_LISTED}(?:\s*,\s*{_LISTED})*)", _ROUND, "write `in ({1})`"),
    _habit(
        r"\bat\s+([\w.]+)\s+where\s+([^()]*[^()\s])(?=\s*\))",
        "the condition stands before `at`",
        "write `where {2} at {1}`",
    ),
    _habit(
        r"\bat\s+([\w.]+)\s+where\b", "the condition stands before `at`", "write it there: `where … at {1}`"
    ),
    _habit(r"`([^`]*)`?", "names stand without quotes", "write `{1}`"),
    _habit(
        r"\[([\w .]*)\]?",
        "names stand without brackets",
        "write the name alone; a condition follows `where`",
    ),
    _habit(
        rf"\{{\{{-?\s*source\s*{_NAMED}", _ALONE, "write the name of the dataset whose `table:` is `{1}.{2}`"
    ),
    _habit(rf"\{{\{{-?\s*(?:ref|metric|measure|var)\s*{_NAMED}", _ALONE, "write `{2}`"),
    _habit(
        r"\{\{-?\s*timedimension\b[^{}]*\}*",
        _ALONE,
        "leave it out: the query has a `--period`, and `--by month`",
    ),
    _habit(
        r"\{\{-?\s*(?:dimension|entity)\s*\(\s*['\"](?:\w*__)?(\w+)['\"][^{}]*\}*",
        _ALONE,
        "write `{1}`, by the name of its dimension or column",
    ),
    _habit(r"\$?\{+\s*([\w.]*)\s*\}*", "names stand without braces", "write `{1}`"),
    _habit(r"\$\s?(\d[\d.]*)\b", "a unit stands behind the number", "write `{1} USD`"),
    _habit(r"(\d[\d.]*)\s*€", "a currency is written by its code", "write `{1} EUR`"),
    _habit(r"(\d[\d.]*)\s*£", "a currency is written by its code", "write `{1} GBP`"),
    _habit(
        r"(?<![\w.])(\d+)((?:second|minute|hour|day|week|month|quarter|year)s?)\b",
        "a length of time has a blank before its unit",
        "write `{1} {2}`",
    ),
    *(
        _habit(
            rf"(?<![\w.])(\d+){short}\b",
            "a length of time has a blank before its unit",
            f"write `{{1}} {unit}`",
        )
        for short, unit in (
            ("h", "hours"),
            ("d", "days"),
            ("w", "weeks"),
            ("mo?", "months"),
            ("yr?", "years"),
        )
    ),
    _habit(
        r"\blast\s+(day|week|month|quarter|year)\b",
        "a length of time is a number with a unit",
        "write `1 {1}`",
    ),
    _habit(
        r"\btop\s+(\d+)\s+(?:by\s+)?([a-z_]\w*)",
        "the first of a result are asked of the query",
        'ask for `{2}` with `--top "{1} by {2}"`',
    ),
    _habit(
        r"^\s*(.+?)\s*\?\s*([^:?]+?)\s*:\s*([^:?]+?)\s*$",
        "a choice is written as `case`",
        "write `case when {1} then {2} else {3} end`",
    ),
    _habit(r"\$(\w+)", "names stand without `$`", "write `{1}`"),
    _habit(r"@(\w+)", "names stand without `@`", "write `{1}`"),
    _habit(
        r"([\w.]+)\s*//\s*([\w.]+)\s*$",
        "`//` is no operator",
        "write `floor({1} / {2})` for whole numbers; a remark stands under `description:`",
    ),
    _habit(
        r"(?:#|/\*|--|//).*",
        "a formula holds no remarks",
        "put the remark under `description:`, or behind ` #` in a line of YAML of its own",
    ),
    _habit(r";\s*$", "a formula has no end mark", "leave out `;`"),
    _habit(r";", "arguments are separated by commas", "write `,`"),
    _habit(r"^\s*=", "a formula does not begin with `=`", "leave out `=`"),
    _habit(
        r"\b(\d{1,3})[ \u00a0\u202f](\d{3})[ \u00a0\u202f](\d{3})\b",
        "a number has nothing between its thousands",
        "write `{1}{2}{3}`",
    ),
    _habit(
        r"\b(\d{1,3})[ \u00a0\u202f](\d{3})\b",
        "a number has nothing between its thousands",
        "write `{1}{2}`",
    ),
    _habit(
        r"\b(\d{1,3}),(\d{3})\b(?!,)",
        "a number has a point before its fraction, and nothing between its thousands",
        "write `{1}{2}`, or `{1}.{2}` if the comma stands before a fraction",
    ),
    _habit(
        r"(\d{1,3})\.(\d{3}),(\d+)",
        "a number has a point before its fraction, and nothing between its thousands",
        "write `{1}{2}.{3}`",
    ),
    _habit(r"(\d+),(\d+)", "a number has a point before its fraction", "write `{1}.{2}`"),
    _habit(
        r"^\s*(?:select|with)\b[^(].*",
        "this is a query of SQL, and a formula says only what is computed",
        "write the aggregate alone, for example `sum(orders.amount where status = 'paid')`",
    ),
)


def find_habit(source: SourceText, at: int) -> Diagnostic | None:
    """Return the diagnostic of the first habit whose text holds the place where the parser stopped."""
    text = source.text
    for habit in HABITS:
        for match in habit.pattern.finditer(text):
            if match.start() <= at < max(match.end(), match.start() + 1) and not _in_quotes(
                text, match.start()
            ):
                help = habit.help
                for number, group in enumerate(match.groups(""), start=1):
                    help = help.replace(f"{{{number}}}", _in_single_quotes(group) or "…")
                return errors.habit(Span(source, match.start(), match.end()), habit.message, help)
    return None


def _in_single_quotes(text: str) -> str:
    return re.sub(r"\"([^\"]*)\"", lambda found: "'" + found[1].replace("'", "''") + "'", text)


def _in_quotes(text: str, at: int) -> bool:
    return text.count("'", 0, at) % 2 == 1
