"""Images of threads: small ones stand in the thread as they are, large ones are kept apart, so that a key stroke never saves them again.

In a thread (and in the JSON body that the editor shows) a large image is ``stored:<id>``; its bytes are the ``data:`` URL. It takes its
place when the request is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from app.core import ids
from app.core.records import STORED, Image, Thread
from app.ports import Change, Clock, DropBytes, PutBytes, Random, Store

INLINE = 100_000
"""Characters of a ``data:`` URL up to which an image stays in its thread."""


class ImageLost(Exception):
    """An image that a body names is not in the browser any more. The text is a sentence for people."""


class Images:
    """Raises what the store raises."""

    def __init__(self, store: Store, clock: Clock, random: Random) -> None:
        self._store, self._clock, self._random = store, clock, random

    async def keep(self, images: Iterable[Image]) -> list[Image]:
        """The images, with every large one put aside."""
        changes: list[Change] = []
        kept: list[Image] = []
        for image in images:
            if image.url.startswith("data:") and len(image.url) > INLINE:
                id = ids.new_id("i", self._clock.now(), self._random.token(10))
                data = image.url.encode()
                changes.append(PutBytes(f"image:{id}", data))
                image = replace(image, url=STORED + id, size=len(data) * 3 // 4)
            kept.append(image)
        if changes:
            await self._store.commit(changes)
        return kept

    async def keep_all(self, thread: Thread) -> Thread:
        """A thread with every large image put aside."""
        if not any(len(image.url) > INLINE for message in thread.messages for image in message.images):
            return thread
        messages = [replace(one, images=tuple(await self.keep(one.images))) for one in thread.messages]
        return replace(thread, messages=tuple(messages))

    async def filled(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with every ``stored:`` image in its place. Raises ImageLost."""
        wanted = sorted(set(_named(body)))
        if not wanted:
            return body
        found = await self._store.load([f"image:{name.removeprefix(STORED)}" for name in wanted])
        urls: dict[str, str] = {}
        for name, data in zip(wanted, found, strict=True):
            if data is None:
                raise ImageLost("An image of this thread is not in the browser any more. Remove it and add it again.")
            urls[name] = data.decode()
        filled: dict[str, Any] = _replaced(body, urls)
        return filled

    async def sweep(self, gone: Iterable[Thread], kept: Iterable[Thread]) -> None:
        """Drop the images of threads that were deleted for good, unless another thread shows them too."""
        used = {name for thread in kept for name in _of(thread)}
        await self._store.commit(
            [DropBytes(f"image:{name.removeprefix(STORED)}") for name in {name for thread in gone for name in _of(thread)} - used]
        )


def _of(thread: Thread) -> list[str]:
    """The stored images that a thread names, in its form or in its body typed by hand."""
    named = [image.url for message in thread.messages for image in message.images if image.url.startswith(STORED)]
    return named + [word for word in (thread.raw or "").replace('"', " ").split() if word.startswith(STORED)]


def _named(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        if value.startswith(STORED):
            yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)


def _replaced(value: Any, urls: dict[str, str]) -> Any:
    if isinstance(value, str):
        return urls.get(value, value)
    if isinstance(value, dict):
        return {key: _replaced(one, urls) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, urls) for one in value]
    return value
