"""What proposals say, in English and in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Locale = Literal["en", "fr"]

PHRASES: Mapping[Locale, Mapping[str, str]] = {
    "en": {
        "synonym": "another name for it",
        "type": "the only column left of its type",
        "table_synonym": "another name for `{0}`",
        "table_columns": "by its columns: {0} of {1}",
        "stored": "stored as {0}",
        "open": "not bound: {0} would all do for `{1}`",
        "mistyped": "not bound: `{1}` is `{0}` here, and {2}",
        "always": "nothing of this can be asked without {0}: under `columns:` say what it is, such as {1}",
        "days": "{0}: days in UTC; those of a place by `kpidsl bind … --timezone`, such as Europe/Paris",
        "unused": "tables that are not used: {0}",
        "more": "{0} and {1} more",
        "which": "`{0}`: {1} would do, and nothing decides. Take the # away before one of them:",
        "no_zone": "without a zone in the table: is it UTC?",
        "ready": "{0} KPIs need `{2}`, whose sources are missing: if it is always {3}, write `{1}`",
        "absent": "there is no table `{0}`",
        "either": "{0} have that name: say which under `table:`",
        "needed": "`{0}` does not have {1}",
        "schema": "`{0}` is a schema that kpidsl knows, with {1}",
        "schema_not": "`{0}` is a schema that kpidsl knows, and is not used: {1}",
        "several": "`{0}` is not bound: {1} would do, and nothing decides: take the # away before one",
        "no_key": "`{0}` is not bound: `{1}` does not have {2}",
        "others": "the table's other columns, for formulas under `columns:`",
        "some_others": "some of the table's other columns, for formulas under `columns:`",
        "constant": "write in place of '…' the {0} of all rows of the table",
        "perhaps": " (is it {0}?)",
        "other_type": " (`{0}` is {1})",
        "or": " or ",
        "no_table": "no table is like {0}",
        "available": "available: {0} of {1} KPIs",
        "lacking": "lacking for others:",
        "would": "`{0}`: {1} KPIs read it",
        "would_one": "`{0}`: 1 KPI reads it",
        "nothing": "no table of the connection is like a dataset of `{0}`",
    },
    "fr": {
        "synonym": "un autre nom pour cela",
        "type": "la seule colonne restante de ce type",
        "table_synonym": "un autre nom pour `{0}`",
        "table_columns": "d'après ses colonnes : {0} sur {1}",
        "stored": "stocké en {0}",
        "open": "non lié : {0} conviendraient tous à `{1}`",
        "mistyped": "non lié : `{1}` s'appelle ici `{0}`, de type {2}",
        "always": "rien n'en est disponible sans {0} : indiquez sous `columns:` ce que c'est, comme {1}",
        "days": "{0} : jours en UTC ; ceux d'un lieu par `kpidsl bind … --timezone`, comme Europe/Paris",
        "unused": "tables non utilisées : {0}",
        "more": "{0} et {1} autres",
        "which": "`{0}` : {1} conviendraient, et rien ne tranche. Enlevez les # devant l'une d'elles :",
        "no_zone": "sans fuseau dans la table : est-ce bien UTC ?",
        "ready": "{0} KPI demandent `{2}`, dont les sources manquent : s'il vaut toujours {3}, écrivez `{1}`",
        "absent": "il n'y a pas de table `{0}`",
        "either": "{0} portent ce nom : indiquez laquelle sous `table:`",
        "needed": "il manque à `{0}` {1}",
        "schema": "`{0}` est un schéma connu de kpidsl, avec {1}",
        "schema_not": "`{0}` est un schéma connu de kpidsl, mais n'est pas utilisé : {1}",
        "several": "`{0}` n'est pas lié : {1} conviendraient, rien ne tranche : enlevez les # devant l'une",
        "no_key": "`{0}` n'est pas lié : il manque à `{1}` {2}",
        "others": "les autres colonnes de la table, pour des formules sous `columns:`",
        "some_others": "quelques autres colonnes de la table, pour des formules sous `columns:`",
        "constant": "écrivez à la place de '…' la valeur de {0} pour toutes les lignes de la table",
        "perhaps": " (est-ce {0} ?)",
        "other_type": " (`{0}` est de type {1})",
        "or": " ou ",
        "no_table": "aucune table ne ressemble à {0}",
        "available": "disponibles : {0} KPI sur {1}",
        "lacking": "ce qui manque aux autres :",
        "would": "`{0}` : lu par {1} KPI",
        "would_one": "`{0}` : lu par 1 KPI",
        "nothing": "aucune table de la connexion ne ressemble à un jeu de données de `{0}`",
    },
}


def say(locale: Locale, phrase: str, *parts: object) -> str:
    """Return a phrase with its parts filled in."""
    return PHRASES[locale][phrase].format(*parts)
