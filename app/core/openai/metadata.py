"""The metadata of a batch at the provider: ours, and beside it what a program gave the batch that it created.

The API takes 16 pairs of strings, keys of up to 64 characters and values of up to 512 (OpenAI's OpenAPI document, schema ``Metadata``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MOST: Final = 16
"""Pairs that a batch takes."""
KEY: Final = 64
VALUE: Final = 512
"""Characters of a key and of a value at most."""


def carried(given: Mapping[str, str], own: str) -> tuple[dict[str, str], dict[str, str]]:
    """What of a program's metadata is passed on, in its order, so that there is room for our key ``own``; and why each of the others is
    not, by its key, as a clause."""
    kept: dict[str, str] = {}
    left: dict[str, str] = {}
    for key, value in given.items():
        if key == own:
            left[key] = "that key is Nightshift's own"
        elif len(key) > KEY or len(value) > VALUE:
            left[key] = f"a key has at most {KEY} characters, a value {VALUE}"
        elif len(kept) == MOST - 1:
            left[key] = f"a batch takes {MOST} pairs, and one is Nightshift's"
        else:
            kept[key] = value
    return kept, left


def not_carried(given: Mapping[str, str], own: str) -> str:
    """What of a program's metadata is not passed on, and why, as a clause; nothing where all of it is."""
    _, left = carried(given, own)
    said = ", ".join(f"“{key[:KEY]}” ({why})" for key, why in left.items())
    return f"metadata that was not passed on: {said}" if said else ""
