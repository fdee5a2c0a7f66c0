"""What differs between two texts, word by word: for answers that are under one another."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from app.core.base.patterns import pattern

MOST_WORDS: Final = 1_500
"""Words of a text that are compared; finding the difference of more takes seconds where all of them differ."""
_WORDS: Final = pattern(r"\w+|\s+|[^\w\s]")


class DiffPiece(NamedTuple):
    """A stretch of both texts (``same``), of the first alone (``gone``), or of the second alone (``new``)."""

    kind: Literal["same", "gone", "new"]
    text: str


def word_diff(before: str, after: str) -> list[DiffPiece]:
    """The second text beside the first, in its order; joined, ``same`` and ``new`` are the second text, ``same`` and ``gone`` the first. Of
    texts of more than 1,500 words the rest counts as one word."""
    if before == after:
        return [DiffPiece("same", after)] if after else []
    one, other = _words(before), _words(after)
    found: list[DiffPiece] = []
    for op, i, j, k, m in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if op == "equal":
            found.append(DiffPiece("same", "".join(one[i:j])))
            continue
        if j > i:
            found.append(DiffPiece("gone", "".join(one[i:j])))
        if m > k:
            found.append(DiffPiece("new", "".join(other[k:m])))
    return found


def _words(text: str) -> list[str]:
    words: list[str] = []
    end = 0
    for found in _WORDS.finditer(text):
        if len(words) >= MOST_WORDS:
            break
        words.append(found[0])
        end = found.end()
    return [*words, text[end:]] if end < len(text) else words
