"""Whether windows that are changed and buckets still hold each other, whatever rows there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kpidsl.contexts.windows import Change, InBucket
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule, bucket_seconds, divides
from kpidsl.semantics.bound import Amount, Cumulative, During, Grain, Member, Opening, Rolling, ToDate

_LONGEST_MONTH = 31


def holds_its_bucket(project: Project, added: Collection[Member], moves: Sequence[Change]) -> bool:
    """Tell whether a window surely holds the bucket of the added grains in which it is changed.

    `moves` are its changes, the outermost first. One that is widened ends where the bucket does, so that the
    last change alone tells where it begins; the buckets inside it fill it, those of `per` in `per`.
    """
    places = (n for n, move in enumerate(moves) if isinstance(move, InBucket) and move.grain in added)
    within: tuple[GrainRule, ...] = ()
    last: Change | None = None
    for move in moves[next(places, 0) :]:
        if isinstance(move, InBucket):
            if last is not None and not _holds(project, last, within):
                return False
            rule = project.grains[move.grain.name]
            within, last = (rule,) if last is not None else (*within, rule), None
        elif isinstance(move, Rolling | ToDate | Cumulative):
            last = move
        else:
            return False
    return last is None or _holds(project, last, within)


def _holds(project: Project, move: Change, within: Collection[GrainRule]) -> bool:
    """Tell whether a widened window surely holds what buckets have in common that end where it does."""
    match move:
        case Cumulative():
            return True
        case Rolling(amount=Amount() as amount):
            return any(_is_as_long(amount, rule) for rule in within)
        case ToDate(grain=grain):
            # The whole that is begun holds every part that ends in it.
            return any(divides(rule, project.grains[grain]) for rule in within)
        case _:
            return False


def _is_as_long(amount: Amount, rule: GrainRule) -> bool:
    """Tell whether a length is surely that of a bucket, at least."""
    if rule.calendar is not None:
        return amount.unit == rule.name
    match amount.unit, rule.unit:
        case ("second", "minute" | "hour"):
            return amount.count >= bucket_seconds(rule)
        case ("day" | "month", "minute" | "hour") | ("month", "day"):
            return True
        case ("day", "day") | ("month", "month"):
            return amount.count >= rule.count
        case ("day", "month"):
            return amount.count >= rule.count * _LONGEST_MONTH
        case _:
            # A day is of no certain number of seconds, and what a calendar's bucket is, its rows say.
            return False


def buckets_of_another_window(
    moves: Sequence[Change], dropped: Collection[Grain]
) -> tuple[Grain, Rolling | ToDate | Opening, Grain] | None:
    """Return what a total loses that drops some buckets, if anything.

    That is a dropped bucket, the window that is made from its ends, and the grain into which `per` cuts it.
    """
    lost = next((grain for grain in dropped if not grain.depth), None)
    widened: tuple[Grain, Rolling | ToDate | Opening] | None = None
    for move in moves:
        match move:
            case During():
                lost = widened = None
            case InBucket(grain=grain) if grain in dropped:
                lost = lost or grain
            case InBucket(grain=grain) if widened is not None:
                return (*widened, grain)
            case Rolling() | ToDate() | Opening() if lost is not None:
                widened = widened or (lost, move)
            case _:
                pass
    return None
