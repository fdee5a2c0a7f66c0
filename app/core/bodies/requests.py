"""Batch requests as JSONL: writing a line, reading it leniently, and runs of lines as segments keep them.

A line is ``{"custom_id", "method", "url", "body"}`` in UTF-8 without a BOM, ended by one ``\\n`` (OpenAI batch guide). Only ``\\n``
parts lines: U+2028 and its like stand inside a text as they are.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from app.core.base.text import shorten
from app.core.json import jsonread, jsontext
from app.core.json.jsontext import JsonFault

MAX_LINES = 1_000
SEGMENT_BYTES = 1_000_000


class LineFault(ValueError):
    """A line that cannot be written or read; the text is a sentence for people."""


class RequestLine(msgspec.Struct, frozen=True):
    """One line, its body left as JSON bytes."""

    custom_id: str
    method: str
    url: str
    body: msgspec.Raw


class KnownLines(NamedTuple):
    """What is known of all lines of a run, so that their bytes need not be searched. ``plain``: none has an image, or more inputs than one
    (core.bodies.tokens). ``asks``: some may ask for structured output (core.openai.conformance)."""

    plain: bool
    asks: bool


class LineRun(NamedTuple):
    """A run of lines as a segment keeps it: ``ids[i]`` is the custom_id of line i, which ends before byte ``ends[i]``. ``known``: what is
    known of them beforehand; None: nothing."""

    ids: tuple[str, ...]
    ends: tuple[int, ...]
    data: bytes
    known: KnownLines | None = None


_encoder = msgspec.json.Encoder()
_lines = jsonread.Decoder[RequestLine](RequestLine, depth=jsonread.OWN_DEPTH)


def _encode(value: Any) -> bytes:
    try:
        try:
            return _encoder.encode(value)
        except OverflowError:  # msgspec stops at 64 bits, JSON doesn't
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError:
        raise LineFault(
            "The text holds half a character (a lone surrogate, often from text cut in the middle of an emoji). Remove it."
        ) from None


def line(custom_id: str, url: str, body: Mapping[str, Any]) -> bytes:
    """One request as a line, newline included. LineFault when a text cannot be written as UTF-8."""
    return _encoder.encode(RequestLine(_whole(custom_id), "POST", _whole(url), msgspec.Raw(_encode(body)))) + b"\n"


def _whole(text: str) -> str:
    if not text.isascii():
        _encode(text)
    return text


def decode(line: bytes | memoryview) -> RequestLine:
    """Read a line that must be complete. LineFault with a sentence."""
    try:
        return _lines.decode(line)
    except jsonread.Unreadable as error:
        raise LineFault(f"The line isn't a batch request: {error}.") from None


def body_text(line: bytes | memoryview) -> str:
    """A line's body as indented JSON, for an editor. LineFault as for :func:`decode`."""
    return jsontext.indent(bytes(decode(line).body).decode())


def check_line(custom_id: str, url: str, text: str) -> bytes | JsonFault:
    """The line for a body edited by hand, or the place of its fault."""
    parsed = jsontext.parse(text)
    if parsed.fault:
        return parsed.fault
    if not isinstance(parsed.value, dict):
        return jsontext.fault_at(text, 0, "A request's body is a JSON object: it begins with { and ends with }.")
    return line(custom_id, url, parsed.value)


# --- runs of lines ---------------------------------------------------------------------------------------------------------------


def make_segments(lines: Iterable[tuple[str, bytes]], max_lines: int = MAX_LINES, max_bytes: int = SEGMENT_BYTES) -> Iterator[LineRun]:
    """Cut (custom_id, line) pairs into runs of at most ``max_lines`` and ``max_bytes``; a longer line stands alone. Order is kept."""
    ids: list[str] = []
    ends: list[int] = []
    parts: list[bytes] = []
    size = 0
    for id, data in lines:
        if ids and (len(ids) >= max_lines or size + len(data) > max_bytes):
            yield LineRun(tuple(ids), tuple(ends), b"".join(parts))
            ids, ends, parts, size = [], [], [], 0
        size += len(data)
        ids.append(id)
        ends.append(size)
        parts.append(data)
    if ids:
        yield LineRun(tuple(ids), tuple(ends), b"".join(parts))


def pick(data: bytes, ends: Sequence[int], i: int) -> bytes:
    """Line ``i``, newline included. IndexError beyond the last."""
    if i < 0:
        raise IndexError(i)
    return data[ends[i - 1] if i else 0 : ends[i]]


def lines_of(run: LineRun, gone: Collection[int] = ()) -> Iterator[tuple[str, bytes]]:
    """The (custom_id, line) pairs of a run, without the positions in ``gone``."""
    dead = frozenset(gone)
    begin = 0
    for i, (id, end) in enumerate(zip(run.ids, run.ends, strict=True)):
        if i not in dead:
            yield id, run.data[begin:end]
        begin = end


def slices(run: LineRun, runs: Iterable[tuple[int, int]]) -> LineRun:
    """Only the lines of these (start, stop) stretches, in their order."""
    ids: list[str] = []
    ends: list[int] = []
    parts: list[bytes] = []
    size = 0
    for start, stop in runs:
        if start < stop:
            begin = run.ends[start - 1] if start else 0
            ids += run.ids[start:stop]
            ends += [size + end - begin for end in run.ends[start:stop]]
            parts.append(run.data[begin : run.ends[stop - 1]])
            size = ends[-1]
    return LineRun(tuple(ids), tuple(ends), b"".join(parts))


def without(run: LineRun, gone: Collection[int]) -> LineRun:
    """The run with these positions dropped."""
    stops = [*sorted(i for i in set(gone) if 0 <= i < len(run.ids)), len(run.ids)]
    starts = [0, *(stop + 1 for stop in stops[:-1])]
    return slices(run, zip(starts, stops, strict=True))


def replaced(run: LineRun, i: int, line: bytes, custom_id: str | None = None) -> LineRun:
    """The run with line ``i`` exchanged (and its id, if given)."""
    begin, end = (run.ends[i - 1] if i else 0), run.ends[i]
    shift = len(line) - (end - begin)
    ids = run.ids if custom_id is None else (*run.ids[:i], custom_id, *run.ids[i + 1 :])
    ends = (*run.ends[:i], *(one + shift for one in run.ends[i:]))
    return LineRun(ids, ends, run.data[:begin] + line + run.data[end:])


# --- rows of a list --------------------------------------------------------------------------------------------------------------


class Preview(msgspec.Struct, frozen=True):
    """What a list shows of a request. ``text`` is the first user text on one line; ``fault`` is a sentence when the line is unreadable."""

    custom_id: str = ""
    url: str = ""
    model: str = ""
    text: str = ""
    messages: int = 0
    images: int = 0
    size: int = 0
    fault: str = ""


def preview(line: bytes | memoryview, length: int = 120) -> Preview:
    """Read a line for a list row, leniently: whatever the body holds, a row comes back."""
    try:
        whole: Any = jsonread.value(line, depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable as error:
        return Preview(size=len(line), fault=f"This line can't be read: {error}.")
    if not isinstance(whole, dict):
        return Preview(size=len(line), fault="This line isn't a JSON object.")
    body = whole.get("body")
    if not isinstance(body, dict):
        return Preview(_text(whole.get("custom_id")), _text(whole.get("url")), size=len(line), fault="This line has no body.")
    entries = next((body[key] for key in ("messages", "input", "prompt") if key in body), None)
    given = entries if isinstance(entries, list) else [] if entries is None else [entries]
    spoken: list[tuple[str, str]] = []
    images = 0
    for one in given:
        role = _text(one.get("role")) if isinstance(one, dict) else "user"
        said, pictures = _content(one.get("content") if isinstance(one, dict) and "content" in one else one)
        spoken.append((role, said))
        images += pictures
    shown = next((said for role, said in spoken if role == "user" and said), "") or next((said for _, said in spoken if said), "")
    return Preview(
        custom_id=_text(whole.get("custom_id")),
        url=_text(whole.get("url")),
        model=_text(body.get("model")),
        text=shorten(shown or _text(body.get("instructions")), length),
        messages=len(given),
        images=images,
        size=len(line),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _content(content: Any) -> tuple[str, int]:
    """The first text of a message's content and how many images it holds."""
    if isinstance(content, str):
        return content, 0
    parts = content if isinstance(content, list) else [content]
    said, images = "", 0
    for part in parts:
        if isinstance(part, str):
            said = said or part
        elif isinstance(part, dict):
            said = said or _text(part.get("text")) or _text(part.get("refusal"))
            images += part.get("type") in ("image_url", "input_image")
    return said, images
