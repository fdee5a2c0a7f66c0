"""What damaged JSON may have meant: a proposal by json_repair, which must have been loaded before, beside what it would change.

Nobody takes it but a person: what a model wrote stays as it arrived, and so does whatever is made of it (columns, files, exports).
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.base.patterns import pattern
from app.core.base.text import shorten
from app.core.json import jsonread, jsontext
from app.core.results.worddiff import DiffPiece, word_diff

LIMIT: Final = 100_000
"""Characters of a text that is repaired."""
_CHANGES: Final = 12
_AROUND: Final = pattern(r"\s*([{}\[\],:])\s*")


class Repair(msgspec.Struct, frozen=True):
    """``text``: JSON, indented; "": none could be made, and ``why`` says so. ``changes``: what was done, as json_repair says it.
    ``pieces``: word by word, what is gone and what is new, spaces between values aside."""

    text: str = ""
    why: str = ""
    changes: tuple[str, ...] = ()
    pieces: tuple[DiffPiece, ...] = ()


def is_damaged(text: str) -> bool:
    """Whether a text begins as JSON, or as a block of code with some, and is none."""
    begin = text[:400].strip().removeprefix("```json").removeprefix("```").lstrip()[:1]
    if begin not in ("{", "[") or not begin or len(text) > LIMIT:
        return False
    try:
        jsonread.value(text)
    except jsonread.Unreadable as error:
        return error.kind == "not_json"
    return False


def propose(text: str) -> Repair:
    """What it may have meant. Never raises."""
    if len(text) > LIMIT or jsonread.deeper_than(text, jsonread.MAX_DEPTH):
        return Repair(why="It is too large or nested too deeply to be repaired.")
    from json_repair import repair_json

    try:
        value, log = repair_json(text, logging=True, skip_json_loads=True)
        if not isinstance(value, dict | list) or not value:
            return Repair(why="It could not be turned into JSON.")
        fixed = jsontext.dumps(value)
        jsonread.value(fixed)
    except Exception as error:  # the boundary of one text: it stays as it arrived
        return Repair(why=f"It could not be repaired ({type(error).__name__}).")
    changes = tuple(dict.fromkeys(shorten(one.get("text", ""), 200) for one in log if isinstance(one, dict)))[:_CHANGES]
    return Repair(fixed, "", changes, tuple(word_diff(_dense(text), _dense(fixed))))


def _dense(text: str) -> str:
    return _AROUND.sub(r"\1", text.strip())
