"""What a help offers can be pasted: it names what is there, and is right where it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from .running import DEFINITIONS, call, write
from .test_helps import help_of

LABS = (
    DEFINITIONS.replace(
        "    columns: {visit_id: integer, day", "    columns: {visit_id: integer, kind: text, day"
    )
    + """\
objectives:
  enough: {kpi: conversion, kind: at_least, period: month, target: 5%, owner: shop@example.com}
scorecards:
  whole: {objectives: [enough], owner: shop@example.com}
"""
)


def project(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in LABS
    return write(folder, LABS.replace(old, new, 1))


def test_the_project_has_no_mistake(tmp_path: Path) -> None:
    assert call("check", cwd=project(tmp_path)).code == 0


@pytest.mark.parametrize(
    ("asked", "help"),
    [
        (["orders_placed", "--by", "amount"], "write `orders.amount`"),
        (["orders_placed", "--by", "since"], None),
        (
            ["visits_seen", "--where", "amount > 1"],
            "no join leads from `visits` to `orders`: leave `amount` out",
        ),
        (
            ["visits_seen", "orders_placed", "--where", "amount > 1"],
            "no join leads from `visits` to `orders`:",
        ),
        (
            ["orders_placed", "--where", "customers.country = 'FR' and amount > 1"],
            "write `orders.amount`, or",
        ),
        (["orders_placed", "--by", "kind"], "no join leads from `orders` to `visits`: leave `kind` out"),
        (
            ["orders_placed", "--by", "visits.kind"],
            "no row of `orders` tells which row of `visits` belongs to it, for it has no column `visit_id`:",
        ),
        (["orders_placed", "--by", "channel,channel"], "leave one of the two out"),
        (["visits_seen", "visits_seen"], "leave one of the two out, or give it another name:"),
        (["= visits_seen"], "write `visits_seen`"),
        (["= count(visits)"], "write `answer = count(visits)`"),
        (["="], "name what is asked, or give a formula"),
        (["revenue = revenue"], "write `revenue`"),
        (["revenue = 2 * revenue"], "give the formula a name of its own, for example `my_revenue = …`"),
    ],
)
def test_what_is_offered_can_be_reached(tmp_path: Path, asked: list[str], help: str | None) -> None:
    done = call("compile", *asked, cwd=project(tmp_path))
    assert done.code == 1
    assert "\n1 error\n" in done.err
    if help is not None:
        assert help_of(done.err).startswith(help)


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        (["orders_placed", "--by", "amount"], "amount"),
        (["visits_seen", "--by", "month", "--where", "kind = 'a'"], "kind"),
        (["= visits_seen"], "= visits_seen"),
        (["= count(visits)"], "= count(visits)"),
        (["revenue = revenue"], "revenue = revenue"),
        (["visits_seen", "visits_seen"], "visits_seen"),
    ],
)
def test_what_is_offered_compiles(tmp_path: Path, asked: list[str], wrong: str) -> None:
    folder = project(tmp_path)
    offered = re.findall(r"`([^`]*)`", help_of(call("compile", *asked, cwd=folder).err))[0]
    last = max(place for place, text in enumerate(asked) if wrong in text)
    mended = [text.replace(wrong, offered) if place == last else text for place, text in enumerate(asked)]
    assert call("compile", *mended, cwd=folder).code == 0, shlex.join(mended)


@pytest.mark.parametrize("text", ["*", "definitions/shop.yml", "kpis.sql"])
def test_what_is_no_formula_is_offered_no_name(tmp_path: Path, text: str) -> None:
    said = call("compile", text, cwd=project(tmp_path))
    assert help_of(said.err) == "KPIs are asked by their names; `kpidsl list` shows all"


ROWS = "        expect: [{month: 2026-01-01, conversion: 0.5}]\n"


@pytest.mark.parametrize(
    ("wrong", "told", "place"),
    [
        ("        expect: 1\n", "write `expect: [{conversion: 1}]`", "50:17"),
        ("", "add `expect: [{conversion: …}]`", "45:9"),
    ],
)
def test_a_test_is_offered_rows_of_its_own_kpi(tmp_path: Path, wrong: str, told: str, place: str) -> None:
    said = call("check", cwd=project(tmp_path, ROWS, wrong)).err
    assert said.endswith("\n1 error\n")
    assert help_of(said) == told
    assert f"shop.yml:{place}\n" in said
    assert call("check", cwd=project(tmp_path, ROWS, "        expect: [{conversion: 1}]\n")).code == 0


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("tests: []", "tests stand below what they test: move `tests:` below a KPI or metric,"),
        ("version: 2", "leave `version:` out: files of definitions have none"),
        ("version: 2.1.0", "move `version:` into `kpidsl.yml`"),
    ],
)
def test_what_stands_beside_the_sections_is_told_its_place(tmp_path: Path, line: str, help: str) -> None:
    said = call("check", cwd=write(tmp_path, f"{line}\n{LABS}")).err
    assert said.endswith("\n1 error\n")
    assert help_of(said).startswith(help)


def test_not_in_another_language_is_no_text(tmp_path: Path) -> None:
    old = "    table: visits\n"
    said = call("check", cwd=project(tmp_path, old, f"{old}    where: !is_open\n")).err
    assert help_of(said).startswith("in a condition write `not is_open`;")


@pytest.mark.parametrize(
    ("named", "fact", "offered"),
    [
        ("nope", "there is no folder `nope`", "."),
        ("kpidsl.yml", "`kpidsl.yml` is a file, and a project is a folder", "."),
        ("definitions", "`definitions` has no `kpidsl.yml`", "."),
        ("stor", "there is no folder `stor`", "store"),
    ],
)
def test_a_folder_that_is_offered_is_a_project(tmp_path: Path, named: str, fact: str, offered: str) -> None:
    folder = project(tmp_path)
    write(folder / "store", LABS)
    said = call("check", "--project", named, cwd=folder)
    assert (said.code, fact in said.err) == (1, True)
    assert help_of(said.err) == f"`{offered}` has a `kpidsl.yml`: write `--project {offered}`"
    assert call("check", "--project", offered, cwd=folder).code == 0


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        ("followed_by(visits within 30 days)", "person_id"),
        ("not preceded_by(visits)", "person_id"),
        ("followed_by(calls from 1 day)", "person_id"),
        ("followed_by(notes within 1 day)", "visit_id"),
        ("followed_by(staff)", "doctor"),
    ],
)
def test_a_sequence_is_offered_the_key_of_whom_its_rows_are(tmp_path: Path, sequence: str, key: str) -> None:
    columns = "visit_id: integer, person_id: integer, doctor: text, kind: text, day: date"
    call_columns = "call_id: integer, person_id: integer, kind: text, day: date"
    folder = write(
        tmp_path,
        f"""\
datasets:
  visits: {{table: v, key: visit_id, time: day, columns: {{{columns}}}}}
  calls: {{table: c, key: call_id, time: day, columns: {{{call_columns}}}}}
  notes: {{table: n, key: note_id, time: day, columns: {{note_id: integer, visit_id: integer, day: date}}}}
  staff: {{table: s, key: [doctor, day], time: day, columns: {{doctor: text, kind: text, day: date}}}}
  rooms: {{table: r, key: room, time: day, columns: {{room: text, kind: text, day: date}}}}
""",
    )
    formula = f"x = count(visits where {sequence})"
    told = help_of(call("compile", formula, cwd=folder).err)
    assert told == f"add `per {key}`, before `within` where there is one"
    start, end = re.fullmatch(
        r"(.*?(?:visits|calls|notes|staff))((?: within| from)?[^()]*\)+)", formula
    ).groups()
    assert call("compile", f"{start} per {key}{end}", cwd=folder).code == 0
    nobody = call("compile", "x = count(visits where followed_by(rooms))", cwd=folder)
    assert help_of(nobody.err).startswith("add `per` and what says")


@pytest.mark.parametrize("option", ["--by", "--where"])
def test_one_name_is_told_once(tmp_path: Path, option: str) -> None:
    value = {"--by": "a,a", "--where": "a = 1 or a = 2"}[option]
    done = call("compile", "revenue", option, value, cwd=project(tmp_path))
    assert "there is no dimension" in done.err
    assert done.err.endswith("\n1 error\n")


@pytest.mark.parametrize(
    ("old", "new", "code", "help"),
    [
        ("    key: order_id\n", "", "schema/missing-key", "add `key: order_id`"),
        ("    key: visit_id\n", "    key:\n", "schema/wrong-type", "write `key: visit_id`"),
        ("{kpi: conversion, kind", "{kind", "schema/missing-key", "add `kpi: conversion`"),
        ("{objectives: [enough], ", "{", "schema/missing-key", "add `objectives: [enough]`"),
        ("{objectives: [enough], ", "{objectives: [], ", "schema/bad-value", "write `objectives: [enough]`"),
        ("{to: customers, ", "{", "schema/missing-key", "add `to: customers`"),
        ("{to: customers, using: customer_id}", "{to: customers}", "schema/missing-key", "add `using: customer_id`"),
        ("country: {from: {orders: customer.country}}", "country: {type: text}", "schema/missing-key",
         "add `from: {customers: country}`"),
        ("whole: {", "whole: {period: month, ", "schema/unknown-key",
         "a scorecard has the `period` of its objectives: write it there, or leave it out"),
        ("whole: {", "whole: {polcy: worst, ", "schema/unknown-key", "did you mean `policy`?"),
        ("enough: {", "enough: {policy: worst, ", "schema/unknown-key", "only scorecards have `policy`: leave it out"),
        ("enough: {", "enough: {unit: EUR, ", "schema/unknown-key",
         "an objective has the `unit` of its KPI: write it there, or leave it out"),
        ("    version: 1.2.0\n", "    target: 5%\n", "schema/unknown-key",
         "only objectives have `target`: set one on `conversion` under `objectives:`, or leave it out"),
    ],
)  # fmt: skip
def test_a_key_is_shown_with_names_that_are_there(
    tmp_path: Path, old: str, new: str, code: str, help: str
) -> None:
    done = call("check", cwd=project(tmp_path, old, new))
    assert f"error[{code}]" in done.err
    assert help_of(done.err) == help
    assert done.err.endswith("\n1 error\n")


def test_a_key_that_names_what_the_file_lacks_is_left_open(tmp_path: Path) -> None:
    alone = "objectives:\n  enough: {kind: at_least, target: 5%, owner: shop@example.com}\n"
    assert help_of(call("check", cwd=write(tmp_path, alone)).err) == "add `kpi: …`"


@pytest.mark.parametrize(("count", "help"), [("1", "1 day"), ("3", "3 days")])
def test_one_day_is_no_days(tmp_path: Path, count: str, help: str) -> None:
    settled = project(tmp_path, "    key: order_id\n", f"    key: order_id\n    settles_after: {count}\n")
    assert help_of(call("check", cwd=settled).err) == f"say of what: `settles_after: {help}`"
    moved = call("compile", f"x = count(orders where day + {count} > day)", cwd=project(tmp_path))
    assert help_of(moved.err) == f"write `{help}`"


@pytest.mark.parametrize(
    ("asked", "help"),
    [
        (["objectives", "conversion"], "`conversion` is a KPI, and on it is `enough`"),
        (["objectives", "revenue"], "`revenue` is a KPI without an objective"),
        (["objectives", "whole"], "`whole` is a scorecard: `kpidsl scorecards whole`"),
        (["scorecards", "enough"], "`enough` is an objective: `kpidsl objectives enough`"),
        (["run", "enough"], "`enough` is an objective: `kpidsl objectives enough`, or"),
        (["run", "whole"], "`whole` is a scorecard: `kpidsl scorecards whole`, or"),
        (["list", "tables"], "write `kpidsl list datasets`"),
        (["run", "revenue", "--period", "2026-Q5"], "a year has the quarters Q1 to Q4"),
        (["run", "revenue", "--period", "last month"], "write `last 1 month`"),
        (["run", "revenue", "--period", "yesterday"], "write `last 1 day`"),
        (["run", "revenue", "--having", "revenue"], "for example `revenue > 0`"),
        (["run", "revenue", "--connection", "mysq://h/d"], "did you mean `mysql`?"),
        (["run", "revenue", "--connection", "duckdb://shop.duckdb"], "write `duckdb:///shop.duckdb`"),
    ],
)
def test_names_and_times_and_connections_that_are_others(tmp_path: Path, asked: list[str], help: str) -> None:
    done = call(*asked, cwd=project(tmp_path))
    assert done.code == (3 if "--connection" in asked else 2 if asked[0] != "run" else 1)
    assert help in " ".join(done.err.split())


@pytest.mark.parametrize(
    ("connection", "code"),
    [
        ("duckdb:///nowhere.duckdb", "connection/open"),
        ("postgresql://u@127.0.0.1:1/d", "connection/open"),
        ("nowhere", "connection/url"),
        ("postgresql://u:secret@h/d", "connection/url"),
        ("sqlite://", "connection/statement"),
    ],
)
def test_what_fails_on_a_connection_has_a_code_and_a_page(tmp_path: Path, connection: str, code: str) -> None:
    done = call("run", "revenue", "--connection", connection, cwd=project(tmp_path))
    assert done.code == 3
    assert done.err.startswith(f"error[{code}]: ")
    assert call("explain", code, cwd=tmp_path).out.startswith(f"# {code}")


@pytest.mark.parametrize(
    ("definitions", "asked", "help"),
    [
        ("filters: {}\n", ["run", "x"], "the project defines none; `kpidsl init` in an empty folder shows"),
        (
            "kpis: []\n",
            ["check"],
            "write what belongs to `kpis` below it, indented by two blanks, or leave it out",
        ),
        (
            "kpis:\n",
            ["check"],
            "write what belongs to `kpis` below it, indented by two blanks, or leave it out",
        ),
        ("objectives: {}\n", ["check"], "write `definitions/shop.yml`, or run `kpidsl init`"),
    ],
)
def test_a_project_that_is_empty(tmp_path: Path, definitions: str, asked: list[str], help: str) -> None:
    said = call(*asked, cwd=write(tmp_path, definitions)).err
    assert help_of(said).startswith(help)
    assert "there is no file" not in said


def test_many_unknown_names_are_told_each_in_its_text(tmp_path: Path) -> None:
    more = "".join(
        f"  o_{n}: {{kpi: conversion, kind: at_least, period: month, by: [chanel], "
        f"where: \"chanel = 'a' or chanel = 'b'\", target: {n + 1}%, owner: a@b.example}}\n"
        for n in range(20)
    )
    said = call("check", cwd=project(tmp_path, "objectives:\n", f"objectives:\n{more}")).err
    assert said.endswith("\n40 errors\n")
