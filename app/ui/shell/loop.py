"""The loop: events in, handlers change the state, the views are drawn from it.

Handlers run one after another as far as their first ``await``, each before the next event is looked at; what they wait for never blocks
the next event. So a handler decides before its first ``await``, on what stood there when the event came, and keeps what it decided in
variables of its own. Whatever handlers raise meets one boundary, which shows it in the page.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable
from typing import Any

import msgspec

from app.core.base import text
from app.core.base.locale import within
from app.core.json import jsonread
from app.core.model import trail
from app.ports import TabMark
from app.ui.base.actions_base import Event, decode
from app.ui.base.context import COPIED, Context
from app.ui.base.debug import Traced
from app.ui.base.drawing import render
from app.ui.base.standing import mark
from app.ui.base.state import Kept, Route
from app.ui.shell.view import bare, shell, title, undrawable
from app.ui.threads.saving_handlers import Undone, take_undone

HALVED = "That text contained half a character, which can be neither stored nor sent"
PACE = 0.15
"""Seconds between two drawings of what goes on by itself."""
TICK = 1.0
"""Seconds between two looks at the clock while the page is visible («saved 3 s ago»)."""
_ONE_BY_ONE = ("batch", "data", "nowhere")
"""Views in which another id is another thing: its heading takes the focus. What the others have in their addresses goes on changing while
they stand open."""
_STALE_POLL_TICKS = 90
"""Ticks after which a visible tab asks the (possibly hidden) leader to poll batches that it has not polled."""


class _Notice(msgspec.Struct, frozen=True):
    notice: str
    value: Any = None


class App(Context):
    """Holds the state, draws it, and hands events to handlers."""

    _drawn = ""
    _drawn_at = 0.0
    _later = False
    _marked: TabMark = ""
    _due = True  # nothing is drawn before the program says so by draw(): the shell stays, and with it what is being typed there

    # --- events in

    def receive(self, text: str) -> None:
        """What the page handed over: an action of the person, or a notice of the browser."""
        if text.startswith('{"notice"'):
            with within(self.state.locale):
                self._noticed(jsonread.typed(text, _Notice))
            return
        event = decode(text)
        self.dispatch(event)
        if event.halved:
            self._halved(event)

    def dispatch(self, event: Event) -> None:
        handler, debug, name = self.registry.actions[type(event.action)], self.state.debug, type(event.action).__name__
        self.state.lock.acted = self.services.clock.now()
        traced = debug.begin("event", name, self.services.clock.now()) if debug is not None else None
        with within(self.state.locale):
            work = handler(self, event.action, event)
            if inspect.isawaitable(work):
                self.tasks.begin(name, self._finish(work, traced))
        if debug is not None and traced is not None:
            debug.pause(traced)
        self.changed()

    async def _finish(self, work: Awaitable[None], traced: Traced | None) -> None:
        try:
            await work
        finally:
            if traced is not None:
                traced.end()
            self.changed()

    def _noticed(self, notice: _Notice) -> None:
        if self.state.debug is not None:
            self.state.debug.begin("notice", notice.notice, self.services.clock.now())
        match notice.notice:
            case "route":
                self.tasks.begin("route", self.follow_route())
            case "online" | "offline":
                self.network(notice.notice == "online")
            case "visible" | "hidden":
                self._seen(notice.notice == "visible")
            case "notices":
                self.state.browser.notices = self.screen.notices if notice.value != "missing" else "missing"
            case "kept":
                self.state.browser.kept = msgspec.convert(notice.value, Kept)
            case "update":
                self.state.browser.update = str(notice.value)
            case "toolong":
                self._too_long(notice.value)
            case "undone":
                take_undone(self, msgspec.convert(notice.value, Undone))
            case "uncopied":
                self.state.toasts = [one for one in self.state.toasts if not one.text.startswith(COPIED)]
                self.toast("The browser did not let Nightshift copy. Select the text and copy it yourself.")
        self.changed()

    def _halved(self, event: Event) -> None:
        """Half a character came, as of an emoji that was cut in two: it can be neither stored nor sent, and what became of it is said."""
        if any(one.text.startswith(HALVED) for one in self.state.toasts):
            return  # the field goes on sending it with each key
        at = event.text.find("\ufffd")
        where = f" It is character {text.number(at + 1)}, behind “{event.text[max(0, at - 12) : at]}”." if at > 0 else ""
        self.toast(f"{HALVED}: “�” is in its place.{where} Type or paste that character again, or remove it.")

    def _too_long(self, said: object) -> None:
        """A text was pasted into a field that takes a line."""
        about = said if isinstance(said, dict) else {}
        name = f" ({str(about['name'])[:60].strip()})" if about.get("name") else ""
        length = about.get("length")
        many = f"{text.number(length)} characters" if isinstance(length, int) else "so much"
        self.toast(f"This field{name} takes one line, not {many}. Nothing was pasted or changed.")

    def _seen(self, visible: bool) -> None:
        """The person turned away from this tab, or came back: then they see how things stand now."""
        self.visible = visible
        self.services.engine.seen(visible)
        if visible:
            self.tasks.start("visible", self.services.engine.look_now())

    # --- the page out

    def changed(self) -> None:
        """Have the page drawn on the loop's next turn."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self.draw)

    def progressed(self) -> None:
        """Have drawn how far something is that goes on by itself: soon, and with what is drawn for another reason until then. So whoever
        types meanwhile waits for no drawing but that of their key."""
        if not (self._due or self._later):
            self._later = True
            asyncio.get_running_loop().call_later(max(0.0, self._drawn_at + PACE - time.perf_counter()), self._overdue)

    def _overdue(self) -> None:
        """The time has come, if nothing was drawn meanwhile."""
        self._later = False
        if time.perf_counter() - self._drawn_at < PACE / 2:
            self.progressed()
        else:
            self.changed()

    def draw(self) -> None:
        """Draw the state now, if it looks different from what is there."""
        began, debug = time.perf_counter(), self.state.debug
        with within(self.state.locale):
            self._draw()
        if debug is not None:
            debug.hold("draw", time.perf_counter() - began)

    def _draw(self) -> None:
        self._due, self._drawn_at = False, time.perf_counter()
        self.state.now = self.services.clock.now()
        item = trail.view(self.state.route.view, self.state.route.id)
        try:
            with trail.at(item):
                html = self._undrawable() if trail.suspected(item) else render(shell(self.state))
        except Exception as error:  # a view that cannot be drawn must not take the page with it
            self.failed("draw", error)
            html = self._undrawable()
        if html != self._drawn:
            self._drawn = html
            self.screen.patch(html, self._titled())
        self._tell("drawn", self.registry.on_drawn)

    def _titled(self) -> str:
        """The document's title; the tab's icon goes with it."""
        try:
            said, sign = title(self.state), mark(self.state)
        except Exception as error:  # what cannot be said of one batch keeps nothing from being drawn
            self.failed("draw", error)
            return "Nightshift"
        if sign != self._marked:
            self._marked = sign
            self.screen.mark_tab(sign)
        return said

    def _undrawable(self) -> str:
        """What is drawn in place of a view that failed, or of a dialog: what failed while it was open is then said above."""
        self.state.failed_in = None
        try:
            return render(undrawable(self.state))
        except Exception as error:  # not even what stands around every view
            self.failed("draw", error)
            return render(bare(self.state))

    def passed(self) -> None:
        """A second has passed: what depends on the time is drawn again."""
        self.changed()

    async def tick(self) -> None:
        """Keep what depends on the time up to date, as long as the page lives."""
        beats = 0
        while True:
            await self.services.clock.sleep(TICK)
            beats += 1
            if beats % 15 == 0:
                self.tasks.start("storage", self.refresh_usage())
            self._tell("tick", self.registry.on_beat, beats)
            if self.visible:
                self.passed()
                if beats % _STALE_POLL_TICKS == 0 and not self.services.engine.leads:
                    self.tasks.start("visible", self.services.engine.look_now(_STALE_POLL_TICKS * TICK))

    # --- where the person is, and what the engine tells

    async def follow_route(self) -> None:
        """Show what the address names."""
        state, before = self.state, self.state.route
        route = Route.parse(self.screen.route)
        if route != before:
            self.put_aside()
        if route.view != before.view or (route.view in _ONE_BY_ONE and route.id != before.id):
            state.moves += 1
        state.route = route
        await self._tell_in_turn("route", self.registry.on_route, before)
        self.changed()

    def moved(self, batch_id: str, step: str, done: int, total: int) -> None:
        """How far an upload, a download or a ledger is."""
        self.state.batches.progress[batch_id] = (step, done, total)
        self.progressed()

    def leading(self, leads: bool) -> None:
        self.state.engine.leads = leads
        self.state.engine.fault = getattr(self.services.engine, "fault", "")
        self.changed()
