"""Units: a scale times a product of powers of bases, and what can be done with them.

Bases are currencies (`EUR`), counted nouns (`order`), amounts of data and energy, and two families of
time: what is made of seconds (second to week), and what is made of months (month, quarter, year), since
no number of days makes a month. A fraction is the unit without bases; `percent` is how it is written,
and the difference of two fractions is in percentage points (`pp`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product

Powers = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """`scale` × the product of `powers` (by base, never 0, sorted). `points` belongs to fractions only.

    Laws: products are associative and commutative, `FRACTION` is their identity, a unit divided by
    itself is `FRACTION`, and `(a * b) / b == a` for units without points.
    """

    scale: Fraction
    powers: Powers
    points: bool = False

    def __hash__(self) -> int:
        # A fraction's own hash takes a power; units are looked up for every product.
        return hash((self.scale.numerator, self.scale.denominator, self.powers, self.points))

    def __mul__(self, other: Unit) -> Unit:
        return _combined(self, other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return _combined(self, other, -1)

    def __pow__(self, exponent: int) -> Unit:
        if exponent == 0:
            return FRACTION
        powers = tuple((base, power * exponent) for base, power in self.powers)
        return Unit(self.scale**exponent, powers)

    def __str__(self) -> str:
        return _text(self)

    @property
    def is_fraction(self) -> bool:
        """Tell whether it is a part of a whole, percentage points included."""
        return not self.powers and self.scale == 1

    @property
    def is_rate_of_counts(self) -> bool:
        """Tell whether it is as many nouns over as many: `order/session`, which is a fraction too."""
        return (
            bool(self.powers)
            and sum(power for _, power in self.powers) == 0
            and all(is_noun(base) for base, _ in self.powers)
        )

    @property
    def is_count(self) -> bool:
        """Tell whether it is one counted noun."""
        return len(self.powers) == 1 and self.powers[0][1] == 1 and is_noun(self.powers[0][0])

    @property
    def is_time(self) -> bool:
        """Tell whether it measures time: seconds to weeks, or months to years."""
        return self.powers in _TIMES

    @property
    def is_currency(self) -> bool:
        return len(self.powers) == 1 and self.powers[0][1] == 1 and is_currency(self.powers[0][0])

    def is_convertible(self, other: Unit) -> bool:
        """Tell whether values of one can be written in the other: an equivalence."""
        return self.powers == other.powers

    def factor(self, other: Unit) -> Fraction:
        """Return what a value in this unit is multiplied by to be one in a convertible unit."""
        assert self.is_convertible(other)
        return self.scale / other.scale


FRACTION = Unit(Fraction(1), ())
POINTS = Unit(Fraction(1), (), points=True)

_TIMES = frozenset([(("second", 1),), (("month", 1),)])

CONVERTIBLE: Mapping[str, tuple[str, Fraction]] = {
    "microsecond": ("second", Fraction(1, 1_000_000)),
    "millisecond": ("second", Fraction(1, 1_000)),
    "second": ("second", Fraction(1)),
    "minute": ("second", Fraction(60)),
    "hour": ("second", Fraction(3_600)),
    "day": ("second", Fraction(86_400)),
    "week": ("second", Fraction(604_800)),
    "month": ("month", Fraction(1)),
    "quarter": ("month", Fraction(3)),
    "year": ("month", Fraction(12)),
    "byte": ("byte", Fraction(1)),
    "kB": ("byte", Fraction(1_000)),
    "MB": ("byte", Fraction(1_000_000)),
    "GB": ("byte", Fraction(1_000_000_000)),
    "TB": ("byte", Fraction(1_000_000_000_000)),
    "Wh": ("Wh", Fraction(1)),
    "kWh": ("Wh", Fraction(1_000)),
    "MWh": ("Wh", Fraction(1_000_000)),
}
"""Units with a name and others that they convert to: their base, and how many of it they are."""

TIMES = tuple(name for name, (base, _) in CONVERTIBLE.items() if base in ("second", "month"))

_NAMED: dict[str, tuple[tuple[str, Fraction], ...]] = {}
for _name, (_base, _scale) in CONVERTIBLE.items():
    _NAMED[_base] = (*_NAMED.get(_base, ()), (_name, _scale))

_ISO_4217 = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
    KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS
    SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND
    VUV WST XAF XCD XCG XDR XOF XPF XSU XUA YER ZAR ZMW ZWG
"""

CURRENCIES = frozenset(_ISO_4217.split())
"""The codes of ISO 4217."""


MONEY = "money"
"""The noun of amounts in the project's currency, whichever that is: what a lexicon declares."""


def in_currency(unit: Unit, currency: str | None) -> Unit:
    """Return a unit in which money is of a currency, where one is given."""
    power = dict(unit.powers).get(MONEY)
    if currency is None or power is None:
        return unit
    return unit / named(MONEY) ** power * named(currency) ** power


def currency_of_money(a: Unit, b: Unit) -> str | None:
    """Return the currency in which two units would be one if `money` were of it, or None where none is."""
    for one, other in ((a, b), (b, a)):
        for base, _ in other.powers:
            if not is_currency(base) or MONEY not in dict(one.powers):
                continue
            if in_currency(one, base).is_convertible(in_currency(other, base)):
                return base
    return None


def is_currency(base: str) -> bool:
    return base in CURRENCIES


def is_noun(base: str) -> bool:
    """Tell whether a base is something that is counted."""
    return base not in CURRENCIES and base not in _NAMED


def named(word: str) -> Unit:
    """Return the unit of one word: a convertible one, a currency, a fraction, or else a counted noun."""
    if word == "percent":
        return FRACTION
    if word == "pp":
        return POINTS
    base, scale = CONVERTIBLE.get(word, (word, Fraction(1)))
    return Unit(scale, ((base, 1),))


def _combined(left: Unit, right: Unit, sign: int) -> Unit:
    scale = left.scale * right.scale if sign > 0 else left.scale / right.scale
    if not right.powers:
        return Unit(scale, left.powers)
    powers = dict(left.powers)
    for base, power in right.powers:
        powers[base] = powers.get(base, 0) + sign * power
    return Unit(scale, tuple(sorted((base, power) for base, power in powers.items() if power)))


@lru_cache(maxsize=4096)
def spelled(unit: Unit) -> tuple[tuple[str, int], ...] | None:
    """Return the words whose powers make the unit, scale included, or None where no words do.

    `3600 × second` is `hour`; `3600 × EUR` has no words: a value in it is converted first.
    """
    families = [base for base, _ in unit.powers if base in _NAMED]
    powers = dict(unit.powers)
    for words in product(*(_NAMED[base] for base in families)):
        scale = Fraction(1)
        for base, (_, size) in zip(families, words, strict=True):
            scale *= size ** powers[base]
        if scale == unit.scale:
            names = {base: word for base, (word, _) in zip(families, words, strict=True)}
            return tuple((names.get(base, base), power) for base, power in unit.powers)
    return None


@lru_cache(maxsize=4096)
def settled(unit: Unit) -> tuple[Unit, Fraction]:
    """Return the unit that a product is written in, and what its values are multiplied by for that.

    A product that words can say stays as it is (`EUR/hour`); what is left of a cancelled family goes
    into the value: EUR/hour × second is EUR, and its values are divided by 3600.
    """
    if spelled(unit) is not None:
        return unit, Fraction(1)
    plain = Unit(Fraction(1), unit.powers, unit.points)
    return plain, unit.scale


@lru_cache(maxsize=4096)
def _text(unit: Unit) -> str:
    if not unit.powers:
        if unit.scale != 1:
            return str(unit.scale)
        return "pp" if unit.points else "percent"
    words = spelled(unit)
    if words is None:
        return f"{unit.scale}*{_text(Unit(Fraction(1), unit.powers))}"
    above = [_powered(word, power) for word, power in _ordered(words) if power > 0]
    below = [_powered(word, -power) for word, power in _ordered(words) if power < 0]
    return "/".join(["*".join(above) or "1", *below])


def _ordered(words: tuple[tuple[str, int], ...]) -> list[tuple[str, int]]:
    """Return currencies first and times last, as people say it: EUR*day, order/customer/year."""
    return sorted(words, key=lambda pair: (not is_currency(pair[0]), pair[0] in TIMES, pair[0]))


def _powered(word: str, power: int) -> str:
    return word if power == 1 else f"{word}^{power}"
