"""What the data tell an objective to be, drawn: a reference of a parity, what is usual, what rivals reach."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from .dice import Dice
from .drawn_markets import Kpi

CONDITIONS = {
    "shop": ("shop = 'a'", "shop in ('b', 'c')", "shop is null"),
    "land": ("land = 'fr'", "land = 'de'", "land is not null"),
}
_OTHERS = {"shop": "shop != 'a'", "land": "land = 'de'"}
_USUAL = {
    "week": (("2025-12-01", "2026-01-05"), ("2026-02-02", "2026-03-02", "2026-03-30")),
    "month": (("2025-01-01", "2025-11-01", "2026-01-01"), ("2026-02-01", "2026-03-01", "2026-05-01")),
    "quarter": (("2025-01-01", "2025-04-01"), ("2025-10-01", "2026-04-01")),
}
"""Days on which usual periods begin and before which they end; weeks begin on Mondays here."""


def draw_parity(dice: Dice, body: dict[str, Any], kpi: Kpi) -> None:
    """Say with what members are compared, or a segment where `by` leaves a dimension for it."""
    by = list(body.get("by") or [])
    free = [name for name in CONDITIONS if name not in by]
    if free and (not by or dice.chance(3)):
        name = dice.pick(free)
        body["segment"] = CONDITIONS[name][0]
        body["reference"] = dice.pick((_OTHERS[name], "overall", *CONDITIONS[dice.pick(free)][1:]))
    else:
        among = [dice.pick(by)] if len(by) > 1 and dice.chance(2) else by
        if among != by or dice.chance(4):
            body["among"] = among
        told = CONDITIONS[dice.pick([*among, *free])]
        body["reference"] = dice.pick(("overall", "best", *told))
    if kpi.is_fraction:
        body["tolerance"] = dice.pick(("10pp", "25pp"))
        if dice.chance(3):
            body |= {"tolerance": "20%", "relative": True}
    else:
        body["tolerance"] = dice.pick(("1", "25%", "5"))
    if dice.chance(3):
        body["fade"] = "5pp" if kpi.is_fraction else "3"
    if dice.chance(2):
        body["side"] = "worse"


def draw_signal(dice: Dice, body: dict[str, Any], week_start: str) -> None:
    """Say what is usual, of fixed days or of the last periods, and what is a signal beside it."""
    grain = body["period"]
    if dice.chance(2):
        count = dice.pick((2, 3, 4, 6))
        usual: dict[str, Any] = {"last": count, "min_points": min(count, dice.pick((2, 3)))}
        spreads = ("moving_range", "deviation")
    else:
        starts, ends = _USUAL[grain]
        days = [date.fromisoformat(dice.pick(some)) for some in (starts, ends)]
        if grain == "week" and week_start == "sunday":
            days = [day - timedelta(days=1) for day in days]
        start, end = days
        usual = {"from": str(start), "until": str(end), "min_points": 2}
        if (end - start).days < 60 and grain == "month":
            usual["from"] = "2025-11-01"
        spreads = ("moving_range", "deviation", "absolute_deviation")
    if dice.chance(2):
        usual["spread"] = dice.pick(spreads)
    if dice.chance(2):
        usual["times"] = dice.pick((0.5, 1, 2))
    body["usual"] = usual
    if dice.chance(2):
        body["run"] = dice.pick((0, 2, 3))
    if dice.chance(3):
        body["trend"] = 3
    if dice.chance(2):
        body["side"] = dice.pick(("both", "worse"))


def draw_rivals(dice: Dice, body: dict[str, Any]) -> None:
    """Turn the target into a figure of what the shops are due in the plans, each a rival."""
    body.pop("baseline", None)
    body.pop("target", None)
    if not dice.chance(3):
        body.pop("targets", None)
    told: dict[str, Any] = {"dataset": "plans", "value": "due", "rival": "shop"}
    told["take"] = dice.pick(("median", "mean", "leader", "25%", "80%"))
    if dice.chance(2):
        told["max_age"] = dice.pick(("20 days", "90 days"))
        if body.get("period") != "week" and dice.chance(2):
            told["max_age"] = dice.pick(("1 month", "3 months"))
    if dice.chance(2):
        told["min_rivals"] = dice.pick((2, 3))
    body["target_from"] = told
