"""Times of DuckDB, which has time zones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlglot import exp

from kpidsl.model.grains import GrainRule, bucket_seconds
from kpidsl.model.zones import changes, is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import Times, written
from kpidsl.sql.written_zones import Piece, are_cut_in_utc, pieces, reach, same_buckets

_TRUSTED = (1970, 2100)
"""Before these years the zones are guesses; after them the rules of the last one go on."""

MOST_BRANCHES = 6


class DuckdbTimes(Times):
    timestamp_type = "timestamp"

    def local(self, time: Node, zone: str, _days: Window | None) -> Node:
        return _at(self._instant(time, zone), self.cut.zone)

    def utc(self, time: Node, zone: str) -> Node:
        return _at(self._instant(time, zone), "UTC")

    def of_local(
        self, time: Node, zone: str | None, days: Window | None, form: Callable[[Node], Node]
    ) -> Node:
        return form(time if zone is None else self.local(time, zone, days))

    def shown(self, instant: Node) -> Node:
        return _at(instant, "UTC")

    def instant_bucket(self, rule: GrainRule, time: Node, zone: str | None, days: Window | None) -> Node:
        held_in = zone or self.cut.zone
        utc = time if is_utc(held_in) else self.utc(time, held_in)
        found = self._pieces(rule, days)
        if is_utc(self.cut.zone) or (days is not None and are_cut_in_utc(found)):
            return self.truncated(rule.name, utc)
        local = self.local(utc.copy(), "UTC", days)
        into = nodes.binary(exp.Sub, local, self.truncated(rule.name, local.copy()))
        bucket = nodes.binary(exp.Sub, utc, into)
        jumps = [piece for piece in found if piece.begins is not None]
        if not jumps:
            return bucket
        if days is None or len(jumps) > MOST_BRANCHES:
            return self._since_the_jump(utc, local, bucket)
        return nodes.case([self.first_part(utc, piece, rule) for piece in jumps], bucket)

    def _since_the_jump(self, utc: Node, local: Node, bucket: Node) -> Node:
        """Return a bucket's first instant where clocks jump within an hour: at the bucket or at the jump.

        Where the offset at the bucket's start is another one, the bucket begins with the first
        minute that has the offset of the instant itself.
        """

        def ahead(local: Node, utc: Node) -> Node:
            return exp.Paren(this=nodes.binary(exp.Sub, local.copy(), utc.copy()))

        minute = exp.Interval(this=nodes.text("1"), unit=exp.Var(this="MINUTE"))
        own = ahead(local, utc)
        m = exp.Column(this=exp.Identifier(this="m", quoted=False))
        same = nodes.compare(exp.EQ, ahead(self.local(m.copy(), "UTC", None), m), own.copy())
        first = self.first_minute(bucket.copy(), utc.copy(), same, minute)
        start = exp.Paren(this=bucket)
        unchanged = nodes.compare(exp.EQ, ahead(self.local(start.copy(), "UTC", None), start), own)
        return nodes.case([(unchanged, bucket.copy())], first)

    def truncated(self, unit: str, time: Node) -> Node:
        """Return the beginning of a time's hour or minute."""
        return nodes.call("DATE_TRUNC", nodes.text(unit), time)

    def first_minute(self, bucket: Node, utc: Node, is_same: Node, minute: Node) -> Node:
        """Return the first minute `m` from the bucket to an instant of which a condition is true."""
        same = exp.Lambda(this=is_same, expressions=[exp.Identifier(this="m", quoted=False)])
        minutes = nodes.call("GENERATE_SERIES", bucket, utc, minute)
        return nodes.call("LIST_EXTRACT", nodes.call("LIST_FILTER", minutes, same), nodes.integer(1))

    def _pieces(self, rule: GrainRule, days: Window | None) -> tuple[Piece, ...]:
        if days is None or days.start is None or days.end is None:
            first, last = (datetime(y, 1, 1) for y in (self.cut.zone_years[0], self.cut.zone_years[1] + 1))
        else:
            first, last = reach("UTC", self.cut.zone, days.start, days.end)
        return same_buckets(pieces("UTC", self.cut.zone, first, last), bucket_seconds(rule))

    def _instant(self, time: Node, zone: str) -> Node:
        """Return a local time of a zone as an instant: the earlier one where it exists twice.

        DuckDB takes the later one. Seen from a day before, the offset is that before a change: the
        instant that it gives is right where it leads back to the same local time. A local time that
        does not exist shifts forward there by itself.
        """
        if is_utc(zone) or not changes(zone, *_TRUSTED):
            return _at(time, zone)
        day = exp.Interval(this=nodes.text("24"), unit=exp.Var(this="HOUR"))
        before = _at(exp.Paren(this=nodes.binary(exp.Sub, time, day)), zone)
        earlier = nodes.binary(exp.Add, exp.Paren(this=before), day.copy())
        leads_back = nodes.compare(exp.EQ, exp.Paren(this=_at(earlier, zone)), time.copy())
        return nodes.case([(leads_back, earlier.copy())], _at(time.copy(), zone))

    def _moment(self, moment: datetime) -> Node:
        return nodes.cast(nodes.text(written(moment)), self.timestamp_type)

    def first_part(self, utc: Node, piece: Piece, rule: GrainRule) -> tuple[Node, Node]:
        """Return the rows from a change to the next full local hour or minute, and their bucket."""
        begins = piece.begins
        assert begins is not None
        local = begins + timedelta(seconds=piece.to_local - piece.to_utc)
        length = bucket_seconds(rule)
        full = begins + timedelta(seconds=length - (local.minute * 60 + local.second) % length)
        starts, ends = self._moment(begins), self._moment(full)
        there = [nodes.compare(exp.GTE, utc.copy(), starts), nodes.compare(exp.LT, utc.copy(), ends)]
        return nodes.all_of(there), starts.copy()


def _at(time: Node, zone: str) -> Node:
    return exp.AtTimeZone(this=nodes.atom(time), zone=nodes.text(zone))
