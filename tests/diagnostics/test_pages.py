"""Each loading code has its page: the wrong examples fail by that code alone, the right ones are fine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kpidsl.loading.documents  # noqa: F401  declares the codes
from kpidsl.diagnostics import RULES, Sink
from kpidsl.diagnostics.pages import page
from kpidsl.loading import errors, schema_errors
from kpidsl.loading.documents import load_documents

from .page_examples import Example, examples

CODES = sorted(
    rule.code
    for module in (errors, schema_errors)
    for rule in vars(module).values()
    if rule in RULES.values()
)
PAGES = {code: page(code) or "" for code in CODES}
EXAMPLES = [
    pytest.param(code, example, id=f"{code}-{example.verdict}-{example.number}")
    for code, text in PAGES.items()
    for example in examples(text)
]


@pytest.mark.parametrize("code", CODES)
def test_a_page_has_its_parts(code: str) -> None:
    text = PAGES[code]
    assert text.startswith(f"# {code}\n\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Wrong", "Right", "Why"]
    assert {example.verdict for example in examples(text)} == {"wrong", "right"}


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_an_example_gives_what_its_page_says(code: str, example: Example, tmp_path: Path) -> None:
    example.write(tmp_path)
    sink = Sink()
    load_documents(tmp_path, sink)
    assert {d.code for d in sink.diagnostics()} == ({code} if example.verdict == "wrong" else set())


def test_no_page_stands_without_a_code() -> None:
    folder = Path(page.__code__.co_filename).parent / "pages"
    written = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("*/*.md")}
    stages = {code.split("/")[0] for code in CODES}
    assert {code for code in written if code.split("/")[0] in stages} <= set(RULES)


@pytest.mark.parametrize("code", ["yaml/no-such-code", "../../setup", "yaml/../yaml/tab", "", "yaml"])
def test_what_is_no_code_has_no_page(code: str) -> None:
    assert page(code) is None


def test_a_file_named_twice_begins_the_next_example() -> None:
    blocks = ["```yaml kpidsl.yml\na: 1\n```\n", "```yaml\nb: 1\n```\n", "```yaml\nc: 1\n```\n"]
    text = "# a/b\n\n## Wrong\n\n" + "".join(blocks) + "## Right\n## Why\n"
    first, second = examples(text)
    assert first.files == {"kpidsl.yml": "a: 1\n", "definitions/example.yml": "b: 1\n"}
    assert second.files == {"definitions/example.yml": "c: 1\n"}
