"""What a query asks beside what its text says: the columns of an objective, and how they are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.periods import Window
from kpidsl.semantics.shown import Asked

if TYPE_CHECKING:
    from kpidsl.semantics.judged import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The part of a query that is bound already. Its columns come first, its members too.

    `window` are the days that are read, whatever period the text asks for; `named` are members that are
    among the rows whether or not facts have them.
    """

    kpis: tuple[Asked, ...]
    by: tuple[Grouped, ...]
    where: Bound | None
    window: Window
    fill: bool
    named: tuple[tuple[Constant, ...], ...]
    judgement: Judgement


def both(one: Window, other: Window) -> Window:
    """Return the days that are in both windows."""
    starts = [window.start for window in (one, other) if window.start is not None]
    ends = [window.end for window in (one, other) if window.end is not None]
    return Window(max(starts, default=None), min(ends, default=None))
