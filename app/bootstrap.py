"""The composition root: the program on the browser's adapters. The only module that knows every room."""

from __future__ import annotations

import gc
from functools import cache
from typing import TYPE_CHECKING

from app.adapters.http import BrowserHttp
from app.adapters.keys import BrowserKeys
from app.adapters.life import watch
from app.adapters.mailbox import BrowserMailbox
from app.adapters.page import BrowserPage
from app.adapters.store import BrowserStore, open_store
from app.adapters.system import BrowserClock, BrowserLocks, BrowserRandom
from app.program import build
from app.services.runtime.late_modules import LateModules
from app.services.runtime.moves import STORED_MOVES
from app.ui.shell.loop import App
from app.wiring.ports import Ports

if TYPE_CHECKING:
    from app.ports import Broker, Folder, Libraries, Tokenizers
    from app.ports.compute import KeepingCompute


def broker() -> Broker:
    """What speaks RabbitMQ; most pages never ask for it."""
    from app.adapters.broker import BrowserBroker

    return BrowserBroker()


def folder(store: BrowserStore) -> Folder:
    """A folder that the page watches, likewise."""
    from app.adapters.folder import BrowserFolder

    return BrowserFolder(store)


def compute() -> KeepingCompute:
    """Workers with a Python of their own, likewise."""
    from app.adapters.compute import BrowserCompute

    return BrowserCompute()


def libraries() -> Libraries:
    """What Python does not bring along, likewise."""
    from app.adapters.libraries import BrowserLibraries

    return BrowserLibraries()


def tokenizers() -> Tokenizers:
    """What counts tokens, likewise."""
    from app.adapters.tokens import BrowserTokenizers

    return BrowserTokenizers()


async def start() -> App:
    """Build the program on the browser and draw its first view."""
    stops = watch()
    page = BrowserPage()
    store = await open_store(STORED_MOVES)
    ports = Ports(
        store=store,
        http=BrowserHttp(),
        keys=BrowserKeys(store),
        screen=page,
        clock=BrowserClock(),
        random=BrowserRandom(),
        locks=BrowserLocks(),
        broker=broker,
        folder=lambda: folder(store),
        mailbox=BrowserMailbox(),
        compute=compute,
        libraries=libraries,
        tokenizers=cache(tokenizers),
    )
    app = await build(ports, stops)
    page.listen(app.receive, lambda error: app.failed("event", error))
    store.watch(app.told_by_other_tab)
    store.watch_loss(app.services.engine.nudge)  # it looks, finds that it cannot read, and lets another tab lead
    page.keep()
    gc.freeze()  # what the program is made of stays: the collector need not look at it again, which took 50 ms and more
    app.registry.on_beat.append(LateModules().beat)  # and so with what is loaded later
    return app
