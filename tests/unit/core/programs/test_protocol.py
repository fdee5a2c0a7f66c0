"""What server and page say to each other."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.programs import protocol
from app.core.programs.protocol import InboxMessage, InboxMessages, StatusUpdate, StatusUpdates, Try, UnreadableFrame

MESSAGE = '{"custom_id":"a","body":{"n":1.0,"text":"\\u2028é"}}'.encode()


def test_a_letter_keeps_its_bytes() -> None:
    """A message arrives as the very bytes that were handed in."""
    said = InboxMessages((InboxMessage(7, "http", 12.5, msgspec.Raw(MESSAGE)),))
    heard = protocol.from_server(protocol.encode(said))
    assert isinstance(heard, InboxMessages)
    assert (heard.letters[0].seq, bytes(heard.letters[0].message)) == (7, MESSAGE)


def test_an_answer_keeps_its_bytes() -> None:
    """An output line arrives as the very bytes that the provider sent, with every attempt."""
    news = StatusUpdate(
        "a", "failed", "answered", "batch-1", msgspec.Raw(MESSAGE), "", (Try(1.0, "https://x", "http_status_not_2xx", 500, "no", 0.2),)
    )
    heard = protocol.from_page(protocol.encode(StatusUpdates(3, (news,))))
    assert isinstance(heard, StatusUpdates)
    assert (bytes(heard.news[0].answer), heard.news[0].attempts) == (MESSAGE, news.attempts)


def test_a_newer_side_may_say_more() -> None:
    """Unknown fields are let pass."""
    assert protocol.from_page('{"type":"hello","id":"x","colour":"red"}') == protocol.Hello("x")


@given(st.binary() | st.text())
def test_rubbish_is_unreadable(frame: bytes | str) -> None:
    """Whatever comes is understood or one named error."""
    for read in (protocol.from_page, protocol.from_server):
        try:
            read(frame)
        except UnreadableFrame:
            continue


def test_a_nest_without_end_is_unreadable() -> None:
    """Deep nesting does not end the program."""
    with pytest.raises(UnreadableFrame):
        protocol.from_page('{"type":"told","n":1,"news":' + "[" * 100_000)


@given(st.integers(0, 2**32 - 1), st.binary(), st.booleans())
def test_a_piece_of_a_file(n: int, data: bytes, last: bool) -> None:
    """A piece comes back as it was."""
    assert protocol.from_piece(protocol.piece(n, data, last=last)) == (n, last, data)


def test_half_a_head_is_unreadable() -> None:
    """A binary frame too short for its head is refused."""
    with pytest.raises(UnreadableFrame):
        protocol.from_piece(b"\0\0\0")
