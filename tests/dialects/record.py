"""`python -m tests.dialects.record [ENGINE…]`: run the catalogue on engines, and keep what they answered rightly.

The record holds a digest of each statement whose answer was the expected table, so that nothing is said to be
executed that was not. A stand-in must answer everything; of a relative's refusals and wrong answers a line each
is printed, and the SQL is not said to be executed.
"""

from __future__ import annotations

import json
import sys

from kpidsl.engines import EngineError
from tests import answers, servers
from tests.cases.test_answers import stored_tables
from tests.cases.test_check_queries import answered_otherwise
from tests.dialects.catalogue import Exercise, Refused, asked, case_of, compiled, exercises
from tests.dialects.evidence import EVIDENCE, Kind, digest, evidence_path, recorded


def dialects_told_by(engine: str) -> list[str]:
    return [name for name, evidence in EVIDENCE.items() if evidence.engine == engine]


def failure(exercise: Exercise, dialect: str, engine: str) -> tuple[str, str | None] | None:
    """Return the digest of an exercise's SQL and what is wrong with its answer; nothing where it is refused."""
    found = compiled(exercise, dialect)
    if isinstance(found, Refused):
        return None
    query = asked(exercise)
    try:
        with answers.loaded(engine, stored_tables(case_of(exercise.case))) as connection:
            columns, rows = answers.answer(found, connection)
    except EngineError as error:
        return digest(found.sql), str(error).splitlines()[0]
    return digest(found.sql), next(iter(answered_otherwise(query, columns, rows)), None)


def record(engine: str) -> bool:
    """Write an engine's record; tell whether all is as it must be."""
    kept: dict[str, dict[str, str]] = {}
    is_right = True
    for dialect in dialects_told_by(engine):
        told = kept.setdefault(dialect, {})
        for exercise in exercises():
            found = failure(exercise, dialect, engine)
            if found is None:
                continue
            sql_digest, wrong = found
            if wrong is None:
                told[exercise.label] = sql_digest
            else:
                print(f"{dialect} on {engine}: {exercise.label}: {wrong}")
                is_right = is_right and EVIDENCE[dialect].kind is Kind.RELATIVE
        print(f"{dialect} on {engine}: {len(told)} answered as they should")
    if kept != recorded(engine):
        text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True)
        evidence_path(engine).write_text(text + "\n", encoding="utf-8")
    return is_right


def main() -> None:
    engines = sys.argv[1:] or list(
        dict.fromkeys(one.engine for one in EVIDENCE.values() if one.engine is not None)
    )
    for engine in engines:
        if servers.ENGINES[engine].missing:
            sys.exit(f"{engine}: {servers.ENGINES[engine].missing}")
    try:
        results = [record(engine) for engine in engines]
    finally:
        servers.stop_all()
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
