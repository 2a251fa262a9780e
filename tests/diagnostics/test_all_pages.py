"""Every code has its page: the wrong examples fail by that code alone, the right ones are fine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kpidsl.cli.main import main
from kpidsl.diagnostics.pages import page
from kpidsl.diagnostics.registry import all_rules
from kpidsl.semantics.functions import AGGREGATES, CONTEXTUAL, FUNCTIONS, NEIGHBOURS, SEQUENCES, VALUES

from .page_examples import Example, examples

RULES = all_rules()
PAGES = {code: text for code in RULES if (text := page(code)) is not None}
EXAMPLES = [
    pytest.param(code, example, id=f"{code}-{example.verdict}-{example.number}")
    for code, text in PAGES.items()
    for example in examples(text)
]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    folder = Path(page.__code__.co_filename).parent / "pages"
    written = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("*/*.md")}
    assert written == set(RULES)


@pytest.mark.parametrize("code", PAGES)
def test_a_page_has_its_parts(code: str) -> None:
    text = PAGES[code]
    assert text.startswith(f"# {code}\n\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Wrong", "Right", "Why"]
    assert {example.verdict for example in examples(text)} == {"wrong", "right"}


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_an_example_gives_what_its_page_says(code: str, example: Example, tmp_path: Path) -> None:
    answer = example.run(tmp_path)
    if example.verdict == "right":
        assert not answer.codes, answer.shown
        assert answer.exits == {0}
    else:
        assert answer.codes == {code}, answer.shown
        failed = 3 if code.startswith("connection/") else 1
        assert answer.exits == ({failed} if RULES[code].severity == "error" else {0})


def test_the_page_of_unknown_functions_lists_those_there_are() -> None:
    head = PAGES["function/unknown"].split("## Wrong")[0]
    listed = re.findall(r"`([a-z_]+)`", head.split("The functions.")[1])
    known = (*AGGREGATES, *CONTEXTUAL, *FUNCTIONS, *NEIGHBOURS, *SEQUENCES, VALUES.name)
    assert sorted(listed) == sorted(known)


def test_a_page_is_read_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["explain", "grain/fan-out"])
    assert left.value.code == 0
    assert "# grain/fan-out" in capsys.readouterr().out
