"""Zones that are an offset all year are warned of, with a place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.zones import known
from kpidsl.semantics.fixed_zones import _PLACES, _UNCHANGED
from kpidsl.semantics.lints import lint

ORDERS = """\
datasets:
  orders: {table: orders, key: order_id, time: at_, columns: {order_id: integer, at_: timestamp}}
metrics:
  orders_placed: count(orders)
"""


def told(folder: Path, zone: str) -> list[Diagnostic]:
    (folder / "definitions").mkdir()
    settings = f"project: p\nlanguage: 1\ntimezone: {zone}\n"
    (folder / "kpidsl.yml").write_text(settings, encoding="utf-8")
    (folder / "definitions" / "orders.yml").write_text(ORDERS, encoding="utf-8")
    sink = Sink()
    checked = load(folder, sink)
    assert checked is not None
    lint(checked, sink)
    return list(sink.diagnostics())


@pytest.mark.parametrize(
    ("zone", "message", "help"),
    [
        (
            "EST",
            "`EST` is 5 hours behind UTC all year: its clocks never change",
            "write the zone of a place: `America/New_York`; `America/Panama` where there is no summer time",
        ),
        (
            "MST",
            "`MST` is 7 hours behind UTC all year: its clocks never change",
            "write the zone of a place: `America/Denver`; `America/Phoenix` where there is no summer time",
        ),
        (
            "HST",
            "`HST` is 10 hours behind UTC all year: its clocks never change",
            "write the zone of a place: `Pacific/Honolulu`",
        ),
        (
            "Etc/GMT-1",
            "`Etc/GMT-1` is 1 hour ahead of UTC all year: its clocks never change",
            "write the zone of a place: `Europe/Paris`; `Africa/Lagos` where there is no summer time",
        ),
        (
            "Etc/GMT+12",
            "`Etc/GMT+12` is 12 hours behind UTC all year: its clocks never change",
            "write the zone of a place, such as `Europe/Paris`",
        ),
    ],
)
def test_an_offset_is_no_place(zone: str, message: str, help: str, tmp_path: Path) -> None:
    (one,) = told(tmp_path, zone)
    assert (one.code, one.message, one.help) == ("project/fixed-offset", message, help)
    assert one.primary.span.excerpt() == zone


@pytest.mark.parametrize(
    "zone",
    [
        "UTC",
        "Etc/UTC",
        "GMT",
        "Etc/GMT",
        "Etc/GMT-0",
        "Zulu",
        "Africa/Abidjan",
        "America/Panama",
        "CET",
        "EST5EDT",
    ],
)
def test_places_and_utc_are_meant(zone: str, tmp_path: Path) -> None:
    assert told(tmp_path, zone) == []


@pytest.mark.parametrize(("hours", "place"), [*_PLACES.items(), *_UNCHANGED.items()])
def test_the_places_are_on_these_hours_in_their_winter(hours: int, place: str) -> None:
    ahead = {known(place).utcoffset(datetime(2026, month, 15, tzinfo=UTC)) for month in (1, 7)}
    assert None not in ahead
    assert min(one for one in ahead if one is not None) == timedelta(hours=hours)
    assert len(ahead) == 1 or place in _PLACES.values()
