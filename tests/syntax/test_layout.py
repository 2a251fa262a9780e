"""Long formulas over several lines read as the same formula."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidsl.diagnostics import Sink
from kpidsl.source import SourceFile
from kpidsl.syntax import parse_formula, print_formula
from kpidsl.syntax.layout import lay_out
from kpidsl.syntax.tree import Expr

LAID_OUT = [
    ("revenue / orders_paid", 40, ["revenue / orders_paid"]),
    ("revenue - cost - fees * rate", 20, ["revenue", "- cost", "- fees * rate"]),
    ("revenue / (paid + refunded)", 22, ["revenue", "/ (paid + refunded)"]),
    (
        "count(orders where status = 'paid' and channel_code = 'email') / count(orders)",
        40,
        [
            "count(",
            "  orders",
            "  where status = 'paid'",
            "    and channel_code = 'email')",
            "/ count(orders)",
        ],
    ),
    (
        "coalesce(case when a = 1 then 'xxxxxx' when b = 2 then 'y' else 'z' end, session.channel)",
        34,
        [
            "coalesce(",
            "  case",
            "    when a = 1 then 'xxxxxx'",
            "    when b = 2 then 'y'",
            "    else 'z'",
            "  end,",
            "  session.channel)",
        ],
    ),
    ("case when a then b when c then d end", 99, ["case", "  when a then b", "  when c then d", "end"]),
    ("case when a then b else d end", 99, ["case when a then b else d end"]),
    ("status not in ('aaaa', 'bbbb', 'cccc')", 23, ["status not in (", "  'aaaa', 'bbbb',", "  'cccc')"]),
    (
        "total(revenue_of_all across channel, country)",
        30,
        ["total(", "  revenue_of_all", "  across channel, country)"],
    ),
]


def parsed(text: str) -> Expr:
    sink = Sink()
    found = parse_formula(SourceFile("f", text), sink)
    assert found is not None, [d.message for d in sink.diagnostics()]
    return found


@pytest.mark.parametrize(("text", "width", "lines"), LAID_OUT)
def test_where_lines_are_broken(text: str, width: int, lines: list[str]) -> None:
    assert lay_out(parsed(text), width) == lines
    assert parsed("\n".join(lines)) == parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        *("1_000", "1e5", "1.50", "2.5%", "0.5pp", "1E-3 + 10_000.5", "sum(o.a + o.b where c = 1)"),
        *(
            "sum((3) where c = 1)",
            "sum((1_000 EUR) where c = 1)",
            "sum(3 where c = 1)",
            "(2.5%) where c = 1_000",
        ),
    ],
)
def test_numbers_keep_their_spelling_and_arguments_their_brackets(text: str) -> None:
    assert lay_out(parsed(text), 100) == [text]


names = st.sampled_from(["a", "revenue", "orders.amount", "x_long_name_of_something"])
atoms = st.one_of(
    names,
    st.sampled_from(
        ["1", "1_000", "2.5%", "'it''s'", "' # not: a comment '", "2026-01-31", "true", "null", "1e5"]
    ),
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["=", "!=", "<="]), inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("({} in ({}, {}))".format, inner, inner, inner),
        st.builds("({} not between {} and {})".format, inner, inner, inner),
        st.builds("({} is not null)".format, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("sum({} where {} at a)".format, inner, inner),
        st.builds("(f({}) where {})".format, inner, inner),
        st.builds("case when {} then {} else {} end".format, inner, inner, inner),
    )


@settings(max_examples=300)
@given(st.recursive(atoms, larger, max_leaves=12), st.integers(10, 100))
def test_every_layout_reads_as_the_same_formula(text: str, width: int) -> None:
    sink = Sink()
    expr = parse_formula(SourceFile("f", text), sink)
    if expr is None:
        return  # a `where` in brackets beside an operator, and the like
    lines = lay_out(expr, width)
    assert parsed("\n".join(lines)) == expr
    assert lay_out(parsed("\n".join(lines)), width) == lines
    if "case" not in text and "1_000" not in text and "1e5" not in text and len(print_formula(expr)) <= width:
        assert lines == [print_formula(expr)]
