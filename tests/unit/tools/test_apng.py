"""The moving picture of the README is one that browsers show."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from tests.kit.apng import SIGNATURE, animated, chunks

ROOT = Path(__file__).resolve().parents[3]


def png(colour: int, width: int = 2) -> bytes:
    """A picture of one grey."""
    header = struct.pack(">IIBBBBB", width, 1, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes([0, *[colour] * width]))), (b"IEND", b""))
    return SIGNATURE + b"".join(struct.pack(">I", len(one)) + kind + one + struct.pack(">I", zlib.crc32(kind + one)) for kind, one in parts)


def test_frames_stand_one_after_another() -> None:
    """The first is what a program without animation shows; the others follow under running numbers, and every checksum is right."""
    made = animated([(png(10), 1.5), (png(20), 0.5)])
    found = list(chunks(made))
    assert [kind for kind, _ in found] == [b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fcTL", b"fdAT", b"IEND"]
    assert struct.unpack(">II", found[1][1]) == (2, 0)
    assert [struct.unpack_from(">I", content)[0] for kind, content in found if kind in (b"fcTL", b"fdAT")] == [0, 1, 2]
    assert zlib.decompress(found[5][1][4:]) == bytes([0, 20, 20])
    assert struct.unpack_from(">HH", found[2][1], 20) == (1500, 1000)


def test_frames_of_different_sizes_are_refused() -> None:
    """So is what is no picture."""
    with pytest.raises(ValueError, match="one size"):
        animated([(png(1), 1), (png(1, 3), 1)])
    with pytest.raises(ValueError, match="no PNG"):
        list(chunks(b"GIF89a"))


def test_the_picture_of_the_readme_moves_and_is_not_large() -> None:
    """It is loaded by everybody who looks at the project."""
    found = (ROOT / "docs" / "screens" / "tour.png").read_bytes()
    assert len(found) < 1_500_000
    assert sum(kind == b"fcTL" for kind, _ in chunks(found)) >= 4
