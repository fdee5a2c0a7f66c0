"""The program put together on ports: any platform that has them can run it (the browser does, and so do tests)."""

from __future__ import annotations

import time

from app.core.wire import Request, Response
from app.ports import Clock, Http, Keys, Locks, Random, Screen, Store, Stream
from app.practice.brain import Brain
from app.practice.disk import Lost
from app.practice.inproc import BASE_URL, PracticeHttp
from app.practice.traps import Scenario, Trap
from app.practice.words import WORDS
from app.services.again import Again
from app.services.compose import Drafts, Saving
from app.services.engine import Engine
from app.services.profiles import Profiles
from app.services.queue import Queue
from app.services.records import Records
from app.services.review import Review
from app.services.shelf import StoreShelf
from app.services.submit import Submitter
from app.services.tasks import Tasks
from app.services.worker import EffectWorker
from app.ui.app import App, Services
from app.ui.handlers import HANDLERS
from app.ui.handlers import compose as compose_handlers
from app.ui.handlers import settings as settings_handlers
from app.ui.state import ComposeState, State


class RoutedHttp:
    """Calls to the practice provider stay in the page; all others go out."""

    def __init__(self, out: Http, practice: PracticeHttp) -> None:
        self._out, self._practice = out, practice

    async def send(self, request: Request, *, progress: object = None) -> Response:
        return await self._of(request).send(request, progress=progress)  # type: ignore[arg-type]  # handed through

    async def stream(self, request: Request) -> Stream:
        return await self._of(request).stream(request)

    def _of(self, request: Request) -> Http:
        return self._practice if request.url.startswith(BASE_URL) else self._out


async def build(store: Store, http: Http, keys: Keys, screen: Screen, clock: Clock, random: Random, locks: Locks) -> App:
    """Put the program together on any platform, read what is stored, draw, and start the engine."""
    app: App

    def failed(name: str, error: BaseException) -> None:
        app.failed(name, error)

    def told(id: str, saving: Saving) -> None:
        compose_handlers.told(app, id, saving)

    records = Records(store)
    tasks, writing = Tasks(failed), Tasks(failed)
    shelf = StoreShelf(store, Lost)
    brain = Brain(shelf, lambda: clock.sleep(0))
    if (memory := await shelf.recall()) is not None:
        brain.load(memory)
    profiles = Profiles(records, RoutedHttp(http, PracticeHttp(brain, clock.now, shelf.remember)), keys, screen, clock, random)
    drafts = Drafts(records, clock, random, writing, told)
    queue = Queue(records, clock, random)
    worker = EffectWorker(records, profiles, clock, lambda *how_far: app.moved(*how_far))

    async def recall() -> None:
        """The tab that led before may have taught the practice provider more than this one knows."""
        if (memory := await shelf.recall()) is not None:
            brain.load(memory)

    engine = Engine(records, worker, clock, random, locks, tasks, lambda one: app.batch_told(one), lambda one: app.leading(one), recall)
    services = Services(
        store,
        drafts,
        queue,
        Submitter(records, queue, clock, random),
        Again(records, queue, clock),
        Review(records, screen),
        profiles,
        engine,
        clock,
        random,
    )
    state = State(ComposeState(drafts.new()), setting=screen.setting, online=screen.online, zone=float(time.localtime().tm_gmtoff or 0))
    state.traps = tuple((trap.value, words) for trap, words in WORDS.items())

    def practise(state: State) -> None:
        chosen = state.preferences
        brain.set_scenario(Scenario(speed=chosen.practice_speed, traps=tuple(Trap(one) for one in chosen.practice_traps if one in _TRAPS)))

    app = App(state, services, screen, tasks, HANDLERS, practise)
    state.profiles = dict(await profiles.load())
    state.preferences = await profiles.preferences()
    state.reload_needed = not profiles.allow_hosts()
    screen.theme(state.preferences.theme)
    await settings_handlers.refresh_keys(app)
    await app.refresh_threads()
    last = next((one for one in state.threads if one.id == state.preferences.thread and not one.deleted), None)
    compose_handlers.show_thread(app, last or state.compose.thread)
    await app.refresh_batches()
    await app.refresh_queue()
    await app.follow_route()
    state.damaged = len(records.damaged)
    app.draw()
    tasks.start("engine", engine.run())
    tasks.start("tick", app.tick())
    tasks.start("storage", app.refresh_usage())
    tasks.start("models", settings_handlers.show_models(app))
    return app


_TRAPS = frozenset(trap.value for trap in Trap)
