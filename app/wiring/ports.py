"""The ports that the program runs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from app.ports import Broker, Clock, Folder, Http, Keys, Line, Locks, Mailbox, Random, Screen, Store

if TYPE_CHECKING:
    from app.ports.compute import Compute


class NoServer:
    """The Mailbox port of a page that no local server sent."""

    offered = False

    async def connect(self) -> Line:
        raise ConnectionRefusedError("there is no local server")


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform gives. ``broker``, ``folder`` and ``compute`` are made when they are first needed, since most pages never ask for
    them. Without ``compute``, or where it raises NoWorker, jobs are carried out in the page."""

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
    compute: Callable[[], Compute] | None = None
