"""The loop: events in, handlers change the state, the views are drawn from it.

Handlers run one after another as far as their first ``await``, each before the next event is looked at; what they wait for never blocks
the next event. So a handler decides before its first ``await``, on what stood there when the event came, and keeps what it decided in
variables of its own. Whatever handlers raise meets one boundary, which shows it in the page.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import msgspec

from app.core.base.text import head
from app.core.batches import pipeline
from app.core.json import jsonread
from app.core.model import trail
from app.core.model.batches import Batch
from app.ports import Screen, Table
from app.services.runtime.tasks import Tasks
from app.ui.queue import editing
from app.ui.shell.actions_base import Action, Event, decode
from app.ui.shell.drawing import render
from app.ui.shell.failures import shown
from app.ui.shell.markup import LABEL
from app.ui.shell.readings import Readings
from app.ui.shell.services import Services
from app.ui.shell.state import Kept, Route, State, Toast
from app.ui.shell.view import bare, shell, title, undrawable

Handler = Callable[["App", Any, Event], Awaitable[None] | None]
COPIED = "Copied."
HALVED = "Half a character came with that text, which can be neither stored nor sent"
_LOG = 3
"""Ticks between two readings of a log that is in sight and was added to."""
TICK = 1.0
"""Seconds between two looks at the clock while the page is visible («saved 3 s ago»)."""
_EYES = 90
"""Ticks after which a tab that is looked at has the one that leads, which may be hidden, ask about batches that it did not ask about."""
TOASTS = 8
"""Toasts that are remembered; fewer are shown (ui.shell.view)."""


class _Notice(msgspec.Struct, frozen=True):
    notice: str
    value: Any = None


class App(Readings):
    """Holds the state, draws it, and hands events to handlers."""

    def __init__(
        self,
        state: State,
        services: Services,
        screen: Screen,
        tasks: Tasks,
        handlers: dict[type[Action], Handler],
        on_practice: Callable[[State], None],
    ) -> None:
        super().__init__(state, services, tasks)
        self.screen = screen
        self.on_practice = on_practice
        self._handlers = handlers
        self._drawn = ""
        self._due = True  # nothing is drawn before the program says so by draw(): the shell stays, and with it what is being typed there
        self._toasts = 0
        self._visible = screen.visible

    # --- events in

    def receive(self, text: str) -> None:
        """What the page handed over: an action of the person, or a notice of the browser."""
        if text.startswith('{"notice"'):
            self._noticed(jsonread.typed(text, _Notice))
            return
        event = decode(text)
        self.dispatch(event)
        if event.halved:
            self._halved(event)

    def dispatch(self, event: Event) -> None:
        handler = self._handlers[type(event.action)]
        work = handler(self, event.action, event)
        if inspect.isawaitable(work):
            self.tasks.begin(type(event.action).__name__, self._finish(work))
        self.changed()

    async def _finish(self, work: Awaitable[None]) -> None:
        try:
            await work
        finally:
            self.changed()

    def _noticed(self, notice: _Notice) -> None:
        match notice.notice:
            case "route":
                self.tasks.begin("route", self.follow_route())
            case "online" | "offline":
                self.network(notice.notice == "online")
            case "visible" | "hidden":
                self._seen(notice.notice == "visible")
            case "notices":
                self.state.notices = self.screen.notices if notice.value != "missing" else "missing"
            case "kept":
                self.state.kept = msgspec.convert(notice.value, Kept)
            case "update":
                self.state.update = str(notice.value)
            case "toolong":
                self._too_long(notice.value)
            case "uncopied":
                self.state.toasts = [one for one in self.state.toasts if one.text != COPIED]
                self.toast("The browser did not let Nightshift copy. Select the text and copy it yourself.")
        self.changed()

    def _halved(self, event: Event) -> None:
        """Half a character came, as of an emoji that was cut in two: it can be neither stored nor sent, and what became of it is said."""
        if any(one.text.startswith(HALVED) for one in self.state.toasts):
            return  # the field goes on sending it with each key
        at = event.text.find("\ufffd")
        where = f" It is character {at + 1:,}, behind “{event.text[max(0, at - 12) : at]}”." if at > 0 else ""
        self.toast(f"{HALVED}: “�” stands in its place.{where} Type or paste that character again, or take it out.")

    def _too_long(self, said: object) -> None:
        """A text was pasted into a field that takes a line."""
        about = said if isinstance(said, dict) else {}
        name = f" ({str(about['name'])[:60].strip()})" if about.get("name") else ""
        length = about.get("length")
        many = f"{length:,} characters" if isinstance(length, int) else "so much"
        self.toast(f"This field{name} takes a line, not {many}. Nothing was pasted; it stands as it was.")

    def network(self, online: bool) -> None:
        """The network went, or is back: then what waited for it goes on at once."""
        self.state.online = online
        self.services.engine.network(online)
        if online:
            self.tasks.start("online", self.services.engine.look_now())

    def _seen(self, visible: bool) -> None:
        """The person turned away from this tab, or came back: then they see how things stand now."""
        self._visible = visible
        self.services.engine.seen(visible)
        if visible:
            self.tasks.start("visible", self.services.engine.look_now())

    # --- the page out

    def changed(self) -> None:
        """Have the page drawn on the loop's next turn."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self.draw)

    def draw(self) -> None:
        """Draw the state now, if it looks different from what is there."""
        self._due = False
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
            self.screen.patch(html, title(self.state))
        if self.state.route.view == "queue" and self._visible:
            from app.ui.queue.auto_submit_handlers import tell

            tell(self)

    def _undrawable(self) -> str:
        """What is drawn in place of a view that failed."""
        try:
            return render(undrawable(self.state))
        except Exception as error:  # not even what stands around every view
            self.failed("draw", error)
            return render(bare(self.state))

    async def tick(self) -> None:
        """Keep what depends on the time up to date, as long as the page lives."""
        beats = 0
        while True:
            await self.services.clock.sleep(TICK)
            beats += 1
            if beats % 15 == 0:
                self.tasks.start("storage", self.refresh_usage())
            if editing.is_due(self.state, self.services.clock.now()):
                self.tasks.start("editing", editing.tell(self.state, self.services))
            if self._visible:
                self.changed()
                if self.state.log.old and beats % _LOG == 0:
                    self.catch_up("log", self.refresh_log)
                if beats % _EYES == 0 and not self.services.engine.leads:
                    self.tasks.start("visible", self.services.engine.look_now(_EYES * TICK))

    # --- failures and words

    def failed(self, name: str, error: BaseException) -> None:
        """The one boundary: every failure that no handler expected is shown."""
        if name == "engine":
            self.state.engine_stopped = True
        problem = shown(name, error)
        self.state.problems[problem.code] = problem
        if name != "draw":
            self.changed()

    def toast(self, text: str, undo: Callable[[], Awaitable[None]] | None = None) -> None:
        """Say in short what was done, with a way back."""
        self._toasts += 1
        text = head(text, LABEL)
        toast = Toast(self._toasts, text, undo)
        self.state.toasts = [*self.state.toasts, toast][-TOASTS:]
        self.tasks.start("toast", self._fade(toast))
        self.changed()

    async def _fade(self, toast: Toast) -> None:
        await self.services.clock.sleep(20.0 if toast.undo else 6.0)
        self.state.toasts = [one for one in self.state.toasts if one.id != toast.id]
        self.changed()

    # --- what the state holds of the store

    async def follow_route(self) -> None:
        """Show what the address names."""
        from app.ui.shell.handlers import put_aside

        state = self.state
        route = Route.parse(self.screen.route)
        if route != state.route:
            put_aside(self)
            state.typed_keys.clear()
            state.typed_over.clear()
            state.key_faults.clear()
            state.broker.password = ""
        if route.view != state.route.view:
            state.moves += 1
        if route != state.route:
            from app.ui.activity.handlers import arrive as arrive_at_log

            arrive_at_log(self)
        state.route = route
        if state.route.view != "batch":
            state.batch.id = ""
        elif state.batch.id != state.route.id:
            state.batch = type(state.batch)(id=state.route.id)
            state.scroll.pop("answers", None)
            await self.refresh_answers()
        if state.route.view == "account":
            from app.ui.account.handlers import arrive

            arrive(self)
        if state.route.view == "compose" and state.route.id and state.route.id != state.compose.thread.id:
            from app.ui.threads.handlers import open_thread

            await open_thread(self, state.route.id)
        if state.route.view == "settings":
            from app.ui.programs.rabbit_handlers import arrive as arrive_at_broker

            await arrive_at_broker(self)
            self.catch_up("damage", self.refresh_damage)
        if state.route.view in ("log", "batch"):
            self.catch_up("log", self.refresh_log)
        if state.route.view in ("programs", "batch"):
            self.catch_up("programs", self.refresh_programs)
        self.changed()

    def queue_changed(self) -> None:
        """What goes out by itself, and when, is another thing now."""
        from app.ui.queue.auto_submit_handlers import queue_changed

        queue_changed(self)

    def batch_told(self, batch: Batch) -> None:
        """The engine stored a batch."""
        state = self.state
        self.batches_told += 1
        before = next((one for one in state.batches if one.id == batch.id), None)
        state.batches = [*(one for one in state.batches if one.id != batch.id), batch]
        if before is not None and before.went != batch.went:
            self.catch_up("queue", self.refresh_queue)
        if before is None or before.state != batch.state:
            state.progress.pop(batch.id, None)
            if batch.state == "withdrawn":
                self.tasks.start("queue", self.refresh_queue())
            if batch.state == "waiting" and batch.refusals:
                self.tasks.start("limits", self.refresh_limits())  # it may have named one
            if batch.id == state.batch.id:
                self.tasks.start("answers", self.refresh_answers())
            if batch.state in pipeline.FINAL:
                self.tasks.start("usage", self.refresh_usage())
                self.tasks.start("deliveries", self._have_delivered())
                self.tasks.start("history", self.refresh_histories())
                self._notify(batch)
        state.log.old = True
        self.changed()

    async def _have_delivered(self) -> None:
        """A batch ended: programs may wait for its results."""
        if self.services.engine.leads and await self.services.store.counts(Table.HANDED):
            self.services.post().nudge()

    def _notify(self, batch: Batch) -> None:
        """A desktop notice about a batch that has just ended: where that was asked for, from the tab that carries it, once."""
        endings = sum(after.state in pipeline.FINAL and after.state != before.state for before, after in pairwise(batch.timeline))
        wanted = self.state.preferences.notify and self.screen.notices == "granted"
        if wanted and self.services.engine.leads and batch.state in pipeline.FETCHED and endings == 1:
            from app.ui.activity.notices_view import words

            self.screen.notify(*words(batch, self.state.zone), f"nightshift:{batch.id}", f"#/batches/{batch.id}")

    async def refresh_log(self) -> None:
        """The log as far as it is in sight."""
        from app.ui.activity.handlers import read

        await read(self)

    def moved(self, batch_id: str, step: str, done: int, total: int) -> None:
        """How far an upload, a download or a ledger is."""
        self.state.progress[batch_id] = (step, done, total)
        self.changed()

    def leading(self, leads: bool) -> None:
        self.state.leader = leads
        self.state.engine_fault = getattr(self.services.engine, "fault", "")
        self.changed()

    def handed_in(self) -> None:
        """Programs handed in requests: show them in the queue, and see whether they go out."""
        self.catch_up("queue", self.refresh_queue)
        self.services.closer.nudge()
        self.programs_told()

    def told_by_other_tab(self, tables: frozenset[str]) -> None:
        """Another tab wrote: read what concerns this page, and let the engine look."""
        if Table.SEGMENTS in tables:
            self.catch_up("queue", self.refresh_queue)
        if Table.BATCHES in tables:
            self.catch_up("batches", self.refresh_batches)
            self.services.engine.nudge()
        if Table.EVENTS in tables:
            self.state.log.old = True
        if Table.HANDED in tables:
            self.programs_told()
            if self.services.engine.leads:
                self.services.post().nudge()
        if Table.THREADS in tables:
            self.catch_up("threads", self._threads_elsewhere)
        if Table.SETTINGS in tables:
            self.catch_up("settings", self._settings_elsewhere)
            self.services.engine.nudge()  # it may be held

    async def inspect(self) -> None:
        """Look for damage that nobody meets by reading: settings of every kind, keys, and what no index holds."""
        from app.ui.damage.handlers import inspect

        await inspect(self)

    async def refresh_damage(self) -> None:
        """The damaged records that were set aside."""
        from app.ui.damage.handlers import read

        await read(self)

    def damage_told(self) -> None:
        """Records were found that cannot be read, or are readable again: show it."""
        from app.ui.damage.handlers import hear  # most pages never need it

        hear(self)

    def programs_told(self) -> None:
        """Something of what is kept for programs changed: read what of it is in sight."""
        if self.state.route.view in ("programs", "batch"):
            self.catch_up("programs", self.refresh_programs)

    async def refresh_programs(self) -> None:
        from app.ui.programs.handlers import read

        await read(self)

    async def _settings_elsewhere(self) -> None:
        from app.ui.shell.other_tabs import settings

        await settings(self)

    async def _threads_elsewhere(self) -> None:
        from app.ui.shell.other_tabs import threads

        await threads(self)
