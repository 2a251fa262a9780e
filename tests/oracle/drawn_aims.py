"""Objectives and scorecards of a market, drawn: every kind, and what may stand beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .dice import Dice, some
from .drawn_comparisons import draw_parity, draw_rivals, draw_signal
from .drawn_markets import KPIS, LANDS, SHOPS, Kpi
from .worlds import World

OWNER = "drawn@example.org"
PERIODS = ("month", "month", "month", "quarter", "week")
EFFECTIVE: tuple[dict[str, str], ...] = (
    {"from": "2026-01-01", "until": "2026-07-01"},
    {"from": "2025-10-01", "until": "2027-01-01"},
    {"from": "2026-01-01", "until": "2026-04-01"},
    {"from": "2026-03-01", "until": "2026-05-01"},
)
ASKED: dict[str, tuple[str | None, ...]] = {
    "week": (None, None, "2026-03", "2026-W11", "2026-02-11..2026-03-19"),
    "month": (None, None, "2026", "2026-03", "2026-Q1", "2026-01-01..2026-05-01", "2026-02-11..2026-03-19"),
    "quarter": (None, None, "2026", "2026-Q1", "2026-02", "2026-02-11..2026-05-19"),
    "": (None, None, None, "2026-03", "2025"),
}
"""What is asked for by the period of the objectives; some of it cuts these."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all objectives of one scorecard have in common."""

    by: tuple[str, ...]
    period: str | None
    effective: dict[str, str] | None

    @property
    def keys(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.by:
            found["by"] = list(self.by)
        if self.period is not None:
            found["period"] = self.period
        if self.effective is not None:
            found["effective"] = dict(self.effective)
        return found


def from_the_first(body: dict[str, Any]) -> dict[str, Any]:
    """Return an objective whose first period is the first with rows, as far as it may be."""
    effective = body.get("effective")
    if effective is None or body.get("period") is None or "each" in body or "allocate" in body:
        return body
    return {**body, "effective": {"until": effective["until"]}}


class AimAuthor:
    """Draws what is promised in one market; with `compares` also what the data tell to be the target."""

    def __init__(self, dice: Dice, world: World, *, compares: bool = False) -> None:
        self.dice = dice
        self.world = world
        self.compares = compares

    def drawn(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return sections of objectives and scorecards, and what is asked of them."""
        frame = self._frame()
        sections, asked = self._scorecard(frame) if self.dice.chance(3) else self._objective(frame)
        asked["as_of"] = self.world.query["as_of"]
        period = self.dice.pick(ASKED[frame.period or ""])
        return sections, asked if period is None else {**asked, "period": period}

    def _objective(self, frame: Frame) -> tuple[dict[str, Any], dict[str, Any]]:
        dice = self.dice
        body = self._aim(frame)
        objectives = {"drawn": body}
        if body["kind"] != "milestone" and "each" not in body and dice.chance(4):
            body["guardrails"] = []
            if dice.chance(2):
                body["guardrails"].append("guard")
                objectives["guard"] = self._aim(frame, plain=not dice.chance(3))
                for key in ("each", "times", "missing", "where", "reconcile"):
                    objectives["guard"].pop(key, None)
            if not body["guardrails"] or dice.chance(2):
                body["guardrails"].append(self._condition())
        if "each" not in body and frame.period is not None and dice.chance(12):
            self._reconciled(body, objectives, frame)
        return {"objectives": objectives}, {"objective": "drawn"}

    def _frame(self) -> Frame:
        dice = self.dice
        by = some(dice, ("shop", "land"), most=2)
        period = None if dice.chance(4) else dice.pick(PERIODS)
        effective = dice.pick(EFFECTIVE)
        return Frame(tuple(by), period, None if period is not None and dice.chance(5) else effective)

    # Scorecards

    def _scorecard(self, frame: Frame) -> tuple[dict[str, Any], dict[str, Any]]:
        dice = self.dice
        names = [f"aim_{n}" for n in range(dice.between(1, 4))]
        objectives = {name: self._aim(frame, plain=not dice.chance(3)) for name in names}
        for body in objectives.values():
            for key in ("each", "times", "missing", "error_budget"):
                body.pop(key, None)
            if {"shop", "land"} & set(frame.by):
                body.pop("where", None)  # all would need the same
            if dice.chance(2):
                body["weight"] = dice.pick((0.5, 2, 3))
        if len(names) > 2 and dice.chance(3):
            objectives[names[1]]["weight"] = 0
        cards = {"card": self._card(names)}
        if len(names) > 1 and dice.chance(3):
            cards["inner"] = self._card(names[:-1])
            cards["inner"]["weight"] = dice.pick((1, 3))
            cards["card"] = self._card(["inner", names[-1]])
        return {"objectives": objectives, "scorecards": cards}, {"scorecard": "card"}

    def _card(self, names: list[str]) -> dict[str, Any]:
        dice = self.dice
        body: dict[str, Any] = {"objectives": names, "owner": OWNER}
        policies = [
            "weighted",
            "geometric",
            "worst",
            "best",
            f"{dice.between(1, len(names))} of {len(names)}",
        ]
        if not dice.chance(4):
            body["policy"] = dice.pick(policies)
        is_number = " of " in body.get("policy", "")
        if dice.chance(2) and not is_number:
            body["missing"] = dice.pick(("redistribute", "zero", "null"))
        if dice.chance(3) and not is_number and body.get("missing", "redistribute") == "redistribute":
            body["min_weight"] = dice.pick(("0%", "20%", "80%"))
        if dice.chance(3) and not is_number:
            body["clamp"] = dice.pick((["0%", "110%"], ["10%", "200%"], ["50%", "105%"]))
        if dice.chance(4) and not is_number:
            body["status"] = {"on_track": "95%", "at_risk": "60%"}
        if dice.chance(4):
            body["veto"] = [dice.pick(names)]
        return body

    # Objectives

    def _aim(self, frame: Frame, *, plain: bool = False) -> dict[str, Any]:
        """Return an objective; a plain one is of the kinds with a target and nothing more."""
        dice = self.dice
        is_bare = plain or dice.chance(3) or (self.compares and dice.chance(2))
        topic = None if is_bare else dice.pick(self._topics(frame))
        kind = dice.pick(COMPARED if topic is not None else self._kinds(frame, plain=plain))
        fitting = [name for name in sorted(KPIS) if topic is None or self._fits(topic, KPIS[name])]
        takes = self.compares and topic is None and kind in COMPARED and "land" not in frame.by
        if takes and dice.chance(2):
            fitting = [name for name in fitting if KPIS[name].is_money]
        name = dice.pick(fitting)
        kpi = KPIS[name]
        body: dict[str, Any] = {"kpi": name, "kind": kind, "owner": OWNER, **frame.keys}
        sign = self._sign(kind, name)
        if sign is not None and sign != self._direction(name):
            body["override_direction"] = "drawn so"
        getattr(self, f"_{'compared' if kind in COMPARED else kind}")(body, kpi, sign)
        if dice.chance(4):
            body["min_sample"] = dice.pick((1, 2, 4))
        if dice.chance(6) and kind != "milestone":
            body["where"] = (
                "shop in ('a', 'b')" if dice.chance(2) and "shop" not in frame.by else "land = 'fr'"
            )
        if topic is not None:
            self._beside(topic, body, kpi, frame, sign or 1)
        elif takes and kpi.is_money:
            draw_rivals(dice, body)
        return body

    def _kinds(self, frame: Frame, *, plain: bool) -> list[str]:
        kinds = [*COMPARED, "at_least", "within", "on_target", "steady"]
        if frame.period != "week":
            kinds.append("change")
        if not plain:
            kinds += ["milestone"] if frame.effective is not None else []
            kinds += ["rank", "rank"] if frame.by else []
        if self.compares:
            kinds += 8 * ["parity"] + (8 * ["no_signal"] if frame.period is not None else [])
        return kinds

    def _topics(self, frame: Frame) -> list[str]:
        """Return what may stand beside a target."""
        found = ["trajectory", "trajectory", "levels", "error_budget", "status"]
        found += ["each"] if frame.effective is not None else []
        found += ["allocate"] if frame.effective is not None and frame.period in ("month", "quarter") else []
        return found

    def _fits(self, topic: str, kpi: Kpi) -> bool:
        match topic:
            case "trajectory":
                return kpi.grows
            case "levels":
                return not kpi.is_fraction
            case "error_budget":
                return kpi.is_fraction
            case "allocate":
                return kpi.adds
        return True

    def _direction(self, kpi: str) -> int:
        return 1 if self.world.project["kpis"][kpi]["direction"] == "up" else -1

    def _sign(self, kind: str, kpi: str) -> int | None:
        return {"at_least": 1, "more_than": 1, "at_most": -1, "less_than": -1}.get(kind) or (
            self._direction(kpi) if kind in ("milestone", "change") else None
        )

    def _amount(self, kpi: Kpi, part: float) -> str:
        """Return about a part of what the KPI is."""
        if kpi.is_fraction:
            return f"{round(70 * part) or 1}%"
        return str(round(kpi.scale * part, 1) or kpi.scale)

    def _compared(self, body: dict[str, Any], kpi: Kpi, sign: int) -> None:
        dice = self.dice
        size = dice.pick((0.3, 0.6, 1.0, 1.2))
        name = body["kpi"]
        match dice.between(0, 6):
            case 0 if not kpi.is_fraction:
                body["target"] = f"prior({name}, {self._before(body)}) * {dice.pick(('110%', '90%'))}"
            case 1 if kpi.adds and "land" not in body.get("by", ()) and body.get("period") in (None, "month"):
                body["target_from"] = {"dataset": "plans", "value": "due"}
            case 2 if body.get("by"):
                pass  # rows alone
            case _:
                body["target"] = self._amount(kpi, size)
        is_owed = "target" not in body and "target_from" not in body
        if is_owed or ("target" in body and dice.chance(3)):
            body["targets"] = self._rows(body, kpi)
        if not body.get("targets", True):
            del body["targets"]
        if dice.chance(3) and "target" in body and "targets" not in body:
            body["baseline"] = self._amount(kpi, size - 0.2 * sign)
            if dice.chance(4):
                body["baseline"] = f"prior({name}, {self._before(body)})"

    def _rows(self, body: dict[str, Any], kpi: Kpi) -> list[dict[str, Any]]:
        """Return rows of which none contradicts another."""
        dice, found = self.dice, []
        by = body.get("by") or []
        months = body.get("period") == "month"
        for n in range(dice.between(1, 3)):
            row: dict[str, Any] = {}
            if by:
                row[by[0]] = (SHOPS if by[0] == "shop" else LANDS)[n]
            if len(by) > 1 and dice.chance(2):
                row[by[1]] = dice.pick(SHOPS if by[1] == "shop" else LANDS)
            if months and row and dice.chance(3):
                row |= dice.pick(({"period": "2026-03"}, {"from": "2026-03-01"}))
            elif months and not by and n == 0:
                row = {"period": "2026-03"}
            if row and not (n == 2 and "land" in row and row["land"] is not None):
                found.append({**row, "target": self._amount(kpi, dice.pick((0.4, 0.8, 1.1)))})
        if not found and by:
            found.append({by[0]: "fr" if by[0] == "land" else "a", "target": self._amount(kpi, 0.5)})
        return found

    def _within(self, body: dict[str, Any], kpi: Kpi, _: int | None) -> None:
        body["range"] = [self._amount(kpi, 0.4), self._amount(kpi, 1.1)]
        if self.dice.chance(3):
            body["fade"] = "5pp" if kpi.is_fraction else "2"

    def _on_target(self, body: dict[str, Any], kpi: Kpi, _: int | None) -> None:
        body["target"] = self._amount(kpi, 0.9)
        self._tolerance(body, kpi)

    def _steady(self, body: dict[str, Any], kpi: Kpi, _: int | None) -> None:
        body["against"] = self._against(body)
        self._tolerance(body, kpi)

    def _tolerance(self, body: dict[str, Any], kpi: Kpi) -> None:
        body["tolerance"] = "10pp" if kpi.is_fraction else self.dice.pick(("1", "25%", "5"))
        if self.dice.chance(3):
            body["fade"] = "5pp" if kpi.is_fraction else "3"

    def _before(self, body: dict[str, Any]) -> str:
        return "1 week" if body.get("period") == "week" else "1 month"

    def _against(self, body: dict[str, Any]) -> str:
        if body.get("period") == "week":
            return self.dice.pick(("1 week", "52 weeks"))
        return self.dice.pick(
            ("1 month", "1 year") if body.get("period") != "quarter" else ("1 quarter", "1 year")
        )

    def _change(self, body: dict[str, Any], kpi: Kpi, sign: int) -> None:
        dice = self.dice
        body["against"] = self._against(body)
        if kpi.is_fraction:
            body["target"] = f"{5 * sign}pp" if dice.chance(2) else f"{10 * sign}%"
            if body["target"].endswith("%"):
                body["relative"] = True
        else:
            body["target"] = f"{2 * sign} EUR" if kpi.is_money and dice.chance(2) else f"{20 * sign}%"
        if body["target"].endswith("%") and dice.chance(3):
            body["base"] = "abs"

    def _milestone(self, body: dict[str, Any], kpi: Kpi, sign: int) -> None:
        dice = self.dice
        body.pop("period", None)
        body["effective"] = {"from": body["effective"]["from"]}
        body["due"] = dice.pick(("2026-03-15", "2026-03-31", "2026-04-30"))
        size = dice.pick((0.6, 1.0, 2.0)) if not kpi.is_fraction else 0.9
        body["target"] = self._amount(kpi, size)
        if dice.chance(2):
            body["baseline"] = self._amount(kpi, size - 0.4 * sign)
        if body.get("by") and dice.chance(3):
            body["targets"] = self._rows(body, kpi)

    def _rank(self, body: dict[str, Any], kpi: Kpi, _: int | None) -> None:
        dice = self.dice
        if kpi.adds and dice.chance(2):
            body["share"] = dice.pick(("20%", "35%"))
            if dice.chance(3):
                body["targets"] = [{body["by"][0]: "a" if body["by"][0] == "shop" else "fr", "target": "50%"}]
        else:
            body["target"] = dice.pick(("1", "2"))
            if dice.chance(3):
                body["targets"] = [{body["by"][0]: "a" if body["by"][0] == "shop" else "fr", "target": "3"}]
        if len(body["by"]) > 1 and dice.chance(2):
            body["among"] = [dice.pick(body["by"])]

    def _parity(self, body: dict[str, Any], kpi: Kpi, _: int | None) -> None:
        draw_parity(self.dice, body, kpi)

    def _no_signal(self, body: dict[str, Any], _: Kpi, __: int | None) -> None:
        draw_signal(self.dice, body, self.world.project["week_start"])

    # What stands beside a target

    def _beside(self, topic: str, body: dict[str, Any], kpi: Kpi, frame: Frame, sign: int) -> None:
        dice = self.dice
        moves = "prior" in str(body.get("target", "")) + str(body.get("baseline", ""))
        if topic in ("levels", "error_budget", "allocate") or (topic == "trajectory" and moves):
            for key in ("target", "targets", "target_from", "baseline"):
                body.pop(key, None)
            body["target"] = self._amount(kpi, dice.pick((0.4, 0.8, 1.1)))
        match topic:
            case "trajectory":
                self._trajectory(body, frame)
            case "levels":
                low, high = float(body["target"]) - 2 * sign, float(body["target"]) + 3 * sign
                body["levels"] = {"threshold": f"{low:.1f}", "stretch": f"{high:.1f}"}
            case "error_budget":
                body["error_budget"] = True
            case "each":
                body.pop("baseline", None)
                self._each(body, frame)
            case "allocate":
                self._allocate(body)
            case "status":
                two = (self._amount(kpi, 0.5), self._amount(kpi, 0.8))
                low_end, high_end = sorted(two, key=lambda x: float(x.rstrip("%")))
                better, worse = (high_end, low_end) if sign > 0 else (low_end, high_end)
                body["status"] = dice.pick(
                    (
                        {"of": "value", "on_track": better, "at_risk": worse},
                        {"on_track": "95%", "at_risk": "40%"},
                    )
                )

    def _trajectory(self, body: dict[str, Any], frame: Frame) -> None:
        dice = self.dice
        shapes = ["linear", "business_days"]
        shapes += ["last_year"] if frame.period in (None, "month", "quarter") else []
        shapes += ["checkpoints"] if frame.period is None else []
        body["trajectory"] = dice.pick(shapes)
        if body["trajectory"] == "checkpoints":
            body["checkpoints"] = [
                {"at": "2026-03-11", "share": dice.pick(("15%", "30%"))},
                {"at": "2026-03-25", "share": "70%"},
            ]
        if dice.chance(3):
            body["too_early"] = dice.pick(("0%", "30%", "50%"))
        if dice.chance(4):
            body["status"] = {"of": "attainment", "on_track": "80%", "at_risk": "30%"}
        if dice.chance(3):
            by_year = ("last_year",) if frame.period in (None, "month", "quarter") else ()
            body["forecast"] = dice.pick(("pace", "last 7 days", "last 28 days", *by_year))

    def _each(self, body: dict[str, Any], frame: Frame) -> None:
        dice = self.dice
        body["each"] = "month" if frame.period in (None, "quarter") and dice.chance(2) else "week"
        if frame.period == "week":
            body["each"] = "day"
        body["times"] = dice.pick(("all", "50%", "75%", "2 of 3", "2 in a row"))
        if dice.chance(2):
            body["missing"] = dice.pick(("skip", "null", "not_met"))
        if body["times"].endswith("%") and dice.chance(2):
            body["error_budget"] = True
        for row in body.get("targets") or []:
            row.pop("period", None)
            row.pop("from", None)

    def _allocate(self, body: dict[str, Any]) -> None:
        dice = self.dice
        told: dict[str, Any] = {}
        body.pop("targets", None)
        body.pop("baseline", None)
        if not dice.chance(5):
            told["by"] = dice.pick(("equal", "days", "business_days", "last_year"))
        by = body.get("by") or []
        if by and (not told or dice.chance(2)):
            told["across"] = by[0]
            members = SHOPS if by[0] == "shop" else LANDS
            told["weights"] = (
                "last_year"
                if dice.chance(2)
                else [{by[0]: one, "weight": dice.pick((1, 2, 3))} for one in members]
            )
        if not told:
            told["by"] = "equal"
        if dice.chance(2) and told.get("by") != "last_year" and told.get("weights") != "last_year":
            told["round"] = dice.pick((1, 0.1))
        body["target"] = dice.pick(("10", "101", "1000"))
        body["allocate"] = told

    def _reconciled(self, body: dict[str, Any], objectives: dict[str, Any], frame: Frame) -> None:
        """Turn an objective by shop into one whose targets of a table add up to that of the whole."""
        if frame.by != ("shop",) or frame.period != "month":
            return
        body.clear()
        body |= {"kpi": "revenue", "kind": "at_least", "owner": OWNER, **frame.keys}
        body["override_direction"] = "drawn so"
        if self._direction("revenue") > 0:
            body.pop("override_direction")
        body["target_from"] = {"dataset": "plans", "value": "due"}
        body["reconcile"] = {"with": "whole", "tolerance": self.dice.pick(("0", "10%", "20"))}
        whole = {key: value for key, value in body.items() if key not in ("by", "target_from", "reconcile")}
        objectives.pop("guard", None)
        objectives["whole"] = {**whole, "target": self.dice.pick(("40", "100", "120"))}

    def _condition(self) -> str:
        name = self.dice.pick(("revenue", "orders", "good_share", "mean", "visits"))
        kpi = KPIS[name]
        op = self.dice.pick((">=", "<", "<=", ">"))
        return (
            f"{name} {op} {'50%' if kpi.is_fraction else f'{kpi.scale} EUR' if kpi.is_money else kpi.scale}"
        )


COMPARED = ("at_least", "at_most", "more_than", "less_than")
