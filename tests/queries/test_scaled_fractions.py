"""Fractions and ratios of counts multiplied by a power of ten: warned of where they are shown too large."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.semantics.lints import lint
from tests import answers

DESK = """\
datasets:
  payments:
    table: payments
    key: payment_id
    time: paid_on
    unit: payment
    columns:
      payment_id: integer
      paid_on: date
      status: text
      amount: {type: "decimal(12,2)", unit: EUR}
      tax: {type: "decimal(12,2)", unit: EUR}
      points: integer
  incidents:
    table: incidents
    key: incident_id
    time: opened_on
    unit: incident
    columns: {incident_id: integer, opened_on: date}
metrics:
  revenue: sum(payments.amount)
  tax: sum(payments.tax)
  refunds: count(payments where status = 'refunded')
  paid: count(payments)
  incidents_opened: count(incidents)
  refund_rate: refunds / paid
"""


def told(folder: Path, formula: str, more: str = "") -> list[Diagnostic]:
    """Return the warnings of a KPI with a formula, which stands at the end of the file."""
    kpi = f"kpis:\n  x:\n    label: x\n    direction: up\n    owner: me\n{more}    formula: {formula}\n"
    answers.write_project(folder, "", DESK + kpi)
    sink = Sink()
    checked = load(folder, sink)
    assert checked is not None
    lint(checked, sink)
    assert not sink.has_errors
    return list(sink.warnings)


@pytest.mark.parametrize(
    ("formula", "place", "help"),
    [
        ("100 * refund_rate", "100 * refund_rate", "write `refund_rate`"),
        ("refund_rate * 1000", "refund_rate * 1000", "write `refund_rate`"),
        ("refunds / paid * 100.0", "refunds / paid * 100.0", "write `refunds / paid`"),
        ("100 * tax / revenue", "100 * tax / revenue", "write `tax / revenue`"),
        ("tax / revenue * 1.0 * 100", "tax / revenue * 1.0 * 100", "write `tax / revenue * 1.0`"),
        ("100 / paid * refunds", "100 / paid * refunds", "write `1 / paid * refunds`"),
        ("100 * (refunds + 1) / paid", "100 * (refunds + 1) / paid", "write `(refunds + 1) / paid`"),
        ("(100 * refund_rate) where status = 'a'", "100 * refund_rate", "write `refund_rate`"),
        ("rolling(100 * refund_rate, 7 days)", "100 * refund_rate", "write `refund_rate`"),
        (
            "100 * growth(revenue, 1 year)",
            "100 * growth(revenue, 1 year)",
            "write `growth(revenue, 1 year)`",
        ),
        (
            "avg(100 * payments.tax / payments.amount)",
            "100 * payments.tax / payments.amount",
            "write `payments.tax / payments.amount`",
        ),
        (
            "round(100 * refund_rate, 1)",
            "round(100 * refund_rate, 1)",
            "write `refund_rate` in place of `round(100 * refund_rate, 1)`: what is shown is rounded",
        ),
    ],
)
def test_a_fraction_that_is_shown_in_percent(formula: str, place: str, help: str, tmp_path: Path) -> None:
    (one,) = told(tmp_path, formula.replace("status =", "payments.status ="))
    assert (one.code, one.primary.span.excerpt()) == ("unit/scaled-fraction", place)
    assert one.help == f'{help}; a score that is no percentage has a `format:` of its own, such as `"0.0"`'


def test_both_sides_of_a_difference(tmp_path: Path) -> None:
    found = told(tmp_path, "100 * refund_rate - 100 * tax / revenue")
    assert [one.primary.span.excerpt() for one in found] == ["100 * refund_rate", "100 * tax / revenue"]


@pytest.mark.parametrize(
    "formula",
    [
        "1000 * revenue / paid",  # a price per thousand: no fraction
        "100 * revenue",  # cents
        "revenue * 100%",
        "12 * refund_rate",
        "100 * refund_rate / 100",
        "round(100 * refund_rate) / 100",
        "100 * tax / (100 * revenue)",
        "100 * tax / prior(100 * tax, 1 year)",
        "growth(100 * revenue, 1 year)",
        "revenue * (1 + 5%)",
        "incidents_opened / (paid / 1000 payments)",
        "100 * sum(payments.points) / sum(payments.points where status = 'a')",  # of no known unit
        "case when 100 * refund_rate > 5 then refund_rate else 0 end",
    ],
)
def test_what_is_shown_as_it_is(formula: str, tmp_path: Path) -> None:
    assert told(tmp_path, formula) == []


def test_what_a_definition_says_of_its_numbers(tmp_path: Path) -> None:
    scaled = "100 * refund_rate"
    # Who writes a format without a percent sign sees 3.26 and not 326.0%.
    assert told(tmp_path, scaled, '    format: "0.00"\n    bounds: [0, 100]\n') == []
    bare = "sum(payments.points where status = 'refunded') / sum(payments.points)"
    unknown = f"100 * {bare}"
    assert told(tmp_path, unknown) == []
    for more in ('    format: "0.0%"\n', "    unit: percent\n"):
        (one,) = told(tmp_path, unknown, more)
        assert one.code == "unit/scaled-fraction"
        assert f"{one.help}".startswith(f"write `{bare}`")
    (one,) = told(tmp_path, "100 * incidents_opened / paid", "    unit: percent\n")
    assert one.primary.span.excerpt() == "100 * incidents_opened / paid"
    assert one.message.startswith("a fraction is shown in percent by itself")


def test_counts_per_hundred_and_per_thousand(tmp_path: Path) -> None:
    (one,) = told(tmp_path, "1000 * incidents_opened / paid")
    assert one.help == (
        "write `incidents_opened / paid`; so many per 1000 are `incidents_opened / (paid / 1000 payments)`, "
        "in `incident`"
    )
    (one,) = told(tmp_path, "incidents_opened / paid * 100")
    assert one.help == (
        "write `incidents_opened / paid`; `unit: percent` in a definition shows it as a percentage; "
        "so many per 100 are `incidents_opened / (paid / 100 payments)`, in `incident`"
    )
    assert told(tmp_path, "1000 * incidents_opened / paid", '    format: "0.00"\n') == []
