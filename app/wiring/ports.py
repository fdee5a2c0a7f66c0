"""The ports that the program runs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from app.core.openai.wire import Blob
from app.ports import (
    Broker,
    Clock,
    Folder,
    Http,
    Keys,
    Libraries,
    LibraryMissing,
    Line,
    Locks,
    Mailbox,
    Parquet,
    Random,
    Screen,
    Store,
    Tokenizers,
)

if TYPE_CHECKING:
    from app.ports.compute import KeepingCompute


class NoServer:
    """The Mailbox port of a page that no local server sent."""

    offered = False

    async def connect(self) -> Line:
        raise ConnectionRefusedError("there is no local server")


class InstalledLibraries:
    """The Libraries port where they are installed."""

    async def load(self, _name: str) -> None:
        """Nothing is to be done."""

    def decode(self, data: bytes, encoding: str) -> str:
        """Python has all codecs here."""
        return data.decode(encoding)

    def parquet(self) -> Parquet:
        """The page reads them by JavaScript; nothing does here."""
        raise LibraryMissing("Parquet files can be read in a browser only. Save the table as CSV or JSONL.")


_UNCOUNTED = "Nothing here can count tokens, so one is assumed for every 4 bytes."


class NoTokenizers:
    """The Tokenizers port of a platform that cannot count."""

    def prepare(self, _encoding: str) -> None:
        """There is nothing to load."""

    async def counts(self, _encoding: str, _texts: Sequence[str]) -> list[int]:
        raise LibraryMissing(_UNCOUNTED)

    async def counts_in(self, _encoding: str, _texts: Blob, _ends: Sequence[int]) -> list[int]:
        raise LibraryMissing(_UNCOUNTED)

    def close(self) -> None:
        """Nothing was begun."""


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform gives. What is here as a function is made when it is first needed, since most pages never ask for it. Without
    ``compute``, or where it raises NoWorker, jobs are carried out in the page."""

    store: Store
    http: Http
    keys: Keys
    screen: Screen
    clock: Clock
    random: Random
    locks: Locks
    broker: Callable[[], Broker]
    folder: Callable[[], Folder]
    mailbox: Mailbox = NoServer()
    compute: Callable[[], KeepingCompute] | None = None
    libraries: Callable[[], Libraries] = InstalledLibraries
    tokenizers: Callable[[], Tokenizers] = NoTokenizers
