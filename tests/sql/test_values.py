"""Forms of values: decimals written from scaled integers, and the changes of a zone."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.values import written_decimal


@given(st.integers(-(2**62), 2**62), st.integers(1, 12))
def test_a_scaled_integer_is_written_as_its_exact_decimal(scaled: int, scale: int) -> None:
    with sqlite3.connect(":memory:") as connection:
        query = exp.Select(expressions=[written_decimal(nodes.integer(scaled), scale)])
        (written,) = connection.execute(query.sql("sqlite")).fetchone()
    assert Decimal(written) == Decimal(scaled).scaleb(-scale)
    assert written.split(".")[1:] == [written.rsplit(".", 1)[1]]


def test_an_overflow_is_never_written_as_a_decimal() -> None:
    with sqlite3.connect(":memory:") as connection:
        product = nodes.binary(exp.Mul, nodes.integer(2**62), nodes.integer(4))
        query = exp.Select(expressions=[written_decimal(product, 2)])
        (written,) = connection.execute(query.sql("sqlite")).fetchone()
    assert "e+" in written


def test_of_a_case_each_branch_is_written_on_its_own() -> None:
    guarded = nodes.case([(exp.true(), exp.Null())], nodes.column("t", "x"))
    text = written_decimal(guarded, 2).sql("sqlite")
    assert text.startswith("CASE WHEN TRUE THEN NULL ELSE CASE WHEN t.x IS NULL THEN NULL")
    assert text.count("TRUE") == 1
