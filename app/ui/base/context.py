"""What handlers depend on: the state, the services and the page; and what the capabilities hear of each other without knowing each other.

A handler is given a ``Context``, never the loop (ui.shell.loop.App is one). What one capability has to do when something happens in another
is in the ``Registry``, which the composition (ui.shell.composition) fills before anything is drawn.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from app.core.base.locale import within
from app.core.base.text import head
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.ports import Screen, StorageFull, StorageLost, Table
from app.services.runtime.tasks import Tasks
from app.ui.base.actions_base import Action, Event
from app.ui.base.commands import Command, Scope
from app.ui.base.dialogs import Aside
from app.ui.base.failures import shown
from app.ui.base.focus_state import FocusState
from app.ui.base.markup import LABEL
from app.ui.base.readings import Readings
from app.ui.base.said_state import Toast
from app.ui.base.services import Services
from app.ui.base.state import Route, State

COPIED = "Copied."
TOASTS = 8
"""Toasts that are remembered; fewer are shown (ui.shell.view)."""

Handler = Callable[["Context", Any, Event], Awaitable[None] | None]
"""Does what an action says. Its part up to the first ``await`` runs while the event is dispatched."""


class TwoHandlers(Exception):
    """Two handlers were registered for one action."""


class TwoShortcuts(Exception):
    """Two actions are run by one combination of keys in one place."""


def once(handler: Callable[[Context, Any, Event], Awaitable[None]]) -> Handler:
    """A handler of what an open dialog asks for, which stays open until that is stored: pressed again meanwhile, nothing more is done."""

    async def run(context: Context, action: Action, event: Event) -> None:
        dialog = context.state.dialog
        if dialog is not None and any(one is dialog for one in context.answering):
            return
        context.answering.append(dialog)
        try:
            await handler(context, action, event)
        finally:
            context.answering = [one for one in context.answering if one is not dialog]

    return run


class Registry(msgspec.Struct):
    """What each capability does when something happens that is not its own; each list is gone through in its order."""

    actions: dict[type[Action], Handler] = msgspec.field(default_factory=dict)
    """What each action does."""
    commands: dict[type[Action], Command] = msgspec.field(default_factory=dict)
    """What is known of those that a person can run: words, keys, whether they may be run now."""
    shortcuts: dict[tuple[Scope, str], type[Action]] = msgspec.field(default_factory=dict)
    """Which action a combination of keys runs, by where it counts."""
    on_route: list[Callable[[Context, Route], Awaitable[None] | None]] = msgspec.field(default_factory=list)
    """The address was read: ``state.route`` is the new one, and the one before is handed over (the same when a view is opened again)."""
    on_table: dict[Table, list[Callable[[Context], None]]] = msgspec.field(default_factory=dict)
    """Another tab wrote records of this table."""
    on_batch: list[Callable[[Context, Batch | None, Batch], None]] = msgspec.field(default_factory=list)
    """A batch was stored; how it was known before, if it was."""
    on_beat: list[Callable[[Context, int], None]] = msgspec.field(default_factory=list)
    """A second went by (ui.shell.loop.TICK); how many since the start."""
    on_drawn: list[Callable[[Context], None]] = msgspec.field(default_factory=list)
    """The page was drawn."""
    on_queue: list[Callable[[Context], None]] = msgspec.field(default_factory=list)
    """What goes out by itself, and when, is another thing now."""
    on_profile: list[Callable[[Context], None]] = msgspec.field(default_factory=list)
    """New requests are meant for another provider now."""
    on_key: list[Callable[[Context, str], Awaitable[None]]] = msgspec.field(default_factory=list)
    """A key was saved for the provider with this id."""
    on_lock: list[Callable[[Context], Awaitable[None]]] = msgspec.field(default_factory=list)
    """What is under the passphrase was locked or unlocked."""

    def on_action(self, *handlers: Mapping[type[Action], Handler]) -> None:
        """Add handlers, and what is known of their actions. Raises TwoHandlers where an action has one already, TwoShortcuts where another
        action has the same keys in the same place."""
        for each in handlers:
            if twice := self.actions.keys() & each.keys():
                raise TwoHandlers(", ".join(sorted(one.__name__ for one in twice)))
            self.actions.update(each)
            for kind in each:
                if kind.command is not None:
                    self._know(kind, kind.command)

    def _know(self, kind: type[Action], command: Command) -> None:
        self.commands[kind] = command
        for one in command.shortcuts:
            if (other := self.shortcuts.setdefault((one.scope, one.keys), kind)) is not kind:
                raise TwoShortcuts(f"{one.keys} ({one.scope}): {other.__name__}, {kind.__name__}")


class Context(Readings):
    """What a handler may read, change and ask for."""

    def __init__(
        self,
        state: State,
        services: Services,
        screen: Screen,
        tasks: Tasks,
        registry: Registry,
        on_practice: Callable[[State], None],
    ) -> None:
        super().__init__(state, services, tasks)
        self.screen = screen
        self.registry = registry
        self.on_practice = on_practice
        self.visible = screen.visible
        """Whether the person looks at this tab."""
        self.answering: list[object] = []
        """The dialogs whose effect is being stored."""
        self._toasts = 0

    @abstractmethod
    def draw(self) -> None:
        """Draw the state now."""

    # --- failures and words

    def failed(self, name: str, error: BaseException) -> None:
        """The one boundary: every failure that no handler expected is shown: in the open dialog, if there is one, as it hides the page."""
        if name == "engine":
            self.state.engine.stopped = True
        problem = shown(name, error)
        self.state.problems[problem.code] = problem
        if self.state.dialog is not None:
            self.state.failed_in = (self.state.dialog, problem.code)
        if name != "draw":
            self.changed()

    def toast(self, text: str, undo: Callable[[], Awaitable[None]] | None = None) -> None:
        """Say in short what was done, with a way back."""
        self._toasts += 1
        text = head(text, LABEL)
        toast = Toast(self._toasts, text, undo, self.services.clock.now())
        if not text.startswith(COPIED):
            self.state.said.add(toast)
        self.state.toasts = [*self.state.toasts, toast][-TOASTS:]
        self.tasks.start("toast", self._fade(toast))
        self.changed()

    async def prefer(self, **changes: object) -> None:
        """Keep what a person chose: it is stored before it is seen, so that what was seen done outlives a reload."""
        await self.services.profiles.prefer(**changes)
        self.state.preferences = replace(self.state.preferences, **changes)

    def focus(self, id: str) -> None:
        """Send the focus to the element with this id, as soon as it is drawn; not if the person moves it before that."""
        self.state.focus = FocusState(id, self.state.focus.n + 1)

    def lead_on(self, began: Route, address: str) -> None:
        """Work that was begun at ``began`` has ended: go to what came of it, unless the person has gone elsewhere meanwhile."""
        if self.state.route == began:
            self.screen.go_to(address)

    async def _fade(self, toast: Toast) -> None:
        await self.services.clock.sleep(20.0 if toast.undo else 6.0)
        self.state.toasts = [one for one in self.state.toasts if one.id != toast.id]
        self.changed()

    def close(self, dialog: object) -> None:
        """What this dialog asked for is stored: it closes, if it is still the one that is open. Called after the storing and not before, so
        that where it fails the dialog stands there with what was typed, and says why (:meth:`failed`). Called before what depends on it is
        read again: so the focus is back on what opened the dialog before that can vanish."""
        if self.state.dialog is dialog:
            self.state.dialog = None
            self.changed()

    def put_aside(self) -> None:
        """Close the dialog; a text that was typed into it can be had back."""
        kept = self.state.dialog
        self.state.dialog = None
        words = kept.aside if isinstance(kept, Aside) else ""
        if words:

            async def reopen() -> None:
                self.state.dialog = kept

            self.toast(words, reopen)

    # --- what others hear of

    def _tell(self, name: str, heard: Sequence[Callable[..., None]], *about: object) -> None:
        """Have each that wants to know hear it; one that fails is reported and keeps no other from it."""
        for one in heard:
            try:
                with within(self.state.locale):
                    one(self, *about)
            except Exception as error:  # the boundary of one listener
                self.failed(name, error)

    async def _tell_in_turn(self, name: str, heard: Sequence[Callable[..., Awaitable[None] | None]], *about: object) -> None:
        """The same, for what may take a while. Raises StorageLost and StorageFull, which concern all of them."""
        for one in heard:
            try:
                with within(self.state.locale):
                    work = one(self, *about)
                    if inspect.isawaitable(work):
                        await work
            except (StorageLost, StorageFull):
                raise
            except Exception as error:  # the boundary of one listener
                self.failed(name, error)

    def queue_changed(self) -> None:
        """What goes out by itself, and when, is another thing now."""
        self._tell("queue", self.registry.on_queue)

    def profile_changed(self) -> None:
        """New requests are meant for another provider now."""
        self._tell("provider", self.registry.on_profile)

    async def key_saved(self, profile: str) -> None:
        """A key was saved for this provider."""
        await self._tell_in_turn("key", self.registry.on_key, profile)

    async def lock_turned(self) -> None:
        """What is under the passphrase was locked or unlocked."""
        await self._tell_in_turn("lock", self.registry.on_lock)

    def batch_told(self, batch: Batch) -> None:
        """A batch was stored."""
        self.batches_told += 1
        before = next((one for one in self.state.batches.all if one.id == batch.id), None)
        self.state.batches.all = [*(one for one in self.state.batches.all if one.id != batch.id), batch]
        self._tell("batch", self.registry.on_batch, before, batch)
        self.changed()

    def told_by_other_tab(self, tables: frozenset[str]) -> None:
        """Another tab wrote records of these tables."""
        for table, heard in self.registry.on_table.items():
            if table in tables:
                self._tell("other tab", heard)

    # --- what several capabilities do

    def network(self, online: bool) -> None:
        """The network went, or is back: then what waited for it goes on at once."""
        self.state.engine.online = online
        self.services.engine.network(online)
        if online:
            self.tasks.start("online", self.services.engine.look_now())

    async def command(self, id: str, event: pipeline.Event, late: str) -> Batch | None:
        """Have the engine do with a batch what the person wants; None where there is no such batch, or where it is too ``late``, which is
        then said."""
        try:
            return await self.services.engine.command(id, event)
        except pipeline.NoSuchMove:
            self.toast(late)
            return None
