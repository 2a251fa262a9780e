"""Each edge case of objectives, by its number, is a heading of a case file."""

from __future__ import annotations

import re

from .reader import case_paths, read_case

EDGE_CASES = {
    "E1": "a target of zero without a baseline",
    "E2": "a target below zero",
    "E3": "a value below zero under a target above it",
    "E4": "a baseline that is the target, or beyond it",
    "E5": "no value, or a denominator of zero",
    "E6": "no rows where a sum of nothing is zero",
    "E7": "a period that is loaded in part",
    "E8": "late rows of a period that is over",
    "E9": "what is shown as the target, and is less",
    "E10": "doubles that ought to be equal",
    "E11": "a percentage without its sign",
    "E12": "points and percent of a rate",
    "E13": "money in another currency",
    "E14": "a value on the border of a range",
    "E15": "a target beyond what can be",
    "E16": "the week 53, the leap day, the day on which clocks change",
    "E17": "short months on a way by days",
    "E18": "a way to what does not add up",
    "E19": "a member that begins in the middle of a period",
    "E20": "weights that do not add up to one",
    "E21": "nothing to judge in all of a scorecard",
    "E22": "scorecards that hold each other",
    "E23": "two that promise the same",
    "E24": "a kind against the direction of the KPI",
}


def test_each_edge_case_is_a_heading() -> None:
    paths = [path for path in case_paths() if path.parent.name == "objectives"]
    headings = [asked.heading for path in paths for asked in read_case(path).queries]
    found = {number for heading in headings for number in re.findall(r"\bE[0-9]+\b", heading)}
    assert found == EDGE_CASES.keys()
