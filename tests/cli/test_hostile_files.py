"""Files that no analyst writes: a diagnostic in time, never a traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path
from time import monotonic

import pytest

from .running import DEFINITIONS, SETTINGS, call, installed, write

BOMB = "".join(
    [f"a0: &a0 [{'x,' * 9}x]\n", *(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}*a{n - 1}]\n" for n in range(1, 12))]
)
TEXTS = {
    "empty": b"",
    "blank": b" \n\n",
    "comments": b"# nothing\n",
    "null": b"null\n",
    "a list": b"- a\n- b\n",
    "a text": b"hello\n",
    "a number": b"12\n",
    "alias bomb": BOMB.encode(),
    "deep list": b"a: " + b"[" * 50_000,
    "closed deep list": b"a: " + b"[" * 20_000 + b"]" * 20_000,
    "deep mapping": b"{a: " * 50_000,
    "deep blocks": b"".join(b" " * n + b"a:\n" for n in range(2_000)),
    "merge": b"metrics: &m\n  a: count(orders)\nkpis:\n  <<: *m\n",
    "tag": b"metrics: !!python/object/apply:os.system ['echo owned']\n",
    "tab": b"metrics:\n\ta: count(orders)\n",
    "latin-1": "metrics: {été: count(orders)}\n".encode("latin-1"),
    "utf-16": "metrics: {a: count(orders)}\n".encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbfmetrics: {more: count(orders)}\n",
    "nul": b"metrics: {a: count(orders)\0}\n",
    "nul bytes": bytes(4096),
    "random": bytes((n * 7919 + n * n) % 256 for n in range(5000)),
    "two documents": b"metrics: {a: count(orders)}\n---\nmetrics: {b: count(orders)}\n",
    "duplicate keys": b"metrics: {a: count(orders)}\nmetrics: {b: count(orders)}\n",
    "unclosed": b"metrics: {a: 'count(orders)\n",
    "complex key": b"? [a, b]\n: 1\n? {a: b}\n: 2\n",
    "numbers as keys": b"1: 2\n3.5: 4\ntrue: 5\n2026-01-01: 6\nnull: 7\n",
    "yaml 1.1": b"metrics: {no: 12:30, on: yes, off: 0o17, y: 1_000, date: 2026-01-01}\n",
    "long line": b"metrics: {a: " + b"1 + " * 100_000 + b"1}\n",
    "deep formula": b"metrics: {a: '" + b"(" * 20_000 + b"1" + b")" * 20_000 + b"'}\n",
    "many minus": b"metrics: {a: '" + b"- " * 20_000 + b"1'}\n",
    "many nots": b"metrics: {a: 'count(orders where " + b"not " * 20_000 + b"channel = 1)'}\n",
    "many nested calls": b"metrics: {a: '" + b"abs(" * 20_000 + b"1" + b")" * 20_000 + b"'}\n",
    "huge number": b"metrics: {a: '" + b"9" * 4_000 + b"'}\n",
    "huge name": b"metrics: {" + b"a" * 100_000 + b": count(orders)}\n",
    "many mistakes": b"metrics:\n" + b"".join(b"  m%d: sum(orders.nope)\n" % n for n in range(1000)),
}
HARMLESS = {"empty", "blank", "comments", "null", "byte order mark"}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_definition_file(tmp_path: Path, text: bytes, request: pytest.FixtureRequest) -> None:
    write(tmp_path)
    (tmp_path / "definitions" / "a.yml").write_bytes(text)
    start = monotonic()
    done = call("check", "--format", "json", cwd=tmp_path)
    assert monotonic() - start < 15
    found = json.loads(done.out)
    assert done.err == ""
    if done.code == 0:
        assert request.node.callspec.id in HARMLESS
        return
    assert done.code == 1
    assert found
    assert all(d["line"] >= 1 and d["column"] >= 1 for d in found)
    assert any(d["file"] == "definitions/a.yml" for d in found)
    shown = call("check", cwd=tmp_path)
    assert (shown.code, shown.out) == (1, "")
    assert all(c.isprintable() or c == "\n" for c in shown.err)
    assert max(map(len, shown.err.splitlines())) < 2_000


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_project_file(tmp_path: Path, text: bytes) -> None:
    write(tmp_path)
    (tmp_path / "kpidsl.yml").write_bytes(text)
    done = call("check", "--format", "json", cwd=tmp_path)
    assert done.code == 1
    assert {d["file"] for d in json.loads(done.out)} >= {"kpidsl.yml"}


def test_the_rest_of_the_project_is_still_checked(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "definitions" / "a.yml").write_bytes(TEXTS["deep list"])
    (tmp_path / "definitions" / "b.yml").write_text("metrics: {a: sum(orders.nope)}\n", encoding="utf-8")
    found = json.loads(call("check", "--format", "json", cwd=tmp_path).out)
    assert {d["file"] for d in found} == {"definitions/a.yml", "definitions/b.yml"}


def test_a_huge_file_is_refused_in_time(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "definitions" / "a.yml").open("wb") as huge:
        huge.truncate(20 * 2**30)
    start = monotonic()
    done = installed("check", cwd=tmp_path)
    assert monotonic() - start < 20
    assert (done.code, done.out) == (1, "")
    assert "definitions/a.yml" in done.err


def test_folders_and_links_in_the_place_of_files(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "definitions" / "a.yml").mkdir()
    (tmp_path / "definitions" / "loop").symlink_to(tmp_path / "definitions", target_is_directory=True)
    assert call("check", cwd=tmp_path).code in (0, 1)
    (tmp_path / "kpidsl.yml").unlink()
    (tmp_path / "kpidsl.yml").mkdir()
    done = call("check", cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "kpidsl.yml" in done.err


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    write(tmp_path)
    secret = tmp_path / "definitions" / "a.yml"
    secret.write_text("metrics: {a: count(orders)}\n", encoding="utf-8")
    secret.chmod(0)
    done = call("check", cwd=tmp_path)
    assert done.code == (0 if os.geteuid() == 0 else 1)
    assert (done.err == "") == (done.code == 0)


@pytest.mark.parametrize(
    "pattern", ["../**/*.yml", "/etc/*", "definitions/../../*.yml", "a\0b", "[", "~/*.yml"]
)
def test_an_include_stays_in_the_project(tmp_path: Path, pattern: str) -> None:
    outside = tmp_path / "outside.yml"
    outside.write_text("metrics: {leaked: 1}\n", encoding="utf-8")
    shop = write(tmp_path / "shop", settings=SETTINGS + f"include: [{json.dumps(pattern)}]\n")
    done = call("check", "--format", "json", cwd=shop)
    assert "leaked" not in done.out
    if pattern in ("[", "a\0b"):
        assert done.code in (0, 1)
    else:
        assert done.code == 1
        assert {d["file"] for d in json.loads(done.out)} == {"kpidsl.yml"}


def test_a_link_does_not_lead_out_of_the_project(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yml"
    outside.write_text("metrics: {leaked: count(orders)}\n", encoding="utf-8")
    shop = write(tmp_path / "shop")
    (shop / "definitions" / "a.yml").symlink_to(outside)
    assert "leaked" not in call("list", cwd=shop).out


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_line_ends_change_no_place(tmp_path: Path, line_end: str) -> None:
    write(tmp_path)
    text = DEFINITIONS.replace("sum(orders.amount)", "sum(orders.amont)").replace("\n", line_end)
    (tmp_path / "definitions" / "shop.yml").write_bytes(text.encode())
    (found,) = json.loads(call("check", "--format", "json", cwd=tmp_path).out)
    line = "  revenue: {label: Revenue, formula: sum(orders.amont), unit: EUR}"
    assert text.split(line_end)[found["line"] - 1] == line
    assert line[found["column"] - 1 : found["end_column"] - 1] == "amont"
