"""Cutting a file that comes in pieces into lines: of JSON, one value each."""

from __future__ import annotations

from typing import Final

_BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r"


class LineSplitter:
    """Cuts a file that comes in pieces into lines. ``most``: bytes of a line that is held; ``read`` and ``lines`` are where it goes on,
    lines counted from 1."""

    def __init__(self, most: int, read: int = 0, lines: int = 0) -> None:
        self.read, self.lines, self._most = read, lines, most
        self._held: list[bytes] = []  # pieces of a line that has not ended: joined once, so that a long line is not copied with each piece
        self._skipping = False

    def feed(self, piece: bytes, *, last: bool = False) -> list[tuple[int, bytes | None]]:
        """The lines that this piece ends, with their numbers; None stands for one longer than ``most``. Blank ones are only
        counted. ``last``: the file ends here, with or without a line break."""
        begun, *parts = piece.split(b"\n")
        self._held.append(begun)
        if parts:
            parts.insert(0, b"".join(self._held))
            self._held = [parts.pop()]
        if last and (any(self._held) or self._skipping):
            parts.append(b"".join(self._held))
            self._held = []
        found: list[tuple[int, bytes | None]] = []
        for part in parts:
            first = self.read == 0
            self.read += len(part) + 1
            self.lines += 1
            line = part.removeprefix(_BOM) if first else part
            if self._skipping or len(line) > self._most:
                found.append((self.lines, None))
            elif line := line.strip(_BLANK):
                found.append((self.lines, line))
            self._skipping = False
        if (size := sum(map(len, self._held))) > self._most:
            self.read += size
            self._held, self._skipping = [], True
        return found
