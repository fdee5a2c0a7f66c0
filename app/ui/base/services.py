"""What the handlers may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from app.ports import Clock, Keys, Locks, Random, Store
from app.services.batches.attempts import Attempts
from app.services.batches.engine import Engine
from app.services.batches.resend import Resender
from app.services.batches.retention import Retention
from app.services.programs.rabbit import Brokers
from app.services.programs.rabbit_consumer import Consumer
from app.services.provider.account import Account
from app.services.provider.limits import LimitBook
from app.services.provider.profiles import Profiles
from app.services.queue.auto_submit import AutoSubmitRules, AutoSubmitter
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitter
from app.services.results.review import Review
from app.services.runtime.log import Log
from app.services.runtime.records import Records
from app.services.runtime.runtime import Runtime
from app.services.threads.drafts import Drafts
from app.services.threads.images import Images

if TYPE_CHECKING:
    from app.ports.compute import KeepingCompute
    from app.services.batches.rescuer import Rescuer
    from app.services.datasets.datasets import Datasets
    from app.services.planning.planning import Planning
    from app.services.programs.supervisor import ProgramsSupervisor
    from app.services.queue.bulk_edits import QueueEdits
    from app.services.results.annotating import Annotations
    from app.services.results.steps import AnswerSteps
    from app.services.templates.templates import Templates
    from app.services.tries.tries import Tries


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that handlers may ask for."""

    runtime: Runtime
    drafts: Drafts
    queue: Queue
    submitter: Submitter
    again: Resender
    account: Account
    retention: Retention
    images: Images
    review: Review
    attempts: Attempts
    profiles: Profiles
    limits: LimitBook
    engine: Engine
    rules: AutoSubmitRules
    auto_submitter: AutoSubmitter
    compute: KeepingCompute
    """Heavy work, apart from the page where it can be."""
    datasets: Callable[[], Datasets]
    """Tables; loaded when it is first asked for."""
    rescues: Callable[[], Rescuer]
    """Batches that take too long; likewise."""
    templates: Callable[[], Templates]
    """Prompts of tables; likewise."""
    tries: Callable[[], Tries]
    """Rows that are answered at once; likewise."""
    planning: Callable[[], Planning]
    """Tables on their way into the queue; likewise."""
    edits: Callable[[], QueueEdits]
    """Many requests of the queue that are changed together; likewise."""
    annotations: Callable[[], Annotations]
    """What people say of answers; likewise."""
    steps: Callable[[], AnswerSteps]
    """What is asked when answers are there; likewise."""
    keys: Keys
    locks: Locks
    brokers: Brokers
    consumer: Consumer
    post: Callable[[], ProgramsSupervisor]
    """Made when it is first asked for: most pages have nothing to do with programs."""

    @property
    def records(self) -> Records:
        """The tab's records."""
        return self.runtime.records

    @property
    def store(self) -> Store:
        """What they lie in."""
        return self.runtime.records.store

    @property
    def clock(self) -> Clock:
        """The tab's clock."""
        return self.runtime.clock

    @property
    def random(self) -> Random:
        """The tab's randomness."""
        return self.runtime.random

    @property
    def log(self) -> Log:
        """The tab's writer of the log."""
        return self.runtime.log
