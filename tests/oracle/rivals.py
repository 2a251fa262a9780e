"""What rivals reach, as a target: which formulas tell it, how many they are, and how old the newest is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpidsl.syntax import tree as t

from .contexts import Context
from .definitions import Measure, read_formula
from .groups import Groups
from .interpreter import Interpreter
from .judge import Number
from .moments import Moment, day_of
from .values import time_of

FIGURES = {"median": "median", "mean": "avg"}


@dataclass(frozen=True, slots=True)
class Rivals:
    """Works out the benchmark of one objective's rows."""

    body: Mapping[str, Any]
    is_less_better: bool
    time: str
    as_of: Moment
    groups: Groups
    interpreter: Interpreter
    value: Callable[[t.Expr, Context], Number | None]

    @property
    def _table(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body["target_from"]
        return found

    def _of_latest(self, figure: str, *others: str) -> t.Expr:
        """Return a figure of the latest values, one of each rival that has one that is young enough."""
        table = self._table
        latest = f"last({table['dataset']}.{table['value']})"
        return self._young(f"{figure}({', '.join((latest, *others))} per {table['rival']})")

    def _young(self, text: str) -> t.Expr:
        age = self._table.get("max_age")
        return read_formula(text if age is None else f"rolling({text}, {age})")

    def target(self, context: Context) -> Number | None:
        if self.count(context) < int(self._table.get("min_rivals", 1)):
            return None
        take = str(self._table["take"])
        if take == "leader":
            formula = self._of_latest("min" if self.is_less_better else "max")
        elif take in FIGURES:
            formula = self._of_latest(FIGURES[take])
        else:
            formula = self._of_latest("percentile", take)
        return self.value(formula, context)

    def count(self, context: Context) -> int:
        found = self.interpreter.measured(Measure(self._of_latest("count")), context)
        assert isinstance(found, int)
        return found

    def age(self, context: Context) -> int | None:
        table = self._table
        written = f"max({table['dataset']}.{self.time} where {table['value']} is not null and {table['rival']} is not null)"
        newest = self.interpreter.measured(Measure(self._young(written)), context)
        if newest is None:
            return None
        end = self.groups.stretch(context).end
        today: date = day_of(self.as_of)
        until = today if end is None else min(today, day_of(end))
        return (until - day_of(time_of(newest))).days
