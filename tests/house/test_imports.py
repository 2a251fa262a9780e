"""A package imports only from packages above it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "kpidsl"
ORDER = (
    "source",
    "diagnostics",
    "loading",
    "syntax",
    "model",
    "semantics",
    "binding",
    "objectives",
    "checking",
    "formatting",
    "contexts",
    "plan",
    "planning",
    "promises",
    "sql",
    "engines",
    "verifying",
    "proposing",
    "report",
    "compiler",
    "words",
    "query_parts",
    "project",
    "portability",
    "running",
    "testing",
    "cli",
)
LATE = {
    # Functions that load on use what would make importing kpidsl heavy.
    ("project", "running"),
    ("diagnostics", "loading"),
}


def rooms_imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("kpidsl.")}
    return found


def test_imports_go_up_the_table_only() -> None:
    wrong = []
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT)
        room = relative.parts[0].removesuffix(".py")
        if room in ("__init__", "__main__"):
            continue
        assert room in ORDER, f"{relative} is in no room of the table"
        for other in rooms_imported(path) - {room}:
            if ORDER.index(other) > ORDER.index(room) and (room, other) not in LATE:
                wrong.append(f"{relative} imports {other}")
    assert wrong == []


def test_sql_is_built_from_nodes_only() -> None:
    """No SQL text is put together or parsed where plans are lowered."""
    wrong = []
    for room in ("plan", "sql", "contexts"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if path.name == "printing.py":
                continue  # explains a plan to people; nothing there reaches an engine
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Name) and node.id in ("parse_one", "parse", "maybe_parse"):
                    wrong.append(f"{path.name}: {node.id}")
                if isinstance(node, ast.JoinedStr):
                    text = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant)).upper()
                    if any(word in text for word in ("SELECT ", " FROM ", "WHERE ", "JOIN ")):
                        wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


def test_files_and_functions_keep_their_size() -> None:
    """No file is past 400 lines, and no function past 60."""
    long_files, long_functions = [], []
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > 400:
            long_files.append(name)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60:
                long_functions.append(f"{name}: {node.name}")
    assert (long_files, long_functions) == ([], [])
