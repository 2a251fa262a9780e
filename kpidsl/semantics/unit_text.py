"""Units as people write them, in `unit:` and behind numbers: text to unit, with what is wrong in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kpidsl.diagnostics import Sink
from kpidsl.diagnostics.suggestions import did_you_mean
from kpidsl.loading.other_words import currency_meant
from kpidsl.model.definitions import UnitText
from kpidsl.semantics import unit_errors as errors
from kpidsl.semantics.units import CONVERTIBLE, CURRENCIES, FRACTION, MONEY, TIMES, Unit, named, spelled
from kpidsl.source import SourceText, Span

_TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z_%€$£¥][A-Za-z0-9_]*)|(?P<sign>[*/^()·])|(?P<number>[0-9]+)|(?P<other>\S))"
)
_NOUN = re.compile(r"[a-z][a-z0-9_]*")
_LARGEST_POWER = 9

_OTHERWISE = {
    "%": "percent", "pct": "percent", "percentage": "percent", "fraction": "percent", "ratio": "percent",
    "us": "microsecond", "ms": "millisecond", "msec": "millisecond", "s": "second", "sec": "second",
    "secs": "second", "min": "minute", "mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour",
    "d": "day", "wk": "week", "mo": "month", "yr": "year", "yrs": "year",
}  # fmt: skip
"""What people write for a unit, no currency, that has another spelling here."""

_NOT_CURRENCIES = frozenset(
    ["all", "bam", "bob", "cup", "gel", "lak", "mad", "mop", "pen", "sos", "top", "try"]
)
"""English words that are a currency's code in capitals."""

_SINGULARS = frozenset(
    ["atlas", "bias", "bus", "campus", "canvas", "gas", "lens", "news", "series", "species", "virus"]
)
"""Words that end like a plural and are none."""

_EXACT = {name.lower(): name for name in CONVERTIBLE}
_SMALL = frozenset(_EXACT) - frozenset(CONVERTIBLE)
"""Symbols such as `GB`, written small."""

Fault = Literal["unknown", "syntax", "plural"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at [start, end) of a text: `word` as written, `help` or the right word beside it."""

    fault: Fault
    start: int
    end: int
    word: str
    help: str
    label: str = ""


def read_unit(written: UnitText, sink: Sink) -> Unit | None:
    """Return the unit of a definition's `unit:`, or None after reporting where it is wrong."""
    found = parse_unit(written.text)
    if isinstance(found, Unit):
        return found
    _report(found, written.text, written.source, sink)
    return None


def read_quantity_unit(word: str, span: Span, sink: Sink) -> Unit | None:
    """Return the unit behind a number (`3 days`, `62 EUR`), where a plural is as good as a singular."""
    mistake = _mistake(word, 0, plurals=True)
    if mistake is None:
        return named(_singular(word) or word)
    _report(mistake, word, None, sink, span)
    return None


def _report(
    mistake: Mistake, text: str, source: SourceText | None, sink: Sink, span: Span | None = None
) -> None:
    at = span
    if at is None:
        assert source is not None
        at = Span(source, mistake.start, mistake.end)
    match mistake.fault:
        case "unknown":
            sink.report(errors.unknown_unit(at, mistake.word, mistake.help))
        case "plural":
            sink.report(errors.plural(at, mistake.word, mistake.help))
        case "syntax":
            sink.report(errors.unit_syntax(at, text.strip(), mistake.label, mistake.help))


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | Mistake:
    """Return the unit that a text says: words joined by `*` and `/`, powers as `^2`; or its first mistake."""
    unit = FRACTION
    sign = 1
    points = False
    at = count = 0
    end = len(text.rstrip())
    while True:
        token = _TOKEN.match(text, at)
        if token is None:
            return _syntax(
                text, max(end - 1, 0), max(end, 1), "a unit is missing", "write `EUR` or `EUR/order`"
            )
        start, at = token.start(token.lastgroup or 0), token.end()
        if token["word"] is not None:
            mistake = _mistake(token["word"], start, plurals=False)
            if mistake is not None:
                return mistake
            word = named(token["word"])
            power, at = _power(text, at)
            if not 1 <= power <= _LARGEST_POWER:
                return _syntax(
                    text, start, at, "no such power", "powers are whole numbers from 2 to 9: `EUR^2`"
                )
            points = word.points
            unit = unit * word**power if sign > 0 else unit / word**power
        elif not (token["number"] == "1" and count == 0 and "/" in text[at:]):
            bracket = token["sign"] in ("(", ")")
            help = (
                "write `EUR/order/day` for `EUR/(order*day)`"
                if bracket
                else "write words joined by `*` and `/`, such as `EUR/order`"
            )
            return _syntax(text, start, at, "no unit", help)
        count += 1
        following = _TOKEN.match(text, at) if at < end else None
        if following is None:
            if spelled(unit) is None:
                help = "write `percent`" if not unit.powers else "write one unit of time"
                return _syntax(text, 0, end, "two sizes of one unit", help)
            return Unit(unit.scale, unit.powers, points and count == 1)
        if following["sign"] not in ("*", "/"):
            label = "an operator is due" if following["word"] else "does not fit"
            right = f"{text[:at].strip()}*{text[at:].strip()}" if following["word"] else "EUR/order"
            if following["word"] == "per":
                label, right = (
                    "a `/` is due",
                    f"{text[:at].strip()}/{text[following.end() :].strip() or 'order'}",
                )
            return _syntax(
                text, following.start(following.lastgroup or 0), following.end(), label, f"write `{right}`"
            )
        sign = 1 if following["sign"] == "*" else -1
        at = following.end()


def _power(text: str, at: int) -> tuple[int, int]:
    found = re.compile(r"\s*\^\s*([0-9]{1,3})").match(text, at)
    return (1, at) if found is None else (int(found[1]), found.end())


def _syntax(text: str, start: int, end: int, label: str, help: str) -> Mistake:
    return Mistake("syntax", start, min(end, max(len(text), 1)), text, help, label)


def _mistake(word: str, start: int, *, plurals: bool) -> Mistake | None:
    """Return what is wrong with one word of a unit."""
    end = start + len(word)
    if word in CONVERTIBLE or word in CURRENCIES or word in ("percent", "pp"):
        return None
    other = _OTHERWISE.get(word) or _OTHERWISE.get(word.lower()) or currency_meant(word)
    if other:
        return Mistake("unknown", start, end, word, f"write `{other}`")
    if word.upper() in CURRENCIES and word not in _NOT_CURRENCIES:
        return Mistake("unknown", start, end, word, f"write `{word.upper()}`")
    if not _NOUN.fullmatch(word) or word in _SMALL:
        return Mistake("unknown", start, end, word, _spelling(word))
    singular = _singular(word)
    time = _slip_of(singular or word)
    if time is not None:
        return Mistake("unknown", start, end, word, f"did you mean `{time}`?")
    if singular is not None and not plurals:
        return Mistake("plural", start, end, word, singular)
    return None


def _spelling(word: str) -> str:
    exact = _EXACT.get(word.lower())
    if exact is not None:
        return f"write `{exact}`"
    if len(word) == 3 and word.isupper():
        return did_you_mean(word, CURRENCIES) or "currencies have codes of ISO 4217 such as `EUR`"
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).strip("_").lower()
    noun = _singular(snake) or snake
    return f"counted nouns are in small letters: `{noun}`" if _NOUN.fullmatch(noun) else "write `EUR/order`"


def noun_of(dataset: str) -> str:
    """Return a counted noun for the rows of a dataset, by its name."""
    noun = _singular(dataset) or dataset
    found = parse_unit(noun)
    return noun if isinstance(found, Unit) and found.is_count and noun != MONEY else f"{noun}_row"


def _singular(word: str) -> str | None:
    """Return a plural's singular, or None where the word is none."""
    if not word.endswith("s") or word.endswith(("ss", "us", "is")) or len(word) < 4 or word in _SINGULARS:
        return None
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=4096)
def _slip_of(word: str) -> str | None:
    """Return the time whose name the word is with a letter left out or doubled, or two letters swapped."""
    return next((time for time in TIMES if word[0] == time[0] and _is_slip(word, time)), None)


def _is_slip(word: str, right: str) -> bool:
    if len(word) == len(right):
        other = [n for n in range(len(word)) if word[n] != right[n]]
        return len(other) == 2 and word[other[0]] == right[other[1]] and word[other[1]] == right[other[0]]
    if len(word) + 1 == len(right):
        return any(right[:n] + right[n + 1 :] == word for n in range(len(right)))
    doubled = (n for n in range(1, len(word)) if word[n] == word[n - 1])
    return len(word) == len(right) + 1 and any(word[:n] + word[n + 1 :] == right for n in doubled)
