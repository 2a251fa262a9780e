"""Scorecards: the score of each row from the rows of the objectives in it, and what it says of the period.

Attainments, scores and weights are fractions until they are shown, so that no sum is rounded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .definitions import Definitions
from .evaluate import calendar_of
from .guardrails import JUDGED
from .judge import order
from .objectives import EVER, Objective, contexts_of, days_of, objective_of, shown
from .table import Table, Value
from .trajectories import share_of

SCORE = ("score", "judged", "weight", "status", "reason")
Project = Mapping[str, Any]
DataRows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Part:
    """What stands in a scorecard, in one row: `attainment` is None where it cannot be judged."""

    name: str
    weight: Fraction
    attainment: Fraction | None
    status: str
    is_met: bool

    @property
    def is_judged(self) -> bool:
        return self.has_verdict and self.attainment is not None

    @property
    def has_verdict(self) -> bool:
        """Tell whether its status says how it is, which is enough where it is counted."""
        return self.status in (*JUDGED, "met_late")


@dataclass(frozen=True, slots=True)
class Score:
    score: Fraction | float | None
    judged: int
    weight: Fraction
    status: str
    reason: str

    @property
    def is_met(self) -> bool:
        """Tell whether it counts as met in another scorecard."""
        is_one = self.score is not None and order(float(self.score), 1) >= 0
        return is_one and self.status not in ("missed", "off_track")


def score_of(body: Mapping[str, Any], parts: Sequence[Part], *, is_over: bool) -> Score:
    """Return the score of one row of a scorecard."""
    policy = str(body.get("policy") or "weighted")
    several = re.fullmatch(r"(\d+) of (\d+)", policy)
    judged = [part for part in parts if (part.has_verdict if several else part.is_judged)]
    weights = sum((part.weight for part in parts), Fraction(0))
    there = sum((part.weight for part in judged), Fraction(0)) / weights
    missing = str(body.get("missing") or "redistribute")
    found: Fraction | float | None
    if several is not None:
        due = int(several[1])
        found = Fraction(sum(part.is_met for part in judged), due) if judged else None
    else:
        least = share_of(body.get("min_weight", "50%")) if missing == "redistribute" else Fraction(0)
        is_missing = missing == "null" and len(judged) < len(parts)
        found = None
        if judged and there >= least and not is_missing:
            found = _score(policy, parts if missing == "zero" else judged, _clamp(body))
    status, reason = _status(
        body, parts, found, None if several is None else int(several[1]), is_over=is_over
    )
    return Score(found, len(judged), there, status, reason)


def _clamp(body: Mapping[str, Any]) -> tuple[Fraction, Fraction]:
    low, high = body.get("clamp") or ("0", "120%")
    return share_of(low), share_of(high)


def _score(policy: str, parts: Sequence[Part], clamp: tuple[Fraction, Fraction]) -> Fraction | float | None:
    """Return what the policy makes of clamped attainments; what is not judged counts as 0."""
    low, high = clamp
    counted = [
        (part.weight, min(max(part.attainment, low), high))
        if part.is_judged and part.attainment is not None
        else (part.weight, Fraction(0))
        for part in parts
    ]
    whole = sum((weight for weight, _ in counted), Fraction(0))
    match policy:
        case "worst":
            return min(one for _, one in counted)
        case "best":
            return max(one for _, one in counted)
        case "weighted":
            return sum(weight * one for weight, one in counted) / whole if whole else None
        case "geometric":
            if any(weight and not one for weight, one in counted):
                return Fraction(0)
            return math.prod(float(one) ** float(weight / whole) for weight, one in counted if weight)
    raise AssertionError(policy)


def _status(
    body: Mapping[str, Any],
    parts: Sequence[Part],
    score: Fraction | float | None,
    due: int | None,
    *,
    is_over: bool,
) -> tuple[str, str]:
    """Return the status and its reason: the first that holds."""
    if all(part.status == "not_started" for part in parts):
        return "not_started", "not_begun"
    if any(part.status == "immature" for part in parts):
        return "immature", "objective_immature"
    if not any(part.is_judged for part in parts):
        return "no_data", "nothing_judged"
    if score is None:
        return "insufficient_data", "objectives_missing"
    vetoes = [part.status for part in parts if part.name in (body.get("veto") or ())]
    if "missed" in vetoes or "off_track" in vetoes:
        return ("missed" if is_over else "off_track"), "veto"
    if is_over:
        return ("met", "score_met") if order(float(score), 1) >= 0 else ("missed", "score_not_met")
    if due is not None:
        return _by_number([part.status for part in parts if part.is_judged], due), "score"
    bands = {"on_track": "100%", "at_risk": "90%", **(body.get("status") or {})}
    for status in ("on_track", "at_risk"):
        if order(float(score), float(share_of(bands[status]))) >= 0:
            return status, "score"
    return "off_track", "score"


def _by_number(statuses: Sequence[str], due: int) -> str:
    """Return what so many of them are on the way to, `due` of which are to be met."""
    if statuses.count("on_track") >= due:
        return "on_track"
    return "at_risk" if statuses.count("on_track") + statuses.count("at_risk") >= due else "off_track"


# Tables


def evaluate_scorecard(project: Project, rows: DataRows, asked: Mapping[str, Any]) -> Table:
    """Return the table of a scorecard: `asked` has `scorecard`, `as_of` and perhaps `period`."""
    definitions = Definitions.read(project)
    calendar = calendar_of(definitions, rows)
    names = list(dict.fromkeys(_objectives_in(asked["scorecard"], project)))
    within = EVER
    for name in names:
        if not _is_milestone(name, project):  # which keeps its own days
            within = within.within(days_of(project["objectives"][name], definitions.zone))
    measured = {
        name: objective_of(name, project, rows, asked, definitions, calendar, within) for name in names
    }
    return _table(asked["scorecard"], project, measured)


def _is_milestone(name: str, project: Project) -> bool:
    return bool(project["objectives"][name]["kind"] == "milestone")


def _objectives_in(name: str, project: Project) -> list[str]:
    """Return the objectives of a scorecard, at whatever depth."""
    if name not in project["scorecards"]:
        return [name]
    return [
        deeper
        for inner in project["scorecards"][name]["objectives"]
        for deeper in _objectives_in(inner, project)
    ]


def _table(name: str, project: Project, measured: Mapping[str, Objective]) -> Table:
    every = list(measured.values())
    others = [one for name, one in measured.items() if not _is_milestone(name, project)]
    first = (others or every)[0]
    contexts = [
        c for c in contexts_of(every) if not c.members or any(one.is_shown(one.there(c)) for one in every)
    ]
    judged = {key: one.judged([one.there(c) for c in contexts]) for key, one in measured.items()}
    columns: tuple[str, ...] = ()
    lines: list[tuple[Value, ...]] = []
    for n, context in enumerate(contexts):
        here = {key: found[n] for key, found in judged.items()}
        told_by = others[:1] or every  # of milestones alone the last due day
        is_over = all(one.standing(one.there(context)).is_over for one in told_by)
        told: dict[str, Value] = {}
        score = _row(name, project, here, told, is_over=is_over)
        told |= {**_shown(score), "as_of": first.as_of}
        columns = tuple(told)
        lines.append((*shown(context), *told.values()))
    return Table((*first.query.by, *(columns or _names(name, project))), lines)


def _names(name: str, project: Project) -> tuple[str, ...]:
    """Return the columns of a scorecard without rows."""
    inside = [
        column
        for inner in project["scorecards"][name]["objectives"]
        for column in (
            (*_names(inner, project), f"{inner}_score", f"{inner}_status")
            if inner in project["scorecards"]
            else tuple(f"{inner}_{told}" for told in _told_of(project["objectives"][inner]))
        )
    ]
    return (*inside, *SCORE, "as_of")


def _told_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a scorecard tells of an objective."""
    if body["kind"] == "no_signal":
        return "status", "counted"
    return ("attainment", "status", *(("counted",) if "trajectory" in body else ()))


def _row(
    name: str,
    project: Project,
    here: Mapping[str, Mapping[str, Value]],
    told: dict[str, Value],
    *,
    is_over: bool,
) -> Score:
    """Return the score of a scorecard in one row; what is in it is told under its name."""
    body = project["scorecards"][name]
    parts: list[Part] = []
    for inner in body["objectives"]:
        if inner in project["scorecards"]:
            score = _row(inner, project, here, told, is_over=is_over)
            found = None if score.score is None else Fraction(score.score)
            weight = _weight(project["scorecards"][inner])
            parts.append(Part(inner, weight, found, score.status, score.is_met))
            told |= {
                f"{inner}_score": None if found is None else float(found),
                f"{inner}_status": score.status,
            }
            continue
        row = here[inner]
        attainment, status = row["attainment"], row["status"]
        is_on_its_way = "trajectory" in project["objectives"][inner] and not is_over
        counted = row["pace"] if is_on_its_way else attainment
        exact = None if counted is None else Fraction(counted)  # type: ignore[arg-type]
        is_met = row["met"] is True
        is_of_signals = project["objectives"][inner]["kind"] == "no_signal"
        if is_of_signals:
            exact = {"met": Fraction(1), "missed": Fraction(0)}.get(str(status))
            counted = None if exact is None else int(exact)
        if _is_milestone(inner, project):
            reached = {"met": Fraction(1), "met_late": Fraction(1), "missed": Fraction(0)}
            exact, is_met = reached.get(str(status)), status == "met"
        part = Part(inner, _weight(project["objectives"][inner]), exact, str(status), is_met)
        parts.append(part)
        if not is_of_signals:
            told[f"{inner}_attainment"] = attainment
        told[f"{inner}_status"] = status
        if is_of_signals or "trajectory" in project["objectives"][inner]:
            told[f"{inner}_counted"] = counted if part.is_judged else None
    return score_of(body, parts, is_over=is_over)


def _shown(score: Score) -> dict[str, Value]:
    shown_score = None if score.score is None else float(score.score)
    return dict(
        zip(SCORE, (shown_score, score.judged, float(score.weight), score.status, score.reason), strict=True)
    )


def _weight(body: Mapping[str, Any]) -> Fraction:
    return share_of(body.get("weight", 1))
