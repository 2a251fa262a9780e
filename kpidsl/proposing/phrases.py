"""What proposals say, in English and in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Locale = Literal["en", "fr"]

PHRASES: Mapping[Locale, Mapping[str, str]] = {
    "en": {
        "synonym": "another name for it",
        "type": "the only column of its type",
        "table_synonym": "another name for `{0}`",
        "table_columns": "by its columns: {0} of {1}",
        "stored": "stored as {0}",
        "open": "not bound: {0} would all do for `{1}`",
        "mistyped": "not bound: `{1}` is `{0}` here, and {2}",
        "always": "every use reads {0}: say what they are, for example `{1}`",
        "several": "`{0}` is not bound: {1} would do, and nothing decides",
        "no_key": "`{0}` is not bound: `{1}` does not have {2}",
        "no_table": "no table is like {0}",
        "available": "available: {0} of {1} KPIs",
        "lacking": "lacking for others:",
        "would": "`{0}`: {1} KPIs read it",
        "nothing": "no table of the connection is like a dataset of `{0}`",
    },
    "fr": {
        "synonym": "un autre nom pour cela",
        "type": "la seule colonne de ce type",
        "table_synonym": "un autre nom pour `{0}`",
        "table_columns": "d'après ses colonnes : {0} sur {1}",
        "stored": "stocké en {0}",
        "open": "non lié : {0} conviendraient tous à `{1}`",
        "mistyped": "non lié : `{1}` s'appelle ici `{0}`, de type {2}",
        "always": "tout usage lit {0} : dites ce que c'est, par exemple `{1}`",
        "several": "`{0}` n'est pas lié : {1} conviendraient, et rien ne tranche",
        "no_key": "`{0}` n'est pas lié : il manque à `{1}` {2}",
        "no_table": "aucune table ne ressemble à {0}",
        "available": "disponibles : {0} KPI sur {1}",
        "lacking": "ce qui manque aux autres :",
        "would": "`{0}` : lu par {1} KPI",
        "nothing": "aucune table de la connexion ne ressemble à un jeu de données de `{0}`",
    },
}


def say(locale: Locale, phrase: str, *parts: object) -> str:
    """Return a phrase with its parts filled in."""
    return PHRASES[locale][phrase].format(*parts)
