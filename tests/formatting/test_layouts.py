"""Texts and their canonical layouts."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from kpidsl.formatting.files import Kind, format_text

ROOT = Path(__file__).resolve().parents[2]


def laid_out(text: str, kind: Kind = "definitions") -> str:
    found = format_text(text, kind)
    assert found is not None
    assert format_text(found, kind) == found
    return found


CASES = {
    "keys stand in the order of their kind, comments go with them": (
        """\
kpis:
    revenue:
        owner: me   # a person
        # what it is
        formula:   sum( orders.amount )
        # which one
        version: "1.0.0"
        x-own: 1
        tests: []
        label: 'Revenue'
metrics:
  a: count(orders)
""",
        """\
metrics:
  a: count(orders)

kpis:
  revenue:
    # which one
    version: 1.0.0
    label: Revenue
    # what it is
    formula: sum(orders.amount)
    owner: me  # a person
    tests: []
    x-own: 1
""",
    ),
    "a formula never stands in brackets, where a comma would cut it": (
        "kpis:\n  a: {formula: revenue / paid, unit: EUR, label: {en: A, fr: B}}\n",
        "kpis:\n  a:\n    label: {en: A, fr: B}\n    formula: revenue / paid\n    unit: EUR\n",
    ),
    "quotes only where our scalars need them": (
        """\
datasets:
  d:
    table: "raw.d"
    key: 'id'
    columns: {"id": "integer", a: "decimal(12,2)", no: 'no', v: "1.10", w: "1.10.0", t: "true", e: ""}
    description: "x: y"
    unit: "#"
    label: '- a'
""",
        """\
datasets:
  d:
    label: "- a"
    description: "x: y"
    table: raw.d
    key: id
    unit: "#"
    columns: {id: integer, a: "decimal(12,2)", no: no, v: "1.10", w: 1.10.0, t: "true", e: ""}
""",
    ),
    "blank lines: one at most, one between definitions of several lines": (
        """\


kpis:

  a:
    formula: 1


    owner: me
  b:
    formula: 2
    owner: me
metrics:
  c: 3


  d: 4
  e: 5
""",
        """\
metrics:
  c: 3

  d: 4
  e: 5

kpis:
  a:
    formula: 1

    owner: me

  b:
    formula: 2
    owner: me
""",
    ),
    "comments: at the end of a mapping, in brackets, behind keys and texts": (
        """\
# the file
kpis: # all of them
  a:
    formula: >- # a sum
      x +
      y
    label: {en: A, # English
      fr: B}
    # the end of a
  # about b
  b:
    tags: [ # two
      x, y]
    # about nothing more
# the end
""",
        """\
# the file
kpis:  # all of them
  a:
    label:
      en: A  # English
      fr: B
    formula: x + y  # a sum
    # the end of a

  # about b
  b:
    tags: [x, y]  # two
    # about nothing more
# the end
""",
    ),
    "comments behind neighbouring lines stand in one column": (
        """\
datasets:
  d:
    columns:
      a: integer # one
      longer_name: text      # two
      b: {type: timestamp, timezone: Europe/Paris, label: a long one that goes on and on} # far
      c: text
""",
        """\
datasets:
  d:
    columns:
      a: integer         # one
      longer_name: text  # two
      b: {type: timestamp, timezone: Europe/Paris, label: a long one that goes on and on}  # far
      c: text
""",
    ),
    "long formulas and what does not fit in brackets": (
        """\
datasets:
  d:
    columns:
      channel: {type: text, expr: "case when a in ('x', 'y') then 'first' when b = 'z' then 'second' when c = 'w' then 'third' end"}
    joins:
      some_target: {to: some_target, using: {first_key_of_target: own_first_key, second_key_of_target: own_second_key, third: k}}
""",
        """\
datasets:
  d:
    columns:
      channel:
        type: text
        expr: >-
          case
            when a in ('x', 'y') then 'first'
            when b = 'z' then 'second'
            when c = 'w' then 'third'
          end
    joins:
      some_target:
        to: some_target
        using: {first_key_of_target: own_first_key, second_key_of_target: own_second_key, third: k}
""",
    ),
    "texts of several lines": (
        """\
kpis:
  a:
    description: |
        Kept
          as it is.

        Here too.
    label: A text
      on two lines
    formula: "x
      + y"
""",
        """\
kpis:
  a:
    label: A text on two lines
    description: |
      Kept
        as it is.

      Here too.
    formula: x + y
""",
    ),
    "tests are tables": (
        """\
kpis:
  a:
    tests:
    - expect:
      - {a: 1}
      # the rows
      rows: {orders: [{id: 1,   day: "2026-01-01"}]}
      name: "one"
""",
        """\
kpis:
  a:
    tests:
      - name: one
        # the rows
        rows: {orders: [{id: 1, day: 2026-01-01}]}
        expect:
          - {a: 1}
""",
    ),
    "formulas that need quotes": (
        """\
metrics:
  a: "'x'"
  b: "-revenue"
  c: count(orders where name = 'a: b')
  d: "count(orders where name = 'a # b')"
  e: "1"
""".replace("c: count(orders where name = 'a: b')", "c: \"count(orders where name='a: b')\""),
        """\
metrics:
  a: "'x'"
  b: -revenue
  c: "count(orders where name = 'a: b')"
  d: "count(orders where name = 'a # b')"
  e: "1"
""",
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_layout(name: str) -> None:
    before, after = CASES[name]
    assert laid_out(before) == after


def test_the_projects_own_file() -> None:
    assert laid_out("locale: fr\nproject: 'shop'\nlanguage: 1\n", "project") == (
        "project: shop\nlanguage: 1\nlocale: fr\n"
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_are_kept_and_the_last_line_has_one(end: str, last: bool) -> None:
    text = f"kpis:{end}   a:   # x{end}{end}{end}      formula: 1" + (end if last else "")
    assert laid_out(text) == f"kpis:{end}  a:  # x{end}    formula: 1{end}"


def test_a_directive_or_nothing_is_left_as_it_is() -> None:
    text = "%YAML 1.2\n---\nkpis:\n     a: 1\n"
    assert format_text(text, "definitions") == text
    assert format_text("# nothing\n", "definitions") == "# nothing\n"


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "examples").rglob("*.yml")), *sorted((ROOT / "definitions").rglob("*.yml"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_what_ships_is_laid_out(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kind: Kind = "project" if path.name == "kpidsl.yml" else "definitions"
    assert laid_out(text, kind) == text


def test_a_large_file_takes_no_more_than_its_share() -> None:
    """Each comment looks at its own line, not at the whole file."""
    one = "  # about {0}\n  kpi_{0}:\n    formula: a_{0} / b   # a ratio\n    # who\n    owner: me\n\n"
    text = "kpis:\n" + "".join(one.format(number) for number in range(2_000))
    begin = process_time()
    assert laid_out(text).count("#") == 6_000
    assert process_time() - begin < 60


@pytest.mark.parametrize("formula", ["sum((3) where orders.paid)", "revenue + ((1_000) where orders.paid)"])
def test_a_number_keeps_its_brackets_before_where(formula: str) -> None:
    text = f"metrics:\n  a: {formula}\n"
    assert format_text(text, "definitions") == text
