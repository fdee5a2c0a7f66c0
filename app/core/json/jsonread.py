"""The one reader of JSON: it knows how deep and how large a text is before a decoder sees it, and raises one error with a sentence.

In the page a decoder that recurses too deeply does not raise: the WebAssembly stack overflows and Python is dead for good. Measured in
Chromium with Pyodide 314: ``msgspec.json.decode`` without a type dies between 2,000 and 3,000 levels, skipping an unknown field, keeping a
``msgspec.Raw`` and ``msgspec.json.format`` between 5,000 and 10,000, ``json.loads`` between 3,000 and 5,000 (docs/design.md, "What kills
Python"). Comparing, printing or freeing a value that deep dies too, so no such value may is created. Therefore nothing else in
``app/`` decodes JSON (tests/unit/core/json/test_jsonread.py reads the tree).

The usual text costs two ``bytes.count`` calls: the number of opening brackets is an upper bound of the depth. Only where it is above the
limit are the brackets outside of strings counted, exactly, still at the speed of C.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

MAX_DEPTH: Final = 200
"""Levels of a value that comes from outside. Real bodies and schemas have fewer than 40; Python dies at about 2,000 (see above)."""
OWN_DEPTH: Final = 250
"""Levels of what Nightshift itself has laid around such a value: a request line, a frame of the mailbox, a record."""
SKIP_DEPTH: Final = 1_000
"""Levels of what a typed decoder only skips: it survives five times as many, and makes nothing of them."""
MAX_BYTES: Final = 128_000_000
"""Bytes of a text that is decoded without a type: as Python objects it takes five to ten times as much, and WebAssembly has 4 GB."""

Kind = Literal["too_deep", "too_large", "not_utf8", "not_json", "number", "shape"]
Text = bytes | str | bytearray | memoryview | msgspec.Raw

_untyped: Final = msgspec.json.Decoder().decode
_texts: Final = msgspec.json.Decoder(list[str])
_WINDOW = 1 << 14
_QUOTE, _BACKSLASH = b'"', 0x5C
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")


class Unreadable(msgspec.DecodeError):
    """Why a text was not read. ``str()`` is the reason without a full stop, to stand within a sentence; :attr:`sentence` is a whole one."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind: Kind = kind

    @property
    def sentence(self) -> str:
        """What is wrong, for people."""
        return _SENTENCES[self.kind].format(self)


class WrongShape(Unreadable, msgspec.ValidationError):
    """JSON, but not of the type that was asked for. ``str()`` is msgspec's message, with its path."""


_SENTENCES: Final[dict[Kind, str]] = {
    "too_deep": "This JSON cannot be read: {}.",
    "too_large": "This JSON cannot be read: {}.",
    "not_utf8": "This is not UTF-8 text: {}.",
    "not_json": "This is not JSON: {}.",
    "number": "A number in this JSON is out of range: {}.",
    "shape": "This JSON has another shape than expected: {}.",
}


# --- depth -----------------------------------------------------------------------------------------------------------------------


def deeper_than(data: bytes | str, limit: int) -> bool:
    """Whether brackets are open inside each other more than ``limit`` times. Exact for JSON; for other texts, up to where they stop being
    JSON, which no decoder passes."""
    if len(data) <= limit:
        return False
    if isinstance(data, str):
        if data.count("[") + data.count("{") <= limit:
            return False
        data = data.encode("utf-8", "surrogatepass")
    elif data.count(b"[") + data.count(b"{") <= limit:
        return False
    return _scan(data, limit)


def _scan(data: bytes, limit: int) -> bool:
    """Count the brackets outside of strings, a window at a time, so that a large text needs no second copy of itself."""
    size, at, level, inside = len(data), 0, 0, False
    while at < size:
        end = min(at + _WINDOW, size)
        while end < size and data[end - 1] == _BACKSLASH:
            end += 1  # an escape is not cut in two
        part = data[at:end]
        at = end
        if b"\\" in part:
            part = part.replace(b"\\\\", b"").replace(b'\\"', b"")  # in this order: of an odd run of backslashes the last one escapes
        pieces = part.split(_QUOTE)
        brackets = b"".join(pieces[1::2] if inside else pieces[::2]).translate(None, _NO_BRACKETS)
        inside ^= len(pieces) % 2 == 0
        if level + brackets.count(b"[") + brackets.count(b"{") > limit:
            steps = memoryview(brackets.translate(_STEPS)).cast("b")
            if max(accumulate(steps, initial=level)) > limit:
                return True
        level += 2 * (brackets.count(b"[") + brackets.count(b"{")) - len(brackets)
    return False


def check(data: Text, depth: int = MAX_DEPTH) -> bytes | str:
    """The text itself, where it is not too deep. Raises Unreadable."""
    if not isinstance(data, bytes | str):
        data = bytes(data)
    if deeper_than(data, depth):
        raise Unreadable("too_deep", f"it is nested more than {depth} levels deep")
    return data


# --- reading ---------------------------------------------------------------------------------------------------------------------


def value(data: Text, *, depth: int = MAX_DEPTH, limit: int = MAX_BYTES) -> Any:
    """A JSON value of any shape. Raises Unreadable: too deep, above ``limit`` bytes, no JSON, no UTF-8, a number out of range."""
    data = bytes(data) if isinstance(data, msgspec.Raw) else data
    if len(data) > limit:
        raise Unreadable("too_large", f"it has more than {limit / 1_000_000:,.0f} MB")
    return _decoded(_untyped, check(data, depth))


def part(data: msgspec.Raw) -> Any:
    """A value that is part of a text which was read here before: how deep it is was known then. Raises Unreadable."""
    if len(memoryview(data)) > MAX_BYTES:
        raise Unreadable("too_large", f"it has more than {MAX_BYTES / 1_000_000:,.0f} MB")
    return _decoded(_untyped, bytes(data))


def typed(data: Text, kind: type[T], *, depth: int = MAX_DEPTH) -> T:
    """A JSON value as ``kind``. Raises Unreadable; WrongShape (a msgspec.ValidationError) where only the shape is wrong."""
    decode: Callable[[bytes | str], T] = partial(msgspec.json.decode, type=kind)
    return _decoded(decode, check(data, depth))


def resolve(kind: Any) -> None:
    """Look up what the fields of a type are, as its first decoder does: for where the modules that their names are in are gone later."""
    msgspec.json.Decoder(kind)


class Decoder(Generic[T]):
    """Reads one type many times: made once, at module level too, since msgspec's decoder is built with the first text."""

    __slots__ = ("_decode", "_depth", "_kind")

    def __init__(self, kind: Any, *, depth: int = MAX_DEPTH) -> None:
        self._kind, self._depth = kind, depth
        self._decode: Callable[[bytes | str], T] = self._first

    def _first(self, data: bytes | str) -> T:
        decode: Callable[[bytes | str], T] = msgspec.json.Decoder(self._kind).decode
        self._decode = decode
        return decode(data)

    def decoded(self, data: bytes) -> T | None:
        """The same, or None where it cannot be read so: for a text that another decoder reads then."""
        if (
            len(data) > self._depth  # a shorter text cannot be deeper
            and 2 * len(data) - len(data.replace(b"[", b"")) - len(data.replace(b"{", b"")) > self._depth
            and deeper_than(data, self._depth)
        ):
            return None
        try:
            return self._decode(data)
        except (ValueError, RecursionError):
            return None

    def decode(self, data: Text) -> T:
        """As :func:`typed`. Brackets are counted by what is left without them: ``bytes.count`` looks at each byte by itself, ``replace``
        has the C library look for the next one, which takes less than half the time in a usual line."""
        if type(data) is not bytes or (
            len(data) > self._depth and 2 * len(data) - len(data.replace(b"[", b"")) - len(data.replace(b"{", b"")) > self._depth
        ):
            data = check(data, self._depth)
        try:
            return self._decode(data)  # a usual line comes here without another call
        except (ValueError, RecursionError) as error:
            raise _refusal(error) from None


def _decoded(decode: Callable[[bytes | str], T], data: bytes | str) -> T:
    try:
        return decode(data)
    except (ValueError, RecursionError) as error:
        raise _refusal(error) from None


def _refusal(error: Exception) -> Unreadable:
    """What a decoder raised, as the one error: msgspec's own and Python's for text (all are ValueErrors)."""
    said = str(error)
    match error:
        case msgspec.ValidationError() if "out of range" not in said:
            return WrongShape("shape", said)
        case msgspec.ValidationError():
            return Unreadable("number", said)
        case UnicodeError():
            return Unreadable("not_utf8", said)
        case RecursionError():  # CPython, where the caller has used up the stack nearly
            return Unreadable("too_deep", "it is nested too deeply")
        case _:
            return Unreadable("not_json", said)


def lenient(data: bytes, *, depth: int = MAX_DEPTH) -> Any:
    """A JSON value, also with what msgspec refuses and other writers produce: lone surrogates, NaN, numbers beyond a double (as infinity),
    a BOM, bytes that are not UTF-8 (as U+FFFD). Raises Unreadable."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return value(data, depth=depth)
    except Unreadable as error:
        if error.kind in ("too_deep", "too_large"):
            raise
    return loads(data.decode("utf-8", "replace"), depth=depth)


def loads(text: str, *, depth: int = MAX_DEPTH, **hooks: Any) -> Any:
    """As :func:`json.loads` with its hooks. Raises Unreadable, and what the hooks raise."""
    check(text, depth)
    try:
        return json.loads(text, **hooks)
    except json.JSONDecodeError as error:
        raise Unreadable("not_json", f"{error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1:,}") from None
    except ValueError as error:  # more digits than Python turns into a number
        raise Unreadable("number", str(error)[:120]) from None
    except RecursionError:
        raise Unreadable("too_deep", "it is nested too deeply") from None


def lists_of_texts(data: bytes) -> list[list[str]]:
    """Lines each of which is a list of texts and nothing else, so that none is deep. Raises Unreadable."""
    return _decoded(_texts.decode_lines, data)


def one_line(data: Text, *, depth: int = MAX_DEPTH) -> bytes:
    """The same JSON without white space between its tokens. Raises Unreadable."""
    return _formatted(data, -1, depth)


def indented(data: Text, *, depth: int = MAX_DEPTH) -> bytes:
    """The same JSON indented by two spaces. Raises Unreadable."""
    return _formatted(data, 2, depth)


def _formatted(data: Text, indent: int, depth: int) -> bytes:
    checked = check(data, depth)
    form: Callable[[bytes | str], bytes | str] = partial(msgspec.json.format, indent=indent)
    found = _decoded(form, checked)
    return found.encode() if isinstance(found, str) else found
