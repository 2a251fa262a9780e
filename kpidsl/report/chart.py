"""Results as small charts for the terminal.

They are drawn here with block characters and coloured by rich. plotext was weighed: its fifth and
sixth versions have different interfaces, it draws into the process's one global figure, its labels
run into each other below sixty cells, and it would draw a missing bucket as a number. A chart of
one screen needs three shapes only: bars, columns, and a row of columns for each member.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from kpidsl.contexts.leaves import DETAIL, LEVEL_COLUMN, OTHERS
from kpidsl.engines.columns import ResultColumn
from kpidsl.model.grains import GRAINS
from kpidsl.model.number_formats import NumberFormat
from kpidsl.report.cells import values
from kpidsl.report.console import printed
from kpidsl.report.numbers import Locale, column_format, format_value, shown_unit
from kpidsl.report.result import Result
from kpidsl.report.text import shown_text

MOST_MEMBERS = 20
HEIGHT = 8
_BAR, _DROP, _MISSING = "cyan", "red", "·"
_EIGHTHS_ACROSS = " ▏▎▍▌▋▊▉█"
_EIGHTHS_UP = " ▁▂▃▄▅▆▇█"
_WORDS: dict[Locale, dict[str, str]] = {
    "en": {"latest": ", the latest on the right", "members": "more members", "buckets": "earlier buckets"},
    "fr": {
        "latest": ", le plus récent à droite",
        "members": "autres membres",
        "buckets": "intervalles antérieurs",
    },
}

Number = float | None


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one KPI with what stands beside them."""

    labels: tuple[str, ...]
    numbers: tuple[Number, ...]
    shown: tuple[str, ...]


def render_chart(
    result: Result,
    *,
    width: int,
    color: bool,
    locale: Locale = "en",
    format: str | None = None,
    groups: int | None = None,
    label: str | None = None,
    kpi: str | None = None,
) -> str:
    """Return a chart of a KPI, by default the first, or "" where there is nothing to draw.

    `groups` says how many of the first columns are the bucket and the dimensions; by default the
    leading columns that are no numbers; `label` is what the KPI is called, by default its name. A
    bucket alone gives columns over time, dimensions alone a bar for each member, both a row of small
    columns for each member. Total rows are not drawn.
    """
    result = _without_totals(result)
    columns = result.columns
    keys = _leading_keys(columns) if groups is None else groups
    place = keys if kpi is None else [column.name for column in columns].index(kpi)
    if not 0 < keys <= place < len(columns) or not result.table.num_rows:
        return ""
    drawn = columns[place]
    if not drawn.type.is_numeric:
        return ""
    found = values(result.table.column(place), drawn.type)
    format_ = column_format(drawn, found, format)
    shown = tuple(format_value(value, format_, locale) for value in found)
    numbers = tuple(_finite(value) for value in found)
    if all(number is None for number in numbers):
        return ""
    labels = [values(a, c.type) for a, c in zip(result.table.columns[:keys], columns[:keys], strict=True)]
    title = Text(_title(drawn, format_, label, locale), style="bold")
    is_time = columns[0].name in GRAINS and columns[0].type.is_time
    if is_time and keys > 1:
        title.append(_WORDS[locale]["latest"], style="not bold")
        body = _rows_of_columns(labels, numbers, shown, width, locale)
    else:
        series = Series(tuple(_label(row, locale) for row in zip(*labels, strict=True)), numbers, shown)
        body = _columns(series, width, format_, locale) if is_time else _bars(series, width, locale)
    return printed(Text("\n").join([title, *body]), width=width, color=color)


def _without_totals(result: Result) -> Result:
    """Return the rows that sum up no others, without the column that tells of which level each is."""
    place = next((n for n, column in enumerate(result.columns) if column.name == LEVEL_COLUMN), None)
    if place is None:
        return result
    kept = [n for n, level in enumerate(result.table.column(place).to_pylist()) if level in (DETAIL, OTHERS)]
    columns = (*result.columns[:place], *result.columns[place + 1 :])
    return Result(columns, result.table.take(kept).remove_column(place))


def _leading_keys(columns: Sequence[ResultColumn]) -> int:
    return next((place for place, column in enumerate(columns) if column.type.is_numeric), len(columns))


def _finite(value: object) -> Number:
    if value is None:
        return None
    number = float(value)  # type: ignore[arg-type]
    return number if abs(number) < float("inf") else None


def _title(column: ResultColumn, format_: NumberFormat, label: str | None, locale: Locale) -> str:
    unit, name = shown_unit(column, format_, locale), shown_text(label or column.name)
    return f"{name} ({unit})" if unit else name


def _label(row: Sequence[object], locale: Locale) -> str:
    return ", ".join(format_value(value, NumberFormat(0, 0), locale) for value in row)


def _fitted(text: str, width: int) -> str:
    """Return text in exactly `width` cells; what is longer ends with `…`."""
    return (
        text + " " * (width - cell_len(text))
        if cell_len(text) <= width
        else set_cell_size(text, width - 1) + "…"
    )


def _bars(series: Series, width: int, locale: Locale) -> list[Text]:
    """Return a line for each member: label, bar, number. Bars of negative numbers grow to the left."""
    members = range(min(len(series.labels), MOST_MEMBERS))
    label_width = min(max(cell_len(series.labels[n]) for n in members), max(width // 3, 1))
    shown_width = max(cell_len(series.shown[n]) for n in members)
    room = max(width - label_width - shown_width - 2, 1)
    known = [number for n in members if (number := series.numbers[n]) is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    span = (high - low) or 1.0
    left = round(room * -low / span)
    lines = []
    for n in members:
        number = series.numbers[n]
        negative = number is not None and number < 0
        length = abs(number or 0.0) / span * room
        bar = _bar_left(length, left) if negative else " " * left + bar_across(length, room - left)
        style = _DROP if negative else _BAR
        shown = " " * (shown_width - cell_len(series.shown[n])) + series.shown[n]
        bar = bar + " " * (room - len(bar))
        lines.append(Text.assemble(_fitted(series.labels[n], label_width), " ", (bar, style), " ", shown))
    return lines + _left_out(len(series.labels) - len(members), _WORDS[locale]["members"])


def bar_across(length: float, room: int) -> str:
    eighths = min(max(round(length * 8), 1 if length else 0), room * 8)
    return "█" * (eighths // 8) + (_EIGHTHS_ACROSS[eighths % 8] if eighths % 8 else "")


def _bar_left(length: float, room: int) -> str:
    """Return a bar that ends at the zero line. There are no blocks that fill a cell from the right
    but the half, so its length is in halves."""
    halves = min(max(round(length * 2), 1), room * 2)
    return ("▐" * (halves % 2) + "█" * (halves // 2)).rjust(room)


def _columns(series: Series, width: int, format_: NumberFormat, locale: Locale) -> list[Text]:
    """Return columns over time, the latest that have room, with the scale on the left."""
    known = [number for number in series.numbers if number is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    scale = [format_value(end, format_, locale) for end in (high, low)]
    scale_width = max(map(cell_len, scale))
    room = max(width - scale_width - 1, 1)
    count = min(len(series.numbers), room)
    each = max(min(room // count, 6), 1)
    first = len(series.numbers) - count
    above = _rows_above(high, low)
    lines = []
    for row in range(HEIGHT):
        beside = {0: scale[0], HEIGHT - 1: scale[1]}.get(row, "")
        if low < 0 and row == above and row not in (0, HEIGHT - 1):
            beside = format_value(0.0, format_, locale)
        line = Text(" " * max(scale_width - cell_len(beside), 0) + beside + " ")
        for number in series.numbers[first:]:
            cell = _column_cell(number, row, above, high, low)
            block = cell * (each - 1) + " " if each > 1 else cell
            line.append(block, style=_DROP if number is not None and number < 0 else _BAR)
        lines.append(line)
    ends = _ends(series.labels[first], series.labels[-1], count * each - (1 if each > 1 else 0))
    lines.append(Text(" " * (scale_width + 1) + ends))
    return lines + _left_out(first, _WORDS[locale]["buckets"])


def _rows_above(high: float, low: float) -> int:
    """Return how many of the chart's rows stand above zero; each sign that occurs gets at least one."""
    if low == 0:
        return HEIGHT
    if high == 0:
        return 0
    return min(max(round(HEIGHT * high / (high - low)), 1), HEIGHT - 1)


def _column_cell(number: Number, row: int, above: int, high: float, low: float) -> str:
    """Return what one column shows in one row; a missing number is a dot on the zero line."""
    if number is None:
        return _MISSING if row == max(above - 1, 0) else " "
    if number >= 0:
        eighths = max(round(number / high * above * 8), 1) if number and high else 0
        return _EIGHTHS_UP[min(max(eighths - (above - 1 - row) * 8, 0), 8)] if row < above else " "
    below = HEIGHT - above
    halves = max(round(number / low * below * 2), 1) - (row - above) * 2
    return " ▀█"[min(max(halves, 0), 2)] if row >= above else " "


def _ends(first: str, last: str, width: int) -> str:
    gap = width - cell_len(first) - cell_len(last)
    return first if first == last else first + " " * gap + last if gap > 0 else f"{first} … {last}"


def _rows_of_columns(
    labels: Sequence[Sequence[object]],
    numbers: Sequence[Number],
    shown: Sequence[str],
    width: int,
    locale: Locale,
) -> list[Text]:
    """Return a line for each member: its columns over time, all on one scale, and the latest number."""
    places = {
        bucket: place for place, bucket in enumerate(sorted({b for b in labels[0] if b is not None}, key=str))
    }
    members: dict[str, dict[int, int]] = {}
    for row, (bucket, *rest) in enumerate(zip(*labels, strict=True)):
        if bucket is not None:
            members.setdefault(_label(rest, locale), {})[places[bucket]] = row
    drawn = list(members.items())[:MOST_MEMBERS]
    if not places or not drawn:
        return []
    latest = [shown[rows[len(places) - 1]] if len(places) - 1 in rows else "–" for _, rows in drawn]
    label_width = min(max(cell_len(label) for label, _ in drawn), max(width // 3, 1))
    latest_width = max(map(cell_len, latest))
    count = min(len(places), max(width - label_width - latest_width - 2, 1))
    first = len(places) - count
    known = [number for number in numbers if number is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    lines = []
    for (label, rows), last in zip(drawn, latest, strict=True):
        cells = "".join(
            spark(numbers[rows[place]] if place in rows else None, low, high)
            for place in range(first, len(places))
        )
        last = " " * (latest_width - cell_len(last)) + last
        lines.append(Text.assemble(_fitted(label, label_width), " ", (cells, _BAR), " ", last))
    buckets = [str(bucket) for bucket in places]
    lines.append(Text(" " * (label_width + 1) + _ends(buckets[first], buckets[-1], count)))
    words = _WORDS[locale]
    return lines + _left_out(len(members) - len(drawn), words["members"]) + _left_out(first, words["buckets"])


def spark(number: Number, low: float, high: float) -> str:
    if number is None:
        return _MISSING
    return _EIGHTHS_UP[max(round((number - low) / ((high - low) or 1.0) * 8), 1)]


def _left_out(count: int, what: str) -> list[Text]:
    return [Text(f"… {count} {what}", style="dim")] if count > 0 else []
