"""What two datasets are matched by is of one unit and one zone: nothing converts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.queries import check_query
from tests import answers

DEFINITIONS = """
datasets:
  calls:
    table: calls
    key: id
    time: began
    columns:
      id: integer
      began: timestamp
      lasted: {type: integer, unit: LASTED}
      bare: integer
    joins:
      rate: {to: rates, using: {lasts: lasted}}
      bare_rate: {to: rates, using: {lasts: bare}}
      band: {to: bands, using: {scheme: bare}, between: [low, high], at: lasted}

  rates:
    table: rates
    key: lasts
    columns:
      lasts: {type: integer, unit: minute}
      price: decimal(8,2)

  bands:
    table: bands
    key: [scheme, low]
    columns:
      scheme: integer
      low: {type: integer, unit: minute}
      high: {type: integer, unit: minute}

  replies:
    table: replies
    key: id
    time: came
    columns:
      id: integer
      came: timestamp
      lasted: {type: integer, unit: minute}

dimensions:
  length: {from: {calls: lasted, replies: lasted}}
"""
ZONES = """
datasets:
  calls:
    table: calls
    key: id
    columns:
      id: integer
      began: {type: timestamp, timezone: ZONE}
    joins:
      slot: {to: slots, using: {starts: began}}

  slots:
    table: slots
    key: starts
    columns:
      starts: {type: timestamp, timezone: UTC}
"""


def _told(definitions: str, folder: Path) -> list[tuple[str, str]]:
    sink = Sink()
    load(answers.write_project(folder, "", definitions), sink)
    return [
        (found.rule.code, found.message) for found in sink.diagnostics() if found.rule.severity == "error"
    ]


def test_one_unit_is_matched(tmp_path: Path) -> None:
    assert _told(DEFINITIONS.replace("LASTED", "minute"), tmp_path) == []


@pytest.mark.parametrize("unit", ["hour", "EUR", "click"])
def test_two_units_are_refused_wherever_they_are_matched(unit: str, tmp_path: Path) -> None:
    told = _told(DEFINITIONS.replace("LASTED", unit), tmp_path)
    assert {code for code, _ in told} == {"unit/mismatch"}
    places = sorted(message.partition(" needs ")[0] for _, message in told)
    assert places == ["`between`", "`dimension length`", "`using`"]
    assert all(f"`{unit}`" in message and "`minute`" in message for _, message in told)


def test_two_currencies_are_told_as_such(tmp_path: Path) -> None:
    told = _told(DEFINITIONS.replace("LASTED", "EUR").replace("minute", "USD"), tmp_path)
    assert {code for code, _ in told} == {"unit/currencies"}
    assert len(told) == 3
    assert all("needs amounts of one currency" in message for _, message in told)


@pytest.mark.parametrize(("unit", "codes"), [("minute", []), ("hour", ["unit/mismatch"])])
def test_keys_of_sequences_too(unit: str, codes: list[str], tmp_path: Path) -> None:
    without = DEFINITIONS.partition("dimensions:")[0].replace("LASTED", unit)
    joins = without[without.index("    joins:") : without.index("  rates:")]
    project = answers.checked(answers.write_project(tmp_path, "", without.replace(joins, "\n")))
    sink = Sink()
    check_query(project, query_text("x = count(calls where followed_by(replies per lasted))"), sink)
    assert [found.rule.code for found in sink.diagnostics() if found.rule.severity == "error"] == codes


def test_keys_of_one_zone_are_matched(tmp_path: Path) -> None:
    assert _told(ZONES.replace("ZONE", "UTC"), tmp_path) == []


def test_keys_of_two_zones_are_refused(tmp_path: Path) -> None:
    [(code, message)] = _told(ZONES.replace("ZONE", "Asia/Tokyo"), tmp_path)
    assert code == "type/mismatch"
    assert message == "`began` holds times of Asia/Tokyo, and `slots.starts`, which it is joined with, of UTC"
