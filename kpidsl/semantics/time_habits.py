"""What people write for days, months and spans of time in conditions, each with what is written here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from kpidsl.model.definitions import Dataset, Project
from kpidsl.model.grains import PARTS, WEEKDAYS
from kpidsl.semantics.functions import FUNCTIONS
from kpidsl.semantics.paths import paths
from kpidsl.semantics.periods import Window, periods_with, written
from kpidsl.source import Span

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_SHORTEST = 3

_SPANS = {
    "day": ("2026-01-31", "the day of any month is `day_of_month`"),
    "week": ("2026-W05", "the week of any year is `week_of_year`"),
    "month": ("2026-01", "the month of any year is `month_of_year`"),
    "quarter": ("2026-Q1", "the quarter of any year is `quarter_of_year`"),
    "year": ("2026", ""),
    "hour": ("2026-01-31", "the hour of any day is `hour_of_day`"),
}
"""A period of each grain, and what its number is called."""


GRAINS_IN_FRENCH = {
    **dict.fromkeys(("jour", "jours"), "day"),
    **dict.fromkeys(("semaine", "semaines"), "week"),
    "mois": "month",
    **dict.fromkeys(("trimestre", "trimestres"), "quarter"),
    **dict.fromkeys(("an", "ans", "annee", "annees", "année", "années"), "year"),
    **dict.fromkeys(("heure", "heures"), "hour"),
}
"""The grains as French calls them."""


def grain_in_french(name: str) -> str | None:
    """Return the help for a grain that is called in French, or None."""
    meant = GRAINS_IN_FRENCH.get(name)
    return None if meant is None else f"write `{meant}`"


def number_of_word(texts: Iterable[str]) -> str | None:
    """Return the help where days or months are called by their names: here they are numbers."""
    given = tuple(texts)
    for names, what in (
        ((WEEKDAYS, _JOURS), "a weekday is a number, from 1 for Monday to 7"),
        ((_MONTHS, _MOIS), "a month is a number, from 1 for January to 12"),
    ):
        found = [_place(text.strip().lower(), names) for text in given]
        if found and None not in found:
            return f"{what}: write " + ", ".join(f"`{number}`" for number in found)
    return None


def without_quotes(texts: Iterable[str]) -> str | None:
    """Return the help where times are written as texts; None where these are no times, or have offsets."""
    found = []
    for text in texts:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
        if moment.tzinfo is not None:
            return None
        is_day = len(text.strip()) <= len("2026-01-31")
        found.append(str(moment.date()) if is_day else moment.isoformat(" "))
    shown = ", ".join(f"`{one}`" for one in found)
    return f"dates and times stand without quotes: write {shown}" if found else None


def _place(word: str, languages: Iterable[tuple[str, ...]]) -> int | None:
    bare = word.rstrip(".")
    for names in languages:
        for number, name in enumerate(names, start=1):
            if bare == name or (len(bare) >= _SHORTEST and name.startswith(bare)):
                return number
    return None


_COMPARED = re.compile(r"\s*=\s*'?(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\b'?")
_DAY = r"'?(\d{4}-\d{2}-\d{2})\b'?"
_FROM_AND_BEFORE = re.compile(rf"(\w+)\s*>=\s*{_DAY}\s+and\s+\1\s*<\s*{_DAY}")
_BETWEEN = re.compile(rf"(\w+)\s+between\s+{_DAY}\s+and\s+{_DAY}")


def grain_as_period(named: Span) -> str:
    """Return the help for a grain in a condition: a span of time is a period of the query.

    The period is that of the date with which the grain is compared.
    """
    grain = named.excerpt()
    period, part = _SPANS.get(grain, ("2026-01-01..2026-04-01", ""))
    period = _period_of(named, grain) or period
    return f"a span of time is a period of the query: `--period {period}`" + (f"; {part}" if part else "")


def _period_of(named: Span, grain: str) -> str | None:
    """Return the period of a grain that holds the date behind it, or goes from a date to another."""
    text = named.source.text
    for pattern, after in ((_FROM_AND_BEFORE, 0), (_BETWEEN, 1)):
        for span in pattern.finditer(text):
            if span[1] == grain and span.start() <= named.start < span.end():
                return _range(span[2], span[3], after)
    compared = _COMPARED.match(text, named.end)
    if compared is None or grain not in _SPANS or (compared[2] is None and grain != "year"):
        return None
    try:
        day = date(int(compared[1]), int(compared[2] or 1), int(compared[3] or 1))
    except ValueError:
        return None
    return periods_with(day).get(grain, day.isoformat())


def _range(first: str, last: str, after: int) -> str | None:
    """Return the period from one day to so many days after another, if there is one."""
    try:
        days = Window(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=after))
    except (ValueError, OverflowError):
        return None
    return written(days)


def time_of_row(name: str, project: Project, time: str | None) -> str | None:
    """Return the help where a row formula names a grain or a date part; `time` is its dataset's time."""
    column = time or "ordered_at"
    function = PARTS.get(name, name)
    if name in project.grains:
        if name in ("hour", "minute"):
            return f"a row's {name} is `date_trunc({name}, {column})`"
        bucket = f"`date_trunc({name}, {column})`, its first day"
        if name in ("month", "year"):
            return f"a row's {name} is `{name}({column})`, a number, or {bucket}"
        return f"a row's {name} is {bucket}"
    if function in FUNCTIONS:
        return f"of a row's time it is `{function}({column})`"
    if name in PARTS:
        return f"conditions on a metric and `--where` know `{name}`; a row's time has `month({column})`"
    return None


def of_another_time(parts: tuple[str, ...], project: Project, read: Iterable[str] = ()) -> str | None:
    """Return the help for `weekday.month`, of which a time has each by itself, and for `ordered_at.month`.

    `read` are the datasets that are known to be read.
    """
    head, *rest = parts
    words = {*project.grains, *PARTS}
    if len(rest) != 1 or rest[0] not in words:
        return None
    if head in words:
        return f"name each by itself: `{head}`, `{rest[0]}`"
    times = {name: dataset for name, dataset in project.datasets.items() if _is_time(dataset, head)}
    asked = [project.datasets[name] for name in read if name in project.datasets]
    if asked and all(one.time is not None and one.time.text == head for one in asked):
        return f"it is the time by which rows are counted: write `{rest[0]}`"
    reached = [name for name in times if all(len(paths(project, one.name, (name,))) == 1 for one in asked)]
    if reached:
        return "write " + " or ".join(f"`{name}.{head}.{rest[0]}`" for name in reached[:3])
    return f"write `{rest[0]}`, which is that of each dataset's own time" if times else None


def _is_time(dataset: Dataset, column: str) -> bool:
    found = dataset.columns.get(column)
    return found is not None and found.type.is_time
