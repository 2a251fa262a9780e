"""The rows of an evaluated objective as lines for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal
from typing import Any

from kpidsl.engines.columns import ResultColumn
from kpidsl.model.definitions import Metric
from kpidsl.model.number_formats import NumberFormat
from kpidsl.model.types import Kind
from kpidsl.objectives.columns import SHOWN, Column, ColumnNames
from kpidsl.objectives.rollup import IN_FLIGHT
from kpidsl.report.borders import Border, apart
from kpidsl.report.numbers import (
    NARROW_SPACE,
    NOTHING,
    Locale,
    amount_unit,
    column_format,
    format_value,
)
from kpidsl.report.objectives import Standing
from kpidsl.report.result import Result
from kpidsl.semantics.objectives import Axis, Bands, CheckedObjective
from kpidsl.semantics.periods import periods_with

_SIGNS = {"at_least": "≥", "more_than": ">", "at_most": "≤", "less_than": "<"}
_ENDS: Mapping[Column, str] = {"lower": "≥", "upper": "≤"}
_AIMS: tuple[Column, ...] = ("upper", "lower", "target")
"""What a value should be, the last number of it that is shown first."""
_DECIMALS_AMONG_WHOLE = 2
"""How many decimals a target has at most where the values have none."""
_EXACT = int | Decimal
_CONTEXT = Context(prec=100)
_ROUNDING = 1e-12
"""How far a difference of doubles may be from that of the decimals, as a part of these."""
_BUCKETS = {"year": "{0:%Y}", "month": "{0:%Y-%m}"}

Row = Mapping[str, Any]


def names_of(objective: CheckedObjective) -> ColumnNames:
    """Return what the columns of an objective's result are called."""
    grain = () if objective.grain is None else (objective.grain,)
    return ColumnNames((*grain, *(grouped.name for grouped in objective.by)))


def standings(
    objective: CheckedObjective,
    result: Result,
    *,
    title: str,
    format: str | None,
    locale: Locale,
    amount: Callable[[str, object, str], str],
    every_period: bool = False,
) -> list[Standing]:
    """Return a line for each member of an objective's result: that of its latest period, or of each.

    Needs: rows by period, as the query gives them. `title` is what the objective is called, `format`
    the KPI's pattern, and `amount` says a number that is shown in its unit.
    """
    rows: list[Row] = list(result.rows())
    name = names_of(objective).of
    if objective.each is not None:
        format = None
    among = _place_among_others(objective)
    value = next(column for column in result.columns if column.name == name("value"))
    pattern = column_format(value, [row[name("value")] for row in rows], format)
    unit = "" if among is not None else amount_unit(value, pattern)
    of_target = _format_of_targets(value, pattern, format)
    if among is not None:
        pattern, of_target = NumberFormat(1, 1, percent=True), NumberFormat(0, 1, percent=True)
    judged: Column = among or "value"

    def in_unit(shown: str, row: Row, of: Sequence[Column]) -> str:
        number = next((row[name(column)] for column in of if row.get(name(column)) is not None), None)
        return shown if number is None or not unit else amount(shown, number, unit)

    def line(row: Row, trend: tuple[float | None, ...]) -> Standing:
        status = row[name("status")]
        shown, aimed = apart(row[name(judged)], _borders(objective, row), pattern, of_target)
        return Standing(
            objective=title,
            members=", ".join(
                format_value(row[grouped.name], NumberFormat(0, 0), locale) for grouped in objective.by
            ),
            period="" if objective.grain is None else period_text(objective.grain, row[objective.grain]),
            value=in_unit(_said(row[name(judged)], shown, among, locale), row, ("value",)),
            target=in_unit(_target(objective, row, aimed, locale), row, _AIMS),
            attainment=row.get(name("attainment")),
            trend=trend,
            status=status,
            guardrail=row.get(name("guardrail")),
            limits=limits(objective.bands, "attainment", status),
        )

    found: list[Standing] = []
    for own in of_members(objective, rows).values():
        attained = tuple(row.get(name("attainment")) for row in own)
        found += [line(row, ()) for row in own[:-1] if every_period]
        found.append(line(own[-1], attained))
    return found


def of_members(objective: CheckedObjective, rows: Sequence[Row]) -> dict[tuple[object, ...], list[Row]]:
    """Return the rows of each tuple of members."""
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[grouped.name] for grouped in objective.by), []).append(row)
    return found


def limits(bands: Bands, axis: Axis, status: str) -> tuple[object, ...]:
    """Return from which numbers on a figure of a row has a better status; none of what does not tell it."""
    tells = bands.axis == axis and status in IN_FLIGHT
    return (bands.on_track.value, bands.at_risk.value) if tells else ()


def _borders(objective: CheckedObjective, row: Row) -> list[Border]:
    """Return what the value in a row is judged by, what it should be first."""
    name = names_of(objective).of
    ends = [end for end in _ENDS if name(end) in row]
    if ends:
        found = [Border(row[name(end)], falls=end == "upper", is_shown=True) for end in ends]
    else:
        sign = _sign(objective)
        found = [Border(row[name("target")], falls=sign in "≤<", is_passed=sign in "<>", is_shown=True)]
    bands = limits(objective.bands, "value", row[name("status")])
    return found + [Border(limit, falls=objective.sign < 0) for limit in bands]


def _format_of_targets(value: ResultColumn, pattern: NumberFormat, format: str | None) -> NumberFormat:
    """Return how what a value should be is written: as the value, but for the decimals.

    Where values are whole a target need not be: rounded as they are, it would contradict the status.
    """
    kind = value.type.kind
    if kind is Kind.INTEGER or (kind is Kind.DECIMAL and value.type.scale == 0):
        return replace(pattern, most=max(pattern.most, _DECIMALS_AMONG_WHOLE))
    if format is None and kind is Kind.FLOAT and not pattern.percent:
        # A target has the digits with which it was written, not those of quotients.
        return replace(pattern, decimals=0)
    return pattern


def _place_among_others(objective: CheckedObjective) -> Column | None:
    """Return the column that is judged where it is not the KPI's own value."""
    if objective.kind != "rank":
        return None
    return "rank" if objective.definition.share is None else "share"


def _said(value: Any, format_: NumberFormat, place: Column | None, locale: Locale) -> str:
    """Return a number as it is told: a rank among others is no amount."""
    if value is None or place != "rank":
        return format_value(value, format_, locale)
    return f"#{value}" if locale == "en" else f"n°{NARROW_SPACE}{value}"


def _target(objective: CheckedObjective, row: Row, pattern: NumberFormat, locale: Locale) -> str:
    name, among = names_of(objective).of, _place_among_others(objective)

    def shown(column: Column) -> str:
        return _said(row[name(column)], pattern, among, locale)

    ends = [end for end in _ENDS if name(end) in row]
    known = [end for end in ends if row[name(end)] is not None]
    if len(known) == 2:
        return f"{shown('lower')} – {shown('upper')}"
    if ends:
        return NOTHING if not known else f"{_ENDS[known[0]]} {shown(known[0])}"
    target = shown("target")
    return target if target == NOTHING else f"{_sign(objective)} {target}"


def _sign(objective: CheckedObjective) -> str:
    """Return what stands before a target."""
    # Of parts as many are due as the target says, whatever is promised of each.
    own = "≥" if objective.each is not None else _SIGNS.get(objective.kind)
    return own or ("≥" if objective.sign > 0 else "≤")


def period_text(grain: str, bucket: date | None) -> str:
    """Return a bucket as periods are written: 2026-06, 2026-Q2, 2026-W23; of other grains its first day."""
    if bucket is None:
        return NOTHING
    if grain == "quarter" or (grain == "week" and bucket.isoweekday() == 1):
        return periods_with(bucket)[grain]
    return _BUCKETS.get(grain, "{0}").format(bucket)


_PLAIN = {"members": "ranked"}
"""What columns are called for programs that are called like something else of a row."""

_OF_OTHERS = (
    "overall",
    "share",
    "rank",
    "members",
    "reference_sample",
    "rivals",
    "benchmark_age",
    "center",
    "points",
    "signal",
)
_LAST = ("status", "reason", "data_through", "as_of")
_IN_ORDER = sorted(SHOWN, key=lambda column: 2 if column in _LAST else column in _OF_OTHERS)
"""The columns of every kind for programs, what others have behind the other figures."""


def plain_rows(objective: CheckedObjective, rows: Sequence[Row], kpi: Metric) -> list[dict[str, Any]]:
    """Return rows of any objective under the same names, for programs.

    `members` are by their names, and `ranked` is how many of them a rank is among; what an objective has no
    column for is null. Behind all of it are the `kpi`, and which versions of both are told of.
    """
    name = names_of(objective).of
    return [
        {
            "objective": objective.name,
            "period": None if objective.grain is None else row[objective.grain],
            "members": {grouped.name: row[grouped.name] for grouped in objective.by},
            **{
                _PLAIN.get(column, column): _exact_gap(objective, row)
                if column == "gap"
                else row.get(name(column))
                for column in _IN_ORDER
            },
            "kpi": objective.kpi,
            "kpi_version": kpi.version,
            "objective_version": objective.definition.version,
        }
        for row in rows
    ]


def _exact_gap(objective: CheckedObjective, row: Row) -> Any:
    """Return the gap, of decimals exactly: in SQL it is a double where they could need too many digits."""
    name = names_of(objective).of
    gap, value = row.get(name("gap")), row[name("value")]
    aims = [row[name(column)] for column in _AIMS if row.get(name(column)) is not None]
    if not isinstance(gap, float) or not isinstance(value, _EXACT) or _place_among_others(objective):
        return gap
    exact = (_CONTEXT.subtract(Decimal(value), Decimal(aim)) for aim in aims if isinstance(aim, _EXACT))
    near = _ROUNDING * max(abs(float(number)) for number in (value, *aims))
    return next((far for far in exact if abs(float(far) - gap) <= near), gap)
