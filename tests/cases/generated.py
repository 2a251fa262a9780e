"""The generated parts of case files: plan, DuckDB's SQL, and how SQLite's differs from it.

`python -m tests.cases.generated` rewrites them, in the first query of each file; a test tells when
they are stale. Projects, rows, queries, check queries and expected tables are never touched.
"""

from __future__ import annotations

import difflib
import re
import tempfile
from pathlib import Path

from kpidsl.plan.printing import print_plan
from tests import answers

from .reader import Case, CaseQuery, case_paths, objectives_of, read_case

_GENERATED = re.compile(r"\n```(?:text plan|sql duckdb|diff sqlite)\n.*?\n```\n", re.DOTALL)
_EXPECTED = re.compile(r"\n```csv expected\n.*?```\n", re.DOTALL)


def first_answered(case: Case) -> CaseQuery | None:
    return next((asked for asked in case.queries if not asked.refused), None)


def generated(case: Case, asked: CaseQuery) -> str:
    """Return the generated blocks of a query."""
    with tempfile.TemporaryDirectory() as folder:
        text = case.definitions + objectives_of(case, asked)
        project = answers.checked(answers.write_project(Path(folder), case.settings, text))
        compiled, _ = answers.ask(project, asked.query, "duckdb")
        other, wrong = answers.ask(project, asked.query, "sqlite")
    assert compiled is not None
    if other is None:
        difference = "\n".join(f"refused: {d.message}" for d in wrong)
    else:
        lines = difflib.unified_diff(
            compiled.sql.splitlines(), other.sql.splitlines(), "duckdb", "sqlite", n=1, lineterm=""
        )
        difference = "\n".join(lines) or "the same"
    blocks = (
        ("text plan", print_plan(compiled.plan)),
        ("sql duckdb", compiled.sql),
        ("diff sqlite", difference),
    )
    return "".join(f"\n```{info}\n{text.rstrip()}\n```\n" for info, text in blocks)


def rewritten(path: Path) -> str:
    """Return a case file's text with its generated blocks as they should be."""
    text = path.read_text(encoding="utf-8")
    bare = _GENERATED.sub("", text)
    case = read_case(path)
    asked = first_answered(case)
    place = _EXPECTED.search(bare)
    if asked is None or place is None:
        return bare
    return bare[: place.end()] + generated(case, asked) + bare[place.end() :]


def main() -> None:
    for path in case_paths():
        text = rewritten(path)
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            print(f"rewrote {path.parent.name}/{path.name}")


if __name__ == "__main__":
    main()
