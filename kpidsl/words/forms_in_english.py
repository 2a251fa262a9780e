"""How values are computed, in English: each way of a plan."""

from __future__ import annotations

from kpidsl.words.objectives_in_english import OBJECTIVES

FORMS = OBJECTIVES | {
    "how made by": "How it is computed when asked by {0}",
    "how made": "How it is computed when asked without groups",
    "in one read": "in one read of {0}",
    "form rows": "from the rows of each group",
    "form rows whole": "from all its rows",
    "form rows in windows": "from the rows in each window, a row counting in every window that it falls into",
    "form rows held": "from the rows that hold at the end of each window, a row counting in all of these",
    "form rows of the cut bucket": "the bucket that the query's instant cuts from its rows",
    "form pieces": "by {0} first, then together over each window",
    "form shift": "by {0} first, each window being one of these as a whole",
    "form first seen": "each value counts from the first {0} on whose window holds it",
    "form until the next row": "each value counts from a row that holds it until the next one that does, "
    "adding up what comes in and goes out",
    "form buckets of each value": "each value once first, with every {0} in which it has rows",
    "form finer groups": "from finer groups that are computed anyway",
    "form rows of the result": "from the rows of the result",
    "form values of entities": "one value for each {0} first, then over these",
    "search gathered once": "values are looked up in a set of {0} that is gathered once",
    "search by bucket": "values are looked up in a set of {0} that is gathered once, "
    "by the buckets of its own rows",
    "search first seen": "values are looked up in a set of {0} that is gathered once, "
    "with the time at which each is first seen",
    "search in windows": "values are looked up in a set of {0} that is gathered for each window",
    "search of entities": "values are looked up in a set of {0}, made from one value for each of its members",
}
