"""Every key of a definition has its place in the canonical order."""

from __future__ import annotations

import pytest

from kpidsl.formatting.places import PLACES
from kpidsl.loading.schemas import schema

KINDS = {
    **{kind: kind for kind in ("project", "definitions", "dataset", "column", "join", "dimension", "test")},
    **{kind: kind for kind in ("calendar", "parameter", "filter", "objective", "scorecard")},
    "metric": "figure",
    "kpi": "figure",
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_key_has_a_place(kind: str) -> None:
    """A key that is missing here needs a word in `kpidsl/formatting/places.py`."""
    assert set(schema(kind)["properties"]) - set(PLACES[KINDS[kind]].keys) == set()


def test_every_part_of_a_query_has_a_place() -> None:
    assert set(schema("test")["properties"]["query"]["properties"]) - set(PLACES["query"].keys) == set()


def test_every_kind_that_is_named_is_a_row() -> None:
    named = {kind for place in PLACES.values() for kind in (*place.inside.values(), place.each) if kind}
    assert named - PLACES.keys() == set()
