"""Joins in words: which row of the target a row finds."""

from __future__ import annotations

from kpidsl.model.definitions import Dataset
from kpidsl.semantics.bound import Constant
from kpidsl.semantics.check import CheckedProject
from kpidsl.words.language import code
from kpidsl.words.phrases import Speaker


def join_phrase(project: CheckedProject, dataset: Dataset, name: str, speaker: Speaker) -> str:
    """Return which row of its target a join finds."""
    language = speaker.language
    join = dataset.joins[name]
    keys = language.both(
        [
            language.say("same key", code(own))
            if theirs == own
            else language.say("join key", code(theirs), code(own))
            for theirs, own in join.keys
        ]
    )
    found = (code(name), code(join.target), keys)
    match = project.datasets[dataset.name].matches.get(name)
    if match is not None and match.pick is not None and join.nearest is not None:
        pick, target = match.pick, join.target
        near = ""
        if pick.within is not None:
            length = speaker.constant(pick.within) if isinstance(pick.within, Constant) else None
            near = language.say("join within", length or speaker.value(pick.within))
        where = ""
        if pick.condition is not None:
            where = language.say("join where", speaker.condition(pick.condition, target))
        side = language.say(f"join {pick.side}", code(join.nearest.moment.text))
        which = language.say("join latest" if pick.takes_latest else "join earliest")
        time = speaker.value(pick.time, target)
        return language.say("join nearest", *found, time, side, near, where, which)
    interval = join.interval
    if interval is None:
        return language.say("join", *found)
    row = "join interval closed" if interval.closed else "join interval"
    times = (code(interval.at.text), code(interval.start), code(interval.end))
    return language.say(row, *found, *times)
