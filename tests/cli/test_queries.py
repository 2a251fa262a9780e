"""Parameters, several periods, warnings and bounds on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .running import DEFINITIONS, call

MORE = (
    DEFINITIONS
    + """\
  old_conversion:
    label: Old conversion
    formula: orders_placed / visits_seen
    direction: up
    owner: me
    bounds: [0, 30%]
    variant_of: conversions
    deprecated: {since: 2026-01-01, use: conversion}

parameters:
  smallest: {type: "decimal(12,2)", default: 10, label: Smallest order}
  needed: integer

filters:
  by_mail: {condition: channel = 'email', label: {en: By mail, fr: Par courrier}}
"""
)


@pytest.fixture
def shop(filled: Path) -> Path:
    (filled / "definitions" / "shop.yml").write_text(MORE, encoding="utf-8")
    written = [path for path in (filled / "definitions").glob("*.yml") if path.name != "shop.yml"]
    for path in written:
        path.unlink()
    return filled


def test_a_parameter_is_set_and_told(shop: Path) -> None:
    large = "large = count(orders where amount >= smallest)"
    done = call("compile", large, "--set", "smallest=20", "--format", "json", cwd=shop)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["parameters"] == {"smallest": "20.00"}
    done = call("run", large, "--format", "json", cwd=shop)
    assert json.loads(done.out)["parameters"] == {"smallest": "10.00"}
    assert "parameters" not in json.loads(call("run", "revenue", "--format", "json", cwd=shop).out)
    assert "parameter/twice" in call("run", large, "--set", "smallest=1", "--set", "smallest=1", cwd=shop).err
    assert call("run", large, "--set", "smallest", cwd=shop).code == 2
    assert "parameter/missing" in call("run", "x = needed + 1", cwd=shop).err


def test_periods_are_repeated(shop: Path) -> None:
    done = call(
        "run",
        "orders_placed",
        "--period",
        "2025",
        "--period",
        "2026",
        "--format",
        "csv",
        "--by",
        "channel",
        cwd=shop,
    )
    assert done.out.splitlines()[0] == "channel,orders_placed_2025,orders_placed_2026"


def test_null_labels_and_filters(shop: Path) -> None:
    done = call(
        "run", "orders_placed", "--by", "channel", "--null-label", "(none)", "--format", "csv", cwd=shop
    )
    assert done.out.splitlines()[-1] == "(none),1"
    assert (
        call("run", "orders_placed", "--where", "by_mail", "--format", "csv", cwd=shop).out
        == "orders_placed\n2\n"
    )


def test_warnings_go_to_standard_error_and_stop_nothing(shop: Path) -> None:
    done = call("compile", "old_conversion", cwd=shop)
    assert done.code == 0
    assert "warning[kpi/deprecated]" in done.err
    assert done.out.startswith("WITH")
    checked = call("check", cwd=shop)
    assert checked.code == 0
    assert "name/unused" in checked.err
    assert "no mistakes, " in checked.out
    told = json.loads(call("check", "--format", "json", cwd=shop).out)
    assert {diagnostic["severity"] for diagnostic in told} == {"warning"}


def test_values_outside_their_bounds_are_shown_and_end_with_1(shop: Path) -> None:
    done = call("run", "old_conversion", "--by", "channel", "--format", "csv", cwd=shop)
    assert done.out.splitlines() == ["channel,old_conversion", "email,0.5", "it's,", "search,0.25", ","]
    assert "warning: row 1 (channel = email): old_conversion is 0.5, above 0.3\n" in done.err
    assert done.code == 1
    fine = call("run", "old_conversion", "--where", "channel = 'search'", cwd=shop)
    assert fine.code == 0


def test_an_everyday_name_lists_what_it_means(shop: Path) -> None:
    assert "name/variants" in call("run", "conversions", cwd=shop).err
    tested = call("test", "conversions", cwd=shop)
    assert tested.code == 2
    assert "its variants are `old_conversion`" in tested.err
    assert "old_conversion" in call("explain", "conversions", cwd=shop).out


def test_filters_and_parameters_are_listed_and_explained(shop: Path) -> None:
    listed = json.loads(call("list", "parameters", "--format", "json", cwd=shop).out)
    assert [(row["kind"], row["name"], row["type"]) for row in listed] == [
        ("parameter", "smallest", "decimal(12,2)"),
        ("parameter", "needed", "integer"),
    ]
    assert "channel = 'email'" in call("list", "filters", cwd=shop).out
    assert "Par courrier (filtre `by_mail`)" in call("explain", "by_mail", "--locale", "fr", cwd=shop).out
    facts = json.loads(call("explain", "smallest", "--format", "json", cwd=shop).out)
    assert (facts["kind"], facts["default"], facts["named_in"]) == ("parameter", "10.00", [])
    assert (
        call("explain", "smallest", "--stage", "yaml", cwd=shop).out.splitlines()[1].startswith("smallest:")
    )
    assert call("explain", "smallest", "--stage", "sql", cwd=shop).code == 2
