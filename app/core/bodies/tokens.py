"""Estimated prompt tokens of requests, and the inputs of embedding requests, from their lines alone.

An estimate and never more: about one token for 4 bytes of a line. OpenAI's rule of thumb is 4 characters of English for one token (help
centre, «What are tokens and how to count them?»); bytes instead of characters make it count more for other scripts, which take more tokens,
and a line's id and punctuation count as well. It errs on the high side, since a batch over its model's limit of enqueued tokens fails as a
whole.

The lines of a segment share their roundings: line i has ``ends[i] // 4 - ends[i - 1] // 4`` tokens. So a stretch of lines is one
subtraction, and 50,000 plain requests need no figures of their own. Only where lines hold images are they counted one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from app.core.base.patterns import pattern
from app.core.bodies.requests import LineRun
from app.core.json import jsonread
from app.core.openai import conformance

BYTES: Final = 4
"""Bytes of a line for one token."""
IMAGE: Final = 3_779
"""Tokens of one image, whatever its size: the most that any model but the next counts (gpt-4.1-nano: 1,536 patches × 2.46; OpenAI, «Images
and vision», calculating costs)."""
IMAGE_4O_MINI: Final = 48_169
"""Tokens of one image for gpt-4o-mini, at most: 2,833, and 8 tiles of 5,667 (the same page)."""

_MARK: Final = b'"image_url"'
_KEY = pattern(rb'"image_url"\s*:')
_DATA = pattern(rb'"data:image\\?/[^"]*"')
_4O_MINI = pattern(rb'"model"\s*:\s*"[^"]*gpt-4o-mini')
_EMBEDDINGS: Final = b'"/v1/embeddings"'


def of_line(line: bytes) -> int:
    """The estimate for one line. An image counts a flat amount, one in base64 instead of its bytes."""
    images = len(_KEY.findall(line)) if _MARK in line else 0
    if not images:
        return len(line) // BYTES
    inside = sum(len(found) for found in _DATA.findall(line))
    return (len(line) - inside) // BYTES + images * (IMAGE_4O_MINI if _4O_MINI.search(line) else IMAGE)


def by_line(ends: Sequence[int], data: bytes) -> tuple[int, ...]:
    """What ``Segment.tokens`` holds for these lines: nothing where none has an image."""
    there = data.rfind(_MARK) >= 0  # a quarter faster than ``in``, and every megabyte that is queued is searched
    return tuple(map(of_line, _lines(ends, data))) if there else ()


def _lines(ends: Sequence[int], data: bytes) -> Iterator[bytes]:
    return (data[begin:end] for begin, end in pairwise((0, *ends)))


# --- the inputs of embeddings ----------------------------------------------------------------------------------------------------


class _Body(msgspec.Struct, frozen=True):
    input: Any = None


class _Line(msgspec.Struct, frozen=True):
    body: _Body


_embedding = jsonread.Decoder[_Line](_Line, depth=jsonread.SKIP_DEPTH)


def inputs_of(line: bytes) -> int:
    """How many inputs an embeddings request has (OpenAI's API reference): a text or a list of tokens is one; a list of texts or of such
    lists as many as it holds. What cannot be read counts as one."""
    try:
        given = _embedding.decode(line).body.input
    except jsonread.Unreadable:
        return 1
    return len(given) if isinstance(given, list) and given and isinstance(given[0], str | list) else 1


def inputs_by_line(ends: Sequence[int], data: bytes) -> tuple[int, ...]:
    """What ``Segment.inputs`` holds for these lines: nothing where they are no embeddings, or have one input each."""
    if not ends or _EMBEDDINGS not in data[: ends[0]]:
        return ()
    found = tuple(map(inputs_of, _lines(ends, data)))
    return found if max(found) > 1 else ()


def index(run: LineRun) -> dict[str, Any]:
    """The fields of a segment that are made from its lines: whoever stores other lines stores these with them."""
    plain = run.known is not None and run.known.plain
    return {
        "ids": run.ids,
        "ends": run.ends,
        "tokens": () if plain else by_line(run.ends, run.data),
        "inputs": () if plain else inputs_by_line(run.ends, run.data),
        "asks": run.known.asks if run.known is not None else conformance.MARK in run.data,
    }
