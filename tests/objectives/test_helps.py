"""What the help of a mistake in an objective says: what is right at that place, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.objectives.test_checks import told_by_check

YEAR = "period: month; effective: {from: 2026-01-01, until: 2027-01-01}"
OF = "kpi: revenue; kind: at_least"
HELPS = {
    "kpi: nps; kind: at_least; target: 40%": (
        "`nps` has a scale of its own, and `40%` does not say which value of it is meant",
        "write `40`; `0.4` if that is meant",
    ),
    "kpi: mean_score; kind: at_least; target: 4.5%": (
        "so `4.5%` may be `4.5` or `0.045`",
        "where `mean_score` is a fraction, write `unit: percent` there",
    ),
    "kpi: mails_sent; kind: at_least; target: 40%": (
        "`mails_sent` has a scale of its own, and `40%` does not say which value of it is meant",
    ),
    f"{OF}; target_from: {{dataset: sessions, value: channel}}": (
        "a target is a number, and `channel` is text",
        "name a column of numbers",
    ),
    f"{OF}; target_from: {{dataset: sessions, value: seconds}}": (
        "`target_from` is in `second`, and `revenue` is in `EUR`",
        "name a column that is in `EUR`",
    ),
    "kpi: conversion_rate; kind: at_least; target: revenue * 2": (
        "write a formula that is in `percent`, such as `prior(conversion_rate, 1 year) * 110%`",
    ),
    "kpi: conversion_rate; kind: at_least; target: 5 EUR": (
        "`conversion_rate` is a part of a whole: write it in percent, such as `5%`",
    ),
    f"{OF}; target: 5 sessions": ("a number alone is in the KPI's unit, `EUR`",),
    f"{OF}; {YEAR}; targets: [{{period: 2026-01, target: 5}}]; allocate: {{by: days, over: quarter}}": (
        "`2026-01` is not one quarter, and a target is that of one",
    ),
    f"{OF}; {YEAR}; targets: [{{period: 2026-01, target: 5}}]; allocate: {{by: days}}": (
        "all the days of the objective share its target, so no row is of a period",
        "what a target is of: `over: year`",
    ),
    f"{OF}; {YEAR}; targets: [{{period: 2026, target: 5}}]": (
        "`2026` is not one month, and the objective is judged month by month",
    ),
    "kpi: time_spent; kind: within; range: [20, null]": (
        "a range has two ends, and this one has one",
        "write `kind: at_least` with a `target`, or both ends",
    ),
    "kpi: time_spent; kind: within; range: [null, 20]": ("write `kind: at_most` with a `target`",),
    "kpi: time_spent; kind: within; range: [null, null]": (
        "a range has two ends, and this one has none",
        "help: write both ends: `range: [20, 30]`",
    ),
    f"{OF}; target: 5; period: ": (
        "`o0` has neither a `period` nor days",
        "add `period: month`, or the first day and the day after the last",
    ),
    f"{OF}; target: 5; effective: {{from: 2026-01-01}}": (
        "`o0` has no `until`",
        "add `period: month`, or the day after the last: `until: 2027-01-01`",
    ),
    f"{OF}; target: 5; effective: {{until: 2026-01-01}}": (
        "`o0` has no `from`",
        "the first day: `from: 2026-01-01`",
    ),
    f"{OF}; by: [channel]; targets: [{{channel: email, target: 0}}]": ("the target of this row is zero",),
    f"{OF}; target: 0": ("the target of `o0` is zero",),
    f"{OF}; by: [channel]; where: channel = 'email'; {YEAR}; target: 5; allocate: {{by: days, across: channel, "
    "weights: [{channel: email, weight: 2}, {channel: search, weight: 1}]}": (
        "the `where` of the objective leaves out `channel: search`, which gets no part of the target",
    ),
    "kpi: lost; kind: at_most; target: -3": ("`lost` is never below 0: it counts, and `-3` is",),
    "kpi: lost; kind: rank; by: [channel]; share: 30%": (
        "a share of `lost` is asked of each, and less of it is better",
        "promise a rank, `target: 3`",
    ),
    f"{OF}; target: 5; guardrails: [conversion_rate >= 20]": (
        "`conversion_rate` is a fraction, and `20` does not say",
        "write `20%` or `0.2`",
    ),
}


@pytest.mark.parametrize(("text", "parts"), HELPS.items(), ids=list(HELPS))
def test_help(text: str, parts: tuple[str, ...], tmp_path: Path) -> None:
    told = " ".join(told_by_check(tmp_path, text).split())
    assert told.endswith("1 error")
    for part in parts:
        assert part in told


def test_a_grain_among_the_members_is_told_as_that_alone(tmp_path: Path) -> None:
    told = told_by_check(tmp_path, f"{OF}; target: 5; by: [month]; period: ")
    assert "write `period: month`, and leave it out of `by`" in told
    assert "neither" not in told
