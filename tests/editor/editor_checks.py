"""What a YAML language server shows in files as `kpidsl init` writes them, and in the example.

`make test-editor` installs the server and runs these; `make test` does not look here.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kpidsl.cli.main import main

from .server import Server

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = Path(__file__).parent / "node" / "node_modules" / ".bin" / "yaml-language-server"
CURSOR = "‸"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project as `kpidsl init` writes it."""
    folder = tmp_path_factory.mktemp("projects") / "my shop"
    with suppress(SystemExit):
        main(["init", str(folder)])
    return folder


@pytest.fixture(scope="session")
def server(project: Path) -> Iterator[Server]:
    command = shlex.split(os.environ.get("YAML_LANGUAGE_SERVER", str(INSTALLED)))
    assert shutil.which(command[0]), f"{command[0]} is missing: run `make test-editor`"
    with Server([*command, "--stdio"], project) as server:
        yield server


class Page:
    """A file in an editor, under its first line, which names the schema."""

    def __init__(self, server: Server, path: Path) -> None:
        self.server = server
        self.path = path
        self.head = path.read_text(encoding="utf-8").splitlines()[0]
        assert self.head.startswith("# yaml-language-server: $schema=")

    def mistakes(self, text: str) -> list[str]:
        """Return what is underlined, each as `line: message`, lines counted below the first one."""
        uri = self.server.open(self.path, f"{self.head}\n{text}")
        found = self.server.settle(uri)
        self.server.close(uri)
        return [f"{one['range']['start']['line']}: {one['message']}" for one in found]

    def completions(self, text: str) -> dict[str, str]:
        """Return what is offered at the cursor: the texts that would be put in, by label."""
        found = self._at_cursor("textDocument/completion", text)
        items = found["items"] if isinstance(found, dict) else found
        return {item["label"]: item.get("insertText", item["label"]) for item in items}

    def hover(self, text: str) -> str:
        """Return the text that is shown over the cursor."""
        found = self._at_cursor("textDocument/hover", text)
        return "" if found is None else str(found["contents"]["value"])

    def _at_cursor(self, method: str, text: str) -> object:
        whole = f"{self.head}\n{text}"
        before, _, after = whole.partition(CURSOR)
        uri = self.server.open(self.path, before + after)
        self.server.settle(uri)
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        found = self.server.ask(method, {"textDocument": {"uri": uri}, "position": place})
        self.server.close(uri)
        return found


@pytest.fixture
def definitions(server: Server, project: Path) -> Page:
    return Page(server, project / "definitions" / "shop.yml")


@pytest.fixture
def settings(server: Server, project: Path) -> Page:
    return Page(server, project / "kpidsl.yml")


BOUTIQUE = sorted((ROOT / "examples" / "boutique").rglob("*.yml"))


@pytest.mark.parametrize("file", BOUTIQUE, ids=lambda path: path.stem)
def test_the_example_has_no_mistakes(server: Server, file: Path) -> None:
    page = Page(server, file)
    _, _, rest = file.read_text(encoding="utf-8").partition("\n")
    assert page.mistakes(rest) == []


def test_the_example_reaches_its_schemas(server: Server) -> None:
    page = Page(server, ROOT / "examples" / "boutique" / "definitions" / "kpis" / "sales.yml")
    assert page.mistakes("kpis:\n  a: {formula: 1, label: A, owner: o, direction: upwards}\n")
    assert "direction" in page.completions(f"kpis:\n  a:\n    formula: revenue\n    {CURSOR}\n")
    assert "better" in page.hover(f"kpis:\n  a:\n    direct{CURSOR}ion: up\n")


def test_a_new_project_has_no_mistakes(definitions: Page, settings: Page) -> None:
    for page in (definitions, settings):
        _, _, rest = page.path.read_text(encoding="utf-8").partition("\n")
        assert page.mistakes(rest) == []


def test_sections_are_offered_with_an_example_in_them(definitions: Page) -> None:
    offered = definitions.completions(f"{CURSOR}\n")
    assert {"datasets", "dimensions", "metrics", "kpis"} <= offered.keys()
    assert "direction: up" in offered["kpis"]


def test_keys_of_a_kpi_are_offered_without_those_that_are_there(definitions: Page) -> None:
    offered = definitions.completions(f"kpis:\n  aov:\n    formula: revenue / orders_paid\n    {CURSOR}\n")
    assert {"direction", "owner", "label", "unit", "version", "tests"} <= offered.keys()
    assert "formula" not in offered


def test_a_kpi_is_offered_with_all_that_it_owes(definitions: Page) -> None:
    whole = definitions.completions(f"kpis:\n  aov:\n    {CURSOR}\n")["KPI"]
    assert all(f"{key}: " in whole for key in ("label", "formula", "direction", "owner"))


def test_keys_of_a_column_and_of_a_join_are_offered(definitions: Page) -> None:
    dataset = "datasets:\n  orders:\n    table: orders\n    key: order_id\n"
    columns = definitions.completions(f"{dataset}    columns:\n      amount:\n        {CURSOR}\n")
    assert {"type", "expr", "unit", "timezone"} <= columns.keys()
    joins = definitions.completions(f"{dataset}    joins:\n      customer:\n        {CURSOR}\n")
    assert {"to", "using", "between", "at"} <= joins.keys()
    keys = definitions.completions(f"datasets:\n  orders:\n    table: orders\n    {CURSOR}\n")
    assert keys["key"] == "key: "


@pytest.mark.parametrize("place", ["amount: ", "amount:\n        type: "])
def test_types_are_offered(definitions: Page, place: str) -> None:
    text = (
        f"datasets:\n  orders:\n    table: orders\n    key: order_id\n    columns:\n      {place}{CURSOR}\n"
    )
    assert {"integer", "decimal(12,2)", "float", "text", "boolean", "date", "timestamp"} <= set(
        definitions.completions(text)
    )


def test_values_of_a_list_are_offered(definitions: Page, settings: Page) -> None:
    text = f"kpis:\n  aov:\n    formula: revenue\n    direction: {CURSOR}\n"
    assert set(definitions.completions(text)) == {"up", "down", "range", "none"}
    days = settings.completions(f"project: shop\nlanguage: 1\nweek_start: {CURSOR}\n")
    assert next(iter(days)) == "monday"
    assert len(days) == 7


def test_labels_have_no_nameless_examples(definitions: Page) -> None:
    offered = definitions.completions(f"kpis:\n  aov:\n    label: {CURSOR}\n")
    assert "[object Object]" not in offered
    assert any(label.startswith("{en: ") for label in offered)


def test_a_key_is_explained(definitions: Page, settings: Page) -> None:
    kpi = "kpis:\n  aov:\n    formula: revenue\n    label: A\n    owner: o\n"
    direction = definitions.hover(f"{kpi}    dire{CURSOR}ction: up\n")
    assert "Which way is better." in direction
    assert "`down`: a lower value is better" in direction
    shown = definitions.hover(
        f"datasets:\n  orders:\n    table: o\n    key: a\n    col{CURSOR}umns: {{a: text}}\n"
    )
    assert "The columns that formulas use, by name" in shown
    assert "order_id: integer" in shown
    assert "days, weeks and months are cut" in settings.hover(
        f"project: a\nlanguage: 1\ntime{CURSOR}zone: UTC\n"
    )


def test_an_unknown_key_and_a_wrong_value_are_underlined(definitions: Page, settings: Page) -> None:
    assert definitions.mistakes(
        "kpis:\n  aov:\n    formula: revenue\n    label: A\n    ownr: me\n    owner: me\n    direction: upp\n"
    ) == [
        '7: Value is not accepted. Valid values: "up", "down", "range", "none".',
        "5: Property ownr is not allowed.",
    ]
    assert len(settings.mistakes("project: a\nlanguage: 1\nweek_start: sun\nweek_end: monday\n")) == 2
    assert len(definitions.mistakes("kpi: {}\n")) == 1


def test_a_type_that_does_not_exist_is_underlined(definitions: Page) -> None:
    dataset = "datasets:\n  orders:\n    table: orders\n    key: order_id\n    columns:\n"
    for column in ("order_id: string", "order_id: {type: string}"):
        assert len(definitions.mistakes(f"{dataset}      {column}\n")) == 1
    for column in ("order_id: decimal(12,2)", 'order_id: {type: "decimal(12, 2)"}'):
        assert definitions.mistakes(f"{dataset}      {column}\n") == []


def test_texts_stay_texts(definitions: Page) -> None:
    """What the language reads as text is no mistake to an editor."""
    assert (
        definitions.mistakes(
            "metrics:\n  a: 1\n  b: sum(orders.amount where channel = 'no')\n"
            "kpis:\n  c:\n    version: 1.0.0\n    label: {en: C, fr_CA: D}\n    formula: a / b\n"
            "    owner: me\n    direction: none\n    x-mine: [1, 2]\n    empty: null\n"
            "    deprecated: {since: 2026-10-01}\n    tags: value\n    synonyms: {en: [x]}\n"
        )
        == []
    )


def test_a_key_may_be_one_column_or_several(definitions: Page) -> None:
    for key in ("a", "[a, b]"):
        text = f"datasets:\n  orders:\n    table: o\n    key: {key}\n    columns: {{a: text, b: text}}\n"
        assert definitions.mistakes(text) == []
    text = "datasets:\n  orders:\n    table: o\n    key: {a: b}\n    columns: {a: text}\n"
    assert len(definitions.mistakes(text)) == 1


def test_every_section_offers_its_keys(definitions: Page) -> None:
    for section, keys in {
        "dimensions": {"from", "label"},
        "filters": {"condition", "label"},
        "parameters": {"type", "default"},
        "calendars": {"day", "grains"},
        "metrics": {"formula", "unit"},
    }.items():
        assert keys <= definitions.completions(f"{section}:\n  one:\n    {CURSOR}\n").keys(), section
