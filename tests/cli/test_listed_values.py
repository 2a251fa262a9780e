"""Columns that list their values: what compares them with another text is told, wherever it stands."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import duckdb
import pytest

from .running import DEFINITIONS, call, found_in, write
from .test_helps import help_of

LISTED = DEFINITIONS.replace(
    "channel: text\n      amount", "channel: {type: text, values: [email, search, it's]}\n      amount"
).replace("country: text}", "country: {type: text, values: [FR, BE]}}")


def project(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in LISTED
    return write(folder, LISTED.replace(old, new, 1))


@pytest.mark.parametrize(
    ("asked", "place", "help"),
    [
        (["x = count(orders where channel = 'emial')"], "'emial'", "did you mean `'email'`?"),
        (["x = count(orders where 'Email' != channel)"], "'Email'", "did you mean `'email'`?"),
        (["x = count(orders where channel not in ('email', 'serch'))"], "'serch'", "did you mean `'search'`?"),
        (["x = count(orders where channel in ('its'))"], "'its'", "did you mean `'it''s'`?"),
        (["x = count(orders where customer.country = 'DE')"], "'DE'", "its values are `'FR'`, `'BE'`"),
        (["x = count(orders where coalesce(channel, 'none') = 'non')"], "'non'", "did you mean `'none'`?"),
        (["x = sum(orders.amount where case when channel = 'mail' then 1 end = 1)"], "'mail'", "did you mean `'email'`?"),
        (["x = count_distinct(orders.customer_id having last(orders.channel) = 'mail')"], "'mail'", "did you mean `'email'`?"),
        (["x = orders_placed where country = 'BF'"], "'BF'", "its values are `'FR'`, `'BE'`"),
        (["x = count(orders where not followed_by(orders where channel = 'mail' per customer_id))"], "'mail'", "did you mean `'email'`?"),
        (["orders_placed", "--where", "country = 'fr'"], "'fr'", "did you mean `'FR'`?"),
        (["orders_placed", "--where", "customers.country = 'fr'"], "'fr'", "did you mean `'FR'`?"),
        (["orders_placed", "--by", "country", "--having", "country != 'fr'"], "'fr'", "did you mean `'FR'`?"),
    ],
)  # fmt: skip
def test_a_text_that_no_row_has_is_told_with_the_nearest(
    tmp_path: Path, asked: list[str], place: str, help: str
) -> None:
    folder = project(tmp_path)
    said = call("compile", *asked, cwd=folder)
    assert said.err.startswith("error[type/no-such-value]")
    assert help_of(said.err) == help
    assert said.err.endswith("\n1 error\n")
    (nearest,) = re.findall(r"`([^`]+)`", help)[-1:]
    assert call("compile", *(part.replace(place, nearest) for part in asked), cwd=folder).code == 0


PARAMETERS = """\
parameters:
  kept: {type: text, default: email}
  left_out: {type: text, list: true, default: [search, "'it''s'"]}
  spare: {type: text, default: anything}
"""
WITH_PARAMETER = PARAMETERS + LISTED.replace(
    "\nmetrics:\n",
    """
metrics:
  kept_orders: count(orders where channel = kept)
  other_orders: orders_placed where customers.country != 'BE'
  many_orders: count(orders where not channel in (left_out))
  spare_orders: count(orders where lower(channel) = spare)
""",
)


@pytest.mark.parametrize(
    ("old", "new", "place", "help"),
    [
        ("default: email", "default: mail", "mail", "did you mean `'email'`?"),
        ("[search, ", "[serch, ", "serch", "did you mean `'search'`?"),
        ("!= 'BE'", "!= spare", "anything", "its values are `'FR'`, `'BE'`"),
    ],
)
def test_a_default_that_no_row_has_is_told_once_at_its_place(
    tmp_path: Path, old: str, new: str, place: str, help: str
) -> None:
    assert call("check", cwd=write(tmp_path, WITH_PARAMETER)).code == 0
    assert old in WITH_PARAMETER
    for asked in (["check"], ["compile", "orders_placed"]):
        said = call(*asked, cwd=write(tmp_path, WITH_PARAMETER.replace(old, new))).err
        assert said.startswith("error[type/no-such-value]")
        assert re.search(rf"\n +\| +\^{{{len(place)}}} none of its values\n", said)
        assert help_of(said) == help
        assert said.endswith("\n1 error\n")


@pytest.mark.parametrize(
    ("asked", "given", "place", "help"),
    [
        (["kept_orders"], "kept=mail", "mail", "did you mean `'email'`?"),
        (["many_orders"], "left_out='email', 'serch'", "'serch'", "did you mean `'search'`?"),
        (["x = count(orders where channel in (left_out))"], "left_out=mail", "mail", "did you mean `'email'`?"),
        (["orders_placed", "--where", "country = kept"], "kept=DE", "DE", "its values are `'FR'`, `'BE'`"),
        (["orders_placed", "--by", "country", "--having", "country = kept"], "kept=DE", "DE", "its values are `'FR'`, `'BE'`"),
    ],
)  # fmt: skip
def test_a_parameter_is_given_a_value_that_there_is(
    tmp_path: Path, asked: list[str], given: str, place: str, help: str
) -> None:
    folder = write(tmp_path, WITH_PARAMETER)
    said = call("compile", *asked, "--set", given, cwd=folder).err
    assert said.startswith("error[type/no-such-value]")
    assert "--> --set:1:" in said
    assert help_of(said) == help
    assert said.endswith("\n1 error\n")
    (nearest,) = re.findall(r"`([^`]+)`", help)[-1:]
    assert call("compile", *asked, "--set", given.replace(place, nearest), cwd=folder).code == 0
    assert call("compile", "spare_orders", "--set", "spare=mail", cwd=folder).code == 0


@pytest.mark.parametrize(
    "asked",
    [
        ["x = count(orders where channel = 'email' or channel is null)"],
        ["x = count(orders where lower(channel) = 'mail')"],
        ["x = count(orders where case when customer_id is null then 'guest' else 'account' end = 'guset')"],
        # On visits, nothing lists the channels.
        ["orders_placed", "--where", "channel = 'mail'"],
        ["x = count(orders where channel > 'f')"],
        ["x = count(orders where channel like 'mail')"],
    ],
)
def test_what_nothing_lists_is_free(tmp_path: Path, asked: list[str]) -> None:
    assert call("compile", *asked, cwd=project(tmp_path)).code == 0


def test_a_column_with_a_formula_lists_what_it_gives(tmp_path: Path) -> None:
    column = "kind: {type: text, expr: lower(channel), values: [mail, other]}"
    folder = project(tmp_path, "amount: decimal(12,2)\n", f"amount: decimal(12,2)\n      {column}\n")
    assert call("compile", "x = count(orders where kind = 'other')", cwd=folder).code == 0
    said = call("compile", "x = count(orders where kind = 'others')", cwd=folder)
    assert help_of(said.err) == "did you mean `'other'`?"


def test_rows_of_tests_hold_what_their_columns_list(tmp_path: Path) -> None:
    folder = project(tmp_path, "day: 2026-01-03}]\n", "day: 2026-01-03, channel: Email}]\n")
    for command in ("check", "test"):
        said = call(command, cwd=folder)
        assert (said.code, said.err.count("error[test/value]")) == (1, 1)
        assert help_of(said.err) == "did you mean `email`?"
    mended = project(tmp_path, "day: 2026-01-03}]\n", "day: 2026-01-03, channel: email}]\n")
    assert call("test", cwd=mended).code == 0


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_values_of_the_data_are_compared_with_those_that_are_listed(filled: Path, engine: str) -> None:
    settings = (filled / "kpidsl.yml").read_text(encoding="utf-8")
    project(filled)
    (filled / "kpidsl.yml").write_text(settings, encoding="utf-8")
    assert found_in(filled, engine) == []
    statements = (
        "insert into orders values (6, 10, null, 'Email', 1), (7, 10, null, 'carrier pigeon', 1), (8, 10, null, null, 1)",
        "update customers set country = 'fr' where customer_id = 10",
    )
    shop = (
        duckdb.connect(str(filled / "shop.duckdb"))
        if engine == "duckdb"
        else sqlite3.connect(filled / "shop.sqlite", isolation_level=None)
    )
    for statement in statements:
        shop.execute(statement)
    shop.close()
    assert [(told["code"], told["message"], told["help"]) for told in found_in(filled, engine)] == [
        (
            "data/unlisted-value",
            "2 rows of `orders` hold in `channel` what its `values:` leave out, for example `Email`",
            "add `Email` to `values:` of `channel`, or mend the rows",
        ),
        (
            "data/unlisted-value",
            "1 row of `customers` holds in `country` what its `values:` leave out, for example `fr`",
            "add `fr` to `values:` of `country`, or mend the rows",
        ),
    ]
    # What the dataset's `where` leaves out is not looked at.
    kept = LISTED.replace("    time: day\n", "    time: day\n    where: day is not null\n", 1)
    write(filled, kept)
    (filled / "kpidsl.yml").write_text(settings, encoding="utf-8")
    assert [told["message"][:5] for told in found_in(filled, engine)] == ["1 row"]


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ("default: email", "default: it's", "write `'it''s'`, its quotes doubled"),
        ("default: email", "default: email, values: [email, search]", "the column that `kept` is compared with lists its `values`: leave it out"),
    ],
)  # fmt: skip
def test_a_parameter_is_written_otherwise(tmp_path: Path, old: str, new: str, help: str) -> None:
    said = call("check", cwd=write(tmp_path, WITH_PARAMETER.replace(old, new))).err
    assert help_of(said) == help
    assert said.endswith("\n1 error\n")
