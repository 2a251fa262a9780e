"""Windows in French: each construct, each length of time, and when rows count."""

from __future__ import annotations

WINDOWS = {
    "in set": "{0} est parmi {1}",
    "not in set": "{0} n'est pas parmi {1}",
    "with null": "{0}, valeur absente comprise",
    "prior": "{0}, dans la fenêtre située {1} plus tôt",
    "rolling": "{0}, sur une durée de {1} jusqu'à la fin de la fenêtre",
    "to date": "{0}, du début de l'intervalle « {1} » à la fin de la fenêtre",
    "cumulative": "{0}, du tout début à la fin de la fenêtre",
    "during": "{0}, du {1} jusqu'au {2} exclu",
    "growth": "la croissance de {0} par rapport à {1} plus tôt, en fraction "
    "(vide si la base est vide, nulle ou négative)",
    "change": "l'évolution de {0} par rapport à {1} plus tôt",
    "period_start": "le début de la fenêtre",
    "period_end": "la fin de la fenêtre",
    "as_of": "l'instant de la requête",
    "length second": "{0} seconde",
    "length seconds": "{0} secondes",
    "length minute": "{0} minute",
    "length minutes": "{0} minutes",
    "length hour": "{0} heure",
    "length hours": "{0} heures",
    "length day": "{0} jour",
    "length days": "{0} jours",
    "length week": "{0} semaine",
    "length weeks": "{0} semaines",
    "length month": "{0} mois",
    "length months": "{0} mois",
    "length quarter": "{0} trimestre",
    "length quarters": "{0} trimestres",
    "length year": "{0} an",
    "length years": "{0} ans",
    "length period": "{0} période",
    "length periods": "{0} périodes",
    # when rows count
    "maturity": "compte les lignes",
    "once old": "une fois âgées de {0}, y compris dans les formules qui la nomment",
    "known at": "des lignes peuvent être à venir, connues à partir de {0}",
    "plan": "des lignes peuvent être à venir : l'instant d'une requête n'en cache aucune",
    "settles": "les lignes de moins de {0} sont provisoires",
}
