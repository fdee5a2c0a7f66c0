"""The program put together on ports: any platform that has them can run it (the browser does, and so do tests)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from app.core.activity.log import draft
from app.core.json import jsonread
from app.core.model import trail
from app.core.model.damage import choices_damaged
from app.core.model.keys import PROGRAMS, WATCHED
from app.core.model.providers import Profile
from app.core.model.settings import Preferences
from app.core.model.trail import Stop
from app.core.openai.problems import Refused
from app.core.openai.wire import Request, Response
from app.ports import (
    Broker,
    Clock,
    Folder,
    Http,
    Keys,
    Line,
    Locks,
    Mailbox,
    Random,
    Screen,
    StorageFull,
    StorageLost,
    Store,
    Stream,
    Table,
)
from app.practice.brain import Brain
from app.practice.disk import Lost
from app.practice.inproc import BASE_URL, PracticeHttp
from app.practice.traps import Scenario, Trap
from app.practice.words import WORDS
from app.services.batches.attempts import Attempts
from app.services.batches.engine import Engine
from app.services.batches.remote_cleanup import Cleaner
from app.services.batches.resend import Again
from app.services.batches.retention import Retention
from app.services.batches.worker import EffectWorker
from app.services.practice.blobs import StoreShelf
from app.services.programs.rabbit import Brokers
from app.services.programs.rabbit_consumer import Consumer
from app.services.programs.waiting import Waiting
from app.services.provider.account import Account
from app.services.provider.profiles import Profiles
from app.services.queue.auto_submit import Closer, Rules
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitter
from app.services.results.review import Review
from app.services.runtime.isolation import kept_up
from app.services.runtime.log import Log
from app.services.runtime.logbook import Logbook
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import Records
from app.services.runtime.tasks import Tasks
from app.services.threads.drafts import Drafts, Saving
from app.services.threads.images import Images
from app.ui.base.services import Services
from app.ui.base.state import ComposeState, State
from app.ui.damage import handlers as damage_handlers
from app.ui.programs import handlers as programs_handlers
from app.ui.programs import rabbit_handlers as broker_handlers
from app.ui.provider import handlers as provider_handlers
from app.ui.queue import auto_submit_handlers as outgoing_handlers
from app.ui.queue.outlook import hinders
from app.ui.shell.composition import registry
from app.ui.shell.loop import App
from app.ui.threads import handlers as compose_handlers
from app.ui.threads import saving_handlers
from app.ui.workspace import handlers as workspace_handlers

if TYPE_CHECKING:
    from app.services.programs.intake import Taker
    from app.services.programs.supervisor import Post


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


class Practice:
    """The practice provider of this page's origin: one memory in the store for all tabs.

    Only the tab that ``leads`` writes it. Its engine makes the only calls that change anything; what another tab remembers is older.
    """

    def __init__(self, store: Store, clock: Clock, leads: Callable[[], bool]) -> None:
        self._shelf, self._leads, self._whole = StoreShelf(store, Lost), leads, True
        self.brain = Brain(self._shelf, lambda: clock.sleep(0))
        self.http = PracticeHttp(self.brain, clock.now, self._remember)

    async def recall(self, chosen: Preferences) -> None:
        """Take over what the tab that led before has taught it."""
        if (memory := await self._shelf.recall()) is not None:
            item = trail.record(Table.PRACTICE, "brain")
            with trail.at(item):
                self._whole = not trail.suspected(item) and self.brain.load(memory)
            if not self._whole:
                await self._shelf.unreadable()
        self.behave(chosen)

    async def lead(self, chosen: Preferences) -> None:
        """Before this tab leads: know what is known, and drop what an upload that broke off has left."""
        await self.recall(chosen)
        if self._whole:  # else it is not known which are needed
            await self._shelf.sweep(self.brain.state.files)

    def behave(self, chosen: Preferences) -> None:
        """Be as fast, and fail as often, as the person chose. The same choice again changes nothing: what has sprung stays sprung."""
        scenario = Scenario(speed=chosen.practice_speed, traps=tuple(Trap(one) for one in chosen.practice_traps if one in _TRAPS))
        if scenario != self.brain.state.scenario:
            self.brain.set_scenario(scenario)

    async def _remember(self, memory: bytes) -> None:
        if not self._leads():
            return
        try:
            await self._shelf.remember(memory)
        except BaseException:
            self.brain.changed = True  # it is not kept yet: the next call tries again before it is answered
            raise


class NoServer:
    """The Mailbox port of a page that no local server sent."""

    offered = False

    async def connect(self) -> Line:
        raise ConnectionRefusedError("there is no local server")


async def build(
    store: Store,
    http: Http,
    keys: Keys,
    screen: Screen,
    clock: Clock,
    random: Random,
    locks: Locks,
    broker: Callable[[], Broker],
    folder: Callable[[], Folder],
    mailbox: Mailbox | None = None,
    stops: tuple[Stop, ...] = (),
) -> App:
    """Put the program together on any platform, read what is stored, draw, and start the engine."""
    app: App
    way = mailbox or NoServer()

    def failed(name: str, error: BaseException) -> None:
        app.failed(name, error)

    def told(id: str, saving: Saving) -> None:
        saving_handlers.told(app, id, saving)

    records = Records(store)
    tasks, writing = Tasks(failed), Tasks(failed)
    practice = Practice(store, clock, lambda: engine.ready)
    profiles = Profiles(records, RoutedHttp(http, practice.http), keys, screen, clock, random)
    drafts = Drafts(records, clock, random, writing, told)
    waiting = Waiting(records, clock)
    queue = Queue(records, clock, random, waiting.given_up)
    again = Again(records, queue, clock, tasks)
    log = Log(records, clock, random)
    worker = EffectWorker(records, profiles, again, clock, lambda *how_far: app.moved(*how_far), tasks)

    async def prepare() -> None:
        await practice.lead(await profiles.preferences())

    engine = Engine(records, worker, clock, random, locks, tasks, lambda one: app.batch_told(one), lambda one: app.leading(one), prepare)
    submitter, rules = Submitter(records, queue, clock, random), Rules(records, clock)
    closer = Closer(
        records,
        queue,
        submitter,
        profiles,
        rules,
        clock,
        tasks,
        lambda lane: hinders(state, lane),
        lambda done: outgoing_handlers.closed(app, done),
    )
    brokers = Brokers(records, keys, profiles, log, broker)

    async def for_programs() -> Profile:
        """The provider that programs' requests go to."""
        from app.services.programs.intake import programs

        chosen = (await programs(records)).profile
        if "programs" in records.damage.settings("programs"):
            raise Refused(choices_damaged())
        return profiles.known.get(chosen) or profiles.known[(await profiles.preferences()).profile]

    def handed_in() -> None:
        outgoing_handlers.handed_in(app)
        programs_handlers.hear(app)

    @cache
    def taker() -> Taker:
        from app.services.programs.intake import Taker

        return Taker(records, queue, clock, random, for_programs, handed_in)

    consumer = Consumer(brokers, taker, lambda light: broker_handlers.lit(app, light))
    wanted = asyncio.Event()

    @cache
    def post() -> Post:
        """Delivery and the mailbox; made when it is first needed, since most pages never do."""
        from app.services.programs.supervisor import Post

        wanted.set()
        return Post(
            records,
            profiles,
            queue,
            again,
            taker(),
            brokers,
            way,
            folder(),
            http,
            keys,
            clock,
            random,
            tasks,
            lambda: programs_handlers.hear(app),
        )

    async def deliver() -> None:
        """Nothing for who has nothing to do with programs."""
        if not way.offered:
            await clock.sleep(_AFTER_START)
            if not await store.counts(Table.HANDED) and await store.get(Table.SETTINGS, WATCHED) is None:
                await wanted.wait()
        await post().run()

    engine.beside = {"closing": closer.run, "intake": consumer.run, "programs": deliver}
    services = Services(
        store,
        drafts,
        queue,
        submitter,
        again,
        Account(records, profiles, clock),
        Retention(
            records,
            clock,
            tasks,
            lambda: engine.ready,
            waiting.awaits,
            lambda: app.batches_left(),
            lambda id: log.put(draft("batch", "deleted", batch=id)),
        ),
        Images(store, clock, random),
        Review(records, screen, again),
        Attempts(records, clock),
        profiles,
        engine,
        rules,
        closer,
        clock,
        random,
        keys,
        locks,
        log,
        brokers,
        consumer,
        post,
    )
    state = State(ComposeState(drafts.new()), setting=screen.setting, online=screen.online, version=screen.version)
    state.stops = stops
    engine.network(screen.online)
    engine.seen(screen.visible)
    state.notices = screen.notices
    state.zone = float(time.localtime().tm_gmtoff or 0)
    state.traps = tuple((trap.value, words) for trap, words in WORDS.items())

    app = App(state, services, screen, tasks, registry(), lambda changed: practice.behave(changed.preferences))
    records.damage.told = lambda: damage_handlers.hear(app)

    async def providers() -> None:
        state.profiles = dict(await profiles.load())
        state.preferences = await profiles.preferences()

    async def rehearse() -> None:
        await practice.recall(state.preferences)

    async def policy() -> None:
        if (row := await store.get(Table.SETTINGS, PROGRAMS)) is not None:
            try:
                profiles.beside["webhooks"] = jsonread.typed(row.doc, _Hosts).hosts
            except jsonread.Unreadable as error:
                records.damage.add(Table.SETTINGS, row, str(error))
        state.reload_needed = not profiles.allow_hosts()
        screen.theme(state.preferences.theme)

    async def thread() -> None:
        await app.refresh_threads()
        last = next((one for one in state.threads if one.id == state.preferences.thread and not one.deleted), None)
        compose_handlers.show_thread(app, last or state.compose.thread)
        saving_handlers.resume(app, saving_handlers.held(app))

    async def removed() -> None:
        state.removed = await services.retention.last()

    async def keys_here() -> None:
        await provider_handlers.refresh_keys(app)

    async def rules_here() -> None:
        await outgoing_handlers.refresh_rules(app)

    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "providers": providers,
        "practice": rehearse,
        "policy": policy,
        "keys": keys_here,
        "threads": thread,
        "limits": app.refresh_limits,
        "batches": app.refresh_batches,
        "rules": rules_here,
        "queue": app.refresh_queue,
        "removed": removed,
        "route": app.follow_route,
    }
    for name, step in steps.items():  # whatever lies in the store, the page starts: what one step cannot read is told, and the next is done
        try:
            await step()
        except (StorageLost, StorageFull):
            raise
        except Exception as error:
            app.failed(f"start: {name}", error)
    saving_handlers.take_early(app)
    app.draw()
    tasks.start("engine", engine.run())
    tasks.start("tick", kept_up(clock, tasks, "tick", app.tick))
    tasks.start("retention", services.retention.run())
    tasks.start(
        "cleaner", Cleaner(records, profiles, clock, tasks, lambda: engine.ready and state.online, lambda one: app.batch_told(one)).run()
    )
    tasks.start(
        "damage", PeriodicWorker(clock, tasks, "damage", lambda: damage_handlers.inspect(app), _INSPECTED, first=_AFTER_START).run()
    )
    tasks.start("storage", app.refresh_usage())
    tasks.start("history", app.refresh_histories())
    tasks.start("log", Logbook(records, clock).keep(log, tasks, lambda: engine.leads))
    tasks.start("models", provider_handlers.show_models(app))
    tasks.start("workspace", workspace_handlers.recall(app))
    return app


_INSPECTED = 3_600.0
"""Seconds between two looks for damaged records that nobody meets by reading."""
_TRAPS = frozenset(trap.value for trap in Trap)
_AFTER_START = 2.0
"""Seconds: a page that was just opened has other things to do."""


class _Hosts(msgspec.Struct, frozen=True):
    """Of the choices about programs (core.programs.message.Programs) what the page's policy must know."""

    hosts: tuple[str, ...] = ()
