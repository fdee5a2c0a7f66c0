"""What the handlers may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from app.ports import Clock, Keys, Locks, Random, Store
from app.services.account import Account
from app.services.again import Again
from app.services.attempts import Attempts
from app.services.broker import Brokers
from app.services.closing import Closer, Rules
from app.services.compose import Drafts
from app.services.consuming import Consumer
from app.services.engine import Engine
from app.services.images import Images
from app.services.log import Log
from app.services.profiles import Profiles
from app.services.queue import Queue
from app.services.retention import Retention
from app.services.review import Review
from app.services.submit import Submitter

if TYPE_CHECKING:
    from app.services.programs import Post


class Services(msgspec.Struct, frozen=True):
    """Everything that handlers may ask for."""

    store: Store
    drafts: Drafts
    queue: Queue
    submitter: Submitter
    again: Again
    account: Account
    retention: Retention
    images: Images
    review: Review
    attempts: Attempts
    profiles: Profiles
    engine: Engine
    rules: Rules
    closer: Closer
    clock: Clock
    random: Random
    keys: Keys
    locks: Locks
    log: Log
    brokers: Brokers
    consumer: Consumer
    post: Callable[[], Post]
