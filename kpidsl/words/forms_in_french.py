"""How values are computed, in French: each way of a plan."""

from __future__ import annotations

from kpidsl.words.objectives_in_french import OBJECTIVES

FORMS = OBJECTIVES | {
    "reached by one": "{0} l'atteint par une jointure",
    "how made by": "Comment il est calculé quand on le demande par {0}",
    "how made": "Comment il est calculé quand on le demande sans groupes",
    "in one read": "en une seule lecture de {0}",
    "form rows": "depuis les lignes de chaque groupe",
    "form rows whole": "depuis toutes ses lignes",
    "form rows in windows": "depuis les lignes de chaque fenêtre, une ligne comptant dans chaque fenêtre "
    "où elle tombe",
    "form rows held": "depuis les lignes valables à la fin de chaque fenêtre, une ligne comptant dans "
    "toutes celles-ci",
    "form rows of the cut bucket": "l'intervalle que coupe l'instant de la requête depuis ses lignes",
    "form pieces": "par {0} d'abord, puis ensemble sur chaque fenêtre",
    "form shift": "par {0} d'abord, chaque fenêtre étant l'un de ces intervalles en entier",
    "form first seen": "chaque valeur compte à partir du premier intervalle « {0} » dont la fenêtre "
    "la contient",
    "form until the next row": "chaque valeur compte d'une ligne qui la porte jusqu'à la suivante qui "
    "la porte, en additionnant ce qui entre et ce qui sort",
    "form buckets of each value": "chaque valeur une fois d'abord, avec chaque intervalle « {0} » où elle "
    "a des lignes",
    "form finer groups": "depuis des groupes plus fins, calculés de toute façon",
    "form rows of the result": "depuis les lignes du résultat",
    "form values of entities": "une valeur par {0} d'abord, puis sur celles-ci",
    "search gathered once": "des valeurs sont cherchées dans un ensemble de {0}, rassemblé une fois",
    "search by bucket": "des valeurs sont cherchées dans un ensemble de {0}, rassemblé une fois "
    "par les intervalles de ses propres lignes",
    "search first seen": "des valeurs sont cherchées dans un ensemble de {0}, rassemblé une fois "
    "avec le temps où chacune apparaît pour la première fois",
    "search in windows": "des valeurs sont cherchées dans un ensemble de {0}, rassemblé pour chaque fenêtre",
    "search of entities": "des valeurs sont cherchées dans un ensemble de {0}, tiré d'une valeur pour chacun "
    "de ses membres",
}
