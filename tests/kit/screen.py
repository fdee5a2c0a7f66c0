"""The whole program in front of a person, without a browser: what is drawn is parsed as HTML and used by the names that people see.

A :class:`Visit` is one tab. What its elements say in their ``data-`` attributes is handed to the program as ``static/js/events.mjs`` does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgspec

from app.core.openai.wire import NetworkError, Request, Response
from app.core.results.markdown import is_link
from app.practice.brain import Brain
from app.practice.inproc import PracticeHttp, PracticeStream
from app.practice.traps import Scenario
from app.program import build
from app.services.runtime.moves import STORED_MOVES
from app.ui.base.actions_base import decode
from app.ui.base.state import State
from app.ui.shell.loop import App
from app.wiring.ports import Ports
from tests.fakes.broker import MemoryBroker
from tests.fakes.fenced import FencedHere
from tests.fakes.folder import MemoryFolder
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import SETTLE_TURNS, FakeClock, FakePage, MemoryKeys, MemoryLocks, SeededRandom, settle
from tests.fakes.practice_disk import MemoryDisk as PracticeDisk
from tests.kit.markup import Element as Element
from tests.kit.markup import parse as parse

FIELDS = frozenset({"input", "select", "textarea"})
CONTROLS = FIELDS | {"button"}
ENDS_A_PARAGRAPH = frozenset({"details", "div", "dl", "h1", "h2", "h3", "header", "ol", "p", "pre", "section", "table", "ul"})
"""Elements before which a browser ends an open paragraph (HTML standard, «optional tags»), though the markup nests them."""
EVENTS = ("click", "input", "change", "scroll", "close", "paste", "drop", "page-drop")
"""``data-`` attributes that hold one action (static/js/events.mjs)."""
KEYS = ("data-key", "data-page-key")
"""Those that hold one for each combination of keys."""

# --- what is drawn ---------------------------------------------------------------------------------------------------------------


def name_of(element: Element) -> str:
    """The accessible name of a control: what a screen reader says. A placeholder is none."""
    if label := element.get("aria-label"):
        return label
    if ids := element.get("aria-labelledby"):
        return " ".join(element.root.by_id(id).text for id in ids.split())
    if element.tag in FIELDS:
        id = element.get("id")
        labels = element.labels_of(id) if id else []
        around = element.above("label")
        return " ".join(one.text.strip() for one in [*labels, *([around] if around else [])]) or element.get("title") or ""
    return element.text.strip() or element.get("title") or ""


def actions_in(element: Element) -> list[str]:
    """Every action that an element carries, as JSON."""
    found = [element[f"data-{event}"] for event in EVENTS if f"data-{event}" in element.attributes]
    for name in KEYS:
        if name in element.attributes:
            found += [json.dumps(one) for one in json.loads(element[name]).values()]
    return found


def check(html: str) -> Element:
    """Markup that a person, a screen reader and the policy can live with."""
    root = parse(html)
    ids = [id for one in root if (id := one.get("id")) is not None]
    assert len(ids) == len(set(ids)), [id for id in ids if ids.count(id) > 1]
    for one in root:
        assert one.tag not in ("script", "style", "iframe", "object", "embed", "form", "link", "base"), one
        assert not [name for name in one.attributes if name == "style" or name.startswith("on")], one
        if one.tag == "p":
            assert not [each for each in one if each.tag in ENDS_A_PARAGRAPH], one  # a browser ends it there and lays the rest beside it
        if one.tag == "a" and one.get("target") is not None:  # what somebody else wrote leads out of the page, which it hears nothing of
            assert (one["target"], one["rel"]) == ("_blank", "noreferrer noopener"), one
            assert is_link(one["href"]), one
        elif one.tag == "a":
            assert one["href"].startswith(("#/", "blob:", "data:image/png") if one.get("download") else "#/"), one
        if one.tag in CONTROLS:
            assert name_of(one), one
        if one.tag == "button":
            assert one["type"] == "button", one
        for action in actions_in(one):
            decode(msgspec.json.encode({"action": json.loads(action)}))
        for name in ("aria-labelledby", "aria-describedby", "list", "for"):
            for target in (one.get(name) or "").split():
                root.by_id(target)
        if one.tag == "img":
            assert "alt" in one.attributes, one
            assert one["src"].startswith(("data:", "blob:")), one
    return root


# --- the network -----------------------------------------------------------------------------------------------------------------

RIGHT_KEY = "sk-practice-0123456789-abcdefghij-SECRET"
WRONG_KEY = "sk-revoked-0123456789-abcdefghij-SECRET"


class Outside:
    """The network beyond the page. At every address answers a provider that takes keys beginning with ``sk-practice``; ``fault`` breaks
    every exchange in that way, and ``answer``, if set, is what is answered instead. ``asked`` is every call in order."""

    def __init__(self, clock: FakeClock) -> None:
        self.brain = Brain(PracticeDisk(), lambda: asyncio.sleep(0), scenario=Scenario(speed=0.0))
        self._provider = PracticeHttp(self.brain, clock.now)
        self.asked: list[Request] = []
        self.fault: Any = None
        self.detail = ""
        self.answer: Response | None = None
        self.gate: asyncio.Event | None = None
        """While it is there and not set, every call waits."""

    async def _arrive(self, request: Request) -> None:
        self.asked.append(request)
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            raise NetworkError(self.fault, self.detail or f"the {self.fault} fault")

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        await self._arrive(request)
        return self.answer or await self._provider.send(request, progress=progress)

    async def stream(self, request: Request) -> PracticeStream:
        await self._arrive(request)
        return await self._provider.stream(request)


# --- a person in front of it -----------------------------------------------------------------------------------------------------


class Visit:
    """One tab with a person in front of it. Methods that do something return when the program has come to rest."""

    def __init__(
        self,
        app: App,
        page: FakePage,
        store: MemoryStore,
        keys: MemoryKeys,
        clock: FakeClock,
        locks: MemoryLocks,
        out: Outside,
        broker: MemoryBroker,
        folder: MemoryFolder,
    ) -> None:
        self.app, self.page, self.store, self.keys, self.clock, self.locks, self.out = app, page, store, keys, clock, locks, out
        self.broker, self.folder = broker, folder
        app.passed = self._passed  # type: ignore[method-assign]
        self._read: tuple[str, Element | None] = "", None

    def _passed(self) -> None:
        """A second has passed. Hours pass in a test and nobody looks meanwhile: the page is drawn when somebody does, and at rest."""
        self.page.late = self.app.draw

    @property
    def state(self) -> State:
        return self.app.state

    @property
    def dom(self) -> Element:
        """What is drawn now; read once for each drawing, so nobody may change it."""
        html, drawn = self._read
        if html != self.page.html or drawn is None:
            html = self.page.html
            drawn = parse(html)
            self._read = html, drawn
        return drawn

    @property
    def text(self) -> str:
        return self.dom.text

    @property
    def reach(self) -> Element:
        """Where a person can do something: the open dialog, else the whole page."""
        dom = self.dom
        dialogs = dom.of("dialog")
        return dialogs[0] if dialogs else dom

    @property
    def dialog(self) -> Element | None:
        return next(iter(self.dom.of("dialog")), None)

    @property
    def notes(self) -> list[str]:
        """The codes of the problems that are shown."""
        return [one["data-problem"] for one in self.dom if one.get("data-problem") is not None]

    @property
    def toasts(self) -> list[str]:
        """The texts of the toasts, oldest first."""
        return [next(child for child in one if child.tag == "span").text for one in self.dom.classed("toast")]

    # --- finding

    def _one(self, found: list[Element], name: str, nth: int | None) -> Element:
        assert found, f"nothing is called {name!r} in: {[name_of(one) for one in self.reach if one.tag in CONTROLS]}"
        assert nth is not None or len(found) == 1, f"{len(found)} controls are called {name!r}"
        return found[nth or 0]

    def button(self, name: str, nth: int | None = None) -> Element:
        """The button with this accessible name; of several the nth."""
        return self._one([one for one in self.reach.of("button") if name_of(one) == name], name, nth)

    def field(self, name: str, nth: int | None = None) -> Element:
        """The field with this accessible name; of several the nth."""
        return self._one([one for one in self.reach if one.tag in FIELDS and name_of(one) == name], name, nth)

    def has(self, name: str) -> bool:
        """Whether there is a control of this name within reach."""
        return any(one.tag in CONTROLS and name_of(one) == name for one in self.reach)

    # --- doing

    async def rest(self) -> None:
        """Let the program do what it can without time passing."""
        await settle(4 * SETTLE_TURNS)
        if self.page.late is not None:
            self.page.catch_up()
            await settle(4 * SETTLE_TURNS)

    async def until(self, done: Callable[[], bool]) -> None:
        """Let the program go on until something is so."""
        for _ in range(4000):
            if done():
                return
            await asyncio.sleep(0)
        raise AssertionError("it never came to that")

    async def wait(self, seconds: float) -> None:
        """Let so much time pass."""
        await self.clock.advance(seconds)

    async def emit(self, element: Element, event: str, value: object = None, **extra: object) -> None:
        """An event on an element, as the page's script reports it."""
        assert "disabled" not in element.attributes, f"{element} cannot be used"
        await self.send(f'{{"action":{element[f"data-{event}"]},"value":{json.dumps(value)},"extra":{json.dumps(extra)}}}')

    async def click(self, name: str, nth: int | None = None) -> None:
        await self.emit(self.button(name, nth), "click", "")

    async def type(self, name: str, text: str, nth: int | None = None) -> None:
        """Give a text field this content."""
        await self.emit(self.field(name, nth), "input", text)

    async def choose(self, name: str, value: str, nth: int | None = None) -> None:
        """Choose an option of a select by its value."""
        field = self.field(name, nth)
        assert value in [one.get("value") for one in field.of("option")], f"{name!r} offers no {value!r}"
        await self.emit(field, "change", value)

    async def check(self, name: str, on: bool, nth: int | None = None) -> None:
        """Set a checkbox."""
        await self.emit(self.field(name, nth), "change", on)

    async def press(self, element: Element, combination: str) -> None:
        """Press a key combination in an element."""
        around, up = [element], element.parent
        while up is not None:
            around.append(up)
            up = up.parent
        page = [one["data-page-key"] for one in self.dom if "data-page-key" in one.attributes and self.dialog is None]
        for keys in (*(one.get("data-key") or "{}" for one in around), *page):
            if action := json.loads(keys).get(combination):
                self.page.emit(json.dumps(action), key=combination)
                await self.rest()
                return
        raise AssertionError(f"{combination} does nothing in {element}")

    async def escape(self) -> None:
        """Close the open dialog with the Escape key."""
        assert self.dialog is not None, "no dialog is open"
        await self.emit(self.dialog, "close")

    async def go(self, route: str) -> None:
        """Follow a link, or write another address."""
        self.page.go_to(route)
        await self.rest()

    async def send(self, message: str) -> None:
        """Hand over any text as if the page had."""
        self.page._hear(message)
        await self.rest()

    # --- usual ways

    async def write(self, text: str, model: str = "gpt-4o-mini") -> None:
        """Write a new thread of one message."""
        await self.go("#/threads")
        await self.click("New prompt")
        await self.type("Text of message 1", text)
        await self.type("Model", model)

    async def queue(self, *texts: str, model: str = "gpt-4o-mini") -> None:
        """Put requests into the queue."""
        for text in texts:
            await self.write(text, model)
            await self.click("Add to queue")

    async def use_openai(self, key: str = RIGHT_KEY) -> None:
        """Enter a key for OpenAI; it is used from then on."""
        await self.go("#/settings")
        await self.type("API key", key)
        await self.click("Save the key")

    async def choose_provider(self, id: str) -> None:
        """Mean new requests for this provider."""
        await self.go("#/compose")
        await self.choose("Provider", id)

    # --- other tabs and reloads

    async def other_tab(self, **given: Any) -> Visit:
        """Another tab of the same browser."""
        given = {
            "clock": self.clock,
            "locks": self.locks,
            "out": self.out,
            "broker": self.broker,
            "folder": self.folder,
            "disk": self.store.disk,
            "sealed": self.keys.sealed,
            **given,
        }
        return await open_visit(**given)

    async def close(self) -> None:
        """Close the tab."""
        await self.app.services.drafts.settled()
        await self.app.tasks.stop()
        if self.store in self.store.disk.stores:
            self.store.disk.stores.remove(self.store)


async def open_visit(
    *,
    disk: MemoryDisk | None = None,
    sealed: dict[str, str] | None = None,
    clock: FakeClock | None = None,
    locks: MemoryLocks | None = None,
    out: Outside | None = None,
    broker: MemoryBroker | None = None,
    folder: MemoryFolder | None = None,
    page: FakePage | None = None,
    route: str = "",
    seed: int = 0,
    quota: int = 0,
    store: MemoryStore | None = None,
) -> Visit:
    """Open the page: everything fresh but what is given."""
    clock = clock or FakeClock()
    store, keys, locks = store or MemoryStore(STORED_MOVES, disk, quota=quota), MemoryKeys(sealed), locks or MemoryLocks()
    page, out, rabbit = page or FakePage(), out or Outside(clock), broker or MemoryBroker()
    watched = folder or MemoryFolder(offered=False)
    page.route = route
    ports = Ports(
        store=store,
        http=out,
        keys=keys,
        screen=page,
        clock=clock,
        random=SeededRandom(seed + len(store.disk.stores)),
        locks=locks,
        broker=lambda: rabbit,
        folder=lambda: watched,
        compute=lambda: FencedHere(clock),
    )
    app = await build(ports)
    page.listen(app.receive, lambda error: app.failed("event", error))
    store.watch(app.told_by_other_tab)
    visit = Visit(app, page, store, keys, clock, locks, out, rabbit, watched)
    await visit.rest()
    return visit
