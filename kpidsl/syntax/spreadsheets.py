"""Functions of French spreadsheets, and those with a point in their name: what they are in English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_OTHERS = {
    "sum": "somme",
    "avg": "moyenne",
    "count": "nb nbval",
    "countif": "nb_si",
    "countifs": "nb_si_ens",
    "countblank": "nb_vide",
    "sumif": "somme_si",
    "sumifs": "somme_si_ens",
    "sumproduct": "sommeprod",
    "averageif": "moyenne_si",
    "averageifs": "moyenne_si_ens",
    "maxifs": "max_si_ens",
    "minifs": "min_si_ens",
    "median": "mediane",
    "percentile": "centile percentile_inc centile_inclure",
    "stddev": "ecartype ecartype_standard stdev_s",
    "variance": "var_s",
    "if": "si",
    "iferror": "sierreur si_erreur",
    "isblank": "estvide",
    "round": "arrondi",
    "floor": "ent",
    "length": "nbcar",
    "upper": "majuscule",
    "lower": "minuscule",
    "trim": "supprespace",
    "substring": "stxt",
    "vlookup": "recherchev rechercheh recherchex",
    "rank": "rang rank_eq rang_egal",
    "today": "aujourdhui maintenant",
    "year": "annee",
    "month": "mois",
    "day": "jour",
    "dayofweek": "joursem",
    "text": "texte",
}
FUNCTIONS: Mapping[str, str] = {word: right for right, words in _OTHERS.items() for word in words.split()}
"""Names as `as_function` gives them."""


def as_function(word: str) -> str:
    """Return a function's name in small letters, without accents, its points as underscores."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
    return plain.replace(".", "_")


_PIECES = re.compile(
    r"(?P<text>'(?:[^']|'')*')|\"(?P<quoted>[^\"']*)\"|(?P<call>[^\W\d]\w*(?:\.\w+)*)(?=\s*\()"
    r"|(?P<separator>;)|(?<=\d)(?P<comma>,)(?=\d)"
)


def in_own_signs(text: str, others: Mapping[str, object]) -> str:
    """Return a spreadsheet's formula as long as it was, in the signs and by the names that are used here.

    `others` are functions that are told by name. A comma within a number is one only between semicolons.
    """

    def own(found: re.Match[str]) -> str:
        whole = found[0]
        if found["quoted"] is not None:
            return f"'{found['quoted']}'"
        if found["call"] is not None:
            name = as_function(whole)
            return name if len(name) == len(whole) and (name in FUNCTIONS or name in others) else whole
        if found["separator"] is not None:
            return ","
        return "." if found["comma"] is not None and has_semicolons else whole

    has_semicolons = ";" in re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"", "", text)
    return _PIECES.sub(own, text)
