"""Why an attainment or a pace cannot be told though there is a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpidsl.objectives.arithmetic import is_null
from kpidsl.objectives.bands import PARTS
from kpidsl.objectives.columns import Column
from kpidsl.objectives.row_targets import is_fixed
from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.objectives import CheckedObjective
from kpidsl.semantics.shown import Asked


def gaps(
    objective: CheckedObjective, of: Mapping[Column, Bound], fade: Asked | None, *, rated: bool
) -> Iterator[tuple[str, Bound]]:
    """Yield why nothing is known of the value that the bands are of, though there is a target."""
    if objective.bands.axis not in PARTS or objective.bands.axis not in of:
        return
    if objective.baseline is not None and not rated:
        yield "no_baseline", is_null(of["baseline"])
    trajectory = objective.trajectory
    if objective.bands.axis == "pace" and trajectory is not None and trajectory.shape == "last_year":
        yield "no_trajectory", is_null(of["planned"])
    is_apart = objective.parity is None  # its fade is a tolerance where it is not written
    if (
        is_apart
        and "lower" in of
        and not (is_fixed(objective) if fade is None else isinstance(fade.bound, Constant))
    ):
        yield "no_fade", is_null(of["attainment"])
