"""A moving picture made of screenshots: PNG files as the frames of one APNG (PNG, third edition: acTL, fcTL, fdAT)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each chunk. Raises ValueError where it is no PNG."""
    if not png.startswith(SIGNATURE):
        raise ValueError("This is no PNG.")
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def animated(frames: Sequence[tuple[bytes, float]]) -> bytes:
    """One picture of ``frames``, each a PNG and its seconds; it goes on for ever. Raises ValueError where they differ in size or kind."""
    headers = [next(content for kind, content in chunks(png) if kind == b"IHDR") for png, _ in frames]
    if len(set(headers)) != 1:
        raise ValueError("All frames must have one size and one kind of colours.")
    width, height = struct.unpack_from(">II", headers[0])
    out = [SIGNATURE, _chunk(b"IHDR", headers[0]), _chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    number = 0
    for n, (png, seconds) in enumerate(frames):
        shown = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, round(seconds * 1000), 1000, 0, 0)
        out.append(_chunk(b"fcTL", shown))
        number += 1
        for content in (content for kind, content in chunks(png) if kind == b"IDAT"):
            if n:
                out.append(_chunk(b"fdAT", struct.pack(">I", number) + content))
                number += 1
            else:
                out.append(_chunk(b"IDAT", content))
    return b"".join([*out, _chunk(b"IEND", b"")])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
