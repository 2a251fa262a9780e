"""How a definition asks for its numbers to be written: `0.00`, `#,##0`, `0.0%`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORMAT = re.compile(r"([^0#,.%]*)(#,##0|#,###|0|#)(?:\.(0*)(#*))?(\s*%)?([^0#,.%]*)")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers are written: `decimals` at least and `most` at most; percentages and points times 100.

    `keeps_small`: a number that would come out as zero gets the decimals for three of its digits.
    """

    decimals: int
    most: int
    grouped: bool = True
    percent: bool = False
    points: bool = False
    prefix: str = ""
    suffix: str = ""
    keeps_small: bool = False


def parse_format(text: str) -> NumberFormat | None:
    """Return what a format such as `0.00`, `0.0%`, `#,##0` or `#,##0.00 €` asks, or None where it is none."""
    match = _FORMAT.fullmatch(text)
    if match is None:
        return None
    prefix, whole, fixed, optional, percent, suffix = match.groups("")
    return NumberFormat(
        decimals=len(fixed),
        most=len(fixed) + len(optional),
        grouped="," in whole,
        percent=bool(percent),
        prefix=prefix,
        suffix=suffix,
    )
