"""Windows in French: each construct, each length and part of time, and when rows count."""

from __future__ import annotations

WINDOWS = {
    "history": "{0}, sur tout l'historique",
    "each": "valeurs de {0}",
    "each bucket": "{0} de la fenêtre",
    "buckets": "intervalles {0}",
    "count per": "le nombre de {1} qui ont une valeur de {0}",
    "including null": "{0}, l'absence de valeur comptant comme une de plus",
    "in set": "{0} est parmi {1}",
    "not in set": "{0} n'est pas parmi {1}",
    "with null": "{0}, valeur absente comprise",
    "those for which": "{0}, dont celles pour lesquelles {1}",
    "prior": "{0}, dans la fenêtre située {1} plus tôt",
    "rolling": "{0}, sur une durée de {1} jusqu'à la fin de la fenêtre",
    "to date": "{0}, du début de l'intervalle « {1} » à la fin de la fenêtre",
    "cumulative": "{0}, du tout début à la fin de la fenêtre",
    "opening": "{0}, tel que c'était au début de la fenêtre (depuis le tout début)",
    "during": "{0}, du {1} jusqu'au {2} exclu",
    "growth": "la croissance de {0} par rapport à {1} plus tôt, en fraction "
    "(vide si la base est vide, nulle ou négative)",
    "change": "l'évolution de {0} par rapport à {1} plus tôt",
    "prior comparable": "{0}, aux jours comparables de l'année précédente",
    "growth comparable": "la croissance de {0} par rapport aux jours comparables de l'année précédente, "
    "en fraction (vide si la base est vide, nulle ou négative)",
    "change comparable": "l'évolution de {0} par rapport aux jours comparables de l'année précédente",
    "scarcest of": "Le plus petit de ceux-ci :",
    "all of": "Tous ceux-ci ensemble :",
    "ratio of": "un rapport entre deux chiffres",
    "numerator": "numérateur",
    "denominator is": "dénominateur",
    "compares days": "jours comparables : chaque jour se compare à son {0} dans le calendrier {1} ; "
    "un jour qui n'en a pas n'est comparé à rien",
    "nobody matches": "les lignes de {0} sans {1} ne répondent à aucune autre ligne : "
    "un {1} absent n'est personne",
    "nobody matches not": "les lignes de {0} sans {1} ne répondent à aucune autre ligne et satisfont donc "
    "ce qui est demandé par la négative : un {1} absent n'est personne",
    "nobody sought": "les lignes de {0} sans {1} ne sont dans aucun ensemble : un {1} absent n'est personne",
    "nobody sought not": "les lignes de {0} sans {1} ne sont dans aucun ensemble et satisfont donc "
    "ce qui est demandé par la négative : un {1} absent n'est personne",
    "nobody has": "un {0} absent n'est personne et reste de côté",
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
    # rows that hold over an interval
    "rows held": "lignes de {0} valables à la fin de la fenêtre",
    "rows held where": "lignes de {0} valables à la fin de la fenêtre et où {1}",
    "interval": "une ligne est valable à partir de {0} et avant {1}",
    "interval in zone": "une ligne est valable à partir de {0} et avant {1} ; "
    "les jours commencent à minuit dans le fuseau {2}",
    "open ends": "les lignes de {0} sans {1} ne sont jamais valables ; celles sans {2} n'ont pas de fin",
    "held grains": "le temps : ce qui est valable de {1}, à partir de {0} et avant {3}, "
    "à la fin de chaque intervalle ({2})",
    "held grains in zone": "le temps, découpé dans le fuseau {4} : ce qui est valable de {1}, "
    "à partir de {0} et avant {3}, à la fin de chaque intervalle ({2})",
    "part weekday": "jour de la semaine",
    "part hour_of_day": "heure du jour",
    "part day_of_month": "jour du mois",
    "part day_of_year": "jour de l'année",
    "part week_of_year": "semaine de l'année",
    "part month_of_year": "mois de l'année",
    "part quarter_of_year": "trimestre de l'année",
}
