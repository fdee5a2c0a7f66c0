"""Chance that can be repeated: the same seed and text always give the same draw. No state, so any line can be drawn alone."""

from __future__ import annotations

from zlib import crc32

_MASK = (1 << 64) - 1


def mix(number: int) -> int:
    """A 64-bit number that looks random; different numbers below 2**64 give different results (splitmix64's finaliser)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def draw(seed: int, text: str) -> int:
    """64 bits for ``text`` under ``seed``."""
    return mix(seed ^ mix(crc32(text.encode("utf-8", "surrogatepass"))))


def unit(number: int) -> float:
    """The low 32 bits of a draw as a number in [0, 1)."""
    return (number & 0xFFFFFFFF) / 4294967296


def name(number: int, length: int = 24) -> str:
    """``length`` hexadecimal characters, 16 to 32, different for different numbers below 2**64."""
    return f"{mix(number):016x}{mix(number ^ _MASK):016x}"[:length]


def shuffled(count: int, seed: int) -> list[int]:
    """The numbers below ``count`` in another order; never the given order when there are two or more."""
    order = sorted(range(count), key=lambda index: mix(seed ^ index))
    if count > 1 and order == list(range(count)):
        order.append(order.pop(0))
    return order
