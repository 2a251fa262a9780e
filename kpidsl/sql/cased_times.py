"""Times of an engine whose zones are not asked, and that looks nothing up for each row.

Over a period of few years the changes of a zone stand in the statement; without one they are refused.
"""

from __future__ import annotations

from typing import Any

from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal, open_question
from kpidsl.sql.written_times import WrittenTimes

INSTANTS = Refusal(
    "times in another zone over many years",
    "its own zones are not asked, and the changes of many years are not written out",
    "ask for a period of few years, or hold times in the project's zone",
)


class CasedTimes(WrittenTimes):
    def outside(self, time: Node) -> Node:  # noqa: ARG002
        return open_question("instants")

    def of_many(self, *_: Any, **__: Any) -> Node:
        return open_question("instants")

    def shown(self, instant: Node) -> Node:
        return instant
