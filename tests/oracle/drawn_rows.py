"""Rows, drawn: orphans, null keys and times, twins, odd texts, days at which clocks and months turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from .dice import Dice, some
from .schemas import DECIMAL_BOUND, FLOAT_BOUND, INTEGER_BOUND, MOST_ROWS, Schema

TEXTS = ("paid", "EU", "eu", "", "paid ", "l'été", "100%", "a_b", "pro", "É", "naïve", 'say "x"', " ", "日本")
COUNTRY_CODES = ("EU", "eu", "FR", "l'été", "")
SHOPS = ("EU", "eu", "100%")
MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-01-01 00:00:00",
        "2025-12-31 23:30:00",
        "2025-12-31 22:59:59",
        "2026-01-15 12:00:00",
        "2026-01-31 23:00:00",
        "2026-02-01 04:59:59",
        "2026-02-28 23:59:59",
        "2024-02-29 10:00:00",
        "2024-02-28 23:00:00",
        "2025-02-28 05:00:00",
        "2026-03-29 00:59:59",  # Paris moves its clocks at 01:00 UTC
        "2026-03-29 01:00:00",
        "2026-03-28 23:00:00",
        "2026-03-29 22:00:00",
        "2025-10-25 22:00:00",
        "2025-10-26 00:30:00",
        "2025-10-26 23:00:00",
        "2026-03-08 06:59:59",  # New York moves its clocks at 07:00 UTC
        "2026-03-08 04:00:00",
        "2026-03-09 03:59:59",
        "2025-11-02 01:30:00",
        "2025-11-03 04:30:00",
        "2026-03-31 21:59:59",
        "2026-03-31 22:00:00",
        "2026-06-30 22:00:00",
        "2026-07-01 04:00:00",
        "2026-08-15 12:34:56",
        "2024-12-30 00:00:00",  # Monday of 2025-W01
        "2027-01-03 22:59:59",  # Sunday of 2026-W53
        "2026-08-16 00:00:00",
        "2025-10-26 01:30:00",  # 02:30 of Paris for the second time
        "2025-10-26 02:30:00",  # twice in Paris, where it is local
        "2026-03-29 02:30:00",  # never in Paris
        "2025-11-02 05:30:00",
        "2025-11-02 06:30:00",  # 01:30 of New York for the second time
        "2026-01-15 12:00:00.000001",
        "2026-03-31 21:59:59.999999",
        "2025-11-02 04:59:59",  # Havana moves its clocks at 05:00 UTC, at midnight forward and back to midnight
        "2025-11-02 05:00:00",
        "2026-03-08 05:00:00",
        "2026-03-08 00:30:00",
        "2026-04-04 14:40:00",  # Lord Howe moves its clocks by half an hour at 15:00 UTC
        "2026-04-04 15:10:00",
    )
)
DAYS = tuple(sorted({m.date() for m in MOMENTS}))
KEYS: dict[str, tuple[str, ...]] = {
    "regions": ("region_id",),
    "countries": ("code",),
    "customers": ("customer_id",),
    "products": ("shop", "sku"),
    "orders": ("order_id",),
    "sessions": ("session_id",),
    "order_lines": ("order_id", "line"),
    "tiers": ("customer_id", "valid_from"),
    "memberships": ("membership_id",),
}
REFERENCES = {
    "region_id": (1, 2, 3, 9),
    "customer_id": (1, 2, 3, 4, 99),
    "visitor_id": (1, 2, 3, 4, 99),
    "order_id": (1, 2, 3, 4, 5, 8, 99),
    "country_code": (*COUNTRY_CODES, "ZZ"),
    "shop": SHOPS,
    "sku": (1, 2, 7),
    "item": (1, 2, 7),
}


def draw_rows(dice: Dice, schema: Schema) -> dict[str, list[dict[str, Any]]]:
    """Return rows for every dataset, by physical column; declared keys are unique and not null."""
    # A handful of moments for one world, so that facts meet in a bucket.
    moments = some(dice, MOMENTS, least=2, most=6)
    rows = {
        name: _dataset_rows(dice, name, body, moments) for name, body in schema.project["datasets"].items()
    }
    datasets = schema.project["datasets"]
    if "tiers" in rows:
        joins = [join for body in datasets.values() for join in body.get("joins", {}).values()]
        _hold(dice, datasets["tiers"], rows["tiers"], closed=any("closed" in join for join in joins))
    if "calendars" in schema.project:
        rows["retail"] = _retail_days(dice)
        if "comparable" in schema.project["calendars"]["retail"]:
            for row in rows["retail"]:
                row["compare_to"] = _comparable(dice, row["calendar_date"])
    return rows


def _hold(dice: Dice, body: dict[str, Any], rows: list[dict[str, Any]], *, closed: bool) -> None:
    """Give the rows of one key stretches that follow each other, now and then with a gap."""
    start_at, end_at = (_physical(body, name) for name in ("valid_from", "valid_to"))
    key_at = _physical(body, "customer_id")
    is_date = spec_type(body["columns"]["valid_to"]) == "date"
    for key in {row[key_at] for row in rows}:
        own = sorted((row for row in rows if row[key_at] == key), key=lambda row: row[start_at])
        for row, after in zip(own, [*own[1:], None], strict=True):
            # With an end that belongs to the stretch the next one begins a day later at the earliest.
            gap = timedelta(days=dice.between(1, 40))
            if dice.chance(2):
                gap = timedelta() if not closed else timedelta(days=1) if is_date else timedelta(seconds=1)
            latest = None if after is None else after[start_at] - gap
            empty = row[start_at] - timedelta(days=3)
            row[end_at] = empty if latest is not None and latest < row[start_at] else latest
            if after is None and dice.chance(2):
                row[end_at] = row[start_at] + timedelta(days=dice.between(0, 60))


def _retail_days(dice: Dice) -> list[dict[str, Any]]:
    """Return a calendar of weeks and seasons that are none of anybody else's, with gaps."""
    first, length = dice.pick((date(2023, 12, 31), date(2025, 9, 1), date(2026, 1, 2))), dice.pick((7, 6))
    out: list[dict[str, Any]] = []
    for n in range(dice.pick((1200, 200))):
        day = first + timedelta(days=n)
        season = None if dice.chance(50) else (n // length) // 4 % 5
        if not dice.chance(40):
            out.append({"calendar_date": day, "week_key": f"w{n // length}", "season_key": season})
    return out


def _comparable(dice: Dice, day: date) -> date | None:
    """Return the day with which a day compares: its weekday, its date, one for several days, or none."""
    if dice.chance(12):
        return None
    other = dice.pick(MOMENTS).date()
    if dice.chance(8) and other < day:
        return other
    return day - timedelta(days=dice.pick((364, 364, 365, 371)))


def _physical(body: dict[str, Any], name: str) -> str:
    spec = body["columns"][name]
    return name if isinstance(spec, str) else str(spec.get("column", name))


def spec_type(spec: Any) -> str:
    return spec if isinstance(spec, str) else str(spec["type"])


def _dataset_rows(
    dice: Dice, dataset: str, body: dict[str, Any], moments: Sequence[datetime]
) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for key in _keys(dice, dataset):
        row = dict(zip(KEYS[dataset], key, strict=True))
        twin = out[-1] if out and dice.chance(8) else None
        physical: dict[str, Any] = {}
        for name, spec in body["columns"].items():
            if not isinstance(spec, str) and "expr" in spec:
                continue
            at = name if isinstance(spec, str) else spec.get("column", name)
            if name in row:
                physical[at] = row[name]
                if spec_type(spec) == "timestamp":
                    physical[at] = datetime.combine(row[name], time(dice.pick((0, 12))))
            else:
                type_text = spec_type(spec)
                owed = not isinstance(spec, str) and spec.get("required") and not dice.chance(4)
                physical[at] = twin[at] if twin else _value(dice, name, type_text, moments, is_owed=owed)
        out.append(physical)
    return out


def _keys(dice: Dice, dataset: str) -> list[tuple[Any, ...]]:
    match dataset:
        case "countries":
            return [(c,) for c in some(dice, COUNTRY_CODES, least=1, most=4)]
        case "products":
            return some(dice, [(shop, sku) for shop in SHOPS for sku in (1, 2)], most=4)
        case "order_lines":
            orders = [1, 1, 2, 2, 3, 4, 5, 99, 3, 6, 7, 1, 8, 2]
            return [(order, i) for i, order in enumerate(orders[: _many(dice, MOST_ROWS)])]
        case "tiers":
            days = [(c, dice.pick(DAYS)) for c in (1, 1, 1, 2, 2, 3, 4) if not dice.chance(4)]
            return sorted(set(days))
        case "orders" | "sessions" | "memberships":
            return [(i + 1,) for i in range(_many(dice, MOST_ROWS))]
        case _:
            return [(i + 1,) for i in range(_many(dice, 4))]


def _many(dice: Dice, most: int) -> int:
    """Return how many rows: mostly several, now and then none."""
    return 0 if dice.chance(12) else dice.between(most // 2, most)


def _value(dice: Dice, name: str, type_text: str, moments: Sequence[datetime], *, is_owed: bool) -> Any:
    if not is_owed and dice.chance(9):
        return None
    if name in REFERENCES:
        return dice.pick(REFERENCES[name])
    kind = type_text.split("(")[0]
    match kind:
        case "text":
            # The first few more often, so that groups have several rows.
            return dice.pick(TEXTS if dice.chance(2) else TEXTS[:4])
        case "integer":
            return dice.pick((0, 1, 2, 3, -1)) if dice.chance(2) else dice.between(-5, INTEGER_BOUND)
        case "decimal" if type_text == "decimal(6,2)":
            return dice.pick(
                (Decimal("0.5"), Decimal("1.00"), Decimal("0.75"), Decimal("24"), Decimal("0.01"), Decimal(0))
            )
        case "decimal":
            scale = int(type_text.rstrip(")").split(",")[1])
            if dice.chance(3):
                return Decimal(dice.pick((0, 20, -20, 1))).scaleb(0)
            bound = 2 if scale == 4 else DECIMAL_BOUND
            return Decimal(dice.between(-bound * 10**scale // 2, bound * 10**scale)).scaleb(-scale)
        case "float":
            return dice.between(-4, 4 * FLOAT_BOUND) / 4
        case "boolean":
            return dice.chance(2)
        case "date":
            chosen: date = dice.pick(moments).date() if not dice.chance(3) else dice.pick(DAYS)
            return chosen
        case "timestamp":
            return dice.pick(moments) if not dice.chance(4) else dice.pick(MOMENTS)
        case _:
            raise AssertionError(type_text)
