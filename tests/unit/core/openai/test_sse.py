"""Server-Sent Events are read the same however the network cuts them, and never without bounds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.openai.sse import EventReader, EventTooLarge, ServerEvent

STREAM = (
    b'\xef\xbb\xbf: hello\r\nevent: a\r\ndata: {"x":1}\r\n\r\ndata:one\rdata: two\r\r'
    b"id: 7\nretry: 5\ndata\n\n\n\nevent: lost\n\ndata: no end"
)
EVENTS = [ServerEvent("a", b'{"x":1}'), ServerEvent("", b"one\ntwo"), ServerEvent("", b"")]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_it_does_not_matter_how_a_stream_is_cut(cuts: list[int]) -> None:
    """All three line ends, a BOM, comments and fields that nobody needs; what has no end is no event."""
    places = [0, *sorted(cuts), len(STREAM)]
    reader = EventReader()
    found = [event for start, stop in pairwise(places) for event in reader.feed(STREAM[start:stop])]
    assert found == EVENTS


@given(st.lists(st.tuples(st.text("abc", max_size=5), st.text(st.characters(exclude_characters="\r\n"), min_size=1))))
def test_what_is_written_is_read(events: list[tuple[str, str]]) -> None:
    """Names and data come back, whatever stands in them but line ends."""
    written = "".join(f"event: {name}\ndata: {data}\n\n" for name, data in events).encode("utf-8", "surrogatepass")
    expected = [ServerEvent(name, data.encode("utf-8", "surrogatepass")) for name, data in events]
    assert EventReader().feed(written) == expected


@pytest.mark.parametrize("piece", [b"data: aaaa\n", b"a" * 10, b"event: bbbbbb"])
def test_an_event_without_an_end_is_not_held_for_ever(piece: bytes) -> None:
    """Neither lines that never end an event nor a line that never ends fill the memory."""
    reader = EventReader(most=1_000)

    def go_on() -> None:
        for _ in range(200):
            reader.feed(piece)

    with pytest.raises(EventTooLarge, match="more than"):
        go_on()


def test_small_events_may_go_on_for_ever() -> None:
    """The bound is for one event, comments beside it do not count."""
    reader = EventReader(most=100)
    assert sum(len(reader.feed(b": still here\n\ndata: x\n\n")) for _ in range(1_000)) == 1_000
