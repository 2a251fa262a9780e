"""Windows in English: each construct, each length of time, and when rows count."""

from __future__ import annotations

WINDOWS = {
    "in set": "{0} is among {1}",
    "not in set": "{0} is not among {1}",
    "with null": "{0}, a missing one too",
    "prior": "{0}, in the window {1} earlier",
    "rolling": "{0}, over {1} up to the window's end",
    "to date": "{0}, from the start of the {1} to the window's end",
    "cumulative": "{0}, from the beginning to the window's end",
    "during": "{0}, from {1} up to and without {2}",
    "growth": "the growth of {0} against {1} earlier, as a fraction "
    "(null where the base is null, zero or negative)",
    "change": "the change of {0} against {1} earlier",
    "period_start": "the start of the window",
    "period_end": "the end of the window",
    "as_of": "the instant that the query is asked for",
    "length second": "{0} second",
    "length seconds": "{0} seconds",
    "length minute": "{0} minute",
    "length minutes": "{0} minutes",
    "length hour": "{0} hour",
    "length hours": "{0} hours",
    "length day": "{0} day",
    "length days": "{0} days",
    "length week": "{0} week",
    "length weeks": "{0} weeks",
    "length month": "{0} month",
    "length months": "{0} months",
    "length quarter": "{0} quarter",
    "length quarters": "{0} quarters",
    "length year": "{0} year",
    "length years": "{0} years",
    "length period": "{0} period",
    "length periods": "{0} periods",
    # when rows count
    "maturity": "counts rows",
    "once old": "once they are {0} old, in every formula that names it too",
    "known at": "rows may lie ahead, and are known from {0} on",
    "plan": "rows may lie ahead: the instant of a query hides none",
    "settles": "rows younger than {0} are provisional",
}
