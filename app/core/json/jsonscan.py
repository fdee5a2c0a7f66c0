"""A JSON walker that knows where everything is and says in words what is wrong.

Strict as RFC 8259, without recursion. It is the slow path: :mod:`jsontext` walks here only when the quick parser refused a text, or when
someone asks for a place in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from app.core.base.patterns import pattern
from app.core.json.jsonread import MAX_DEPTH

Path = tuple[str | int, ...]

_SPACE = pattern(r"[ \t\n\r]*")
_PLAIN = pattern(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_ESCAPE = pattern(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_NUMBER = pattern(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NUMBERLIKE = pattern(r"[+\-.]?[0-9.][0-9A-Za-z_.+\-]*")
_WORD = pattern(r"[^\W\d]\w*")
_PAIRS = {"{": "}", "[": "]"}
_WORDS = {"true": 4, "false": 5, "null": 4}
_MEANT = {"True": "true", "False": "false", "None": "null", "undefined": "null", "nil": "null"}
_NOT_FINITE = {"NaN", "Infinity", "inf", "nan"}
_CONTROLS = {"\n": "a line break: write \\n", "\r": "a line break: write \\n", "\t": "a tab: write \\t"}
_UNESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class ScanError(Exception):
    """The first thing that is wrong: where (offset in characters) and a sentence."""

    def __init__(self, offset: int, sentence: str) -> None:
        super().__init__(sentence)
        self.offset, self.sentence = offset, sentence


class ValuePosition(NamedTuple):
    """A value: its path, where it begins, and where its name begins (-1 in a list and at the root).

    ``twice``: the name was there before.
    """

    path: Path
    offset: int
    key: int
    twice: bool = False


class _Frame:
    """An open object or list."""

    __slots__ = ("index", "names", "offset", "opener", "path")

    def __init__(self, opener: str, offset: int, path: Path) -> None:
        self.opener, self.offset, self.path = opener, offset, path
        self.index = 0
        self.names: set[str] = set()


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1, as an editor counts: \\n, \\r\\n and \\r end lines, columns are characters."""
    head = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return head.count("\n") + 1, len(head) - head.rfind("\n")


class Walker:
    """Walks one text. :meth:`places` yields every value's place in order and raises :class:`ScanError` at the first fault."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.stack: list[_Frame] = []

    def places(self) -> Iterator[ValuePosition]:
        self._skip()
        if self.at == len(self.text):
            raise ScanError(self.at, "There is no JSON here yet.")
        yield ValuePosition((), self.at, -1)
        self._value(())
        while self.stack:
            frame = self.stack[-1]
            self._skip()
            char = self._char()
            if char == _PAIRS[frame.opener]:
                self.stack.pop()
                self.at += 1
                continue
            if frame.index:
                self._comma(frame, char)
            yield self._item(frame)
        self._skip()
        if self.at < len(self.text):
            self._trailing()

    # --- the parts of a text -----------------------------------------------------------------------------------------------------

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _char(self) -> str:
        return self.text[self.at : self.at + 1]

    def _item(self, frame: _Frame) -> ValuePosition:
        """A member of an object or an element of a list, after the comma."""
        key, twice = -1, False
        step: str | int = frame.index
        if frame.opener == "{":
            key = self.at
            step = self._name(frame)
            twice = step in frame.names
            frame.names.add(step)
        frame.index += 1
        path = (*frame.path, step)
        place = ValuePosition(path, self.at, key, twice)
        self._value(path)
        return place

    def _comma(self, frame: _Frame, char: str) -> None:
        if char != ",":
            self._no_comma(frame, char)
        comma = self.at
        self.at += 1
        self._skip()
        if self._char() in ("]", "}"):
            raise ScanError(comma, f"There is a comma before the closing {self._char()}: remove it.")
        if self._char() == ",":
            raise ScanError(self.at, "Two commas follow each other: remove one.")

    def _name(self, frame: _Frame) -> str:
        char = self._char()
        if char != '"':
            if char == "":
                self._unclosed()
            self._quotes(char, "A name")
            word = _WORD.match(self.text, self.at)
            if word:
                raise ScanError(self.at, f'The name {word.group()} needs double quotes: "{word.group()}".')
            if char == "]":
                self._wrong_close(frame, char)
            raise ScanError(self.at, "A name in double quotes is expected here.")
        name = self._string()
        self._skip()
        if self._char() != ":":
            if self._char() == "":
                self._unclosed()
            raise ScanError(self.at, f"A colon is missing after the name “{name[:40]}”.")
        self.at += 1
        self._skip()
        return name

    def _value(self, path: Path) -> None:
        text, char = self.text, self._char()
        if char == '"':
            self._string()
        elif char in _PAIRS:
            if len(self.stack) >= MAX_DEPTH:
                raise ScanError(self.at, f"More than {MAX_DEPTH} brackets are open inside each other.")
            self.stack.append(_Frame(char, self.at, path))
            self.at += 1
        elif (number := _NUMBER.match(text, self.at)) and not _more_digits(text, number.end()):
            if number.group().lower().count("e") + number.group().count(".") and float(number.group()) in (float("inf"), float("-inf")):
                raise ScanError(self.at, f"The number {number.group()[:20]} is too large.")
            if number.end() - self.at > 4_000:
                raise ScanError(self.at, "This number has more than 4,000 digits.")
            self.at = number.end()
        else:
            word = _WORD.match(text, self.at)
            if not word or word.group() not in _WORDS:
                self._no_value(char, word.group() if word else "")
            self.at += _WORDS[word.group()]

    def _string(self) -> str:
        """Read a string, unescaped, and come after it."""
        start, parts = self.at, []
        at = start + 1
        while True:
            plain = _PLAIN.match(self.text, at)
            if plain:
                parts.append(plain.group())
                at = plain.end()
            char = self.text[at : at + 1]
            if char == '"':
                self.at = at + 1
                return "".join(parts)
            if char != "\\":
                self._broken_string(start, at, char)
            escape = _ESCAPE.match(self.text, at)
            if not escape:
                self._broken_escape(start, at)
            code, at = escape.group()[1:], escape.end()
            if code[0] == "u":
                low = self.text[at : at + 6]
                unit = int(code[1:], 16)
                if 0xD800 <= unit <= 0xDBFF and re.fullmatch(r"\\u[dD][c-fC-F][0-9a-fA-F]{2}", low):
                    parts.append(chr(0x10000 + ((unit - 0xD800) << 10) + int(low[2:], 16) - 0xDC00))
                    at += 6
                elif 0xD800 <= unit <= 0xDFFF:
                    raise ScanError(escape.start(), f"{escape.group()} is half a character (a lone surrogate): its other half is missing.")
                else:
                    parts.append(chr(unit))
            else:
                parts.append(_UNESCAPED[code])

    # --- what is wrong -----------------------------------------------------------------------------------------------------------

    def _unclosed(self) -> NoReturn:
        if not self.stack:
            raise ScanError(self.at, "The text ends where a value is expected.")
        frame = self.stack[-1]
        line, column = position(self.text, frame.offset)
        raise ScanError(
            self.at,
            f"The text ends, but the {frame.opener} of line {line}, column {column} is still open: {_PAIRS[frame.opener]} is missing.",
        )

    def _wrong_close(self, frame: _Frame, char: str) -> NoReturn:
        line, column = position(self.text, frame.offset)
        raise ScanError(
            self.at, f"{char} can't close the {frame.opener} of line {line}, column {column}: {_PAIRS[frame.opener]} is expected."
        )

    def _quotes(self, char: str, what: str) -> None:
        if char == "'":
            raise ScanError(self.at, f'{what} needs double quotes (") in JSON, not single ones.')
        if char in ("“", "”", "„", "‘", "’", "«", "`"):
            raise ScanError(self.at, f'{what} needs straight double quotes (") in JSON, not {char}.')
        if char in ("/", "#"):
            raise ScanError(self.at, "JSON has no comments: remove it.")

    def _no_comma(self, frame: _Frame, char: str) -> NoReturn:
        if char == "":
            self._unclosed()
        if char in ("]", "}"):
            self._wrong_close(frame, char)
        if char in ("/", "#"):
            raise ScanError(self.at, "JSON has no comments: remove it.")
        if char == ":":
            raise ScanError(self.at, "A colon is not allowed here: names belong in { }.")
        raise ScanError(self.at, "A comma is missing before this.")

    def _no_value(self, char: str, word: str) -> NoReturn:
        if char == "":
            self._unclosed()
        if char in ("]", "}"):
            if self.stack and _PAIRS[self.stack[-1].opener] == char:
                raise ScanError(self.at, f"A value is missing before {char}.")
            if self.stack:
                self._wrong_close(self.stack[-1], char)
            raise ScanError(self.at, f"{char} closes nothing: it was never opened.")
        if char == ",":
            raise ScanError(self.at, "A value is missing before the comma.")
        self._quotes(char, "A text")
        if word in _NOT_FINITE or re.match(r"[-+](Infinity|inf|NaN)", self.text[self.at : self.at + 10]):
            raise ScanError(self.at, f"{word or self.text[self.at : self.at + 9]} isn't JSON: write null, or a number.")
        if word in _MEANT:
            raise ScanError(self.at, f"{word} isn't JSON: write {_MEANT[word]}.")
        if word.lower() in _WORDS:
            raise ScanError(self.at, f"{word} is written in lower case in JSON: {word.lower()}.")
        number = _NUMBERLIKE.match(self.text, self.at)
        if number and (not word):
            raise ScanError(self.at, f"{number.group()[:30]} isn't a number in JSON: {_number_advice(number.group())}.")
        if word:
            raise ScanError(self.at, f"The text {word[:30]} needs double quotes.")
        raise ScanError(self.at, f"A value is expected here, not {char!r}.")

    def _broken_string(self, start: int, at: int, char: str) -> NoReturn:
        if char == "":
            raise ScanError(start, 'The text that begins here has no closing quote (").')
        if char in ("\n", "\r"):
            raise ScanError(
                start, 'The text that begins here has no closing quote (") on its line. A line break inside a text is written \\n.'
            )
        if "\ud800" <= char <= "\udfff":
            raise ScanError(at, "Here stands half a character (a lone surrogate): remove it.")
        what = _CONTROLS.get(char, f"the control character U+{ord(char):04X}: write \\u{ord(char):04x} or remove it")
        raise ScanError(at, f"A text can't hold {what}.")

    def _broken_escape(self, start: int, at: int) -> NoReturn:
        after = self.text[at + 1 : at + 2]
        if after == "":
            raise ScanError(start, 'The text that begins here has no closing quote (").')
        if after == "u":
            raise ScanError(at, "After \\u four digits of 0-9 and a-f are expected.")
        if after == "\n" or after < " ":
            raise ScanError(at, "A backslash is not allowed at the end of a line: write \\n for a line break.")
        raise ScanError(at, f"\\{after} isn't known in JSON: for a backslash write two (\\\\).")

    def _trailing(self) -> NoReturn:
        char = self._char()
        if char in ("]", "}"):
            raise ScanError(self.at, f"{char} closes nothing: everything is closed before it.")
        if char in ("{", "["):
            raise ScanError(self.at, "A second JSON value begins here: only one is expected.")
        if char in ("/", "#"):
            raise ScanError(self.at, "JSON has no comments: remove it.")
        raise ScanError(self.at, "The JSON has ended before this: remove the rest.")


def _more_digits(text: str, at: int) -> bool:
    """Whether a number goes on in a way that JSON does not know (01, 1.x, 1_000)."""
    char = text[at : at + 1]
    return char.isalnum() or (char != "" and char in "_.")


def _number_advice(number: str) -> str:
    if number.startswith("+"):
        return "leave the + out"
    if re.match(r"[-.]*\.", number):
        return "write a 0 before the point"
    if re.fullmatch(r"-?\d+\.", number):
        return "write a digit after the point"
    if re.match(r"-?0\d", number):
        return "leave the leading 0 out"
    return "use digits, a point, and e for powers of ten"
