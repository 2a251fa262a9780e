"""The formula language: every rule's example, the printer, the named mistakes, the limits."""

from __future__ import annotations

import pickle
import re
from importlib.resources import files

import lark
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark

from kpidsl.diagnostics import Sink
from kpidsl.source import SourceFile
from kpidsl.syntax import machine, parse_formula, print_formula, tables, tree
from kpidsl.syntax.keywords import KEYWORDS

GRAMMAR = (files("kpidsl.syntax") / "formula.lark").read_text(encoding="utf-8")
EXAMPLES = [m[1].strip() for m in re.finditer(r"^[ ?a-z|:].*//(.+)$", GRAMMAR, re.M)]


def read(text: str) -> tuple[tree.Expr | None, Sink]:
    sink = Sink()
    return parse_formula(SourceFile("formula", text), sink), sink


def parsed(text: str) -> tree.Expr:
    expr, sink = read(text)
    assert expr is not None, [d.message for d in sink.diagnostics()]
    return expr


def test_the_grammar_has_no_hidden_conflict() -> None:
    Lark(GRAMMAR, parser="lalr", strict=True, maybe_placeholders=False)


def test_the_stored_tables_are_those_of_the_grammar() -> None:
    stored = pickle.loads((files("kpidsl.syntax") / "formula.tables").read_bytes())
    assert stored["made_for"][1] == tables.made_for()[1], "run `python -m kpidsl.syntax.tables`"
    assert machine.stored().grammar == tables.made_for()[1], "run `python -m kpidsl.syntax.tables`"


def test_larks_parser_is_built_where_the_tables_are_of_another_lark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lark, "__version__", "0.0.0")
    assert tables.lark_parser().parse("a + b").data == "start"


@pytest.mark.parametrize(
    "text", ["a", "_1", "orders.amount", "a.b.c_2", *sorted(KEYWORDS), "a.null", "per.a"]
)
def test_a_name_alone_is_what_the_grammar_has_it_to_be(text: str) -> None:
    """Names are read without the grammar; a space makes no difference but sends them to it."""
    alone, at_once = read(text)
    spaced, by_grammar = read(f"{text} ")
    assert alone == spaced
    assert (alone and alone.span.end) == (spaced and spaced.span.end)
    assert [d.code for d in at_once.reported] == [d.code for d in by_grammar.reported]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_rule_reads_its_example(example: str) -> None:
    if example not in ("'paid', 'sent'", "end"):
        parsed(example)


def test_each_rule_has_an_example() -> None:
    rules = [line for line in GRAMMAR.splitlines() if re.match(r"(\?|[a-z])[a-z_]*:|\s+\| ", line)]
    assert rules
    assert [line for line in rules if "//" not in line] == []


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("a / (b * c)", "a / (b * c)"),
        ("-(a + b)", "-(a + b)"),
        ("-(-a)", "- -a"),
        ("a - (-(-b))", "a - - -b"),
        ("x = 'a--b'", "x = 'a--b'"),
        ("not (a = 1 and b = 2)", "not (a = 1 and b = 2)"),
        ("(a = 1 or b = 2) and c = 3", "(a = 1 or b = 2) and c = 3"),
        ("(a / b) where c = 1", "(a / b) where c = 1"),
        ("sum(o.a+o.b where c='it''s' at shipped_at)", "sum(o.a + o.b where c = 'it''s' at shipped_at)"),
        ("share( revenue across channel ,month)", "share(revenue across channel, month)"),
        ("case when a>1 then 'x' else null end", "case when a > 1 then 'x' else null end"),
        ("x not in (1,2) or y not between 1 and 2", "x not in (1, 2) or y not between 1 and 2"),
        ("1_000 * 2.50 + 1e3 - 2.5% + 0.5pp", "1000 * 2.50 + 1000.0e0 - 2.5% + 0.5pp"),
    ],
)
def test_the_printer_writes_the_canonical_text(text: str, printed: str) -> None:
    expr = parsed(text)
    assert print_formula(expr) == printed
    assert parsed(printed) == expr


def _exprs() -> st.SearchStrategy[str]:
    atoms = st.sampled_from(
        ["a", "b.c", "1", "2.50", "'x'", "2026-01-31", "f(a)", "sum(a.b where c = 1)", "null"]
    )

    def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, inner)
        return st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
            st.tuples(inner, st.sampled_from(["=", "!=", "<", ">="]), inner).map(
                lambda t: f"({t[0]}) {t[1]} ({t[2]})"
            ),
            pair.map(lambda t: f"({t[0]}) and ({t[1]})"),
            pair.map(lambda t: f"not (({t[0]}) or ({t[1]}))"),
            pair.map(lambda t: f"case when ({t[0]}) then ({t[1]}) else -({t[0]}) end"),
            pair.map(lambda t: f"({t[0]}) in (({t[1]}), 3)"),
            inner.map(lambda x: f"({x}) is not null"),
            inner.map(lambda x: f"(total(({x}) across d)) where e = 1"),
        )

    return st.recursive(atoms, deeper, max_leaves=12)


@given(_exprs())
def test_printing_and_reading_again_gives_the_same_tree(text: str) -> None:
    expr, _ = read(text)
    if expr is not None:
        assert parsed(print_formula(expr)) == expr


@given(st.text(max_size=60))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    expr, sink = read(text)
    assert (expr is None) == bool(sink.reported)
    for diagnostic in sink.diagnostics():
        assert 0 <= diagnostic.primary.span.start <= diagnostic.primary.span.end <= max(len(text), 1)


@pytest.mark.parametrize(
    ("text", "code", "place", "help"),
    [
        ("a == b", "formula/operator", "==", "write `=`"),
        ("a <> b", "formula/operator", "<>", "write `!=`"),
        (
            "a / b -- per day\n + 1",
            "formula/habit",
            "-- per day",
            "write `a / b`, with the remark under `description:` or behind ` #`; "
            "minus signs that are meant have a blank between them: `- -per`",
        ),
        ("--a", "formula/habit", "--a", "minus signs that are meant have a blank between them: `- -a`"),
        (
            "x = '--' and (a - --b)",
            "formula/habit",
            "--b)",
            "minus signs that are meant have a blank between them: `- -b`",
        ),
        (
            "a // 2",
            "formula/habit",
            "a // 2",
            "write `floor(a / 2)` for whole numbers; a remark stands under `description:`",
        ),
        ("a && b", "formula/operator", "&&", "write `and`"),
        ("a || b", "formula/operator", "||", "write `or`"),
        ("Revenue / x", "formula/upper-case", "Revenue", "write `revenue`"),
        ("a AND b", "formula/upper-case", "AND", "write `and`"),
        (
            "a < b < c",
            "formula/chained-comparison",
            "<",
            "join two comparisons with `and`, for example `a < b and b < c`",
        ),
        (
            "sum(x.y) filter (where a)",
            "formula/filter-clause",
            "filter",
            "write `sum(x.y where a)`",
        ),
        (
            "1 + COUNT(x) FILTER (WHERE a in ('b', 'c')) / 2",
            "formula/filter-clause",
            "filter",
            "write `count(x where a in ('b', 'c'))`",
        ),
        (
            "1 + count(x) FILTER (WHERE a in ('b', 'c')) / 2",
            "formula/filter-clause",
            "FILTER",
            "write `count(x where a in ('b', 'c'))`",
        ),
        (
            "sum(round(x.y, 1)) filter (where a)",
            "formula/filter-clause",
            "filter",
            "write `sum(… where …)`",
        ),
        ('a = "x"', "formula/quotes", '"x"', "write `'x'`"),
        ("2026-08", "formula/bare-month", "2026-08", "write `2026-08-01`"),
        (
            "2026-02-31",
            "formula/no-such-date",
            "2026-02-31",
            "dates are written year-month-day, such as `2026-01-31`",
        ),
        ("a − b", "formula/look-alike", "−", "write `-`"),
        ("sum(a.b", "formula/syntax", "(", "add `)`"),
        ("a = 'x", "formula/syntax", "'x", "add `'`"),
        ("a = b orc = 2", "formula/syntax", "orc", None),
        ("a wherestatus = 1", "formula/syntax", "wherestatus", None),
        ("a\x00b", "formula/control-character", "\x00", "remove it"),
    ],
)
def test_a_named_mistake_is_told_at_its_place(text: str, code: str, place: str, help: str | None) -> None:
    expr, sink = read(text)
    assert expr is None
    (diagnostic,) = sink.diagnostics()
    assert diagnostic.code == code
    assert diagnostic.primary.span.excerpt() == place
    if help is not None:
        assert diagnostic.help == help


@pytest.mark.parametrize(
    "text",
    [
        "(" * 40 + "a" + ")" * 40,
        "(" * 200_000,
        "-" * 50 + "a",
        "not " * 5_000 + "a",
        "a" + " - a" * 500,
        "f(" * 60 + "a" + ")" * 60,
        "case when a then " * 40 + "b" + " end" * 40,
    ],
)
def test_nesting_is_bounded_without_recursion(text: str) -> None:
    expr, sink = read(text)
    assert expr is None
    assert {d.code for d in sink.diagnostics()} <= {"formula/too-deep", "formula/too-long"}


def test_long_flat_formulas_are_read() -> None:
    assert isinstance(parsed(" or ".join(f"a = {n}" for n in range(800))), tree.Logic)
    assert isinstance(parsed("a in (" + ", ".join(map(str, range(3_000))) + ")"), tree.In)


def test_keywords_may_be_names_where_nothing_else_fits() -> None:
    assert parsed("order.status = t.from") == parsed("order.status=t.from")
    assert parsed("at.where + end.per") is not None


@pytest.mark.parametrize(
    "text",
    [
        "avg(sum(orders.amount) per customer_id, day including null)",
        "count_distinct(orders.customer_id where status = 'paid' having count(orders) >= 2)",
        "count(visits where followed_by(carts where a = 1 then orders where b = 2 per k within 7 days))",
        "count(visits where not preceded_by(orders per k from 1 day to 8 days))",
        "lag(amount, 2 per customer_id order by ordered_at, -order_id)",
        "sum(a where k not in prior(values(orders.k having count(orders) > 1), 1 month))",
        "growth(rolling(revenue, 28 days), 1 year comparable)",
        "sum(order.status) / sum(per.from)",
    ],
)
def test_modifiers_are_printed_as_they_are_read(text: str) -> None:
    assert print_formula(parsed(text)) == text
