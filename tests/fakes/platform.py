"""Clock, Random, Locks, Keys and Page in memory."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import random
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal

import msgspec

from app.core.base.locale import PLAIN, FiguresChoice
from app.core.openai.wire import Blob, BytesBlob
from app.ports import FileDamaged, FileStrange, FileUnwritten, Guard, KeysLocked, Notices, Setting, StorageLost, TabMark, Undrawable

SETTLE_TURNS = 50
"""Turns of the loop that tasks get to come to rest after a sleeper has woken."""


async def settle(turns: int = SETTLE_TURNS) -> bool:
    """Let everything that can run go on until it waits for something else, for so many turns of the loop at most. Whether all waits."""
    ready = getattr(asyncio.get_running_loop(), "_ready", None)  # what CPython's loop runs next; the page's loop does not say
    for _ in range(turns):
        await asyncio.sleep(0)
        if ready is not None and not ready:
            return True
    return False


class FakeClock:
    """A clock that stands still. By default a sleeper waits until the test has advanced the clock far enough; with ``auto`` a sleep
    advances it by itself and only gives way to other tasks."""

    def __init__(self, start: float = 1_700_000_000.0, *, auto: bool = False) -> None:
        self._now = start
        self._auto = auto
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self.slept: list[float] = []
        """Every wait above 0 that was asked for, in seconds."""

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self.slept.append(seconds)
        due = self._now + seconds
        if self._auto:
            await asyncio.sleep(0)
            self._now = max(self._now, due)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (due, next(self._count), woken))
        await woken

    @property
    def next_due(self) -> float | None:
        """When the next sleeper wakes; None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)  # was cancelled
        return self._sleepers[0][0] if self._sleepers else None

    async def advance(self, seconds: float) -> None:
        """Let so much time pass: wake each sleeper at its moment, and let tasks come to rest after each."""
        await settle()
        end = self._now + seconds
        while (due := self.next_due) is not None and due <= end:
            self._now = max(self._now, due)
            heapq.heappop(self._sleepers)[2].set_result(None)
            await settle()
        self._now = end

    def set(self, now: float) -> None:
        """Put the clock to a time without waking anybody: what a machine's sleep or a corrected clock does."""
        self._now = now


class SeededRandom:
    """Random that repeats itself."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def token(self, length: int) -> str:
        return "".join(self._random.choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(length))

    def unit(self) -> float:
        return self._random.random()


class MemoryLocks:
    """Locks among everybody who shares this object: tabs of one browser."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}

    async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        async with self._locks.setdefault(name, asyncio.Lock()):
            await work()

    def held(self, name: str) -> bool:
        """Whether somebody holds it now."""
        return name in self._locks and self._locks[name].locked()


_GUARD, _GUARDED = "\0guard", "\0guarded:"
"""Under which names the sealed drawer has the passphrase, and that a key is under it."""


class MemoryKeys:
    """Keys in two drawers: ``sealed`` outlives a reload, ``unsealed`` does not. What is under a passphrase lies in the first as well."""

    def __init__(self, sealed: dict[str, str] | None = None) -> None:
        self.sealed = {} if sealed is None else sealed
        self.unsealed: dict[str, str] = {}
        self.broken: set[str] = set()
        """What is sealed and cannot be opened."""
        self.entered = ""
        """The passphrase that was entered."""
        self.unreadable = ""
        """What is said where the record of the passphrase is damaged."""
        self.heard: list[Callable[[Literal["guard", "stir"]], None]] = []
        self.stirred = 0
        """How often other tabs were told that the person is here."""

    def _opens(self, profile: str) -> bool:
        return profile not in self.broken and (_GUARDED + profile not in self.sealed or self.entered == self.sealed[_GUARD])

    async def get(self, profile: str) -> str | None:
        return self.unsealed.get(profile, self.sealed.get(profile) if self._opens(profile) else None)

    async def mark(self, profile: str) -> str:
        return str(zlib.crc32(self.sealed[profile].encode())) if profile in self.sealed else ""

    async def put(self, profile: str, key: str, *, remember: bool, over: str | None = None) -> bool:
        guard = await self.guard() if remember else "none"
        if guard == "locked":
            raise KeysLocked
        if not await self.remove(profile, over):
            return False
        (self.sealed if remember else self.unsealed)[profile] = key
        if guard == "open":
            self.sealed[_GUARDED + profile] = ""
        return True

    async def guard(self) -> Guard:
        if _GUARD not in self.sealed:
            return "none"
        return "open" if self.entered == self.sealed[_GUARD] else "locked"

    async def locked(self) -> list[str]:
        found = [one.removeprefix(_GUARDED) for one in self.sealed if one.startswith(_GUARDED)]
        return [one for one in found if one not in self.unsealed] if await self.guard() == "locked" else []

    async def set_guard(self, passphrase: str) -> bool:
        if await self.guard() == "locked":
            return False
        self.sealed[_GUARD] = self.entered = passphrase
        own = [one for one in self.sealed if one != _GUARD and not one.startswith(_GUARDED)]
        self.sealed |= {_GUARDED + one: "" for one in own if one not in self.broken}
        return True

    async def drop_guard(self) -> bool:
        if await self.guard() == "locked":
            return False
        for one in [one for one in self.sealed if one == _GUARD or one.startswith(_GUARDED)]:
            del self.sealed[one]
        return True

    async def forget_guard(self) -> None:
        for one in [one.removeprefix(_GUARDED) for one in self.sealed if one.startswith(_GUARDED)]:
            await self.remove(one)
        self.sealed.pop(_GUARD, None)

    async def unlock(self, passphrase: str) -> bool:
        if self.unreadable:
            raise StorageLost(self.unreadable)
        if self.sealed.get(_GUARD) != passphrase:
            return False
        self.entered = passphrase
        return True

    def lock(self) -> None:
        self.entered = ""

    def watch(self, heard: Callable[[Literal["guard", "stir"]], None]) -> None:
        self.heard.append(heard)

    def stir(self) -> None:
        self.stirred += 1

    async def remove(self, profile: str, over: str | None = None) -> bool:
        if over is not None and over != await self.mark(profile):
            return False
        self.sealed.pop(profile, None)
        self.sealed.pop(_GUARDED + profile, None)
        self.unsealed.pop(profile, None)
        self.broken.discard(profile)
        return True

    async def remembered(self, profile: str) -> bool:
        return profile in self.sealed and profile not in self.unsealed

    async def unopened(self) -> list[str]:
        return sorted(self.broken - self.unsealed.keys())

    async def seal(self, passphrase: str, text: str) -> str:
        """No secret at all, but of the same manners."""
        return json.dumps({"mark": zlib.crc32(passphrase.encode()), "data": text[::-1]})

    async def unseal(self, passphrase: str, sealed: str) -> str | None:
        try:
            found = json.loads(sealed)
            return str(found["data"])[::-1] if found["mark"] == zlib.crc32(passphrase.encode()) else None
        except (ValueError, KeyError, TypeError):
            return None

    def reopened(self) -> MemoryKeys:
        """What is left after a reload."""
        return MemoryKeys(self.sealed)


class Saved(msgspec.Struct, frozen=True):
    """A file that was handed to the person."""

    name: str
    content: bytes
    type: str


class MemoryPacking:
    """A gzip file being made in memory."""

    def __init__(self) -> None:
        self._gzip = zlib.compressobj(wbits=31)
        self._parts: list[bytes] = []
        self.aborted = False

    async def write(self, data: bytes) -> None:
        await asyncio.sleep(0)
        self._parts.append(self._gzip.compress(data))

    async def finish(self) -> BytesBlob:
        await asyncio.sleep(0)
        return BytesBlob(b"".join([*self._parts, self._gzip.flush()]))

    def abort(self) -> None:
        self.aborted = True


class MemoryGathering:
    """A file being made in memory, of ``parts``."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.aborted = False

    async def write(self, data: bytes) -> None:
        await asyncio.sleep(0)
        self.parts.append(data)

    async def finish(self) -> BytesBlob:
        return BytesBlob(b"".join(self.parts))

    def abort(self) -> None:
        self.aborted = True


class MemoryPlace:
    """The SavePlace port: ``content`` is None until a file was written whole; ``full``: the disk is."""

    def __init__(self, name: str, *, full: bool = False) -> None:
        self.name, self.size, self.full = name, 0, full
        self.content: bytes | None = None
        self.left = False

    async def read(self) -> bytes:
        return b""

    def begin(self) -> _PlacedFile:
        return _PlacedFile(self)

    async def leave(self) -> None:
        self.left = True


class _PlacedFile(MemoryGathering):
    def __init__(self, place: MemoryPlace) -> None:
        super().__init__()
        self._place = place

    async def write(self, data: bytes) -> None:
        if self._place.full:
            raise FileUnwritten("The disk is full.")
        await super().write(data)

    async def finish(self) -> BytesBlob:
        made = await super().finish()
        self._place.content = made.data
        return made


class MemoryFiles:
    """Files by token, and gzip; ``piece`` is how many unpacked bytes are handed over at most."""

    def __init__(self, piece: int = 65_536) -> None:
        self.given: dict[str, BytesBlob] = {}
        self.packings: list[MemoryPacking] = []
        self.piece = piece

    def picked(self, token: str) -> BytesBlob | None:
        return self.given.get(token)

    def gather(self) -> MemoryGathering:
        return MemoryGathering()

    def pack(self) -> MemoryPacking:
        self.packings.append(MemoryPacking())
        return self.packings[-1]

    async def unpack(self, blob: Blob, moved: Callable[[int, int], None]) -> AsyncIterator[bytes]:
        data = await blob.read()
        if data[:2] != b"\x1f\x8b":
            raise FileStrange("no gzip data")
        unpacker = zlib.decompressobj(wbits=31)
        while True:
            await asyncio.sleep(0)
            try:
                piece = unpacker.decompress(data, self.piece)
            except zlib.error as error:
                raise FileDamaged(str(error)) from None
            data = unpacker.unconsumed_tail
            moved(blob.size - len(data), blob.size)
            if not piece:
                break
            yield piece
        if not unpacker.eof or unpacker.unused_data:
            raise FileDamaged("the file is cut off" if not unpacker.eof else "something stands behind its end")


class FakePage(MemoryFiles):
    """A page that keeps what was done with it. :meth:`emit` plays the person."""

    def __init__(self, *, setting: Setting = "served", online: bool = True, hosts: Sequence[str] = ("https://api.openai.com",)) -> None:
        super().__init__()
        self.setting: Setting = setting
        self.online, self.visible = online, True
        self.hosts = list(hosts)
        """Origins that this load's policy allows."""
        self.next_hosts: list[str] = []
        """Origins that the next load's policy will allow beside."""
        self.saved: list[Saved] = []
        self.copied: list[str] = []
        self.undrawable = False
        """Whether drawings cannot be made pictures."""
        self.pictures: dict[str, tuple[bytes, str]] = {}
        """Bytes and media types of pictures, by their addresses; :attr:`dropped` are not drawn any more."""
        self.dropped: list[str] = []
        self.asks_where = False
        self.place: MemoryPlace | None = None
        """What the person chooses when they are asked where a file is to lie."""
        self._html = ""
        self.late: Callable[[], None] | None = None
        """Draws what has not been drawn yet; called once, when somebody looks."""
        self.title = ""
        self.tab_mark: TabMark = ""
        """The sign on the tab's icon; :attr:`tab_marks` is how often it became another one."""
        self.tab_marks = 0
        self.patches = 0
        self.themes: list[str] = []
        self.choices: list[str] = []
        self.locale = PLAIN
        self.route = ""
        self.reloads = self.taken_over = self.forgiven = 0
        self.version = "facade00facade00"
        self.holds, self.held = True, ""
        self.notices: Notices = "default"
        self.asked_for_notices = 0
        self.notified: list[tuple[str, str, str, str]] = []
        """Title, body, tag and route of each desktop notice."""
        self.marks: list[str] = []
        self.typed_early = ""
        self.kept_scrolls: tuple[tuple[str, float, float], ...] = ()
        """What the person typed before the program ran; empty again once the program said that it is stored."""
        self.heirs: list[str] = []
        self._handler: Callable[[str], None] | None = None
        self._failed: Callable[[BaseException], None] | None = None

    def allow_hosts(self, origins: Sequence[str]) -> bool:
        self.next_hosts = list(origins)
        return all(origin in self.hosts for origin in origins)

    def save_file(self, name: str, content: Blob, type: str) -> None:
        assert isinstance(content, BytesBlob), "in CPython every blob is bytes"
        self.saved.append(Saved(name, content.data, type))

    async def choose_place(self, name: str, type: str) -> MemoryPlace | None:
        return self.place

    def copy_text(self, text: str) -> None:
        self.copied.append(text)

    async def picture(self, drawing: str, width: int, height: int) -> BytesBlob:
        if self.undrawable:
            raise Undrawable("no canvas here")
        return BytesBlob(f"{width} x {height}: {drawing}".encode())

    def show_picture(self, data: bytes, type: str) -> str:
        address = f"blob:nightshift/{len(self.pictures)}"
        self.pictures[address] = (data, type)
        return address

    def drop_picture(self, address: str) -> None:
        self.dropped.append(address)

    def mark_tab(self, mark: TabMark) -> None:
        self.tab_mark = mark
        self.tab_marks += 1

    @property
    def address(self) -> str:
        return "http://localhost:8000/"

    def copy_link(self, fragment: str) -> None:
        self.copied.append(f"{self.address}{fragment}")

    # --- what the loop needs ---

    def listen(self, handler: Callable[[str], None], failed: Callable[[BaseException], None]) -> None:
        self._handler, self._failed = handler, failed

    @property
    def html(self) -> str:
        """What is drawn."""
        self.catch_up()
        return self._html

    def catch_up(self) -> None:
        """Have drawn what is late."""
        if (draw := self.late) is not None:
            self.late = None
            draw()

    def patch(self, html: str, title: str | None = None) -> None:
        self._html = html
        self.patches += 1
        if title is not None:
            self.title = title

    def early(self) -> str:
        return self.typed_early

    def heir(self, id: str) -> None:
        self.heirs.append(id)

    @property
    def scrolled(self) -> tuple[tuple[str, float, float], ...]:
        return self.kept_scrolls

    def early_kept(self) -> None:
        self.typed_early = ""

    def theme(self, name: str) -> None:
        self.themes.append(name)

    def figures(self, choice: FiguresChoice) -> None:
        self.choices.append(choice)

    def go_to(self, route: str) -> None:
        self.route = route
        self.notice("route", route)

    def reload(self) -> None:
        self.reloads += 1

    def forgive(self) -> None:
        self.forgiven += 1

    def hold(self, text: str) -> bool:
        if self.holds:
            self.held = text
        return self.holds

    def take_over(self) -> None:
        self.taken_over += 1

    def ask_for_notices(self) -> None:
        self.asked_for_notices += 1

    def notify(self, title: str, body: str, tag: str, route: str) -> None:
        self.notified.append((title, body, tag, route))

    def timings(self) -> tuple[tuple[str, float], ...]:
        return (("python", 400.0), ("ready", 900.0))

    def mark(self, name: str) -> None:
        self.marks.append(name)

    # --- the person ---

    def emit(self, action: str, value: object = None, **extra: object) -> None:
        """An event on an element that carries ``action`` (JSON, as in its attribute)."""
        self._hear(msgspec.json.encode({"action": msgspec.Raw(action.encode()), "value": value, "extra": extra}).decode())

    def notice(self, name: str, value: object = None) -> None:
        """Something that no element carries: «visible», «online», «route» …"""
        self._hear(msgspec.json.encode({"notice": name, "value": value}).decode())

    def _hear(self, text: str) -> None:
        if self._handler is None or self._failed is None:
            return
        try:
            self._handler(text)
        except Exception as error:
            self._failed(error)
