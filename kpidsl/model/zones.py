"""Time zones, from the package that is installed with kpidsl rather than from the machine.

Machines differ in how old their zones are; with the package the same project gives the same days
everywhere.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*")


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo | None:
    """Return a zone by its name such as `Europe/Paris`, or None where there is none."""
    if not _NAME.fullmatch(name):
        return None
    path = files("tzdata") / "zoneinfo"
    for part in name.split("/"):
        path = path / part
    if not path.is_file():
        return None
    with path.open("rb") as data:
        try:
            return ZoneInfo.from_file(data, key=name)
        except ValueError:
            # The package's folder holds lists beside the zones.
            return None


def zone_names() -> tuple[str, ...]:
    """Return the names of all zones."""
    return tuple((files("tzdata") / "zones").read_text(encoding="utf-8").split())
