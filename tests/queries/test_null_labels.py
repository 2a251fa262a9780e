"""`null_label`: what null members are shown as, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from .asking import ask, refused, shop

D = Decimal


def test_null_members_of_texts_are_shown_as_the_label(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert ask(project, "orders_placed", by="channel", null_label="(none)") == [
        ("email", 3),
        ("search", 1),
        ("social", 1),
        ("(none)", 2),
    ]
    # order, having and limit know nothing of the label
    rows = ask(
        project,
        ["orders_placed", "last = max(orders.channel)"],
        by=["country", "channel"],
        null_label="A",
        having="channel is null or country is null",
    )
    assert rows == [("DE", "A", 1, None), ("FR", "A", 1, None), ("A", "social", 1, "social")]


def test_members_of_other_types_stay_null(tmp_path: Path) -> None:
    project = shop(tmp_path)
    rows = ask(
        project, "n = count(orders)", by=["orders.minutes", "status"], where="country = 'FR'", null_label="?"
    )
    assert rows[-1] == (None, "?", 1)


def test_a_real_member_of_that_name_is_a_row_of_its_own(tmp_path: Path) -> None:
    rows = ask(shop(tmp_path), "orders_placed", by="channel", null_label="email")
    assert rows == [("email", 3), ("search", 1), ("social", 1), ("email", 2)]


def test_total_rows_and_others_keep_null(tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert ask(project, "orders_placed", by=["country", "channel"], totals=True, null_label="-") == [
        ("DE", "email", "detail", 1),
        ("DE", "-", "detail", 1),
        ("DE", None, "by country", 2),
        ("FR", "email", "detail", 2),
        ("FR", "search", "detail", 1),
        ("FR", "-", "detail", 1),
        ("FR", None, "by country", 4),
        ("-", "social", "detail", 1),
        (None, None, "by country", 1),
        (None, None, "total", 7),
    ]
    assert ask(project, "orders_placed", by="channel", top="2 by orders_placed others", null_label="-") == [
        ("email", "detail", 3),
        ("-", "detail", 2),
        (None, "others", 2),
    ]


def test_a_label_is_only_a_text(tmp_path: Path) -> None:
    project = shop(tmp_path)
    for label in ("'", "' or 1=1 --", "*/", "", "\\"):
        assert ask(project, "orders_placed", by="channel", null_label=label)[-1] == (label, 2)
    assert refused(project, "orders_placed", by="channel", null_label="a\x00b") == [
        "formula/control-character"
    ]
