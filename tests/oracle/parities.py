"""Objectives by which members or segments are not to differ: what each row is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kpidsl.syntax import tree as t

from .contexts import Context
from .definitions import Measure, read_formula
from .interpreter import Interpreter
from .judge import Number, Promise
from .samples import sample_of
from .values import arithmetic, number


@dataclass(frozen=True, slots=True)
class Parities:
    """Works out the references of one objective's rows. `rows` are the contexts of all of them."""

    body: Mapping[str, Any]
    by: tuple[str, ...]
    is_less_better: bool
    kpi: Measure
    interpreter: Interpreter
    value: Callable[[t.Expr, Context], Number | None]
    rows: Callable[[], Iterator[Context]]

    def own(self, context: Context) -> Context:
        """Return where a row's own value stands: in its segment, if there is one."""
        segment = self.body.get("segment")
        return context if segment is None else context.narrowed(read_formula(segment))

    def promise(self, context: Context) -> Promise:
        target, sample = self._reference(context)
        tolerance = self._size(str(self.body["tolerance"]), target, context)
        sides = self._sides()
        if target is None or tolerance is None:
            return Promise("parity", 0, reference_sample=sample, sides=sides)
        ends = {
            "low": number(arithmetic("-", target, tolerance)) if "low" in sides else None,
            "high": number(arithmetic("+", target, tolerance)) if "high" in sides else None,
        }
        fade = self.body.get("fade")
        return Promise(
            "parity",
            0,
            target,
            fade=tolerance if fade is None else self.value(read_formula(str(fade)), context),
            reference_sample=sample,
            sides=sides,
            **ends,
        )

    def _sides(self) -> tuple[str, ...]:
        if self.body.get("side", "both") == "both" and self.body["reference"] != "best":
            return "low", "high"
        return ("high",) if self.is_less_better else ("low",)

    @property
    def _is_part(self) -> bool:
        written = str(self.body["tolerance"])
        is_relative = self.body.get("relative") in (True, "true")
        return written.endswith("%") and (self.kpi.unit != "percent" or is_relative)

    def _size(self, written: str, target: Number | None, context: Context) -> Number | None:
        found = self.value(read_formula(written), context)
        if not self._is_part or found is None or target is None:
            return found
        return number(arithmetic("*", found, abs(target)))

    def _reference(self, context: Context) -> tuple[Number | None, int | None]:
        written = self.body["reference"]
        if written == "best":
            target, sample = self._best(context), None
        else:
            there = context.without(self._compared) if self._compared else context
            if written != "overall":
                there = there.narrowed(read_formula(written))
            target, sample = self._value(there), self._sample(there)
        return (None if self._is_part and target == 0 else target), sample

    @property
    def _compared(self) -> frozenset[str]:
        if "segment" in self.body:
            return frozenset()
        among = self.body.get("among", self.by)
        return frozenset([among] if isinstance(among, str) else among)

    def _best(self, context: Context) -> Number | None:
        """Return the best value of those of the same group that rest on enough."""
        found = []
        for other in self.rows():
            if self._kept(other) != self._kept(context):
                continue
            value, sample = self._value(other), self._sample(other) or 0
            if value is not None and sample >= int(self.body.get("min_sample", 0)):
                found.append(value)
        best = min if self.is_less_better else max
        return best(found, default=None)

    def _kept(self, context: Context) -> tuple[Any, ...]:
        return tuple(value for member, value in context.members if member.text not in self._compared)

    def _value(self, context: Context) -> Number | None:
        found = self.interpreter.measured(self.kpi, context)
        return None if found is None else number(found)

    def _sample(self, context: Context) -> int | None:
        return sample_of(self.kpi.formula, context.ripened(self.kpi.maturity), self.interpreter)
