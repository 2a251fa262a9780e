"""Targets that are taken from rivals: what is refused, and what every dialect says."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.compiler import compile_objective
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.sql.dialects import DIALECTS
from tests import answers
from tests.dialects.evidence import WITHOUT_SERIES

from .standing import SALES

OTHERS = SALES.replace(
    "dimensions:\n",
    """\
  others:
    table: others
    key: [month, shop]
    time: month
    columns: {month: date, shop: text, area: text, amount: "decimal(10,2)", rate: {type: float, unit: percent}}
  versions:
    table: versions
    key: [begins, shop]
    time: [begins, ends]
    columns: {begins: date, ends: date, shop: text, amount: float}
dimensions:
""",
).replace("from: {sales: channel}", "from: {sales: channel, others: area}")
START = "kpi: mean_amount\nkind: at_least\nperiod: month\n"
FROM = "target_from: {dataset: others, value: amount, "
CODE = ["objective/benchmark"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FROM + "take: median, rival: shop}", []),
        (FROM + "take: mean, rival: shop, max_age: 10 days, min_rivals: 4}", []),
        (FROM + "take: leader, rival: shop}\nby: [channel]", []),
        (FROM + "take: 75%, rival: shop}\neach: week\nperiod: month", []),
        (FROM + "take: 0%, rival: shop}", []),
        (FROM + "take: 101%, rival: shop}", CODE),
        (FROM + "take: 0.75, rival: shop}", ["schema/wrong-type"]),
        (FROM + "take: best, rival: shop}", CODE),
        (FROM + "take: median}", CODE),
        (FROM + "take: median, rival: shops}", ["name/unknown"]),
        (FROM + "rival: shop}", CODE),
        (FROM + "max_age: 3 months, min_rivals: 2}", CODE * 2),
        (FROM.replace("amount", "shop") + "take: median, rival: shop}", ["objective/no-number"]),
        (FROM.replace("amount", "rate") + "take: median, rival: shop}", []),
        (FROM.replace("others", "versions") + "take: median, rival: shop}", CODE),
        (FROM + "take: median, rival: shop}\ntrajectory: linear", ["objective/trajectory", *CODE]),
        (FROM + "take: median, rival: shop}\nallocate: {by: copy}", ["objective/allocation", *CODE]),
        (FROM + "take: median, rival: shop, max_age: 3}", ["schema/wrong-type"]),
        (FROM + "take: median, rival: shop, max_age: moon}", ["window/amount"]),
        (FROM + "take: median, rival: shop, min_rivals: 0}", ["schema/bad-value"]),
    ],
)
def test_what_is_refused(text: str, expected: list[str], tmp_path: Path) -> None:
    sink = Sink()
    body = START.replace("period: month\n", "") + text if "period" in text else START + text
    load(answers.write_project(tmp_path, "timezone: UTC\n", OTHERS + _objective(body)), sink)
    assert sorted(d.code for d in sink.diagnostics()) == sorted(expected)


@pytest.mark.parametrize("take", ["median", "mean", "leader", "90%"])
def test_every_dialect_takes_it(take: str, tmp_path: Path) -> None:
    text = START + FROM + f"take: {take}, rival: shop, max_age: 2 months, min_rivals: 2}}"
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", OTHERS + _objective(text)))
    for dialect in DIALECTS.keys() - WITHOUT_SERIES:
        sink = Sink()
        asked = query_text((), as_of="2026-02-01", period="2026-01")
        compiled = compile_objective(project, project.objectives["o"], asked, dialect, sink)
        assert compiled is not None, dialect
        assert "few_rivals" in compiled.sql, dialect


def test_what_a_dialect_cannot_say_is_pointed_at(tmp_path: Path) -> None:
    definitions = OTHERS.replace('amount: "decimal(10,2)", rate', 'amount: "decimal(34,2)", rate')
    text = START + FROM + "take: mean, rival: shop}"
    folder = answers.write_project(tmp_path, "timezone: UTC\n", definitions + _objective(text))
    sink = Sink()
    project = answers.checked(folder)
    asked = query_text((), as_of="2026-02-01", period="2026-01")
    assert compile_objective(project, project.objectives["o"], asked, "exasol", sink) is None
    (told,) = sink.diagnostics()
    assert told.primary.span.excerpt().startswith("{dataset: others, value: amount")


def _objective(text: str) -> str:
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return f"objectives:\n  o:\n    owner: shop@example.com\n{lines}"
