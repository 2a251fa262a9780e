"""Objectives, drawn: a promise about a KPI of a drawn world, by some of the members by which its query asks."""

from __future__ import annotations

from typing import Any

from .dice import Dice
from .worlds import World

GRAINS = ("day", "week", "month", "quarter", "year")
KINDS = ("at_least", "more_than", "at_most", "less_than", "within", "on_target", "change", "parity")
SIGNS = {"at_least": 1, "more_than": 1, "at_most": -1, "less_than": -1}


def draw_objective(dice: Dice, world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the world's project with an objective, and what is asked of it."""
    kpis = world.project["kpis"]
    name = dice.pick(sorted(kpis))
    kind = dice.pick(KINDS)
    members = [text for text in world.query.get("by") or () if "." not in text]
    dimensions = [text for text in members if text in (world.project.get("dimensions") or {})]
    if kind == "parity" and not dimensions:
        kind = "within"
    direction = {1: "up", -1: "down", 0: "range"}[SIGNS.get(kind, 0)]
    if kind in ("change", "parity"):
        direction = dice.pick(("up", "down"))
    body: dict[str, Any] = {"kpi": name, "kind": kind, "owner": "drawn@example.org"}
    if dimensions and (kind == "parity" or not dice.chance(3)):
        body["by"] = dimensions[:1]
    if not dice.chance(5):
        body["period"] = dice.pick(GRAINS[2:] if kind == "change" else GRAINS[1:])
    body["effective"] = {"from": "2024-07-01", "until": dice.pick(("2026-01-01", "2026-07-01", "2025-06-15"))}
    if world.query.get("where") and dice.chance(2):
        body["where"] = world.query["where"]
    body.update(_promised(dice, kind, direction, body))
    project = {
        **world.project,
        "kpis": {**kpis, name: {**kpis[name], "direction": direction}},
        "objectives": {"drawn": body},
    }
    as_of = world.query.get("as_of") or dice.pick(("2025-03-20", "2026-01-01", "2026-02-14 09:30:00"))
    return project, {"objective": "drawn", "as_of": as_of}


def _promised(dice: Dice, kind: str, direction: str, body: dict[str, Any]) -> dict[str, Any]:
    sign = SIGNS.get(kind, 1 if direction == "up" else -1)
    target = dice.pick((-3, 1, 2, 5, 12, 40, 150))
    match kind:
        case "within":
            return {"range": [str(target), str(target + dice.pick((1, 4, 60)))]}
        case "on_target":
            return {"target": str(target), "tolerance": dice.pick(("1", "5", "50%"))}
        case "parity":
            told: dict[str, Any] = {"tolerance": dice.pick(("1", "5", "50%"))}
            told["reference"] = dice.pick(("overall", "best", f"{body['by'][0]} is null"))
            if dice.chance(2):
                told["side"] = "worse"
            return {**told, **({"min_sample": 2} if dice.chance(2) else {})}
        case "change":
            change = dice.pick((1, 3, 20)) * sign
            told = {"target": f"{change * 5}%" if dice.chance(2) else str(change)}
            if told["target"].endswith("%") and dice.chance(2):
                told["base"] = "abs"
            return {**told, "against": "1 year" if body.get("period") != "week" else "52 weeks"}
        case _:
            told = {"target": str(target)}
            if dice.chance(2):
                told["baseline"] = str(target - sign * dice.pick((1, 10, 100)))
            if body.get("period") == "month" and dice.chance(3):
                told["targets"] = [{"period": "2025-03", "target": str(target + sign)}]
            if dice.chance(3):
                told["status"] = {"of": "attainment", "on_track": "80%", "at_risk": "50%"}
            return told
