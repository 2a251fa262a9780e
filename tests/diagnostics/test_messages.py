"""Messages are as they were read and found good; none is known to be poor."""

from __future__ import annotations

import pytest

from .messages import Message, read

GOOD = list(read("good.md"))


@pytest.mark.parametrize("message", GOOD, ids=[message.title for message in GOOD])
def test_a_message_is_as_it_was_read(message: Message) -> None:
    assert message.shown() == message.expected


def test_no_message_is_known_to_be_poor() -> None:
    assert list(read("poor.md")) == []
