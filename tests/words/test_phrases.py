"""Formulas and what is said of them, in both languages. `~` stands for the French spaces."""

from __future__ import annotations

import pytest

from kpidsl.semantics.bound import Aggregate
from kpidsl.words.english import ENGLISH
from kpidsl.words.french import FRENCH
from kpidsl.words.language import Language
from kpidsl.words.phrases import Speaker
from tests.semantics.shop import bound, shop

FORMULAS = [
    (
        "revenue / paid",
        "Revenue (`revenue`) divided by `paid`",
        "le rapport entre «\N{NARROW NO-BREAK SPACE}Chiffre d’affaires\N{NARROW NO-BREAK SPACE}» (`revenue`) et `paid`",
    ),
    ("count(orders)", "the number of rows of `orders`", "le nombre de lignes de `orders`"),
    (
        "count(orders.customer_id)",
        "the number of values of `customer_id` in the rows of `orders`",
        "le nombre de valeurs de `customer_id` sur les lignes de `orders`",
    ),
    (
        "sum(orders.amount at shipped_at)",
        "the sum of `amount` over the rows of `orders`, placed in time by `shipped_at`",
        "la somme de `amount` sur les lignes de `orders`, placées dans le temps par `shipped_at`",
    ),
    (
        "min(orders.ordered_at)",
        "the earliest `ordered_at` of the rows of `orders`",
        "la première date `ordered_at` des lignes de `orders`",
    ),
    (
        "max(ads.cost)",
        "the greatest `cost` of the rows of `ads`",
        "la plus grande valeur de `cost` sur les lignes de `ads`",
    ),
    (
        "revenue - cost - 1.5",
        "Revenue (`revenue`) − `cost` − 1.5",
        "«\N{NARROW NO-BREAK SPACE}Chiffre d’affaires\N{NARROW NO-BREAK SPACE}» (`revenue`) − `cost` − 1,5",
    ),
    (
        "revenue - (cost - 1)",
        "Revenue (`revenue`) − (`cost` − 1)",
        "«\N{NARROW NO-BREAK SPACE}Chiffre d’affaires\N{NARROW NO-BREAK SPACE}» (`revenue`) − (`cost` − 1)",
    ),
    (
        "(paid where channel in ('a', 'b', 'c')) / paid",
        "(`paid`, counting only where `channel` is “a”, “b” or “c”) divided by `paid`",
        "le rapport entre (`paid`, en ne comptant que là où `channel` vaut «~a~», «~b~» ou «~c~») et `paid`",
    ),
    (
        "share(revenue across channel)",
        "Revenue (`revenue`) as a share of its total over all values of `channel`",
        "«\N{NARROW NO-BREAK SPACE}Chiffre d’affaires\N{NARROW NO-BREAK SPACE}» (`revenue`) en part de son total sur toutes les valeurs de `channel`",
    ),
    (
        "total(paid)",
        "`paid` over all groups of the same time bucket together",
        "`paid` sur tous les groupes du même intervalle de temps ensemble",
    ),
    (
        "case when paid > 9 then basket else 0 end",
        "`basket` if `paid` is greater than 9; otherwise 0",
        "`basket` si `paid` est supérieur à 9~; sinon 0",
    ),
    (
        "least(paid, buyers)",
        "the least of `paid` and `buyers`",
        "la plus petite valeur parmi `paid` et `buyers`",
    ),
    ("coalesce(cost, 0)", "`cost` (where missing: 0)", "`cost` (à défaut 0)"),
    ("round(cost, 2)", "`cost` rounded to 2 decimals", "`cost` arrondi à 2 décimales"),
    # A formula that somebody has named is called so.
    (
        "sum(orders.price * orders.quantity)",
        "the sum of `amount` over the rows of `orders`",
        "la somme de `amount` sur les lignes de `orders`",
    ),
]

CONDITIONS = [
    ("status = 'paid'", "`status` is “paid”", "`status` vaut «~paid~»"),
    (
        "status != 'paid'",
        "`status` is not “paid”, or is missing",
        "`status` ne vaut pas «~paid~», ou est absent",
    ),
    ("order_id != 3", "`order_id` is not 3", "`order_id` ne vaut pas 3"),
    ("status in ('a', 'b')", "`status` is “a” or “b”", "`status` vaut «~a~» ou «~b~»"),
    ("status in ('a')", "`status` is “a”", "`status` vaut «~a~»"),
    (
        "status not in ('a', 'b')",
        "`status` is neither “a” nor “b”, or is missing",
        "`status` ne vaut ni «~a~» ni «~b~», ou est absent",
    ),
    ("status is null", "`status` is missing", "`status` est absent"),
    ("status is not null", "`status` is present", "`status` est présent"),
    ("is_test", "`is_test` is true", "`is_test` est vrai"),
    ("not is_test", "`is_test` is not true", "`is_test` n’est pas vrai"),
    ("price >= 10", "`price` is at least 10", "`price` vaut au moins 10"),
    (
        "not (price > 1)",
        "`price` is not greater than 1, or is missing",
        "`price` n’est pas supérieur à 1, ou est absent",
    ),
    (
        "price between 1 and 2",
        "`price` is between 1 and 2 (both included)",
        "`price` est compris entre 1 et 2 (bornes comprises)",
    ),
    (
        "price not between 1 and 2",
        "`price` is not between 1 and 2, or is missing",
        "`price` n’est pas compris entre 1 et 2, ou est absent",
    ),
    ("shipped_at < 2026-01-31", "`shipped_at` is before 2026-01-31", "`shipped_at` est avant 2026-01-31"),
    (
        "shipped_at >= ordered_at",
        "`shipped_at` is not before `ordered_at`",
        "`shipped_at` n’est pas avant `ordered_at`",
    ),
    ("ordered_at = shipped_at", "`ordered_at` equals `shipped_at`", "`ordered_at` est égal à `shipped_at`"),
    ("status like 'p%'", "`status` begins with “p”", "`status` commence par «~p~»"),
    ("status like '%p'", "`status` ends with “p”", "`status` finit par «~p~»"),
    (
        "status not like '%p%'",
        "`status` does not contain “p”, or is missing",
        "`status` ne contient pas «~p~», ou est absent",
    ),
    ("status like 'p_d'", "`status` has the pattern “p_d”", "`status` suit le modèle «~p_d~»"),
    (
        "is_test and status = 'x' and price > 1",
        "`is_test` is true, `status` is “x” and `price` is greater than 1",
        "`is_test` est vrai, `status` vaut «~x~» et `price` est supérieur à 1",
    ),
    (
        "is_test and (status = 'x' or price > 1)",
        "`is_test` is true and (`status` is “x” or `price` is greater than 1)",
        "`is_test` est vrai et (`status` vaut «~x~» ou `price` est supérieur à 1)",
    ),
    (
        "not (is_test or status = 'x')",
        "`is_test` is not true and (`status` is not “x”, or is missing)",
        "`is_test` n’est pas vrai et (`status` ne vaut pas «~x~», ou est absent)",
    ),
    (
        "is_test or status in ('a', 'b', 'c')",
        "`is_test` is true or (`status` is “a”, “b” or “c”)",
        "`is_test` est vrai ou (`status` vaut «~a~», «~b~» ou «~c~»)",
    ),
    ("is_new", "`is_new` is true", "`is_new` est vrai"),
    ("customer.vip", "`customer.vip` is true", "`customer.vip` est vrai"),
    ("country = 'FR'", "`customer.country` is “FR”", "`customer.country` vaut «~FR~»"),
    ("channel = 'x'", "`channel` is “x”", "`channel` vaut «~x~»"),
    ("lower(status) = 'x'", "`status` in small letters is “x”", "`status` en minuscules vaut «~x~»"),
    (
        "coalesce(status, 'x') != 'y'",
        "`status` (where missing: “x”) is not “y”",
        "`status` (à défaut «~x~») ne vaut pas «~y~»",
    ),
    (
        "price * 2 > quantity",
        "`price` × 2 is greater than `quantity`",
        "`price` × 2 est supérieur à `quantity`",
    ),
    ("starts_with(status, 'x')", "`status` begins with “x”", "`status` commence par «~x~»"),
    ("year(shipped_at) = 2026", "the year of `shipped_at` is 2026", "l’année de `shipped_at` vaut 2026"),
]


def spaced(text: str) -> str:
    return text.replace("~", "\N{NARROW NO-BREAK SPACE}")


@pytest.mark.parametrize(("formula", "english", "french"), FORMULAS)
def test_formulas(formula: str, english: str, french: str) -> None:
    assert Speaker(shop(), ENGLISH).formula(bound(formula)) == english
    assert Speaker(shop(), FRENCH).formula(bound(formula)) == spaced(french)


def condition(text: str, language: Language, *, negated: bool = False) -> str:
    aggregate = bound(f"count(orders where {text})")
    assert isinstance(aggregate, Aggregate)
    assert aggregate.condition is not None
    speaker = Speaker(shop(), language)
    return (speaker.negated if negated else speaker.condition)(aggregate.condition, "orders")


@pytest.mark.parametrize(("text", "english", "french"), CONDITIONS)
def test_conditions(text: str, english: str, french: str) -> None:
    assert condition(text, ENGLISH) == english
    assert condition(text, FRENCH) == spaced(french)


@pytest.mark.parametrize("text", [row[0] for row in CONDITIONS])
@pytest.mark.parametrize("language", [ENGLISH, FRENCH])
def test_what_is_left_out_is_what_does_not_satisfy_the_condition(text: str, language: Language) -> None:
    """Saying the negation is saying `not (…)`, and saying it twice the condition itself."""
    assert condition(text, language, negated=True) == condition(f"not ({text})", language)
    assert condition(f"not ({text})", language, negated=True) == condition(text, language)
