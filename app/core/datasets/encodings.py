"""Bytes to text: a byte order mark, else strict UTF-8, else the person is asked, with a preview of what each encoding would make of it.

No detector is trusted with the choice: of 17 files in 15 encodings the best one took 13 right, and all took Polish in windows-1250 and
Mac Roman wrong. A wrong encoding changes texts silently; a question does not. Python in the page has few codecs, the browser's
``TextDecoder`` has all of the Encoding Standard, so decoding by another encoding than Unicode's is given to the reader as a function.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from app.core.base.text import head
from app.core.datasets import limits
from app.core.datasets.table import UnreadableTable, too_long

Decode = Callable[[bytes, str], str]
"""Decodes bytes by an encoding of this name. Raises ValueError where they are none of it, LookupError where it is not known."""

UTF8: Final = "utf-8"
BOM: Final = b"\xef\xbb\xbf"
"""The byte order mark in UTF-8."""
_BOMS: Final = (
    (BOM, UTF8),
    (b"\xff\xfe\0\0", "utf-32le"),
    (b"\0\0\xfe\xff", "utf-32be"),
    (b"\xff\xfe", "utf-16le"),
    (b"\xfe\xff", "utf-16be"),
)
_OWN: Final = {UTF8: "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "utf-32le": "utf-32-le", "utf-32be": "utf-32-be"}
"""Those that Python has everywhere, by its names."""
OFFERED: Final = (
    ("windows-1252", "Western European (Windows)"),
    ("windows-1250", "Central European (Windows)"),
    ("windows-1251", "Cyrillic (Windows)"),
    ("windows-1253", "Greek (Windows)"),
    ("windows-1254", "Turkish (Windows)"),
    ("windows-1255", "Hebrew (Windows)"),
    ("windows-1256", "Arabic (Windows)"),
    ("windows-1257", "Baltic (Windows)"),
    ("iso-8859-2", "Central European (ISO)"),
    ("iso-8859-15", "Western European (ISO, with €)"),
    ("macintosh", "Western European (Mac)"),
    ("koi8-r", "Cyrillic (KOI8-R)"),
    ("ibm866", "Cyrillic (DOS)"),
    ("shift_jis", "Japanese (Shift JIS)"),
    ("euc-jp", "Japanese (EUC)"),
    ("gb18030", "Chinese, simplified (GB 18030)"),
    ("big5", "Chinese, traditional (Big5)"),
    ("euc-kr", "Korean (EUC-KR)"),
)
_UTF16: Final = (("utf-16le", "Unicode (UTF-16, little-endian)"), ("utf-16be", "Unicode (UTF-16, big-endian)"))
_SAMPLE: Final = 16_384
"""Bytes that are decoded by each encoding for the preview."""
_LINES: Final = 5
_SHOWN: Final = 160
"""Characters of a line in the preview."""
_MARK: Final = "\udcff"
"""Stands for bytes that the encoding does not have. No text that was decoded rightly holds it."""
_AS_MARK: Final = "nightshift.datasets"


class EncodingPreview(msgspec.Struct, frozen=True):
    """What an encoding makes of the lines that are not plain ASCII."""

    encoding: str
    """Its name, as a Dialect takes it."""
    title: str
    """What it is, for people."""
    lines: tuple[str, ...]


class EncodingAsked(UnreadableTable):
    """The file is not UTF-8, so someone has to say what it is. ``candidates``: likeliest first; ``chosen`` of the Dialect says that the
    question was answered, also by «it is UTF-8, with damaged rows»."""

    def __init__(self, candidates: tuple[EncodingPreview, ...]) -> None:
        super().__init__("This file isn't UTF-8 text. Choose the encoding in which its characters look right.")
        self.candidates = candidates


def by_mark(start: bytes) -> str:
    """The encoding that a byte order mark names; nothing where there is none."""
    return next((name for mark, name in _BOMS if start.startswith(mark)), "")


def encoding_of(start: bytes, *, whole: bool) -> str:
    """The encoding of a file that begins so, as far as it is beyond doubt; nothing: it has to be asked. ``whole``: that is all of it, else
    a character may be cut at the end."""
    if found := by_mark(start):
        return found
    if _wide(start):
        return ""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(start, final=whole)
    except UnicodeDecodeError:
        return ""
    return UTF8


def _wide(start: bytes) -> str:
    """UTF-16 without a mark, by the zeros beside ASCII: it would be read as UTF-8 without an error."""
    sample = start[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if not even + odd or 4 * (even + odd) < len(sample) or min(even, odd) * 8 > max(even, odd):
        return ""
    return "utf-16le" if odd > even else "utf-16be"


class TextDecoding:
    """Turns pieces into text. ``damaged``: the last piece held bytes that the encoding does not have; they stand as :data:`_MARK` in it.
    ``strict``: EncodingAsked is raised instead."""

    def __init__(self, encoding: str, decode: Decode | None, *, strict: bool) -> None:
        self._name, self._decode, self._strict = encoding, decode, strict
        self._own = codecs.getincrementaldecoder(_OWN[encoding])(_AS_MARK) if encoding in _OWN else None
        if self._own is None and decode is None:
            raise UnreadableTable(f"The encoding {encoding} can't be read here. Choose another one.")
        self._rest = b""
        self._first = True
        self.damaged = False

    def feed(self, piece: bytes, *, last: bool = False) -> str:
        """The text of this piece, without a byte order mark. A character that is cut at its end comes with the next one."""
        text = self._unicode(piece, last=last) if self._own is not None else self._foreign(piece, last=last)
        if self._first and text:
            self._first = False
            text = text.removeprefix("\ufeff")
        return text

    def _unicode(self, piece: bytes, *, last: bool) -> str:
        assert self._own is not None  # noqa: S101  # for the type checker: feed() looked
        before = self._own.getstate()[0]
        text = self._own.decode(piece, last)
        self.damaged = not text.isascii() and _MARK in text
        if self.damaged and self._strict:
            raise EncodingAsked(candidates(_around(before + piece), self._decode))
        return text

    def _foreign(self, piece: bytes, *, last: bool) -> str:
        """In no encoding that is offered is a line break the second byte of a character, so text is cut there."""
        self._rest += piece
        if len(self._rest) > limits.MAX_RECORD:
            raise too_long(limits.MAX_RECORD)
        end = len(self._rest) if last else max(self._rest.rfind(b"\n"), self._rest.rfind(b"\r")) + 1
        whole, self._rest = self._rest[:end], self._rest[end:]
        self.damaged = False
        try:
            return self._decoded(whole)
        except ValueError:
            self.damaged = True
            return "".join(self._line(line) for line in whole.splitlines(keepends=True))

    def _line(self, line: bytes) -> str:
        try:
            return self._decoded(line)
        except ValueError:
            end = line[len(line.rstrip(b"\r\n")) :]
            return line[: len(line) - len(end)].decode("ascii", _AS_MARK) + end.decode()

    def _decoded(self, data: bytes) -> str:
        assert self._decode is not None  # noqa: S101  # for the type checker: __init__ looked
        try:
            return self._decode(data, self._name) if data else ""
        except LookupError:
            raise UnreadableTable(f"The encoding {self._name} can't be read here. Choose another one.") from None


def is_damaged(text: str) -> bool:
    """Whether a text holds what stands for bytes that could not be decoded."""
    return _MARK in text


def shown(text: str) -> str:
    """A text for people, bytes that could not be decoded as U+FFFD."""
    return text.replace(_MARK, "\ufffd")


def _marked(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return _MARK, error.end
    raise error


codecs.register_error(_AS_MARK, _marked)


# --- asking


def _around(data: bytes) -> bytes:
    """The lines about the first bytes that are not UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        return data[max(start, error.start - _SAMPLE // 2) :][:_SAMPLE]
    return data[:_SAMPLE]


def candidates(data: bytes, decode: Decode | None) -> tuple[EncodingPreview, ...]:
    """What each encoding makes of the first lines that are not ASCII, likeliest first. Encodings that cannot be are left out."""
    wide = _wide(data)
    sample = data[: _SAMPLE - _SAMPLE % 4]
    found: list[tuple[float, EncodingPreview]] = []
    if wide:
        for name, title in _UTF16:
            text = sample.decode(_OWN[name], "replace")
            found.append((0.0 if name == wide else 1.0, EncodingPreview(name, title, tuple(_preview(text)))))
    for name, title in OFFERED if decode is not None else ():
        try:
            text = decode(_lines(sample), name)  # type: ignore[misc]  # there is one, or nothing to go through
        except (ValueError, LookupError):
            continue
        found.append((2.0 - _likelihood(text), EncodingPreview(name, title, tuple(_preview(text)))))
    found.sort(key=lambda one: one[0])
    damaged = EncodingPreview(UTF8, "Unicode (UTF-8), with damaged rows", tuple(_preview(data.decode("utf-8", "replace")[:_SAMPLE])))
    return (*(one for _, one in found), damaged)


def _lines(data: bytes) -> bytes:
    """The lines that are not ASCII, whole ones where there are some: a character that is cut would rule out its encoding."""
    lines = data.splitlines(keepends=True)
    whole = lines[:-1] if len(lines) > 1 and not data.endswith((b"\n", b"\r")) else lines
    return b"".join(line for line in whole if not line.isascii()) or b"".join(whole)


def _preview(text: str) -> Iterator[str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.isascii()] or [
        line for line in text.splitlines() if line.strip()
    ]
    for line in lines[:_LINES]:
        at = next((i for i, char in enumerate(line) if char >= "\x80"), 0)
        start = max(0, at - _SHOWN // 2)
        yield head(line[start:], _SHOWN)


def _likelihood(text: str) -> float:
    """From 0 to 1: how much of what is not ASCII looks like letters of one script in words."""
    foreign = [(i, char) for i, char in enumerate(text) if char >= "\x80"]
    if not foreign:
        return 0.0
    score = 0.0
    for i, char in foreign:
        before, after = text[i - 1 : i], text[i + 1 : i + 2]
        score += _character(char, before, after)
    return max(0.0, score / len(foreign))


def _character(char: str, before: str, after: str) -> float:
    kind = unicodedata.category(char)
    beside = before.isalpha() or after.isalpha()
    if kind in ("Cc", "Co", "Cn") or char == "\ufffd":
        return -3.0
    if "\uac00" <= char <= "\ud7a3" or "\u3041" <= char <= "\u30fe":
        return 1.0
    if "\u4e00" <= char <= "\u9fff":
        return 0.8
    if "\uff61" <= char <= "\uff9f":  # half-width Katakana: what other encodings are often mistaken for
        return 0.2
    if kind[0] == "L":
        if before.isascii() and before.isalpha() and not _latin(char):
            return -1.0
        if (kind == "Lu" and before.islower()) or (char == "ς" and after.isalpha()):
            return -0.5
        if _latin(char) and (before.isalpha() and not before.isascii()) and (after.isalpha() and not after.isascii()):
            return 0.0  # a word of accents only is another script's
        return 1.0 if beside else 0.4
    if kind[0] in "MN":
        return 0.3
    return -0.5 if before.isalpha() and after.isalpha() and char not in "’–-" else 0.2


def _latin(char: str) -> bool:
    return char < "\u0250" or "\u1e00" <= char <= "\u1eff"
