"""The buckets that are made, as text in printed plans."""

from __future__ import annotations

from kpidsl.contexts.bounds import InBuckets
from kpidsl.plan.nodes import Slot, Spine, WindowBuckets, WindowSpine
from kpidsl.semantics.bound import Constant
from kpidsl.semantics.printing import print_bound


def names_of(slots: tuple[Slot, ...]) -> str:
    return ", ".join(slot.name for slot in slots)


def filled(spine: Spine | WindowSpine) -> str:
    """Return what buckets are made, and from when to when."""
    if isinstance(spine, WindowSpine):
        return _of_windows(spine.of)
    days = spine.days
    made = "; ".join(f"{key.slot.name} = {print_bound(key.value)}" for key in spine.buckets)
    first = f"first {names_of(days.buckets)}" if days.first is None else days.first
    last = _last(days.buckets, days.latest) if days.last is None else days.last
    return _between(made, first, last)


def _last(buckets: tuple[Slot, ...], latest: Constant | None) -> str:
    last = f"last {names_of(buckets)}"
    return last if latest is None else f"{last}, at most {print_bound(latest)}"


def _of_windows(of: WindowBuckets) -> str:
    made = "; ".join(f"{key.slot.name} = {print_bound(key.value)}" for key in of.buckets)
    first = f"first {names_of(of.ranged)}" if of.first is None else print_bound(of.first)
    last = _last(of.ranged, of.latest) if of.last is None else print_bound(of.last)
    outer = f" for each {names_of(tuple(slot for _, slot in of.outer_members))}" if of.outer else ""
    return _between(made, first, f"{last}{''.join(map(_of_buckets, of.only))}{outer}")


def _between(made: str, first: object, last: object) -> str:
    return " ".join((made, "from", str(first), "to", str(last)))


def _of_buckets(only: InBuckets) -> str:
    first, last = map(print_bound, (only.first, only.last))
    return f" in {only.grain} {first}" if first == last else f" in {only.grain} {first} to {last}"


def in_windows(spine: WindowSpine | None) -> str:
    """Return in which windows buckets among the keys of entities have to be, if in any."""
    return "" if spine is None else f" within {_of_windows(spine.of)}"
