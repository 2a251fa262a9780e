"""Values and keys that do not fit are answered with what would; what follows from a mistake is not told."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl import checking
from kpidsl.diagnostics import Sink
from kpidsl.loading.other_words import _DAYS, _KEYS, _VALUES
from kpidsl.loading.schemas import schema

from .test_documents import OWED, load, write

D = "datasets:\n  v:\n    table: v\n    key: id\n    columns: {id: integer}\n"
K = "kpis:\n  k:\n    formula: 1\n" + OWED


@pytest.mark.parametrize(
    ("text", "code", "help"),
    [
        ("kpis:\n  - name: k\n    formula: 1\n", "wrong-type", "write each entry's name as a key: `k:` with its other keys below it"),
        (D.replace("{id: integer}", "[{id: integer}]"), "wrong-type", "leave the `- ` out: `id: integer`"),
        (D.replace("{id: integer}", "[id]"), "wrong-type", "write each entry as a key with its value, without `-`: `id: integer`"),
        (D.replace("{id: integer}", "{id: }"), "wrong-type", "write `id: integer`"),
        (D + "    joins: [{to: c, using: id}]\n", "wrong-type", "give each entry a name as its key, with the other keys below it, in place of the `-`"),
        (D + "    joins: {c: }\n", "wrong-type", "write `c: {to: customers, using: customer_id}`"),
        (D + "    joins: {c: {to: c, using: id, between: a, at: b}}\n", "wrong-type", "write `between: [valid_from, valid_to]`"),
        (D + "    joins: {c: {to: c, using: id, between: [a], at: b}}\n", "bad-value", "write 2 entries: `between: [valid_from, valid_to]`"),
        (D.replace("key: id", "key: []"), "bad-value", "write `key: id`"),
        (K.replace("formula: 1", "formula: [a]"), "wrong-type", "write `formula: a`"),
        (K.replace("formula: 1", "formula:"), "wrong-type", "write `formula: revenue / orders_paid`"),
        (K + "    tests:\n      name: t\n      expect: []\n", "wrong-type", "begin each entry with `- `: `- name: t`"),
        (K + "    tests: [{name: t, expect: {k: 1}}]\n", "wrong-type", "write `[{k: 1}]`"),
        (K + "    tests: [{name: t, expect: [], query: {limit: ten}}]\n", "wrong-type", "write `limit: 10`"),
        (K + "    tags: [a: b]\n", "wrong-type", 'put it in quotes, if it is a text: `"a: b"`'),
        (K.replace("label: it", "label: 2025"), "wrong-type", 'put it in quotes: `label: "2025"`'),
        ("kpis:\n  k: a / b\n", "wrong-type", "write `formula: a / b` below `k:`, indented, with `label`, `direction` and `owner` beside it"),
        ("dimensions:\n  c: orders.channel\n", "wrong-type", "write `from: {orders: channel}` below `c:`, indented"),
        ("dimensions:\n  c: {from: orders.channel}\n", "wrong-type", "write `from: {orders: channel}`: for each dataset, what gives it there"),
        ("kpis:\n", "wrong-type", "write what belongs to `kpis` below it, indented by two blanks, or leave it out"),
        ("hello\n", "wrong-type", "write sections such as `metrics:`, with definitions indented below them"),
        ("kpis:\n  k:\n    formula: 1\n", "missing-key", "add `direction: up`, `owner: shop@example.com`, `label: Average order value`"),
        ("kpi:\n  k: 1\n", "unknown-key", "did you mean `kpis`?"),
        ("measures:\n  k: 1\n", "unknown-key", "did you mean `metrics`?"),
        ("timezone: UTC\n", "unknown-key", "move `timezone:` into `kpidsl.yml`"),
        ("metrics:\n  m: {formula: 1, direction: up}\n", "unknown-key", "only KPIs have `direction`: move `m` under `kpis:`, or leave `direction` out"),
        (D + "    joins: {c: {to: c, on: id}}\n", "unknown-key", "did you mean `using`?"),
        (D.replace("table: v", "tabel: v"), "unknown-key", "did you mean `table`?"),
        (K + "    ownr: me\n", "unknown-key", "did you mean `owner`?"),
        (K.replace("direction: up", "direction: higher"), "not-in-list", "did you mean `up`?"),
        (K.replace("direction: up", "direction: sideways"), "not-in-list", "the values are `up` (a higher value is better), `down` (a lower value is better), `range` (a value inside a range is better), `none` (neither way is better)"),
        (K.replace("formula: 1", "formula: 1\n    synonyms: {english: [a]}"), "bad-name", "write `en`"),
        ("metrics:\n  chiffre_réel: 1\n", "bad-name", "write `chiffre_reel`"),
        ("metrics:\n  2025_orders: 1\n", "bad-name", "write `orders_2025`"),
        ("metrics:\n  Œuvres: 1\n", "bad-name", "write `oeuvres`"),
        ("metrics: {m: {formula: least(a, b, 1), unit: EUR}}\n", "formula-cut", 'write `formula: "least(a, b, 1)"` in quotes, or `formula: least(a, b, 1)` on its own line without braces'),
        ("kpis:\n  k:\n  formula: 1\n  label: K\n", "not-indented", "indent the lines that belong to `k` by two more blanks"),
        ("metrics:\na: 1\nb: 2\n", "not-indented", "indent the lines that belong to `metrics` by two more blanks"),
        (K.replace("label: it", "label:\n    en: it\n    fr: le"), "not-indented", "indent the lines that belong to `label` by two more blanks"),
        (D + "    joins:\n      c:\n      to: c\n      using: id\n", "not-indented", "indent the lines that belong to `c` by two more blanks"),
        (D.replace(" {id: integer}", "\n    id: integer\n    day: date"), "not-indented", "indent the lines that belong to `columns` by two more blanks"),
    ],
)  # fmt: skip
def test_the_help_is_what_would_fit(text: str, code: str, help: str, tmp_path: Path) -> None:
    _, found = load(tmp_path, {"definitions/a.yml": text})
    assert [(d.code, d.help) for d in found] == [(f"schema/{code}", help)]


@pytest.mark.parametrize(
    ("text", "code", "help"),
    [
        ("project: p\nlanguage: 2\n", "not-in-list", "write `language: 1`, or use a kpidsl that knows version 2"),
        ('project: p\nlanguage: "1"\n', "not-in-list", "write `1` without quotes"),
        ("project: p\nlanguage: 1\nweek_start: Monday\n", "not-in-list", "did you mean `monday`?"),
        ("project: p\nlanguage: 1\nweek_start: lundi\n", "not-in-list", "did you mean `monday`?"),
        ("project: p\nlanguage: 1\nfiscal_year_start: april\n", "not-in-list", "did you mean `4`?"),
        ("project: p\nlanguage: 1\nmetrics: {a: 1}\n", "unknown-key", "move `metrics:` into a file under `definitions/`"),
        ("name: p\nlanguage: 1\n", "unknown-key", "did you mean `project`?"),
    ],
)  # fmt: skip
def test_the_project_s_own_file(text: str, code: str, help: str, tmp_path: Path) -> None:
    _, found = load(tmp_path, {"kpidsl.yml": text})
    assert [(d.code, d.help) for d in found] == [(f"schema/{code}", help)]


USE = "kpis:\n  k:\n    formula: one + 1\n" + OWED


@pytest.mark.parametrize(
    ("definitions", "settings", "code"),
    [
        ("metric:\n  one: 1\n", "", "schema/unknown-key"),
        ("measures:\n  one: 1\n", "", "schema/unknown-key"),
        ("", "metrics:\n  one: 1\n", "schema/unknown-key"),
        ("metrics:\n  One: 1\n", "", "schema/bad-name"),
        ("metrics:\none: 1\n", "", "schema/not-indented"),
        ("metrics:\n  one:\n  formula: 1\n  unit: EUR\n", "", "schema/not-indented"),
        ("metrics: [{one: 1}]\n", "", "schema/wrong-type"),
    ],
)
def test_what_uses_it_is_not_at_fault(definitions: str, settings: str, code: str, tmp_path: Path) -> None:
    files = {"kpidsl.yml": f"project: p\nlanguage: 1\n{settings}", "definitions/b.yml": USE}
    if definitions:
        files["definitions/a.yml"] = definitions
    write(tmp_path, files)
    sink = Sink()
    checking.load(tmp_path, sink)
    assert [d.code for d in sink.diagnostics() if d.code != "name/unknown" or "one" in d.message] == [code]


def test_a_right_definition_beside_a_wrong_one_stays(tmp_path: Path) -> None:
    documents, found = load(
        tmp_path, {"definitions/a.yml": "metric:\n  one: 1\nmetrics:\n  one: 2\n  One: 3\n"}
    )
    assert sorted(d.code for d in found) == ["schema/bad-name", "schema/unknown-key"]
    assert documents.definitions[0].tree.get("metrics") is not None
    assert set(documents.definitions[0].tree.get("metrics").entries) == {"one"}  # type: ignore[union-attr]


def test_other_words_stand_for_keys_that_exist() -> None:
    keys = {name for kind in ("project", "definitions") for name in _keys(schema(kind))}
    assert set(_KEYS) <= keys
    kinds = {"at_least", "at_most", "more_than", "less_than"}
    assert set(_VALUES) == {"up", "down", "range", "none"} | kinds
    assert kinds <= set(schema("objective")["properties"]["kind"]["enum"])
    assert list(_DAYS) == schema("project")["properties"]["week_start"]["enum"]


def _keys(node: object) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_keys, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    found = {str(key) for key in node.get("properties", {})}
    return found.union(*(_keys(value) for value in node.values()))
