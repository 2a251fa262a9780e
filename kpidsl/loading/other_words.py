"""Words by which other tools, or everyday speech, call what the language has a word for.

A word counts only where the key or value that it stands for may stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpidsl.diagnostics import nearest

_KEYS: Mapping[str, str] = {
    # sections
    "datasets": "jeux_de_donnees tables table models model sources source views entities cubes",
    "dimensions": "attributes attribute",
    "metrics": "measures measure mesures mesure",
    "kpis": "indicators indicator indicateurs indicateur goals",
    "parameters": "variables vars params",
    "filters": "segments segment conditions",
    # datasets, columns, joins
    "table": "relation table_name tablename ref base_table sql_table_name",
    "sql": "query select",
    "key": "primary_key primarykey pk keys unique_key grain id",
    "time": "time_column time_dimension timestamp date date_column agg_time_dimension default_time",
    "where": "filter filters condition sql_where",
    "columns": "fields measures attributes",
    "joins": "relationships relations join references",
    "expr": "expression formula calculation",
    "column": "source name sql_name",
    "type": "datatype data_type dtype",
    "timezone": "tz zone time_zone",
    "values": "enum allowed accepted_values",
    "to": "target dataset table with from ref",
    "using": "on key keys foreign_key fk sql_on columns",
    "between": "validity valid interval",
    "match": "asof as_of pick take nearest",
    "within": "tolerance lookback max_age window",
    # metrics, KPIs, dimensions
    "condition": "where filter expr sql when if",
    "formula": "expr expression sql definition calculation calc value measure aggregate",
    "name": "nom title label id",
    "label": "name title display_name caption nom libelle libellé",
    "synonyms": "aliases alias also_known_as aka",
    "description": "desc doc docs comment meaning",
    "owner": "owners responsible proprietaire propriétaire responsable author contact steward",
    "direction": "sens better polarity good_direction desired trend goal",
    "tags": "keywords labels categories category",
    "from": "datasets sources columns source column",
    "references": "links urls reference link",
    # tests and queries
    "rows": "given data input inputs fixtures",
    "expect": "expected then output result results expects",
    "by": "group group_by groupby groups dimensions breakdown",
    "order": "order_by orderby sort sort_by",
    "period": "date dates date_range range when during",
    "limit": "max_rows top_n",
    # promises
    "on_track": "green vert ok good",
    "at_risk": "amber yellow orange jaune warning warn",
    # the project
    "project": "name title",
    "include": "files paths sources definitions",
    "connection": "database db warehouse engine url dsn",
    "week_start": "first_day_of_week week_starts_on first_weekday",
    "fiscal_year_start": "fiscal_year fiscal_month",
    "currency": "money reporting_currency base_currency devise",
    "locale": "lang culture",
    "language": "version kpidsl_version",
}
_VALUES: Mapping[str, str] = {
    "up": "higher high increase increasing increases more maximize maximise max greater true + hausse haut",
    "down": "lower low decrease decreasing decreases less minimize minimise min smaller - baisse bas",
    "range": "between within target band corridor",
    "at_least": "min minimum above floor no_less_than >=",
    "at_most": "max maximum below under cap limit no_more_than <=",
    "more_than": "over >",
    "less_than": "<",
    "none": "neutral neither null both false n/a informational",
}
_MONTHS = "january janvier,february fevrier février,march mars,april avril,may mai,june juin,july juillet"
_MONTHS += (
    ",august aout août,september septembre,october octobre,november novembre,december decembre décembre"
)
_DAYS = {
    "monday": "mon lundi",
    "tuesday": "tue mardi",
    "wednesday": "wed mercredi",
    "thursday": "thu jeudi",
    "friday": "fri vendredi",
    "saturday": "sat samedi",
    "sunday": "sun dimanche",
}
_LANGUAGES: Mapping[str, str] = {
    "en": "english anglais eng",
    "fr": "french français francais fra fre",
}
_CURRENCIES: Mapping[str, str] = {
    "EUR": "€ euro euros",
    "USD": "$ us$ dollar dollars",
    "GBP": "£ pound pounds",
    "JPY": "¥ yen",
}


def _by_word(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for right, words in table.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), right)
    return found


_RIGHT_KEYS = _by_word(_KEYS)
_RIGHT_VALUES = _by_word(
    {**_VALUES, **_DAYS, **{str(number): names for number, names in enumerate(_MONTHS.split(","), 1)}}
)
_RIGHT_LANGUAGES = _by_word(_LANGUAGES)
_RIGHT_CURRENCIES = _by_word(_CURRENCIES)


def keys_meant(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that a wrong one probably stands for, the likeliest first."""
    return _meant(word, known, _RIGHT_KEYS)


def values_meant(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the values that a wrong one probably stands for, the likeliest first."""
    return _meant(word, known, _RIGHT_VALUES)


def language_meant(word: str) -> str:
    """Return the code of a language that is written out, or nothing."""
    return next(iter(_RIGHT_LANGUAGES.get(word.lower(), ())), "")


def currency_meant(word: str) -> str:
    """Return the code of a currency that is written by its sign or its name, or nothing."""
    return next(iter(_RIGHT_CURRENCIES.get(word.lower(), ())), "")


def _meant(word: str, known: Iterable[str], right: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    known = tuple(known)
    alike = nearest(word, known)
    if any(candidate.lower() in (word.lower(), f"{word.lower()}s") for candidate in alike):
        return alike[:1]
    said = tuple(key for key in right.get(word.lower().replace("-", "_"), ()) if key in known)
    return said or alike
