"""The laws of the algebra of additivity, over all kinds."""

from __future__ import annotations

from itertools import product as pairs

import pytest

from kpidsl.semantics.additivity import Additivity, other, plus, product, quotient
from kpidsl.semantics.facts import AGGREGATE_KINDS, ANY, Members
from kpidsl.semantics.functions import AGGREGATES

ALL = tuple(Additivity)
ADDITIVE, CONSTANT, COMPOSITE = Additivity.ADDITIVE, Additivity.CONSTANT, Additivity.COMPOSITE


@pytest.mark.parametrize("operation", [plus, product])
def test_sums_and_products_are_commutative_and_associative(operation) -> None:
    for a, b in pairs(ALL, ALL):
        assert operation(a, b) is operation(b, a), (a, b)
    for a, b, c in pairs(ALL, ALL, ALL):
        assert operation(operation(a, b), c) is operation(a, operation(b, c)), (a, b, c)


def test_a_constant_factor_or_divisor_changes_nothing() -> None:
    for kind in ALL:
        assert product(kind, CONSTANT) is kind
        assert quotient(kind, CONSTANT) is kind


def test_only_additive_figures_make_an_additive_one() -> None:
    for a, b in pairs(ALL, ALL):
        assert (plus(a, b) is ADDITIVE) == (a is b is ADDITIVE), (a, b)
        assert (product(a, b) is ADDITIVE) == ({a, b} == {ADDITIVE, CONSTANT}), (a, b)
        assert (quotient(a, b) is ADDITIVE) == ((a, b) == (ADDITIVE, CONSTANT)), (a, b)


def test_a_distinct_count_is_never_forgotten() -> None:
    """What holds one promises no more than a distinct count does, through any operation."""
    distinct = Additivity.DISTINCT
    bounded = {distinct, Additivity.RATIO_WITH_DISTINCT, COMPOSITE, Additivity.OVER_TIME, Additivity.COHORT}
    for operation in (plus, product, quotient):
        for kind in ALL:
            assert operation(distinct, kind) in bounded, (operation, kind)
            assert operation(kind, distinct) in bounded, (operation, kind)


@pytest.mark.parametrize("kind", [Additivity.OVER_TIME, Additivity.COHORT])
def test_another_window_stays_visible(kind: Additivity) -> None:
    stronger = {kind, Additivity.OVER_TIME}
    for operation in (plus, product, quotient):
        for one in ALL:
            assert operation(kind, one) in stronger
            assert operation(one, kind) in stronger
            assert other([one, kind]) in stronger


def test_members_meet_like_sets() -> None:
    some = [ANY, *(Members(frozenset(names)) for names in ("", "a", "ab", "bc", "abc"))]
    for a, b, c in pairs(some, some, some):
        assert a.meet(b) == b.meet(a)
        assert a.meet(b.meet(c)) == a.meet(b).meet(c)
    for a in some:
        assert a.meet(a) == a == a.meet(ANY)


def test_every_aggregate_has_its_kind() -> None:
    assert set(AGGREGATES) - set(AGGREGATE_KINDS) == set()
