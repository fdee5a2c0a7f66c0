"""``make headless``: the server and the page with nobody in front of it, in a Chromium without a window whose profile lies on the disk.

The page is where the work is done, so someone has to keep it open: this opens it, opens it again when it dies or no longer answers, and
says what happened, a line each. ``python -m tools.headless --check`` ends with 0 while a page takes messages (a container's health check).

Beside the server's own settings (docs/reference/api.md) it reads ``OPENAI_API_KEY``: where the page has no key yet, it is entered
there as a person would enter it, and from then on it lies sealed in the profile. The server never sees it. Likewise the broker of
``RABBITMQ_URL`` is connected where ``RABBITMQ_INPUT_QUEUE`` names a queue and the page has no broker yet.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from app.core.programs.protocol import SESSION_PATH
from app.gateway.http.settings import SettingError, Settings, settings
from tools import browser

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page, Playwright

LOOK: Final = 5.0
"""Seconds between two looks at the page."""
PATIENCE: Final = 60.0
"""Seconds that the page may take to start, and to answer a look."""
WAITS: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before the page is opened again, after so many deaths in a row."""
STEADY: Final = 300.0
"""A page that lived so long is not one of a row of deaths."""
SERVER_START: Final = 60.0
BRIEF: Final = 1.0
"""Seconds in which a button that stays is pressed."""
LIGHT: Final = 15.0
"""Seconds in which a connection to the broker stands or has failed."""
_DECIDED: Final = re.compile("(connected|connects again|stopped)$")
FLAGS: Final = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")


class Dead(Exception):
    """The page is gone, or no longer answers; the message says what was seen."""


class _PageHealth(msgspec.Struct):
    connected: int = 0


class _Health(msgspec.Struct):
    status: str = ""
    page: _PageHealth | None = None


def address(chosen: Settings) -> str:
    """Where this machine reaches the server: one that listens on every address is on loopback, too."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(chosen.host, chosen.host)  # noqa: S104  # read, not bound
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{chosen.port}"


def say(words: str) -> None:
    """A line for the log of whoever runs this."""
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {words}", flush=True)


def health(chosen: Settings) -> _Health | None:
    """What the server says of itself; None while it does not answer."""
    request = urllib.request.Request(f"{address(chosen)}/health")  # noqa: S310  # our own server
    if chosen.token:
        request.add_header("Authorization", f"Bearer {chosen.token}")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return msgspec.json.decode(answer.read(), type=_Health)
    except (OSError, urllib.error.URLError, msgspec.MsgspecError):
        return None


def check(chosen: Settings) -> int:
    """0 while a page takes messages."""
    found = health(chosen)
    if found is None:
        print("The server does not answer.")
        return 1
    connected = found.page.connected if found.page else 0
    print("A page takes messages." if connected else "No page is open.")
    return 0 if connected else 1


async def use(card: Locator) -> None:
    """Use the provider of this card. The page does so by itself where none but practice was used before: the button may go at any moment,
    also between a look and a press.

    Raises:
        TimeoutError: It is not used after ``PATIENCE`` seconds.
    """
    from playwright.async_api import TimeoutError as NotInTime

    used = card.locator("header .pill").filter(has_text="default")
    button = card.get_by_role("button", name="Set as default")
    async with asyncio.timeout(PATIENCE):
        while not await used.count():
            await used.or_(button).first.wait_for()
            if await button.count():
                with contextlib.suppress(NotInTime):
                    await button.click(timeout=1000 * BRIEF)


class Keeper:
    """Keeps one page of the server open until cancelled."""

    def __init__(self, chosen: Settings, key: str, playwright: Playwright, chromium: str) -> None:
        self._chosen, self._key, self._playwright, self._chromium = chosen, key, playwright, chromium

    async def keep(self) -> None:
        """Open the page; again whenever it dies."""
        deaths = 0
        while True:
            began = time.monotonic()
            try:
                await self._life()
            except Exception as error:
                deaths = 1 if time.monotonic() - began > STEADY else deaths + 1
                wait = WAITS[min(deaths, len(WAITS)) - 1]
                say(f"The page died: {_first_line(error)} It is opened again in {wait:.0f} s.")
                await asyncio.sleep(wait)

    async def _life(self) -> None:
        """One page, from its start to its death. Raises what ended it."""
        profile = self._chosen.data / "browser"
        profile.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = [*FLAGS, *(["--no-sandbox"] if _without_sandbox() else [])]
        context = await self._playwright.chromium.launch_persistent_context(
            str(profile), executable_path=self._chromium, headless=True, args=flags
        )
        try:
            page = await self._open(context)
            await page.goto(f"{address(self._chosen)}/#/settings")
            await self._enter_key(page)
            await self._connect_broker(page)
            await page.goto(f"{address(self._chosen)}/#/batches")
            say(f"The page is open: {address(self._chosen)}")
            await self._watch(page)
        finally:
            with contextlib.suppress(Exception):  # a browser that is gone cannot be closed
                await context.close()

    async def _open(self, context: BrowserContext) -> Page:
        if self._chosen.token:
            bearer = {"Authorization": f"Bearer {self._chosen.token}"}
            await context.request.post(f"{address(self._chosen)}{SESSION_PATH}", headers=bearer)
        # The profile of a browser that was killed may have the page but not the server's mark, without which the page asks for no mailbox.
        await context.request.get(f"{address(self._chosen)}/")
        page = context.pages[0] if context.pages else await context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        await page.goto(f"{address(self._chosen)}/")
        await page.wait_for_function("() => document.documentElement.dataset.nightshift === 'ready'")
        return page

    async def _enter_key(self, page: Page) -> None:
        """Where the page has no key for OpenAI and there is one for it: enter it, and use that provider from now on."""
        if not self._key:
            return
        card = page.get_by_role("region", name="Provider OpenAI", exact=True)
        await card.wait_for()
        if not await card.get_by_role("button", name="Remove the key").count():
            await card.get_by_label("Remember on this machine").check()
            await card.locator("input[type=password]").fill(self._key)
            await card.get_by_role("button", name="Save the key").click()
            await card.get_by_role("button", name="Remove the key").wait_for()
            say("The key was entered into the page. It lies sealed in the browser's profile; OPENAI_API_KEY is not needed again.")
            await use(card)

    async def _connect_broker(self, page: Page) -> None:
        """Where the server was told a broker and its queue, and the page has none: take its messages from now on. A broker that does not
        let the page in is said, in the page's words."""
        if self._chosen.broker is None or not self._chosen.broker.shown.input_queue:
            return
        card = page.get_by_role("region", name="RabbitMQ", exact=True)
        await card.wait_for()
        begin = card.get_by_role("button", name="Connect a broker")
        if await begin.count():
            await begin.click()
            await card.get_by_text("The server was told its broker").wait_for()
            await card.get_by_role("button", name="Save", exact=True).click()
            await card.get_by_role("button", name="Stop consuming messages").wait_for()
            say("The broker of RABBITMQ_URL was entered into the page.")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIGHT):
                await card.locator("header .pill").filter(has_text=_DECIDED).wait_for()
        for words in await card.locator("[data-problem] p").all_inner_texts():
            say(f"RabbitMQ: {words}")

    async def _watch(self, page: Page) -> None:
        """Look at it until it is dead."""
        crashed = asyncio.Event()
        page.on("crash", lambda _page: crashed.set())
        page.on("close", lambda _page: crashed.set())
        silent = False
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(crashed.wait(), LOOK)
                raise Dead("its process ended.")
            async with asyncio.timeout(PATIENCE):
                state = await page.evaluate("() => document.documentElement.dataset.nightshift")
            if state == "failed":
                raise Dead("it says that it could not start.")
            found = await asyncio.to_thread(health, self._chosen)
            connected = found is not None and found.page is not None and found.page.connected > 0
            if silent and connected:
                say("The page takes messages again.")
            elif not silent and not connected:
                say("The server does not answer." if found is None else "The page is open, but takes no messages.")
            silent = not connected


def _without_sandbox() -> bool:
    """Chromium does not start as root with its sandbox, and not in a container; where that is so, the person has to say it."""
    return bool(os.environ.get("NIGHTSHIFT_NO_SANDBOX")) or (hasattr(os, "geteuid") and os.geteuid() == 0)


def _first_line(error: Exception) -> str:
    said = "it did not answer in time." if isinstance(error, TimeoutError) else str(error).partition("\n")[0] or type(error).__name__
    return said if re.search(r"[.!?]$", said) else f"{said}."


async def _served(chosen: Settings) -> asyncio.subprocess.Process:
    """The server, once it answers. Raises SettingError when it does not start."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "app.gateway", env=environment)
    end = time.monotonic() + SERVER_START
    while await asyncio.to_thread(health, chosen) is None:
        if process.returncode is not None or time.monotonic() > end:
            raise SettingError("The server did not start: what it said stands above.")
        await asyncio.sleep(0.2)
    return process


async def run(chosen: Settings, key: str) -> int:
    """Server and page, until SIGTERM or SIGINT, or until the server ends."""
    from playwright.async_api import async_playwright

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await _served(chosen)
    try:
        async with async_playwright() as playwright:
            keeper = asyncio.create_task(Keeper(chosen, key, playwright, await asyncio.to_thread(browser.find)).keep())
            ended = asyncio.create_task(server.wait())
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({keeper, ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
            for task in (keeper, stopped):
                task.cancel()
            await asyncio.gather(keeper, stopped, return_exceptions=True)
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()
    say("Stopped.")
    return 0 if stop.is_set() else 1


def main(environment: Mapping[str, str] = os.environ) -> int:
    """The command line. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.headless")
    parser.add_argument("--check", action="store_true", help="end with 0 while a page takes messages")
    given = parser.parse_args()
    try:
        chosen = settings(environment)
        if not chosen.port:
            raise SettingError("Without a window the port must be known: PORT=8000.")
        return check(chosen) if given.check else asyncio.run(run(chosen, environment.get("OPENAI_API_KEY", "")))
    except (SettingError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
