"""The rows of a scorecard as lines for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kpidsl.model.number_formats import NumberFormat
from kpidsl.objectives.rollup import JUDGED, SHOWN, ScorecardNames
from kpidsl.report.numbers import Locale, format_value
from kpidsl.report.objectives import Standing
from kpidsl.report.standings import limits, of_members, period_text
from kpidsl.semantics.objectives import Axis, CheckedObjective, CheckedScorecard

Row = Mapping[str, Any]


def _names(card: CheckedScorecard) -> ScorecardNames:
    first = card.objectives[0]
    grain = () if first.grain is None else (first.grain,)
    return ScorecardNames((*grain, *(grouped.name for grouped in first.by)))


def inside(
    card: CheckedScorecard, depth: int = 0
) -> Iterator[tuple[int, CheckedObjective | CheckedScorecard, str]]:
    """Yield what is in a scorecard and in those inside it, how deep, and the column of its attainment."""
    for child in card.children:
        if isinstance(child, CheckedScorecard):
            yield depth, child, f"{child.name}_score"
            yield from inside(child, depth + 1)
        else:
            yield depth, child, f"{child.name}_attainment"


def card_standings(
    card: CheckedScorecard,
    rows: Sequence[Row],
    *,
    titles: Mapping[str, str],
    title: str,
    locale: Locale,
    every_period: bool = False,
) -> list[Standing]:
    """Return, for each member's latest period or for each, a line of the score and one of each objective.

    Needs: rows by period, as the query gives them. `titles` are what the objectives are called.
    """
    first, name = card.objectives[0], _names(card).of
    found: list[Standing] = []
    for members, own in of_members(first, rows).items():
        whose = ", ".join(format_value(member, NumberFormat(0, 0), locale) for member in members)
        for row in own if every_period else own[-1:]:
            period = "" if first.grain is None else period_text(first.grain, row[first.grain])
            is_last = row is own[-1]
            trend = tuple(one[name("score")] for one in own) if is_last else ()
            of_children = [
                Standing(
                    objective=f"{'  ' * depth}- {titles[child.name]}",
                    members=whose,
                    period=period,
                    value="",
                    target="",
                    attainment=row.get(column),
                    trend=tuple(one.get(column) for one in own) if is_last else (),
                    status=row[f"{child.name}_status"],
                    counted=_in_its_place(child, row, column),
                    limits=_limits(child, "attainment", row[f"{child.name}_status"]),
                    limits_of_counted=_limits(child, "pace", row[f"{child.name}_status"]),
                )
                for depth, child, column in inside(card)
            ]
            score, status = row[name("score")], row[name("status")]
            bands = _limits(card, "attainment", status)
            found += [Standing(title, whose, period, "", "", score, trend, status, limits=bands)]
            found += of_children
    return found


def _limits(one: CheckedObjective | CheckedScorecard, axis: Axis, status: str) -> tuple[object, ...]:
    """Return what a figure is judged by; the score of a scorecard that counts objectives tells no status."""
    counts = isinstance(one, CheckedScorecard) and one.policy.word == "count"
    return () if counts else limits(one.bands, axis, status)


def _counted(child: CheckedObjective | CheckedScorecard, row: Row, attainment: str) -> float | None:
    """Return what counts of a child, before it is clamped; nothing of one that cannot be judged."""
    is_judged = row[f"{child.name}_status"] in JUDGED
    found: float | None = row.get(f"{child.name}_counted", row.get(attainment)) if is_judged else None
    return found


def _in_its_place(child: CheckedObjective | CheckedScorecard, row: Row, attainment: str) -> float | None:
    """Return what counts of a child in place of its attainment: its pace on the way, and what has none."""
    counted = _counted(child, row, attainment)
    return None if counted == row.get(attainment) else counted


def plain_card_rows(card: CheckedScorecard, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return rows of any scorecard under the same names, for programs."""
    first, name = card.objectives[0], _names(card).of
    return [
        {
            "scorecard": card.name,
            "period": None if first.grain is None else row[first.grain],
            "members": {grouped.name: row[grouped.name] for grouped in first.by},
            **{column: row[name(column)] for column in SHOWN},
            "objectives": {
                child.name: {
                    "attainment": row.get(column),
                    "counted": _counted(child, row, column),
                    "status": row[f"{child.name}_status"],
                }
                for _, child, column in inside(card)
                if isinstance(child, CheckedObjective)
            },
            "scorecards": {
                child.name: {"score": row[column], "status": row[f"{child.name}_status"]}
                for _, child, column in inside(card)
                if isinstance(child, CheckedScorecard)
            },
            "as_of": row[name("as_of")],
        }
        for row in rows
    ]


_OF_LINES = ("scorecard", "inside", "period", "members", "score", "counted", *SHOWN[1:], "as_of")


def card_lines(card: CheckedScorecard, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows of `plain_card_rows` as lines, each followed by one for all that is inside.

    Of an objective the `score` is its attainment, and `counted` what counts of it.
    """
    found: list[dict[str, Any]] = []
    for plain, row in zip(plain_card_rows(card, rows), rows, strict=True):
        told = {name: plain.get(name) for name in _OF_LINES}
        found.append(told)
        for _, child, column in inside(card):
            own = {
                "inside": child.name,
                "score": row.get(column),
                "counted": _counted(child, row, column),
                "status": row[f"{child.name}_status"],
            }
            found.append({**told, **dict.fromkeys(("judged", "weight", "reason")), **own})
    return found
