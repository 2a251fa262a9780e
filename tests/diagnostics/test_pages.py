"""Pages as text: how they are found, and how their blocks become examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.diagnostics.pages import page

from .page_examples import examples


@pytest.mark.parametrize("code", ["yaml/no-such-code", "../../setup", "yaml/../yaml/tab", "", "yaml"])
def test_what_is_no_code_has_no_page(code: str) -> None:
    assert page(code) is None


def test_a_file_named_twice_begins_the_next_example() -> None:
    blocks = ["```yaml kpidsl.yml\na: 1\n```\n", "```yaml\nb: 1\n```\n", "```yaml\nc: 1\n```\n"]
    text = "# a/b\n\n## Wrong\n\n" + "".join(blocks) + "## Right\n## Why\n"
    first, second = examples(text)
    assert first.files == {"kpidsl.yml": "a: 1\n", "definitions/example.yml": "b: 1\n"}
    assert second.files == {"definitions/example.yml": "c: 1\n"}


def test_a_file_after_a_command_begins_the_next_example() -> None:
    blocks = ["```yaml kpidsl.yml\na: 1\n```\n", "```console\n$ kpidsl test\n```\n", "```yaml\nb: 1\n```\n"]
    first, second = examples("# a/b\n\n## Wrong\n\n" + "".join(blocks) + "## Right\n## Why\n")
    assert (first.files, first.commands) == ({"kpidsl.yml": "a: 1\n"}, ["kpidsl test"])
    assert (second.files, second.commands) == ({"definitions/example.yml": "b: 1\n"}, [])


@pytest.mark.parametrize("block", ["```text\nno example\n```\n", "```console\nkpidsl test\n```\n"])
def test_a_block_that_nobody_would_run_is_refused(block: str) -> None:
    with pytest.raises(ValueError, match="`"):
        examples(f"# a/b\n\n## Wrong\n\n{block}\n## Right\n## Why\n")


def test_an_example_tells_codes_and_exits(tmp_path: Path) -> None:
    text = "# a/b\n\n## Wrong\n\n```yaml\nmetrics:\n  a: nothing_has_this\n```\n\n## Right\n## Why\n"
    answer = examples(text)[0].run(tmp_path)
    assert answer.codes == {"name/unknown"}
    assert answer.exits == {1}
