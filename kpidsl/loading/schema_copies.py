"""The copies of the schemas that a project keeps for editors, and whether they are of this version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PurePath

from kpidsl.diagnostics import Sink
from kpidsl.loading import schema_errors
from kpidsl.loading.schemas import schema_files
from kpidsl.source import SourceFile

FOLDER = PurePath(".kpidsl", "schemas")
KINDS = ("project", "definitions")
_READ = 300
"""How many bytes of a copy are read: its stamp stands first."""


def file_name(kind: str) -> str:
    return f"{kind}.schema.json"


@lru_cache(maxsize=1)
def stamp() -> str:
    """Return what the copies of this version say of themselves: it changes when any schema does."""
    # It loads OpenSSL, for projects that keep copies alone.
    from hashlib import sha256

    digest = sha256()
    for text in schema_files():
        digest.update(text)
    return f"written by kpidsl schema, {digest.hexdigest()[:12]}"


def warn_of_old_copies(folder: Path, sink: Sink) -> None:
    """Warn where a project's copies were written from other schemas than those of this version."""
    for path in _old(folder):
        sink.report(schema_errors.old_copy(SourceFile(path.as_posix(), "")))
        return


def _old(folder: Path) -> Iterator[PurePath]:
    for kind in KINDS:
        path = FOLDER / file_name(kind)
        with suppress(OSError), (folder / path).open("rb") as file:
            if stamp().encode() not in file.read(_READ):
                yield path
