"""What is yet to come of a row's value until the period is over, where that does not follow from its pace.

last_year      what last year's same period still had, from the same day on
last 28 days   a day's part of these, for each day that is left
"""

from __future__ import annotations

from kpidsl.model.definitions import Project
from kpidsl.model.types import DATE
from kpidsl.objectives.arithmetic import applied, cases, minus, number, over
from kpidsl.objectives.phases import local_day
from kpidsl.objectives.planned import of_last_year
from kpidsl.objectives.when import When, under_way
from kpidsl.semantics.bound import Amount, Bound, Constant, Moved, Rolling, WindowEdge
from kpidsl.semantics.objectives import CheckedObjective, Forecast


def rest(objective: CheckedObjective, forecast: Forecast, when: When, project: Project) -> Bound:
    """Return what is yet to come of a row's value; 0 where the period is over."""
    place = objective.definition.place("forecast")
    period = under_way(objective, when, project)
    if period is None:
        return number(0)
    today = max(local_day(when.as_of, project), period.start)
    if forecast.days is None:
        so_far, whole = of_last_year(objective, period.start, today, period.end, place)
        left: Bound = minus(applied("nullif", whole, number(0)), so_far)
    else:
        value = objective.value
        length = Amount(forecast.days, "day", f"{forecast.days} days")
        recent = Moved(value, Rolling(length), value.type, place, value.unit)
        each = over(recent, number(forecast.days))
        left = applied("*", each, number((period.end - today).days))
    if objective.grain is None:
        return left
    is_over = applied("<=", WindowEdge("period_end", DATE, place), Constant(today, DATE))
    return cases([(is_over, number(0))], left)
