"""Server-Sent Events, read as they arrive: pieces of bytes in, whole events out, never more held than one event may have.

The format: HTML Standard, 9.2.6 «Interpreting an event stream». Names of events and their data count; ``id`` and ``retry`` are for
reconnecting, which nobody does here, since a request that is asked again is paid again.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MAX_EVENT: Final = 32_000_000
"""Bytes of one event. The last one of a response holds the whole answer, images in base64 among it."""


class ServerEvent(NamedTuple):
    """An event. ``name`` is empty where it says none."""

    name: str
    data: bytes


class EventTooLarge(ValueError):
    """An event has more bytes than are held. The text is a sentence."""


class EventReader:
    """Reads one stream. ``most``: bytes of one event."""

    def __init__(self, most: int = MAX_EVENT) -> None:
        self._most, self._held = most, 0
        self._line: list[bytes] = []
        """The pieces of a line that has not ended."""
        self._data: list[bytes] = []
        self._name = b""
        self._first, self._after_return = True, False

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """The events that end with this piece. What the stream ends without is no event. Raises EventTooLarge."""
        if self._after_return and piece.startswith(b"\n"):
            piece = piece[1:]
            self._after_return = False
        if not piece:
            return []
        self._after_return = piece.endswith(b"\r")
        *ended, rest = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        found: list[ServerEvent] = []
        for line in ended:
            self._grow(line)
            whole = b"".join((*self._line, line))
            self._line.clear()
            event = self._take(whole)
            if event is not None:
                found.append(event)
        if rest:
            self._grow(rest)
            self._line.append(rest)
        return found

    def _grow(self, part: bytes) -> None:
        self._held += len(part)
        if self._held > self._most:
            raise EventTooLarge(f"A part of the answer has more than {self._most / 1_000_000:,.0f} MB.")

    def _take(self, line: bytes) -> ServerEvent | None:
        if self._first:
            self._first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            data, name = self._data, self._name
            self._data, self._name, self._held = [], b"", 0
            return ServerEvent(name.decode("utf-8", "replace"), b"\n".join(data)) if data else None
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        else:
            self._held -= len(line)
            if field == b"event":
                self._name = value[:200]
        return None
