"""A scorecard as a query: its objectives side by side in each row, and a score of their attainments.

judged   the columns of each objective, under its name
counted  of what has a trajectory, the pace on the way and the attainment at the end; of signals 1 or 0
then     the layers of each score, those inside another one first
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kpidsl.objectives.arithmetic import applied, cases, is_one_of, number, text
from kpidsl.objectives.evaluate import Evaluation, rows_kept
from kpidsl.objectives.guarded import side_by_side
from kpidsl.objectives.milestones import Milestone
from kpidsl.objectives.rollup import CLOSED, IN_FLIGHT, SHOWN, Rollup
from kpidsl.objectives.row_targets import has_every_row
from kpidsl.objectives.scopes import has_one_scope
from kpidsl.objectives.when import When
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.judged import Judgement, Layer
from kpidsl.semantics.objectives import CheckedScorecard
from kpidsl.semantics.prepared import Prepared


def prepared_scorecard(project: CheckedProject, card: CheckedScorecard, when: When) -> Prepared:
    """Return a scorecard as the query whose rows tell its score at an instant."""
    first = card.objectives[0]
    where = first.where if has_one_scope(card.objectives) else None
    evaluations: dict[str, Evaluation] = {}
    keeps_all = any(map(has_every_row, card.objectives))
    for one in card.objectives:
        is_milestone = one.kind == "milestone"
        alike = replace(one, by=first.by, effective=one.effective if is_milestone else card.effective)
        kind = Milestone if is_milestone else Evaluation
        evaluations[one.name] = kind(
            project, alike, when, one.name, is_scoped=where is None, keeps_all=keeps_all
        )
    rollups: dict[str, Rollup] = {}
    whole = Rollup(card, evaluations, rollups, when.as_of, is_whole=True)
    layers = tuple(_layers(whole, evaluations, rollups))
    shown = dict.fromkeys((*(whole.names.of(column) for column in SHOWN), *whole.shown()))
    return Prepared(
        kpis=tuple(asked for one in evaluations.values() for asked in one.asked()),
        by=whole.by,
        where=where,
        window=when.days(card.effective, first.grain, project.project),
        fill=first.grain is not None,
        named=tuple(dict.fromkeys(row for one in evaluations.values() for row in one.named())),
        judgement=Judgement(
            layers,
            (*shown, whole.names.of("as_of")),
            rows_kept(list(evaluations.values())),
            is_long=True,
        ),
    )


def _layers(
    whole: Rollup, evaluations: Mapping[str, Evaluation], rollups: Mapping[str, Rollup]
) -> Iterator[Layer]:
    """Yield the layers of all objectives, then those of scorecards inside the whole, then its own."""
    of_objectives = side_by_side(layer for one in evaluations.values() for layer in one.layers())
    yield from (layer for layer in of_objectives if layer.name != "told")
    yield from side_by_side(counted for one in evaluations.values() if (counted := _counted(one)) is not None)
    for inner in rollups.values():
        yield from inner.layers()
    yield from whole.layers()
    yield whole.told()


def _counted(one: Evaluation) -> Layer | None:
    """Return what counts of an objective in the place of its attainment, None where that does.

    With a trajectory it is measured by where it should be as long as it is on its way. What has no attainment
    counts by whether there is a signal.
    """
    status = one.of["status"]
    if one.objective.signals is not None:
        by_status = [
            (applied("=", status, text("met")), number(1)),
            (applied("=", status, text("missed")), number(0)),
        ]
        return one.layer("counted", [("counted", cases(by_status))])
    if "pace" not in one.of:
        return None
    is_closed, is_on_its_way = (is_one_of(status, statuses) for statuses in (CLOSED, IN_FLIGHT))
    counted = cases([(is_closed, one.of["attainment"]), (is_on_its_way, one.of["pace"])])
    return one.layer("counted", [("counted", counted)])
