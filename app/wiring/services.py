"""The services of one tab, each on those before it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from app.core.activity.log import draft
from app.services.batches.attempts import Attempts
from app.services.batches.engine import Engine
from app.services.batches.resend import Resender
from app.services.batches.retention import Retention
from app.services.batches.worker import EffectWorker
from app.services.programs.rabbit import Brokers
from app.services.programs.rabbit_consumer import Consumer
from app.services.programs.waiting import WaitingMessages
from app.services.provider.account import Account
from app.services.provider.limits import LimitBook
from app.services.provider.profiles import Profiles
from app.services.queue.auto_submit import AutoSubmitRules, AutoSubmitter
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitter
from app.services.results.review import Review
from app.services.runtime.runtime import Runtime
from app.services.runtime.tasks import Tasks
from app.services.threads.drafts import Drafts
from app.services.threads.images import Images
from app.ui.base.services import Services
from app.wiring.compute import ChosenCompute
from app.wiring.listeners import Listeners
from app.wiring.ports import Ports
from app.wiring.practice import Practice, RoutedHttp
from app.wiring.programs import AFTER_START, ProgramServices

if TYPE_CHECKING:
    from app.services.batches.rescuer import Rescuer
    from app.services.datasets.datasets import Datasets
    from app.services.planning.planning import Planning
    from app.services.queue.bulk_edits import QueueEdits
    from app.services.results.annotating import Annotations
    from app.services.results.steps import AnswerSteps
    from app.services.templates.templates import Templates
    from app.services.tries.tries import Tries


def services(ports: Ports, heard: Listeners) -> tuple[Services, Practice]:
    """Everything that handlers may ask for, and the practice provider. Nothing runs yet."""
    store, clock, random = ports.store, ports.clock, ports.random
    runtime = Runtime.over(store, clock, random, Tasks(heard.failed))
    records, tasks, log = runtime.records, runtime.tasks, runtime.log

    practice = Practice(records, clock, lambda: engine.ready)
    profiles = Profiles(runtime, RoutedHttp(ports.http, practice.http), ports.keys, ports.screen)

    drafts = Drafts(records, clock, random, Tasks(heard.failed), heard.saving)
    waiting = WaitingMessages(records, clock)
    queue = Queue(records, clock, random, waiting.given_up)
    submitter, rules = Submitter(runtime, queue), AutoSubmitRules(records, clock)
    auto_submitter = AutoSubmitter(runtime, queue, submitter, profiles, rules, heard.blocker, heard.closed)

    async def prepare() -> None:
        await practice.lead(await profiles.preferences())

    again = Resender(records, queue, clock, tasks)
    worker = EffectWorker(records, profiles, again, clock, heard.moved, tasks)
    engine = Engine(runtime, worker, ports.locks, heard.batch, heard.leading, prepare)
    retention = Retention(
        records,
        clock,
        tasks,
        lambda: engine.ready,
        waiting.awaits,
        heard.removed,
        lambda id: log.put(draft("batch", "deleted", batch=id)),
    )

    brokers = Brokers(records, ports.keys, profiles, log, ports.broker)
    programs = ProgramServices(runtime, ports, heard, profiles, queue, again, brokers)
    consumer = Consumer(brokers, programs.taker, heard.connection)
    engine.companions = {"closing": auto_submitter.run, "intake": consumer.run, "programs": programs.run}

    compute = ChosenCompute(ports)

    @cache
    def rescues() -> Rescuer:
        from app.services.batches.rescuer import Rescuer

        return Rescuer(runtime, engine, again, queue, submitter, profiles, heard.rescues)

    async def rescuing() -> None:
        await clock.sleep(AFTER_START)
        await rescues().run()

    engine.companions["rescue"] = rescuing

    @cache
    def datasets() -> Datasets:
        from app.services.datasets.datasets import Datasets

        return Datasets(runtime, compute, ports.locks)

    @cache
    def templates() -> Templates:
        from app.services.templates.templates import Templates

        return Templates(runtime, heard.prompt)

    @cache
    def tries() -> Tries:
        from app.services.tries.tries import Tries

        return Tries(runtime, profiles, heard.tries)

    @cache
    def planning() -> Planning:
        from app.services.planning.planning import Planning

        return Planning(runtime, compute, ports.locks, ports.tokenizers)

    @cache
    def edits() -> QueueEdits:
        from app.services.queue.bulk_edits import QueueEdits

        return QueueEdits(runtime, queue, compute, ports.locks)

    @cache
    def annotations() -> Annotations:
        from app.services.results.annotating import Annotations

        return Annotations(records, clock)

    @cache
    def steps() -> AnswerSteps:
        from app.services.results.steps import AnswerSteps

        return AnswerSteps(runtime, compute, ports.locks, queue, submitter, profiles)

    made = Services(
        runtime=runtime,
        drafts=drafts,
        queue=queue,
        submitter=submitter,
        again=again,
        account=Account(records, profiles, clock),
        retention=retention,
        images=Images(store, clock, random),
        review=Review(records, ports.screen, again),
        attempts=Attempts(records, clock),
        profiles=profiles,
        limits=LimitBook(records),
        engine=engine,
        rules=rules,
        auto_submitter=auto_submitter,
        keys=ports.keys,
        locks=ports.locks,
        brokers=brokers,
        consumer=consumer,
        post=programs.post,
        compute=compute,
        rescues=rescues,
        datasets=datasets,
        templates=templates,
        tries=tries,
        planning=planning,
        edits=edits,
        annotations=annotations,
        steps=steps,
    )
    return made, practice
