"""How programs reach the page: RabbitMQ, a folder, the local server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:  # most pages never speak to a broker or watch a folder: their modules are not read at the start
    from app.core.programs.folder import FolderEntry, FolderState
    from app.core.programs.rabbit import Access, Arrival, ConnectionStatus, OutgoingResult, Sent

# --- RabbitMQ ---------------------------------------------------------------------------------------------------------------------


class Broker(Protocol):
    """RabbitMQ, by either transport (``Access.settings.transport``); both behave alike. Consuming, publishing and testing use connections
    of their own, because an error ends its connection."""

    async def consume(
        self,
        access: Access,
        taken: Callable[[Sequence[Arrival]], Awaitable[frozenset[int]]],
        notify: Callable[[ConnectionStatus], None],
    ) -> None:
        """Take messages until cancelled, connecting again by itself with growing pauses; or until the light says ``stopped``.

        ``taken`` gets what has come as one portion, stores it, and returns the tags of those that must be *rejected* (dead-lettered or
        dropped, never put back). When it has returned, all others of the portion are acknowledged: so nothing is acknowledged before it
        is stored. Portions come one after another. What ``taken`` raises (Exception) acknowledges nothing: the connection is given up,
        the light says ``unstored``, and everything comes again after a pause. Cancelled while a portion is being stored, it waits for
        that and acknowledges it: left open, it would go to another page on the same queue as well, and be paid by both.

        Delivery is at least once: a message can come again although it was stored, when the connection ended in between.
        """
        ...

    async def publish(self, access: Access, messages: Sequence[OutgoingResult]) -> list[Sent]:
        """Send results and wait for the broker's word on each; in the order given. Give many at once: they are sent together, and so
        fast as the broker confirms. The connection stays for the next call. Raises nothing but CancelledError."""
        ...

    async def test(self, access: Access) -> ConnectionStatus:
        """Connect once, look for the queue (and the exchange), disconnect. The light is ``on`` or ``stopped``. No message is taken."""
        ...

    async def close(self) -> None:
        """Give up the connection that :meth:`publish` keeps."""
        ...


# --- a folder ---------------------------------------------------------------------------------------------------------------------


class FolderLost(Exception):
    """The watched folder or a file in it cannot be reached, read or written. The text is a sentence for people."""


class Chosen(msgspec.Struct, frozen=True):
    """A folder that the person picked; ``same``: it is the one that was picked last."""

    name: str
    same: bool


class Folder(Protocol):
    """The one folder that the person lets the page read and write (File System Access). The browser remembers which, for all tabs."""

    @property
    def offered(self) -> bool:
        """Whether this browser can."""
        ...

    async def choose(self) -> Chosen | None:
        """Have the person pick one; None when they picked none. Only in answer to a click. Raises FolderLost."""
        ...

    async def ask(self) -> bool:
        """Ask the person again; whether the page may. Only in answer to a click."""
        ...

    async def state(self) -> FolderState:
        """How it stands."""
        ...

    async def look(self) -> list[FolderEntry]:
        """The files in it, without those in folders in it. Raises FolderLost."""
        ...

    async def read(self, name: str, start: int, stop: int) -> bytes:
        """These bytes of a file. Raises FolderLost."""
        ...

    async def write(self, name: str, at: int, data: bytes) -> int:
        """Have a file, made if need be, end with ``data`` from byte ``at`` on (-1, or behind its end: from its end on); its length then.
        All of it or nothing. Raises FolderLost."""
        ...


# --- the local server -------------------------------------------------------------------------------------------------------------


class Line(Protocol):
    """A connection to the local server's mailbox."""

    async def receive(self) -> str | None:
        """The next text; None when the connection has ended."""
        ...

    def send(self, frame: str | bytes) -> None:
        """Send a frame after those before it. ConnectionError when the connection has ended."""
        ...

    def close(self) -> None: ...


class Mailbox(Protocol):
    """The way to the local server that the page came from (core.programs.protocol)."""

    @property
    def offered(self) -> bool:
        """Whether a local server sent this page."""
        ...

    async def connect(self) -> Line:
        """Raises ConnectionError when nobody answers."""
        ...
