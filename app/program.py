"""The program put together on ports: any platform that has them can run it (the browser does, and so do tests)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec

from app.core.base import locale
from app.core.json import jsonread
from app.core.model.keys import PROGRAMS
from app.core.model.stored_names import DATASET_IMPORT, QUEUE_EDIT, QUEUEING_ROWS
from app.core.model.trail import Stop
from app.ports import StorageFull, StorageLost, Table
from app.practice.words import WORDS
from app.services.batches.remote_cleanup import RemoteCleaner
from app.services.runtime.isolation import kept_up
from app.services.runtime.logbook import Logbook
from app.services.runtime.periodic import PeriodicWorker
from app.ui.base.services import Services
from app.ui.base.state import WINDOW, BrowserState, EngineState, Route, Scroll, State
from app.ui.base.thread_state import ComposeState
from app.ui.batches import rescue_note
from app.ui.damage import handlers as damage_handlers
from app.ui.programs import handlers as programs_handlers
from app.ui.programs import rabbit_handlers
from app.ui.provider import handlers as provider_handlers
from app.ui.provider import lock_arriving
from app.ui.queue import auto_submit_handlers
from app.ui.queue.outlook import blocker
from app.ui.results import step_arriving
from app.ui.shell.composition import registry
from app.ui.shell.loop import App
from app.ui.templates import arriving as templates
from app.ui.threads import handlers as threads_handlers
from app.ui.threads import saving_handlers
from app.ui.tries import arriving as tries
from app.ui.workspace import handlers as workspace_handlers
from app.wiring.listeners import Listeners
from app.wiring.ports import Ports
from app.wiring.practice import Practice
from app.wiring.programs import AFTER_START
from app.wiring.services import services

_INSPECTED = 3_600.0
"""Seconds between two looks for damaged records that nobody meets by reading."""


async def build(ports: Ports, stops: tuple[Stop, ...] = ()) -> App:
    """Put the program together on any platform, read what is stored, draw, and start the engine. ``stops``: what stopped Python before."""
    app: App
    made, practice = services(ports, _listeners(lambda: app))
    app = _page(ports, made, practice, stops)
    await _read(app, ports, practice)
    saving_handlers.take_early(app)
    app.draw()
    _begin(app)
    return app


def _listeners(page: Callable[[], App]) -> Listeners:
    """What the page does when it hears of something. It is made after the services that tell it."""

    def handed_in() -> None:
        auto_submit_handlers.handed_in(page())
        programs_handlers.hear(page())

    return Listeners(
        failed=lambda name, error: page().failed(name, error),
        saving=lambda id, saving: saving_handlers.on_saving(page(), id, saving),
        prompt=lambda template, saving: templates.on_saving(page(), template, saving),
        tries=lambda dataset, stored: tries.on_change(page(), dataset, stored),
        moved=lambda *how_far: page().moved(*how_far),
        batch=lambda batch: page().batch_told(batch),
        rescues=lambda: rescue_note.on_table(page()),
        leading=lambda leads: page().leading(leads),
        blocker=lambda lane: blocker(page().state, lane),
        closed=lambda closed: auto_submit_handlers.closed(page(), closed),
        handed_in=handed_in,
        connection=lambda status: rabbit_handlers.connection_changed(page(), status),
        programs=lambda: programs_handlers.hear(page()),
        removed=lambda: page().batches_left(),
    )


def _page(ports: Ports, made: Services, practice: Practice, stops: tuple[Stop, ...]) -> App:
    """The page's state and its loop, and what the screen says at the moment."""
    screen = ports.screen
    state = State(
        ComposeState(made.drafts.new()),
        browser=BrowserState(setting=screen.setting, version=screen.version),
        engine=EngineState(online=screen.online),
    )
    state.browser.stops = stops
    state.browser.notices = screen.notices
    state.scroll = {id.removeprefix(WINDOW): Scroll(top, height) for id, top, height in screen.scrolled if id.startswith(WINDOW)}
    state.zone = float(time.localtime().tm_gmtoff or 0)
    state.traps = tuple((trap.value, words) for trap, words in WORDS.items())
    made.engine.network(screen.online)
    made.engine.seen(screen.visible)
    app = App(state, made, screen, made.runtime.tasks, registry(), lambda changed: practice.behave(changed.preferences))
    made.keys.watch(lambda what: lock_arriving.other_tab_locks(app, what))
    made.records.damage.notify = lambda: damage_handlers.hear(app)
    return app


async def _read(app: App, ports: Ports, practice: Practice) -> None:
    """Read what the first view needs. Whatever lies in the store, the page starts: what one step cannot read is told, and the next is
    done. Raises StorageLost and StorageFull."""
    state, made, screen = app.state, app.services, ports.screen

    async def providers() -> None:
        state.provider.profiles = dict(await made.profiles.load())
        state.preferences = await made.profiles.preferences()

    async def policy() -> None:
        if (row := await ports.store.get(Table.SETTINGS, PROGRAMS)) is not None:
            try:
                made.profiles.extra_origins["webhooks"] = jsonread.typed(row.doc, _Hosts).hosts
            except jsonread.Unreadable as error:
                made.records.damage.add(Table.SETTINGS, row, str(error))
        state.provider.reload_needed = not made.profiles.allow_hosts()
        screen.theme(state.preferences.theme)
        screen.figures(state.preferences.figures)
        state.locale = locale.chosen(state.preferences.figures, screen.locale)

    async def thread() -> None:
        await app.refresh_threads()
        last = next((one for one in state.threads.all if one.id == state.preferences.thread and not one.deleted), None)
        threads_handlers.show_thread(app, last or state.compose.thread)
        saving_handlers.resume(app, saving_handlers.held(app))

    async def lanes() -> None:
        await app.refresh_queue(rows=Route.parse(screen.route).view == "queue")

    async def removed() -> None:
        state.batches.removed = await made.retention.last()

    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "providers": providers,
        "practice": lambda: practice.recall(state.preferences),
        "policy": policy,
        "keys": lambda: provider_handlers.refresh_keys(app),
        "threads": thread,
        "limits": app.refresh_limits,
        "batches": app.refresh_batches,
        "rules": lambda: auto_submit_handlers.refresh_rules(app),
        "queue": lanes,
        "removed": removed,
        "route": app.follow_route,
    }
    for name, step in steps.items():
        try:
            await step()
        except (StorageLost, StorageFull):
            raise
        except Exception as error:
            app.failed(f"start: {name}", error)


def _begin(app: App) -> None:
    """What works as long as the page lives, and what is read after the first view was drawn."""
    made, tasks, clock = app.services, app.services.runtime.tasks, app.services.clock
    engine, records = made.engine, made.records
    cleaner = RemoteCleaner(
        records, made.profiles, clock, tasks, lambda: engine.ready and app.state.engine.online, lambda one: app.batch_told(one)
    )
    inspection = PeriodicWorker(clock, tasks, "damage", lambda: damage_handlers.inspect(app), _INSPECTED, first=AFTER_START)
    tasks.start("engine", engine.run())
    tasks.start("tick", kept_up(clock, tasks, "tick", app.tick))
    tasks.start("retention", made.retention.run())
    tasks.start(
        "steps", PeriodicWorker(clock, tasks, "steps", lambda: step_arriving.look(app), step_arriving.EVERY, first=AFTER_START).run()
    )
    tasks.start("cleaner", cleaner.run())
    tasks.start("damage", inspection.run())
    tasks.start("storage", app.refresh_usage())
    tasks.start("history", app.refresh_histories())
    tasks.start("log", Logbook(records, clock).keep(made.log, tasks, lambda: engine.leads))
    if app.state.route.view != "queue":
        tasks.start("rows", app.refresh_queue())  # so that they are there when the queue is opened
    tasks.start("models", provider_handlers.show_models(app))
    tasks.start("workspace", workspace_handlers.recall(app))
    tasks.start("datasets", _tidy_datasets(made))
    tasks.start("planning", _tidy_planning(made))
    tasks.start("edits", _tidy_edits(made))


async def _tidy_datasets(made: Services) -> None:
    """Clear what imports left that died with their page. Most starts find none, and load nothing for it."""
    await made.clock.sleep(AFTER_START)
    if await made.store.scan(Table.SETTINGS, owner=DATASET_IMPORT.name):
        await made.datasets().tidy()


async def _tidy_planning(made: Services) -> None:
    """The same of rows that were being added to the queue."""
    await made.clock.sleep(AFTER_START)
    if await made.store.scan(Table.SETTINGS, owner=QUEUEING_ROWS.name):
        await made.planning().tidy()


async def _tidy_edits(made: Services) -> None:
    """What undoes edits of the queue is dropped when they are old."""
    await made.clock.sleep(AFTER_START)
    if await made.store.scan(Table.SETTINGS, owner=QUEUE_EDIT.name):
        await made.edits().tidy()


class _Hosts(msgspec.Struct, frozen=True):
    """Of the choices about programs (core.programs.message.Programs) what the page's policy must know."""

    hosts: tuple[str, ...] = ()
