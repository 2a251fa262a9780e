"""Every fenced example of README and docs runs, and its output is what stands below it.

```yaml NAME      a file of the page's own folder, laid out as `kpidsl fmt` lays it out; ```yaml fragment is only that
```console        commands after `$ `, run in that folder; `…` in the output stands for anything
```console EXAMPLE    the same in the folder of an example (boutique, roastery), on the data that its script builds
```python [EXAMPLE]  run as a program is, in this process; ```python NAME.py is a file like those of YAML
```sh and ```text are for reading
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
import yaml

from kpidsl.formatting.files import Kind, format_text
from tests.cli.running import read_together

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md"]
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.M | re.S)
SECTIONS = {
    "datasets",
    "calendars",
    "dimensions",
    "filters",
    "parameters",
    "metrics",
    "kpis",
    "objectives",
    "scorecards",
}
LAID_OUT_BY_THE_READER = {("fmt.md", "definitions/sales.yml")}
READ_ONLY = {"sh", "text", "", "mermaid"}


EXAMPLES = {"boutique": "boutique", "roastery": "marketing"}
"""What blocks call an example, and its folder."""


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of an example, which is built when a page first asks for it."""

    @cache
    def folder_of(name: str) -> Path:
        folder = tmp_path_factory.mktemp("docs") / name
        shutil.copytree(ROOT / "examples" / EXAMPLES[name], folder, ignore=shutil.ignore_patterns("data"))
        assert run("python make_data.py", folder).startswith(f"{name}.duckdb: ")
        return folder

    return folder_of


@pytest.fixture(autouse=True)
def _a_reader_s_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")


def run(command: str, folder: Path) -> str:
    """Run a command and return what it writes; `kpidsl` in this process, to be soon done."""
    name, *arguments = shlex.split(command)
    if name == "kpidsl":
        return read_together(*arguments, cwd=folder)
    assert name == "python", f"`{command}` is not run by this test"
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def matches(expected: str, found: str) -> bool:
    pattern = ".*?".join(map(re.escape, expected.rstrip("\n").split("…")))
    return re.fullmatch(pattern, found.rstrip("\n"), re.S) is not None


def check_console(body: str, folder: Path) -> None:
    commands: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        else:
            commands[-1][1].append(line.rstrip())
    for command, lines in commands:
        found = "\n".join(line.rstrip() for line in run(command, folder).splitlines())
        assert matches("\n".join(lines), found), f"$ {command}\n{found}"


def write_file(target: Path, body: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(body, encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, examples: Callable[[str], Path]) -> None:
    for fence in FENCE.finditer(page.read_text(encoding="utf-8")):
        kind, _, name = fence["info"].strip().partition(" ")
        body = fence["body"]
        folder = examples(name) if name in EXAMPLES else tmp_path
        if kind in READ_ONLY:
            continue
        if kind == "yaml":
            assert yaml.safe_load(body) is not None
            if name not in ("", "fragment"):
                write_file(tmp_path / name, body)
        elif kind == "console":
            check_console(body, folder)
        elif kind == "python" and name.endswith(".py"):
            write_file(tmp_path / name, body)
        elif kind == "python":
            with chdir(folder), redirect_stdout(StringIO()):
                exec(compile(body, page.name, "exec"), {"__name__": "__main__"})
        elif kind == "sql":
            continue
        else:
            pytest.fail(f"no rule runs a block of `{fence['info']}`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_yaml_is_laid_out_in_the_project_s_own_way(page: Path) -> None:
    for fence in FENCE.finditer(page.read_text(encoding="utf-8")):
        kind, _, name = fence["info"].strip().partition(" ")
        if kind == "yaml" and (page.name, name) not in LAID_OUT_BY_THE_READER:
            body = fence["body"]
            file: Kind = "definitions" if SECTIONS & yaml.safe_load(body).keys() else "project"
            assert format_text(body, file) == body, f"`kpidsl fmt` lays out {name} of {page.name} otherwise"


def test_links_lead_somewhere() -> None:
    missing = []
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in link and not (page.parent / link).exists():
                missing.append(f"{page.name}: {link}")
    assert missing == []


def test_the_table_of_codes_is_fresh() -> None:
    from docs.generate_codes import page

    written = (ROOT / "docs" / "reference" / "codes.md").read_text(encoding="utf-8")
    assert written == page(), "run `python -m docs.generate_codes`"
