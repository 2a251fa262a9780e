"""Queries, drawn: which KPIs, in which windows, and how the rows are shown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from .dice import Dice, some
from .drawn_formulas import FormulaAuthor
from .drawn_parameters import parametrized, settings
from .drawn_row_formulas import member
from .drawn_windows import INSTANTS, NEED_A_BOUND, NEED_AN_END, RELATIVE, WINDOWED, begins
from .periods import first_day, slug_of
from .pieces import FILTERED, Piece, combined, test_of
from .schemas import Schema

PERIODS = (
    "2026",
    "2024-01-01..2027-01-01",
    "2025-10-01..2026-12-31",
    "2024-02-01..2026-04-01",
    "2025",
    "2026-Q1",
    "2025-Q4",
    "2026-03",
    "2026-01",
    "2024-02",
    "2026-03-29",
    "2025-12-31",
    "2026-01-15..2026-03-30",
    "2025-10-26..2026-02-01",
)
SHORT_PERIODS = ("2026-03-29", "2025-10-25..2025-10-27", "2025-10-26", "2026-01-15", "2025-11-01..2025-11-03")
FEW_BUCKETS = {
    "hour": SHORT_PERIODS,
    "minute": SHORT_PERIODS[:1],
    "day": (*SHORT_PERIODS, "2026-03", "2024-02"),
}
"""Periods that a fill of these grains may be asked for."""


class QueryAuthor:
    """Draws one query over a project's KPIs."""

    def __init__(
        self,
        dice: Dice,
        schema: Schema,
        author: FormulaAuthor,
        pieces: dict[str, Piece],
        features: frozenset[str],
    ) -> None:
        self.dice = dice
        self.schema = schema
        self.author = author
        self.pieces = dict(pieces)
        self.features = features
        self.rests_on_buckets = False
        self.keen = dice.chance(3)
        """A keen query asks for much at once."""

    def _maybe(self, one_in: int) -> bool:
        return self.dice.chance(2 if self.keen else one_in)

    def query(self) -> dict[str, Any]:
        """Draw a query."""
        dice, author = self.dice, self.author
        self.asked = some(dice, sorted(self.pieces), least=1)
        kpis = list(self.asked)
        if dice.chance(3):
            piece = author.formula()
            kpis.append(f"extra = {self._parametrized(piece.text)}")
            self.pieces["extra"] = piece
            self.asked.append("extra")
        self.by = [m.text for m in author.by]
        for grain in author.grains:
            self.by.insert(dice.between(0, len(self.by)), grain)
        query: dict[str, Any] = {"kpis": kpis, "by": self.by}
        if author.members and dice.chance(4):
            known = [member(m) for m in author.members]
            filters = author.filters if dice.chance(2) else []
            query["where"] = self._parametrized(filters[0].text if filters else self._condition(known))
        if self.schema.timed and self._maybe(3):
            query["period"] = self._period()
        self._bound(query)
        self.columns = self._columns(query.get("period"))
        self._ask_for_rows(query)
        if "parameters" in self.features and (given := settings(dice)):
            query["parameters"] = given
        self._ask_early(query)
        return query

    def _ask_early(self, query: dict[str, Any]) -> None:
        """Now and then ask when the period has not begun."""
        period = query.get("period")
        if "as_of" in query and isinstance(period, str) and period not in RELATIVE and self.dice.chance(6):
            query["as_of"] = str(first_day(period) - timedelta(days=self.dice.pick((0, 1, 20))))

    def _texts(self) -> str:
        """Return every formula that the query can reach."""
        sections = [self.schema.project[s].values() for s in ("metrics", "kpis")]
        return " ".join([*(str(body) for bodies in sections for body in bodies), self.pieces_text()])

    @property
    def _holds(self) -> bool:
        """Tell whether something asked for holds over a stretch of time."""
        return any(home.home == "memberships" for home in self.author.homes)

    def _bound(self, query: dict[str, Any]) -> None:
        """Ask as of an instant, and for what bounds changed windows."""
        dice, texts, grains = self.dice, self._texts(), self.author.grains
        windowed = WINDOWED.search(texts) is not None
        ripe = "maturity" in str(self.schema.project["kpis"])
        if "as of" in self.features and self.schema.timed and (ripe or dice.chance(2 if windowed else 6)):
            fit = [i for i in INSTANTS if self._is_after(i, query.get("period"))]
            query |= {"as_of": dice.pick(fit)} if fit else {}
            if fit and "partial" in self.features and dice.chance(3):
                query["partial"] = dice.pick(("whole", "drop", "same_elapsed"))
        # Every bucket asks anew for what a set or an entity is: few of them, then.
        few = "day" in grains and re.search(r" per |values\(|having", texts) is not None
        held = self._holds
        if not windowed and not held and not few:
            return
        hours = not {"hour", "minute"}.isdisjoint(grains)
        needs_an_end = held or bool(NEED_AN_END.search(texts))
        rests = bool(NEED_A_BOUND.search(texts)) or (needs_an_end and "as_of" not in query)
        must = rests and (not grains or "across" in texts or "period_" in texts)
        must = must or (held and not dice.chance(3)) or hours or ("day" in grains and not dice.chance(4))
        if isinstance(query.get("period"), list) or few or hours or (must and "period" not in query):
            instant = query.get("as_of")
            short = SHORT_PERIODS if hours else FEW_BUCKETS["day"] if few else PERIODS
            fit = [p for p in short if instant is None or self._is_after(instant, p)]
            query["period"] = dice.pick(fit or short)
            if not fit:
                del query["as_of"]
                query.pop("partial", None)
        if "as_of" in query and "period" in query and not hours and not few and dice.chance(4):
            query["period"] = dice.pick(RELATIVE)
        self.rests_on_buckets = rests and "period" not in query

    def _is_after(self, instant: str, period: str | list[str] | None) -> bool:
        """Tell whether an instant lies after the start of a period."""
        periods = [period] if isinstance(period, str) else period or []
        return all(first_day(p) < begins(instant) for p in periods)

    def _parametrized(self, text: str) -> str:
        return parametrized(self.dice, text) if "parameters" in self.features else text

    def _period(self) -> str | list[str]:
        dice = self.dice
        if "periods" in self.features and not self.author.grains and self._maybe(2):
            return some(dice, PERIODS, least=2, most=3)
        if {"hour", "minute"} & set(self.author.grains) and dice.chance(2):
            return dice.pick(SHORT_PERIODS)
        is_iso = self.schema.project["week_start"] == "monday"
        return "2026-W01" if is_iso and dice.chance(8) else dice.pick(PERIODS)

    def _columns(self, period: str | list[str] | None) -> dict[str, Piece]:
        """Return the KPIs' columns; a column that two engines may round differently has no sure order."""
        slugs = [f"_{slug_of(p)}" for p in period] if isinstance(period, list) else [""]
        return {
            f"{name}{slug}": self.pieces[name]
            for name in self.asked
            for slug in slugs
            if self.pieces[name].stable
        }

    def _ask_for_rows(self, query: dict[str, Any]) -> None:
        """Draw what keeps, adds and orders rows."""
        dice, features = self.dice, self.features
        if self.rests_on_buckets:
            # A window that its bucket bounds is bounded by nothing once the bucket is gone.
            features = features - {"top", "totals"}
        if "top" in features and self.by and not isinstance(query.get("period"), list) and self._maybe(5):
            query |= self._top()
        if "totals" in features and self.by and self._maybe(4):
            query["totals"] = dice.pick((True, "rollup", "cube"))
        if "fill" in features and self.author.grains and self._maybe(3) and self._may_fill(query):
            query["fill"] = True
        if "null labels" in features and self.author.by and self._maybe(4):
            query["null_label"] = dice.pick(("(none)", "paid", "l'été"))
        if "having" in features and self._maybe(5):
            known = [member(m) for m in self.author.by]
            days = [grain for grain in self.author.grains if grain not in ("hour", "minute")]
            known += [Piece(grain, "date") for grain in days]
            known += [piece.named(name) for name, piece in self.columns.items()]
            if known:
                query["having"] = self._condition(known)
        if self._maybe(3):
            sure = [*self.by, *self.columns]
            if sure:
                names = some(dice, sure, least=1, most=2)
                query["order"] = [f"-{n}" if dice.chance(2) else n for n in names]
        if dice.chance(4):
            query["limit"] = dice.between(1, 4)

    def _top(self) -> dict[str, Any]:
        dice = self.dice
        ranks = [name for name, piece in self.columns.items() if piece.is_number]
        if not ranks:
            return {}
        text = f"{dice.between(1, 3)} by {dice.pick(('', '-'))}{dice.pick(ranks)}"
        # What is left of several members once some of them are dropped is no set of rows.
        clear = len(self.author.by or self.author.grains) < 2 or "across" not in self._texts()
        # What holds at the end of several buckets, which are no window, is nothing.
        clear = clear and (bool(self.author.by) or not self._holds)
        return {"top": text + (" others" if "others" in self.features and clear and dice.chance(2) else "")}

    def pieces_text(self) -> str:
        return " ".join(piece.text for piece in self.pieces.values())

    def _may_fill(self, query: dict[str, Any]) -> bool:
        """Tell whether there are few buckets, and more than buckets to rank."""
        if "top" in query and not self.author.by:
            return False
        period = query.get("period")
        return all(period in FEW_BUCKETS.get(grain, (period,)) for grain in self.author.grains)

    def _condition(self, known: list[Piece]) -> str:
        dice = self.dice
        tests = [test_of(dice, dice.pick(known)) for _ in range(dice.between(1, 2))]
        whole = combined(dice, tests)
        assert whole.level != FILTERED
        return whole.text
