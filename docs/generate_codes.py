"""Writes docs/reference/codes.md: every code with its summary and its page."""

from __future__ import annotations

from pathlib import Path

from kpidsl.diagnostics.registry import all_rules

TARGET = Path(__file__).parent / "reference" / "codes.md"


def page() -> str:
    """Return the page's text."""
    lines = [
        "# The codes",
        "",
        "Every diagnostic has a code. `kpidsl explain CODE` shows its page: what it means for the number, an",
        "example that is wrong, and the same put right. The pages' examples are tests.",
        "",
        "| code | what it is |",
        "|---|---|",
    ]
    for code, rule in all_rules().items():
        warning = " (warning)" if rule.severity == "warning" else ""
        lines.append(f"| [`{code}`](../../kpidsl/diagnostics/pages/{code}.md) | {rule.summary}{warning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
