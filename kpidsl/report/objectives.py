"""How objectives stand, for people: a line for each, with its status, a bar of attainment and a trend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kpidsl.model.number_formats import NumberFormat
from kpidsl.report.borders import Border, apart
from kpidsl.report.chart import bar_across, spark
from kpidsl.report.console import printed, unbroken
from kpidsl.report.numbers import NARROW_SPACE, NOTHING, Locale, format_value
from kpidsl.report.text import shown_text

_BAR_WIDTH = 10
_LEAST_OF_BAR = 1 / 8
"""The smallest part of a cell that is drawn."""
_ON_TARGET = 1
_GAP = 2
_NARROWEST = {"objective": 12, "members": 20}
"""The columns that wrap, and the cells that each needs."""
_MOST_BUCKETS = 24
_MISSED = ("counted", "trend")
"""The columns that may be left out altogether; the bar shows what stands beside it."""
_LEFT_OUT: dict[Locale, str] = {
    "en": "no room for: {0}; a wider window shows all",
    "fr": f"pas de place pour{NARROW_SPACE}: {{0}}{NARROW_SPACE}; une fenêtre plus large montre tout",
}
_MARK = re.compile(" *- ")
_PERCENT = NumberFormat(0, 0, percent=True)
_STYLES = {
    "met": "green",
    "met_late": "yellow",
    "on_track": "green",
    "at_risk": "yellow",
    "immature": "yellow",
    "too_early": "dim",
    "missed": "red",
    "off_track": "red",
    "error": "red",
}
_WORDS: dict[Locale, dict[str, str]] = {
    "en": {
        "objective": "objective",
        "members": "of",
        "period": "period",
        "value": "value",
        "target": "target",
        "attainment": "attainment",
        "counted": "counted",
        "trend": "trend",
        "status": "status",
        "not_started": "not started",
        "error": "error",
        "no_data": "no data",
        "target_missing": "no target",
        "immature": "not settled",
        "insufficient_data": "too little data",
        "too_early": "too early",
        "met": "met",
        "met_late": "met late",
        "not_due": "not due",
        "missed": "missed",
        "on_track": "on track",
        "at_risk": "at risk",
        "off_track": "off track",
    },
    "fr": {
        "objective": "objectif",
        "members": "pour",
        "period": "période",
        "value": "valeur",
        "target": "cible",
        "attainment": "réalisation",
        "counted": "compté",
        "trend": "tendance",
        "status": "statut",
        "not_started": "pas commencé",
        "error": "erreur",
        "no_data": "sans donnée",
        "target_missing": "sans cible",
        "immature": "provisoire",
        "insufficient_data": "trop peu de données",
        "too_early": "trop tôt",
        "met": "atteint",
        "met_late": "atteint en retard",
        "not_due": "pas échu",
        "missed": "manqué",
        "on_track": "en bonne voie",
        "at_risk": "à risque",
        "off_track": "mal engagé",
    },
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How an objective stands for some members in a period; texts as they are read.

    `trend` are attainments of the periods up to this one, the oldest first.
    """

    objective: str
    members: str
    period: str
    value: str
    target: str
    attainment: float | None
    trend: tuple[float | None, ...]
    status: str
    guardrail: str | None = None
    """What is told beside the status: the guardrail that is broken."""
    counted: float | None = None
    """What counts in a scorecard in place of the attainment: the pace of what is on its way."""
    limits: tuple[object, ...] = ()
    """From which attainments on the status is a better one, beside that on the target."""
    limits_of_counted: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    cells: tuple[Text, ...]
    is_number: bool = False

    @property
    def width(self) -> int:
        return max(map(cell_len, (cell.plain for cell in self.cells)), default=0)


def render_objectives(
    standings: Sequence[Standing], *, width: int, color: bool, locale: Locale = "en"
) -> str:
    """Return a table of at most `width` cells, or "" where there are no lines.

    Where it would be too wide the trend goes first, then the bars; then each objective gets a line of its
    own above its members, with the period where all of them have one; and at last there are no columns. What
    has parts below it stays one table as long as there is one. What has gone is told below it.
    """
    if not standings:
        return ""
    words = _WORDS[locale]
    columns = [column for column in _columns(standings, locale) if column.width]
    whole = {column.name for column in columns}
    has_parts = any(_MARK.match(one.objective) for one in standings)
    heads = _with_period(standings)
    named = [] if heads is None else [column for column in _columns(heads, locale) if column.width]

    def fitting(of: Sequence[_Column], *gone: str) -> list[_Column] | None:
        kept = [column for column in of if column.name not in gone]
        return kept if kept and _needed(kept, words) <= width else None

    def shown(body: RenderableType, kept: Sequence[_Column]) -> str:
        lost = [name for name in _MISSED if name in whole - {column.name for column in kept}]
        told = [] if not lost else [Text(""), _left_out(lost, locale)]
        return printed(Group(body, *told), width=width, color=color)

    narrow = [(named, ("bar", "trend", "period")), (named, ("bar", "trend", "period", "counted"))]
    for of, gone in [(columns, ()), (columns, ("trend",)), (columns, ("trend", "bar")), *narrow * has_parts]:
        if kept := fitting(of, *gone):
            told_by_heads = [column for column in columns if column.name == "period" and of is named]
            return shown(_table(kept, words, range(len(standings))), [*kept, *told_by_heads])
    for of, rows, more in () if has_parts else ((columns, standings, ()), (named, heads or (), ("period",))):
        if rows and (kept := fitting(of, "objective", "trend", "bar", *more)):
            told_by_heads = [column for column in columns if column.name in ("objective", *more)]
            return shown(Group(*_below_headings(rows, kept, words)), [*kept, *told_by_heads])
    lines = [column for column in columns if column.name != "trend"]
    return shown(Group(*(_line(one, locale) for one in standings)), lines)


def _with_period(standings: Sequence[Standing]) -> list[Standing] | None:
    """Return the lines with their period in the name of each objective, or None where one has several.

    Parts of a scorecard have the period of what they are parts of.
    """
    found: list[Standing] = []
    for place, one in enumerate(standings):
        before = standings[place - 1] if place else None
        is_part = _MARK.match(one.objective)
        follows = before is not None and (is_part or before.objective == one.objective)
        if follows and before is not None and before.period != one.period:
            return None
        name = " · ".join(filter(None, (one.objective, one.period)))
        found.append(one if is_part else replace(one, objective=name))
    return found


def _left_out(names: Sequence[str], locale: Locale) -> Text:
    return Text(_LEFT_OUT[locale].format(", ".join(_WORDS[locale][name] for name in names)), style="dim")


def _below_headings(
    standings: Sequence[Standing], columns: Sequence[_Column], words: dict[str, str]
) -> Iterator[RenderableType]:
    """Yield the name of each objective and a table of its lines, all tables with columns of one width."""
    places = range(len(standings))
    for place, (name, own) in enumerate(groupby(places, key=lambda n: standings[n].objective)):
        if place:
            yield Text("")
        yield Text(shown_text(name), style="bold", overflow="fold")
        yield _table(columns, words, list(own), has_titles=place == 0)


def _line(standing: Standing, locale: Locale) -> RenderableType:
    numbers = [
        standing.value,
        standing.target,
        _attained(standing, locale),
        "" if standing.counted is None else f"{_WORDS[locale]['counted']} {_counted(standing, locale)}",
    ]
    parts = [shown_text(part) for part in (standing.objective, standing.members, standing.period)]
    parts += [unbroken(shown_text(part)) for part in numbers]
    line = Text(" · ".join(filter(None, parts)) + " · ", overflow="fold")
    return _hung(line.append(_status(standing, locale), style=_style(standing)))


def _status(standing: Standing, locale: Locale) -> str:
    """Return a status in words, with the guardrail that is broken."""
    word = _WORDS[locale][standing.status]
    return word if standing.guardrail is None else f"{word} ({shown_text(standing.guardrail)})"


def _table(
    columns: Sequence[_Column], words: dict[str, str], rows: Sequence[int], *, has_titles: bool = True
) -> Table:
    table = Table(
        box=None,
        pad_edge=False,
        show_edge=False,
        show_header=has_titles,
        header_style="bold",
        padding=(0, _GAP, 0, 0),
    )
    for column in columns:
        wraps = column.name in _NARROWEST
        title = _title(column.name, columns, words)
        table.add_column(
            Text(title),
            justify="right" if column.is_number else "left",
            no_wrap=not wraps,
            overflow="fold",
            min_width=None if column.name == "objective" else _least(column, columns, words),
        )
    for row in rows:
        table.add_row(
            *(
                _hung(column.cells[row]) if column.name == "objective" else column.cells[row]
                for column in columns
            )
        )
    return table


def _hung(name: Text) -> RenderableType:
    """Return a name; further lines of a part, which has a dash, begin below the first letter."""
    mark = _MARK.match(name.plain)
    if mark is None:
        return name
    # A name or a line: the part's dash, and what stands beside it in a column of its own.
    hung = Table.grid()
    hung.add_column(no_wrap=True)
    hung.add_column(overflow="fold")
    hung.add_row(Text(mark[0]), name[mark.end() :])
    return hung


def _title(name: str, columns: Sequence[_Column], words: dict[str, str]) -> str:
    """Return what stands over a column; the bar is under the word of what it shows."""
    has_bar = any(column.name == "bar" for column in columns)
    if name == "bar":
        return words["attainment"]
    return "" if name == "attainment" and has_bar else words[name]


def _needed(columns: Sequence[_Column], words: dict[str, str]) -> int:
    """Return the cells below which something other than a name would be cut."""
    total = _GAP * (len(columns) - 1)
    return total + sum(_least(column, columns, words) for column in columns)


def _least(column: _Column, columns: Sequence[_Column], words: dict[str, str]) -> int:
    own = max(column.width, cell_len(_title(column.name, columns, words)))
    return min(own, _NARROWEST.get(column.name, own))


def _columns(standings: Sequence[Standing], locale: Locale) -> list[_Column]:
    names = [standing.objective for standing in standings]
    firsts = [name if name != before else "" for name, before in zip(names, ["", *names], strict=False)]

    def texts(name: str, cells: Sequence[str], *, is_number: bool = False) -> _Column:
        return _Column(name, tuple(Text(shown_text(cell)) for cell in cells), is_number)

    return [
        texts("objective", firsts),
        texts("members", [one.members for one in standings]),
        texts("period", [one.period for one in standings]),
        texts("value", [one.value for one in standings], is_number=True),
        texts("target", [one.target for one in standings], is_number=True),
        _Column("bar", tuple(_bar(one) for one in standings)),
        texts(
            "attainment",
            [_attained(one, locale) for one in standings],
            is_number=True,
        ),
        texts("counted", [_counted(one, locale) for one in standings], is_number=True),
        _Column("trend", tuple(_trend(one) for one in standings)),
        _Column("status", tuple(Text(_status(one, locale), style=_style(one)) for one in standings)),
    ]


def _attained(standing: Standing, locale: Locale) -> str:
    return _part_of_way(standing.attainment, standing.limits, locale)


def _counted(standing: Standing, locale: Locale) -> str:
    if standing.counted is None:
        return ""
    return _part_of_way(standing.counted, standing.limits_of_counted, locale)


def _part_of_way(number: float | None, limits: Sequence[object], locale: Locale) -> str:
    """Return a part in whole percent, or with the decimals that show that it is not yet on a limit."""
    format_, _ = apart(number, [Border(limit) for limit in (_ON_TARGET, *limits)], _PERCENT)
    return format_value(number, format_, locale)


def _style(standing: Standing) -> str:
    return _STYLES.get(standing.status, "dim")


def _bar(standing: Standing) -> Text:
    """Return how far the target is reached: full on the target, empty at none of it."""
    if standing.attainment is None:
        return Text(NOTHING.ljust(_BAR_WIDTH), style="dim")
    length = min(max(standing.attainment, 0.0), 1.0) * _BAR_WIDTH
    if standing.attainment < _ON_TARGET:
        length = min(length, _BAR_WIDTH - _LEAST_OF_BAR)
    filled = bar_across(length, _BAR_WIDTH)
    return Text.assemble((filled, _style(standing)), ("·" * (_BAR_WIDTH - len(filled)), "dim"))


def _trend(standing: Standing) -> Text:
    """Return the attainments, from 0 to what is asked for or farther where some are.

    Each line has its own scale, so that one leap does not flatten the others.
    """
    numbers = standing.trend[-_MOST_BUCKETS:]
    if len(numbers) < 2:
        return Text("")
    known = [number for number in numbers if number is not None]
    low, high = min([0.0, *known]), max([1.0, *known])
    return Text("".join(spark(number, low, high) for number in numbers))
