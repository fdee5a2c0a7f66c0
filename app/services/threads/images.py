"""Images of threads: small ones are in the thread as they are, large ones are kept apart, so that a key stroke never saves them again.

In a thread (and in the JSON body that the editor shows) a large image is ``stored:<id>``; its bytes are the ``data:`` URL. It takes its
place when the request is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from app.core.base import ids
from app.core.base.patterns import pattern
from app.core.model import keys
from app.core.model.threads import STORED, Image, Thread
from app.ports import Change, Clock, DropBytes, PutBytes, Random, Store

INLINE = 100_000
"""Characters of a ``data:`` URL up to which an image stays in its thread."""


class ImageLost(Exception):
    """An image that a body names is not in the browser any more. The text is a sentence for people."""


class Images:
    """Raises the store's errors."""

    def __init__(self, store: Store, clock: Clock, random: Random) -> None:
        self._store, self._clock, self._random = store, clock, random
        self._sizes: dict[str, int] = {}

    async def keep(self, images: Iterable[Image]) -> list[Image]:
        """The images, with every large one put aside."""
        changes: list[Change] = []
        kept: list[Image] = []
        for image in images:
            if image.url.startswith("data:") and len(image.url) > INLINE:
                id = ids.new_id("i", self._clock.now(), self._random.token(10))
                data = image.url.encode()
                changes.append(PutBytes(keys.image_id(id), data))
                self._sizes[STORED + id] = len(data)
                image = replace(image, url=STORED + id, size=len(data) * 3 // 4)
            kept.append(image)
        if changes:
            await self._store.commit(changes)
        return kept

    async def keep_all(self, thread: Thread) -> Thread:
        """A thread with every large image put aside, also those in a body typed by hand."""
        if any(len(image.url) > INLINE for message in thread.messages for image in message.images):
            messages = [replace(one, images=tuple(await self.keep(one.images))) for one in thread.messages]
            thread = replace(thread, messages=tuple(messages))
        if thread.raw is not None and len(thread.raw) > INLINE:
            thread = replace(thread, raw=await self._kept_text(thread.raw))
        return thread

    async def _kept_text(self, raw: str) -> str:
        """JSON text, whole or not, with the large ``data:`` URLs in an image's place put aside."""
        parts: list[str] = []
        at = 0
        for found in _DATA_URL.finditer(raw):
            (image,) = await self.keep([Image(found[1])])
            parts += [raw[at : found.start(1)], image.url]
            at = found.end(1)
        return "".join([*parts, raw[at:]])

    async def filled(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with every ``stored:`` image in its place. Raises ImageLost."""
        wanted = sorted(set(_named(body)))
        if not wanted:
            return body
        found = await self._load(wanted)
        urls: dict[str, str] = {}
        for name, data in zip(wanted, found, strict=True):
            if data is None:
                raise ImageLost("An image of this prompt is no longer in the browser. Remove it and add it again.")
            try:
                urls[name] = data.decode()
            except UnicodeDecodeError:
                raise ImageLost("An image of this prompt is damaged in this browser. Remove it and add it again.") from None
        filled: dict[str, Any] = _replaced(body, urls)
        return filled

    async def _load(self, names: Sequence[str]) -> list[bytes | None]:
        found = await self._store.load([keys.image_id(name.removeprefix(STORED)) for name in names])
        self._sizes.update((name, len(data or b"")) for name, data in zip(names, found, strict=True))
        return found

    async def size_of(self, thread: Thread) -> int:
        """The bytes that the thread's stored images add to its request: what a body's own length leaves out."""
        names = _of(thread) if thread.raw is None else _WORDS.findall(thread.raw)
        if unknown := sorted({name for name in names if name not in self._sizes}):
            await self._load(unknown)
        return sum(max(0, self._sizes[name] - len(name)) for name in names)

    async def sweep(self, gone: Iterable[Thread], kept: Iterable[Thread]) -> None:
        """Drop the images of threads that were deleted for good, unless another thread shows them too."""
        used = {name for thread in kept for name in _of(thread)}
        await self._store.commit(
            [DropBytes(keys.image_id(name.removeprefix(STORED))) for name in {name for thread in gone for name in _of(thread)} - used]
        )


_NAME = pattern(re.escape(STORED) + r"i-[0-9a-z-]+")
_WORDS = pattern(f'(?<="){_NAME.pattern}(?=")')
_DATA_URL = pattern(rf'"(?:url|image_url)"\s*:\s*"(data:[^"\\]{{{INLINE},}})"')
_PLACES = frozenset({"url", "image_url"})
"""The keys under which both endpoints take an image's address (API reference). A text that only looks like one stays a text."""


def _of(thread: Thread) -> list[str]:
    """The stored images that a thread names, in its form or in its body typed by hand."""
    named = [image.url for message in thread.messages for image in message.images if _NAME.fullmatch(image.url)]
    return named + _WORDS.findall(thread.raw or "")


def _named(value: Any, key: str = "") -> Iterable[str]:
    if isinstance(value, str):
        if key in _PLACES and _NAME.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for inner, one in value.items():
            yield from _named(one, inner)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)


def _replaced(value: Any, urls: dict[str, str], key: str = "") -> Any:
    if isinstance(value, str):
        return urls.get(value, value) if key in _PLACES else value
    if isinstance(value, dict):
        return {inner: _replaced(one, urls, inner) for inner, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, urls) for one in value]
    return value
