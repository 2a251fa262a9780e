"""Writes docs/reference/engines.md: what each dialect can say, and how much is known of it.

The page is made of what `tests/dialects` keeps: the SQL of each construct in each dialect as a digest, or why it
is refused, and the digests of what engines have answered as they should.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from kpidsl.sql.not_written import NOT_WRITTEN
from tests.dialects.catalogue import Construct, constructs
from tests.dialects.evidence import EVIDENCE, Kind, is_executed
from tests.dialects.generated import Verdict, kept_verdicts

TARGET = Path(__file__).parent / "reference" / "engines.md"

EXECUTED, STOOD_IN, WRITTEN, REFUSED = "✓", "≈", "·", "no"
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_REFUSAL = re.compile(r"\S+ cannot compute (?P<construct>.*?) exactly: (?P<reason>.*)", re.DOTALL)

HEAD = f"""\
# Dialects

`kpidsl compile --dialect NAME` writes SQL in each of these dialects; [connections](connections.md) says on which engines
`kpidsl run` asks it. What a dialect cannot compute exactly is refused when the query is compiled, with the reason:
`kpidsl check --dialect NAME` tells it of a whole project. What a session must be that runs the SQL by other means,
[a page of its own](sessions.md) says.

How much is known of a dialect's SQL differs, and the tables below say it for each construct:

- {EXECUTED} this SQL was run on the engine, and gave the expected table
- {STOOD_IN} this SQL was run on another engine that takes it, a stand-in or a relative, and gave the expected table
- {WRITTEN} no engine was asked: the SQL follows what the vendor documents, as far as its writers knew it, and was read by
  people and by parsers; compare first results with numbers that are known
- {REFUSED} it is refused; the number leads to the reason

Every row stands for a query of the project's cases, whose expected table was worked out by hand. On the engines that
could be asked, all the other cases and thousands of random queries were run, too.
"""


def page() -> str:
    """Return the page's text."""
    kept = {dialect: kept_verdicts(dialect) for dialect in EVIDENCE}
    lines = [HEAD, "| `--dialect` | column | known from |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {one.short if one.short == one.title else f'{one.short}: {one.title}'} | {one.note} |"
        for name, one in EVIDENCE.items()
    ]
    lines += ["", *_not_written()]
    for section, rows in groupby(constructs(), key=lambda construct: construct.section):
        lines += ["", f"## {section}", "", *_section(list(rows), kept)]
    return "\n".join(lines) + "\n"


def _not_written() -> list[str]:
    reasons: dict[str, list[str]] = {}
    for name, found in NOT_WRITTEN.items():
        reasons.setdefault(found.reason, []).append(f"`{name}`")
    return ["There is no SQL for these, though sqlglot knows them:", ""] + [
        f"- {', '.join(names)}: {reason}" for reason, names in sorted(reasons.items(), key=lambda one: one[1])
    ]


def _section(rows: list[Construct], kept: dict[str, dict[str, Verdict]]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    numbers: dict[str, int] = {}
    table = [
        f"| | {' | '.join(one.short for one in EVIDENCE.values())} |",
        f"|---|{':-:|' * len(EVIDENCE)}",
    ]
    for construct in rows:
        cells = []
        for dialect in EVIDENCE:
            cell, reason = _cell(construct, dialect, kept[dialect])
            if reason is not None:
                number = numbers.setdefault(reason, len(numbers) + 1)
                if EVIDENCE[dialect].title not in reasons.setdefault(reason, []):
                    reasons[reason].append(EVIDENCE[dialect].title)
                cell += str(number).translate(_SUPERSCRIPTS)
            cells.append(cell)
        table.append(f"| {construct.name} | {' | '.join(cells)} |")
    if numbers:
        table.append("")
        table += [f"{number}. {', '.join(reasons[reason])}: {reason}" for reason, number in numbers.items()]
    return table


def _cell(construct: Construct, dialect: str, kept: dict[str, Verdict]) -> tuple[str, str | None]:
    found = {exercise: kept[exercise.label] for exercise in construct.exercises}
    refused = [message for one in found.values() if isinstance(one, list) for message in one]
    if refused:
        return REFUSED, "; ".join(dict.fromkeys(map(_reason, refused)))
    is_run = all(
        isinstance(one, str) and is_executed(dialect, exercise, one) for exercise, one in found.items()
    )
    if not is_run:
        return WRITTEN, None
    return EXECUTED if EVIDENCE[dialect].kind is Kind.ITSELF else STOOD_IN, None


def _reason(message: str) -> str:
    refusal = _REFUSAL.fullmatch(message)
    return message if refusal is None else f"{refusal['construct']}: {refusal['reason']}"


def main() -> None:
    TARGET.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
