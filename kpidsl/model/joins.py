"""How a join finds its partner beyond equal columns: over a validity interval, or next to a moment."""

from __future__ import annotations

from typing import get_args

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence
from kpidsl.model import errors
from kpidsl.model.definitions import Formula, Interval, Nearest, Side
from kpidsl.model.reading import formula, is_true
from kpidsl.source import Span
from kpidsl.syntax import tree

SIDES: tuple[Side, ...] = get_args(Side)
_OF_INTERVALS = ("between", "at", "closed")
_OF_MATCHES = ("match", *SIDES, "within", "where")


class Partners:
    """What a join's keys say of its partner; what is wrong with them is reported."""

    def __init__(self, span: Span, node: Mapping, sink: Sink) -> None:
        self.span = span
        self.node = node
        self.sink = sink
        written = set(node.entries)
        is_both = bool(written & set(_OF_INTERVALS)) and bool(written & set(_OF_MATCHES))
        if is_both:
            sink.report(errors.interval_and_match(span))
        self.interval = None if is_both else self._interval()
        self.nearest = None if is_both else self._nearest()
        is_plain = not written & {*_OF_INTERVALS, *_OF_MATCHES}
        self.is_understood = is_plain or self.interval is not None or self.nearest is not None

    def _interval(self) -> Interval | None:
        node = self.node
        parts = [key for key in ("between", "at") if key in node.entries]
        if len(parts) == 1 or ("closed" in node.entries and not parts):
            self.sink.report(errors.half_an_interval(self.span, parts[0] if parts else "closed"))
        between = node.get("between")
        at = self._own_column("at", errors.interval_at)
        if at is None or not isinstance(between, Sequence):
            return None
        ends = [item for item in between.items if isinstance(item, Scalar)]
        if len(ends) != 2:
            return None
        start, end = ends
        return Interval(
            start=start.text,
            end=end.text,
            at=at,
            closed=is_true(node.get("closed")),
            start_span=start.span,
            end_span=end.span,
        )

    def _nearest(self) -> Nearest | None:
        node = self.node
        written = [key for key in _OF_MATCHES if key in node.entries]
        sides = [side for side in SIDES if side in node.entries]
        if not written:
            return None
        match = node.get("match")
        if not isinstance(match, Scalar) or match.text not in ("latest", "earliest"):
            if match is None:
                self.sink.report(errors.no_match(node.entries[written[0]].key.span, written[0]))
            return None
        if len(sides) != 1:
            self.sink.report(errors.sides_of_match(match.span, sides))
            return None
        moment = self._own_column(sides[0], errors.match_moment)
        if moment is None:
            return None
        return Nearest(
            match="latest" if match.text == "latest" else "earliest",
            side=sides[0],
            moment=moment,
            within=self._formula("within"),
            where=self._formula("where"),
            span=match.span,
        )

    def _formula(self, key: str) -> Formula | None:
        return formula(self.node.get(key), self.sink)

    def _own_column(self, key: str, wrong: errors.NotAColumn) -> tree.Name | None:
        """Return the column that stands under a key; a formula is reported."""
        found = self._formula(key)
        if found is None or found.expr is None:
            return None
        if not isinstance(found.expr, tree.Name):
            self.sink.report(wrong(found.span, found.text))
            return None
        return found.expr
