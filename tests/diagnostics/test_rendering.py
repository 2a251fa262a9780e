"""Diagnostics for people and for programs, against texts written by hand."""

from __future__ import annotations

import json
import re

import pytest

from kpidsl.diagnostics import Diagnostic, Label, Rule
from kpidsl.diagnostics.render_json import as_json
from kpidsl.diagnostics.render_text import cells, render
from kpidsl.source import SourceFile, Span

ERROR = Rule("grain/fan-out", "error", "a fan-out")
WARNING = Rule("project/no-files", "warning", "no files")


def span(file: SourceFile, words: str) -> Span:
    start = file.text.index(words)
    return Span(file, start, start + len(words))


def one(file: SourceFile, words: str, label: str = "here", **more: object) -> Diagnostic:
    return Diagnostic(ERROR, "a fact", Label(span(file, words), label), **more)  # type: ignore[arg-type]


def shown(*diagnostics: Diagnostic, width: int = 100) -> str:
    return render(diagnostics, width=width, color=False)


def test_the_form_of_a_diagnostic() -> None:
    text = "kpis:\n" + "# filler\n" * 12 + "  formula: sum(orders.amount)\n  by: [order_lines.product]\n"
    file = SourceFile("definitions/sales/revenue.yml", text)
    found = Diagnostic(
        ERROR,
        "`sum(orders.amount)` would count an order once per order line",
        Label(span(file, "sum(orders.amount)"), "one row per order"),
        (Label(span(file, "order_lines.product"), "one order has many order_lines"),),
        help="use an aggregate of `order_lines`",
    )
    assert shown(found) == (
        "error[grain/fan-out]: `sum(orders.amount)` would count an order once per order line\n"
        "  --> definitions/sales/revenue.yml:14:12\n"
        "   |\n"
        "14 |   formula: sum(orders.amount)\n"
        "   |            ^^^^^^^^^^^^^^^^^^ one row per order\n"
        "15 |   by: [order_lines.product]\n"
        "   |        ------------------- one order has many order_lines\n"
        "   = help: use an aggregate of `order_lines`\n"
        "\n"
        "1 error\n"
    )


def test_another_file_is_named() -> None:
    first, second = SourceFile("a.yml", "revenue: 1\n"), SourceFile("b.yml", "x: 2\nrevenue: 3\n")
    found = one(second, "revenue", related=(Label(span(first, "revenue"), "first here"),))
    assert shown(found).splitlines()[1:-2] == [
        " --> b.yml:2:1",
        "  |",
        "2 | revenue: 3",
        "  | ^^^^^^^ here",
        " ::: a.yml:1:1",
        "  |",
        "1 | revenue: 1",
        "  | ------- first here",
    ]


def test_the_summary_counts() -> None:
    file = SourceFile("a.yml", "a: b\n")
    warning = Diagnostic(WARNING, "a fact", Label(span(file, "b")))
    assert shown(one(file, "a"), one(file, "b"), warning).endswith("\n2 errors, 1 warning\n")
    assert shown(warning, warning).endswith("\n2 warnings\n")
    assert shown() == ""


def test_marks_stand_under_wide_characters() -> None:
    file = SourceFile("a.yml", "名前: 売上 é\u0301 error\n")
    lines = shown(one(file, "error")).splitlines()
    text, marks = lines[3], lines[4]
    assert cells(marks[: marks.index("^")]) == cells(text[: text.index("error")])
    assert marks.count("^") == len("error")


def test_nothing_acts_on_the_terminal() -> None:
    file = SourceFile("a\x1b[2J.yml", "a: \x1b[31m\u202eb\x07 error\n")
    found = Diagnostic(ERROR, "the name `\x1b]0;x\x07`", Label(span(file, "error"), "here"), help="\u202e")
    lines = shown(found).splitlines()
    assert lines[1] == " --> a<U+001B>[2J.yml:1:13"
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", "".join(lines))
    marks = next(line for line in lines if "^" in line)
    text = next(line for line in lines if line.startswith("1 |"))
    assert marks.index("^") == text.index("error")


@pytest.mark.parametrize("before", [0, 5, 300, 5000])
def test_a_long_line_is_cut_around_the_place(before: int) -> None:
    file = SourceFile("a.yml", "x" * before + "error" + "y" * 5000)
    lines = shown(one(file, "error"), width=80).splitlines()
    text, marks = lines[3], lines[4]
    assert len(text) <= 80
    start = marks.index("^")
    assert text[start : start + 5] == "error"
    assert marks.count("^") == 5


@pytest.mark.parametrize("wide", ["売", "\u202e", "e\u0301", "\t"])
@pytest.mark.parametrize("before", [0, 3, 300])
def test_a_long_line_of_characters_of_other_widths(wide: str, before: int) -> None:
    file = SourceFile("a.yml", wide * before + "error" + wide * 300)
    lines = shown(one(file, "error"), width=80).splitlines()
    text, marks = lines[3], lines[4]
    assert max(map(cells, lines)) <= 80
    assert cells(text) > 60
    assert cells(marks[: marks.index("^")]) == cells(text[: text.index("error")])
    assert marks.count("^") == 5


def test_two_places_far_apart_in_a_long_line_are_both_shown() -> None:
    file = SourceFile("a.yml", "error" + "x" * 500 + "first")
    found = one(file, "error", related=(Label(span(file, "first"), "there"),))
    lines = shown(found, width=80).splitlines()
    assert [line[4:].startswith("error") for line in lines].count(True) == 1
    assert lines[5].index("first") == lines[6].index("-----")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_line_break_ends_a_line(end: str) -> None:
    file = SourceFile("a.yml", end.join(("a: 1", "b: 2", "c: 3", "")))
    assert shown(one(file, "b: 2")).splitlines()[1:5] == [
        " --> a.yml:2:1",
        "  |",
        "2 | b: 2",
        "  | ^^^^ here",
    ]


def test_a_span_of_nothing_gets_one_mark() -> None:
    file = SourceFile("a.yml", "a:\nb: 1\n")
    found = Diagnostic(ERROR, "a fact", Label(Span(file, 2, 2), "here"))
    assert shown(found).splitlines()[3:5] == ["1 | a:", "  |   ^ here"]


def test_an_empty_file_and_its_end_are_places() -> None:
    for text, at in (("", 0), ("a: 1\n", 5), ("a: 1", 4)):
        found = Diagnostic(ERROR, "a fact", Label(Span(SourceFile("a.yml", text), at, at), "here"))
        assert shown(found).startswith("error[grain/fan-out]: a fact\n --> a.yml:")


def test_colors_change_no_letter() -> None:
    file = SourceFile("a.yml", "a: b\n")
    found = one(file, "b", help="write `c`")
    colored = render([found], width=100, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == shown(found)


def test_json_has_every_field_and_places_from_one() -> None:
    first, second = SourceFile("a.yml", "é: 1\n"), SourceFile("b.yml", "x: 2\n  revenue: 3\n")
    found = one(second, "revenue", help="rename it", related=(Label(span(first, "é"), "first here"),))
    (only,) = as_json([found])
    assert only == {
        "code": "grain/fan-out",
        "severity": "error",
        "message": "a fact",
        "file": "b.yml",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 10,
        "help": "rename it",
        "related": [
            {"message": "first here", "file": "a.yml", "line": 1, "column": 1, "end_line": 1, "end_column": 2}
        ],
    }
    assert json.loads(json.dumps(only)) == only


def test_what_is_to_be_pasted_stays_on_one_line() -> None:
    file = SourceFile("a.yml", "revenue: 1\n")
    code = "`(revenue where country = 'FR') / orders_placed`"
    found = one(file, "revenue", help=f"the formula is written like {code}, or without its condition")
    for width in (60, 80, 100, 120):
        lines = shown(found, width=width).splitlines()
        assert any(code in line for line in lines)
        assert all(len(line) <= width for line in lines)
    # What no line can hold is broken as any text.
    assert all(len(line) <= 40 for line in shown(found, width=40).splitlines())


def test_a_label_that_does_not_fit_beside_its_marks_stands_below_them() -> None:
    file = SourceFile("a.yml", "x: revenue / orders_placed where country = 1\n")
    lines = shown(one(file, "revenue / orders_placed where country = 1", "whole or last part?"), width=56)
    assert lines.splitlines()[3:6] == [
        "1 | x: revenue / orders_placed where country = 1",
        "  |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "  |    whole or last part?",
    ]
    far = SourceFile("a.yml", "x: " + "y" * 40 + " revenue\n")
    assert shown(one(far, "revenue", "whole or last part?"), width=56).splitlines()[4:6] == [
        "  | " + " " * 44 + "^^^^^^^",
        "  | " + " " * 33 + "whole or last part?",
    ]
