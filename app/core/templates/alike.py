"""Request lines of many rows at once, for a template whose rows differ in nothing but texts: what most templates are.

A line of such a template is the same bytes in all rows but for its id and some texts within JSON strings. So each text is made for all
rows, escaped for all of them by one call, and set between what is the same. 1,000 rows take about 1 ms, a tenth of what :mod:`.lines` takes
row by row. A parameter, an image or a file that a row may lack makes rows that differ in more; they are made one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, repeat
from operator import add, itemgetter
from typing import Any, Final, NamedTuple, overload

import msgspec

from app.core.bodies.requests import KnownLines, LineRun
from app.core.openai import conformance, metadata
from app.core.templates import compiling
from app.core.templates.compiling import Row, TextOf
from app.core.templates.skeleton import InputsLeaf, OptionalPart, TextLeaf
from app.core.templates.syntax import ColumnNode, ParsedTemplate, TemplateNode

_encode: Final = msgspec.json.Encoder().encode
_SHORT: Final = 300
"""Characters of texts that are better escaped together: to part them again costs more for longer ones."""
_IMAGE: Final = b'"image_url"'
"""Requests with images are not counted by their bytes alone (core.bodies.tokens)."""


class NotAlike(Exception):
    """These rows, or the rows of this template, are to be made one by one: that is where it is known what is wrong with each."""


class RowText(NamedTuple):
    """A text, or a part of one, that each row has. ``bounded``: it must not be blank, nor have more than ``most`` characters (0: any
    number), since the request would be another one, or at fault."""

    of: TextOf
    bounded: bool = False
    most: int = 0


Part = bytes | RowText


class MadeLines:
    """Lines of a batch file, held as what they are made of. ``parts``: what all lines have is bytes, what each has of its own is one bytes
    for each line; at least one part is such a list."""

    def __init__(self, ids: Sequence[str], parts: Sequence[bytes | Sequence[bytes]], known: KnownLines | None = None) -> None:
        self.ids = ids
        self._parts, self._known = parts, known
        self._sizes: list[int] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def sizes(self) -> Sequence[int]:
        """Bytes of each line."""
        if self._sizes is None:
            fixed = sum(len(part) for part in self._parts if isinstance(part, bytes))
            found: Iterator[int] = repeat(fixed)
            for part in self._parts:
                if not isinstance(part, bytes):
                    found = map(add, found, part.sizes() if isinstance(part, _NumberedBytes) else map(len, part))
            self._sizes = list(found)
        return self._sizes

    def line(self, at: int) -> bytes:
        """One of them, newline included."""
        return b"".join(part if isinstance(part, bytes) else part[at] for part in self._parts)

    def run(self) -> LineRun:
        """All of them."""
        columns = [repeat(part) if isinstance(part, bytes) else part for part in self._parts]
        return LineRun(
            tuple(self.ids), tuple(accumulate(self.sizes())), b"".join(chain.from_iterable(zip(*columns, strict=False))), self._known
        )


class NumberedIds(Sequence[str]):
    """Ids that are a number between two texts. They are written when someone asks for them: to look over a million rows it is enough to
    know how long they are."""

    def __init__(self, before: str, numbers: Sequence[int], after: str) -> None:
        self._before, self._numbers, self._after = before, numbers, after
        self._texts: list[str] | None = None

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return self._all()[at]
        return f"{self._before}{self._numbers[at]}{self._after}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def _all(self) -> list[str]:
        if self._texts is None:
            self._texts = [f"{self._before}{number}{self._after}" for number in self._numbers]
        return self._texts

    def escaped(self) -> Sequence[bytes]:
        """As they stand within a JSON string. Raises NotAlike."""
        before, after = escaped((self._before, self._after))
        return _NumberedBytes(before, self._numbers, after)


class _NumberedBytes(Sequence[bytes]):
    """The same as bytes."""

    def __init__(self, before: bytes, numbers: Sequence[int], after: bytes) -> None:
        self._before, self._numbers, self._after = before, numbers, after

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if isinstance(at, slice):
            return list(self)[at]
        return b"%b%d%b" % (self._before, self._numbers[at], self._after)

    def __iter__(self) -> Iterator[bytes]:
        before, after = self._before, self._after
        return iter([b"%b%d%b" % (before, number, after) for number in self._numbers])

    def sizes(self) -> Iterator[int]:
        """Bytes of each."""
        beside = len(self._before) + len(self._after)
        if not self._numbers:
            return iter(())
        least, most = min(self._numbers), max(self._numbers)
        if least >= 0 and len(str(least)) == (digits := len(str(most))):
            return repeat(beside + digits, len(self._numbers))
        return (beside + len(str(number)) for number in self._numbers)


class AlikeMaker:
    """Makes the lines of a template. ``parts`` are those of a line behind its id.
    Raises NotAlike where its requests are not counted by their bytes alone."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = _merged([*parts, b"}\n"])
        asks = any(conformance.MARK in part for part in self._parts if isinstance(part, bytes))  # no cell makes a request ask for it
        self._known = KnownLines(True, asks)

    def make(self, rows: Sequence[Row], ids: Sequence[str]) -> MadeLines:
        """The lines of these rows under these ids. Raises NotAlike, CellFault."""
        found: list[bytes | Sequence[bytes]] = [b'{"custom_id":"', ids.escaped() if isinstance(ids, NumberedIds) else escaped(ids)]
        for part in self._parts:
            found.append(part if isinstance(part, bytes) else escaped(_bounded(part, list(map(part.of, rows)))))
        return MadeLines(ids, found, self._known)


def _bounded(part: RowText, texts: list[str]) -> list[str]:
    if part.bounded and not (all(texts) and not any(map(str.isspace, texts)) and (not part.most or max(map(len, texts)) <= part.most)):
        raise NotAlike
    return texts


def escaped(texts: Sequence[str]) -> list[bytes]:
    """Each text as it is within a JSON string. Short ones are written as one, with a character between them that few texts hold;
    NotAlike where one does, or holds half a character."""
    try:
        if sum(map(len, texts)) > _SHORT * len(texts):
            return [_encode(text)[1:-1] for text in texts]
        found = _encode("\0".join(texts))[1:-1].split(b"\\u0000")
    except UnicodeEncodeError:
        raise NotAlike from None
    if len(found) != len(texts):
        raise NotAlike
    return found


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Bytes that stand side by side as one."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, bytes) and found and isinstance(found[-1], bytes):
            found[-1] += part
        else:
            found.append(part)
    if any(isinstance(part, bytes) and _IMAGE in part for part in found):
        raise NotAlike
    return found


# --- a body without its row, as parts ----------------------------------------------------------------------------------------------


class BodyParts:
    """Writes skeletons (:mod:`.skeleton`) as what is the same in every row and what is not. ``prompt_length``: characters of an input at
    most; 0: any number."""

    def __init__(self, places: dict[str, int], prompt_length: int = 0) -> None:
        self._places, self._prompt_length = places, prompt_length

    def of(self, value: Any) -> Iterator[Part]:
        """In order. Raises NotAlike where rows differ in more than texts, UnknownColumn."""
        match value:
            case TextLeaf(template, None):
                yield b'"'
                yield from map(self._piece, template.nodes)
                yield b'"'
            case OptionalPart(source, TextLeaf(template, None)) if source is template:  # a pair of metadata
                yield from self._bounded(template, metadata.VALUE)
            case InputsLeaf((template,), True):
                yield from self._bounded(template, self._prompt_length)
            case dict():
                yield from self._listed(b"{", [(_encode(name) + b":", one) for name, one in value.items()], b"}")
            case list():
                yield from self._listed(b"[", [(b"", one) for one in value], b"]")
            case tuple():  # any other leaf
                raise NotAlike
            case _:
                yield _encode(value)

    def _listed(self, opening: bytes, members: list[tuple[bytes, Any]], closing: bytes) -> Iterator[Part]:
        for at, (before, one) in enumerate(members):
            yield (b"," if at else opening) + before
            yield from self.of(one)
        yield closing if members else opening + closing

    def _piece(self, node: TemplateNode) -> Part:
        """Of a text whose pieces may have any length: what stands between cells is escaped once."""
        if isinstance(node, str):
            return compiling.encoded(node)[1:-1]
        if isinstance(node, ColumnNode) and not node.filters and node.column in self._places:
            return RowText(itemgetter(self._places[node.column]))
        return RowText(compiling.text_of(ParsedTemplate((node,)), self._places))

    def _bounded(self, template: ParsedTemplate, most: int) -> Iterator[Part]:
        yield b'"'
        yield RowText(compiling.text_of(template, self._places), bounded=True, most=most)
        yield b'"'
