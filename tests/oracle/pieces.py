"""Pieces of formula text that know their type, their size and how firmly they bind."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .dice import Dice

FILTERED, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, ATOM = range(9)
"""How firmly a text binds, loosest first; an operand looser than its place goes into brackets."""

EXACT_LIMIT = 4 * 10**18
"""Exact values stay within a 64-bit integer when scaled: some engines hold decimals so."""

DOUBLE_LIMIT = 2**50


@dataclass(frozen=True, slots=True)
class Piece:
    """A formula's text.

    `bound` is the largest absolute value that a number can take, `scale` its decimals (of a float:
    its binary digits after the point). `stable`: every correct engine gives the same bits, so that
    conditions, denominators and orders may rest on it. `dyadic`: a float whose sums are exact.
    """

    text: str
    kind: str
    level: int = ATOM
    scale: int = 0
    bound: int = 0
    stable: bool = True
    dyadic: bool = True

    @property
    def is_number(self) -> bool:
        return self.kind in ("integer", "decimal", "float")

    @property
    def is_exact(self) -> bool:
        return self.kind in ("integer", "decimal")

    @property
    def fits(self) -> bool:
        """Tell whether the value is sure to stay exact everywhere."""
        if self.is_exact:
            return bool(self.bound <= EXACT_LIMIT // 10**self.scale)
        return not self.dyadic or self.bound <= DOUBLE_LIMIT >> self.scale

    def at(self, level: int) -> str:
        """Return the text for a place that wants at least this level."""
        return self.text if self.level >= level else f"({self.text})"

    def named(self, text: str, level: int = ATOM) -> Piece:
        """Return another text with the same facts."""
        return replace(self, text=text, level=level)


def arithmetic(op: str, a: Piece, b: Piece) -> Piece | None:
    """Return `a op b`, or None where the result might leave the exact range."""
    level = SUM if op in "+-" else PRODUCT
    text = f"{a.at(level)} {op} {b.at(level + 1)}"
    if op == "/":
        # A denominator that two engines round differently may be zero on one of them only.
        if not b.stable:
            return None
        sure = all(not p.is_exact or p.bound * 10**p.scale < 2**52 for p in (a, b))
        return Piece(text, "float", level, 0, 10**6, stable=a.stable and sure, dyadic=False)
    exact = a.is_exact and b.is_exact
    if exact:
        kind = "integer" if a.kind == b.kind == "integer" else "decimal"
        scale = a.scale + b.scale if op == "*" else max(a.scale, b.scale)
        dyadic = True
    else:
        kind = "float"
        dyadic = all(p.kind == "integer" or (p.kind == "float" and p.dyadic) for p in (a, b))
        scale = a.scale + b.scale if op == "*" else max(a.scale, b.scale)
    bound = a.bound * b.bound if op == "*" else a.bound + b.bound
    piece = Piece(text, kind, level, scale, bound, stable=a.stable and b.stable, dyadic=dyadic)
    return piece if piece.fits else None


def either(a: Piece, b: Piece, text: str, level: int = ATOM) -> Piece:
    """Return a piece whose value is that of `a` or of `b`, which are of one kind."""
    return Piece(
        text,
        a.kind,
        level,
        max(a.scale, b.scale),
        max(a.bound, b.bound),
        stable=a.stable and b.stable,
        dyadic=a.dyadic and b.dyadic,
    )


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def literal(dice: Dice, kind: str) -> Piece:
    """Return a literal of a kind, of the sort that the drawn rows hold."""
    match kind:
        case "integer":
            n = dice.pick((0, 1, 2, 3, 10, -1, 1_000))
            text = "1_000" if n == 1000 else str(n)
            return Piece(text, kind, UNARY if n < 0 else ATOM, 0, abs(n))
        case "decimal":
            text, scale, bound = dice.pick(
                (
                    ("1.50", 2, 2),
                    ("20.0", 1, 20),
                    ("0.25", 2, 1),
                    ("2.5%", 3, 1),
                    ("0.5pp", 3, 1),
                    ("-20.00", 2, 20),
                )
            )
            return Piece(text, kind, UNARY if text.startswith("-") else ATOM, scale, bound)
        case "float":
            text, scale, bound = dice.pick(
                (("1e1", 0, 10), ("2.5e-1", 2, 1), ("5e0", 0, 5), ("1.5e1", 0, 15))
            )
            return Piece(text, kind, ATOM, scale, bound)
        case "text":
            word = dice.pick(("paid", "EU", "eu", "", "paid ", "l'été", "100%", "É", "zz", "FR"))
            return Piece(quoted(word), kind)
        case "boolean":
            return Piece(dice.pick(("true", "false")), kind)
        case "date":
            return Piece(
                dice.pick(("2026-01-01", "2026-02-28", "2024-02-29", "2026-03-29", "2026-07-01")), kind
            )
        case _:
            raise AssertionError(kind)


def comparison(dice: Dice, a: Piece, b: Piece) -> Piece:
    op = dice.pick(("=", "!=", "!=", "<", "<=", ">", ">="))
    return Piece(f"{a.at(SUM)} {op} {b.at(SUM)}", "condition", COMPARISON)


def test_of(dice: Dice, a: Piece) -> Piece:
    """Return a condition on one value, which is of any kind and stable."""
    if a.kind == "boolean":
        match dice.between(0, 3):
            case 0:
                return Piece(a.text, "condition", a.level)
            case 1:
                return Piece(f"not {a.at(NOT)}", "condition", NOT)
            case 2:
                op, value = dice.pick(("=", "!=")), literal(dice, "boolean").text
                return Piece(f"{a.at(SUM)} {op} {value}", "condition", COMPARISON)
            case _:
                return _null_test(dice, a)
    if a.kind == "timestamp":
        day = literal(dice, "date")
        return comparison(dice, a, day) if dice.chance(2) else _null_test(dice, a)
    match dice.between(0, 5):
        case 0 | 1:
            return comparison(dice, a, literal(dice, a.kind))
        case 2:
            items = ", ".join(literal(dice, a.kind).at(SUM) for _ in range(dice.between(1, 3)))
            word = dice.pick(("in", "not in"))
            return Piece(f"{a.at(SUM)} {word} ({items})", "condition", COMPARISON)
        case 3:
            ends = [literal(dice, a.kind).at(SUM) for _ in range(2)]
            low, high = ends if dice.chance(4) else sorted(ends, key=_worth)
            word = dice.pick(("between", "not between"))
            return Piece(f"{a.at(SUM)} {word} {low} and {high}", "condition", COMPARISON)
        case 4 if a.kind == "text":
            return _text_test(dice, a)
        case _:
            return _null_test(dice, a)


test_of.__test__ = False  # type: ignore[attr-defined]  # its name begins as a test's does


def _worth(text: str) -> tuple[float, str]:
    """Order literals of one kind: numbers by size, texts and dates by their characters."""
    try:
        return float(text.rstrip("%p").replace("_", "")) / (100 if text[-1] in "%p" else 1), ""
    except ValueError:
        return 0.0, text


def _null_test(dice: Dice, a: Piece) -> Piece:
    return Piece(f"{a.at(SUM)} is {dice.pick(('null', 'not null', 'not null'))}", "condition", COMPARISON)


def _text_test(dice: Dice, a: Piece) -> Piece:
    match dice.between(0, 2):
        case 0:
            word = dice.pick(("like", "not like"))
            pattern = dice.pick(("p%", "%", "", "e_", "%''%", "E%", "%é", "____", "paid"))
            return Piece(f"{a.at(SUM)} {word} '{pattern}'", "condition", COMPARISON)
        case 1:
            return Piece(f"starts_with({a.text}, {dice.pick(quoted_parts)})", "condition")
        case _:
            return Piece(f"contains({a.text}, {dice.pick(quoted_parts)})", "condition")


quoted_parts = ("'p'", "'E'", "'''é'", "'%'", "'_'", "'aid '")


def combined(dice: Dice, tests: list[Piece]) -> Piece:
    """Join conditions with `and`, `or` and `not`."""
    whole = tests[0]
    for test in tests[1:]:
        word, level = dice.pick((("and", AND), ("or", OR)))
        whole = Piece(f"{whole.at(level + 1)} {word} {test.at(level + 1)}", "condition", level)
    if dice.chance(6):
        whole = Piece(f"not {whole.at(NOT)}", "condition", NOT)
    return whole
