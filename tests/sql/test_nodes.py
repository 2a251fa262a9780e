"""Operators keep their brackets: random trees print to SQL that evaluates as the tree does."""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Callable

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from kpidsl.sql import nodes

Tree = int | tuple[str, "Tree", "Tree"]
_NUMBERS: dict[str, tuple[type[exp.Binary], Callable[[int, int], int]]] = {
    "+": (exp.Add, operator.add),
    "-": (exp.Sub, operator.sub),
    "*": (exp.Mul, operator.mul),
}


def trees() -> st.SearchStrategy[Tree]:
    return st.recursive(
        st.integers(0, 9),
        lambda inner: st.tuples(st.sampled_from(sorted(_NUMBERS)), inner, inner),
        max_leaves=12,
    )


def lowered(tree: Tree) -> nodes.Node:
    if isinstance(tree, int):
        return nodes.integer(tree)
    return nodes.binary(_NUMBERS[tree[0]][0], lowered(tree[1]), lowered(tree[2]))


def value(tree: Tree) -> int:
    return tree if isinstance(tree, int) else _NUMBERS[tree[0]][1](value(tree[1]), value(tree[2]))


@given(trees())
def test_arithmetic_evaluates_as_its_tree(tree: Tree) -> None:
    query = exp.Select(expressions=[lowered(tree)])
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(query.sql("sqlite")).fetchone() == (value(tree),)
    with duckdb.connect() as duck:
        assert duck.execute(query.sql("duckdb")).fetchone() == (value(tree),)


Condition = bool | tuple[str, "Condition", "Condition"] | tuple[str, "Condition"]


def conditions() -> st.SearchStrategy[Condition]:
    def deeper(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        return st.one_of(
            st.tuples(st.sampled_from(["and", "or"]), inner, inner), st.tuples(st.just("not"), inner)
        )

    return st.recursive(st.booleans(), deeper, max_leaves=10)


def sql_of(c: Condition) -> nodes.Node:
    if isinstance(c, bool):
        return nodes.compare(exp.EQ, nodes.integer(1), nodes.integer(1 if c else 2))
    if len(c) == 2:
        return nodes.not_(sql_of(c[1]))
    return (nodes.all_of if c[0] == "and" else nodes.any_of)([sql_of(c[1]), sql_of(c[2])])


def truth(c: Condition) -> bool:
    if isinstance(c, bool):
        return c
    if len(c) == 2:
        return not truth(c[1])
    return (truth(c[1]) and truth(c[2])) if c[0] == "and" else (truth(c[1]) or truth(c[2]))


@given(conditions())
def test_conditions_evaluate_as_their_tree(c: Condition) -> None:
    query = exp.Select(expressions=[nodes.case([(sql_of(c), nodes.integer(1))], nodes.integer(0))])
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(query.sql("sqlite")).fetchone() == (int(truth(c)),)


@pytest.mark.parametrize(
    ("text", "sqlite"),
    [("it's", "'it''s'"), ("a -- b", "'a -- b'"), ("'; drop table o; --", "'''; drop table o; --'")],
)
def test_texts_are_literals_whatever_they_hold(text: str, sqlite: str) -> None:
    assert nodes.text(text).sql("sqlite") == sqlite
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(exp.Select(expressions=[nodes.text(text)]).sql("sqlite")).fetchone() == (
            text,
        )
