"""Settings: what a person chose, and what this browser remembers of what its person was told."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record


class Automatic(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When requests for one provider go out by themselves (id: the profile's): those of programs ``after`` seconds (0: never, by hand
    only), those made by hand after ``own`` seconds; but not from the lanes in ``held``. ``own`` is None where nothing was chosen about it
    (core.queue.auto_submit.waits says what holds then). ``opened``: when the person let a lane go again whose requests a batch had
    given back. Lanes by their keys."""

    stored = stored_names.AUTOMATIC
    after: float = 3_600.0
    own: float | None = None
    held: tuple[str, ...] = ()
    opened: dict[str, float] = msgspec.field(default_factory=dict)


class BrokerSettings(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Where RabbitMQ is and what is taken from it. One record, id ``broker``. The password is never here (services.brokers).

    ``transport``: ``stomp`` is the broker's own Web STOMP plugin at ``address``, ``amqp`` the relay of the server that served this page
    (no address: the server was told its broker). Messages come from ``queue``, which must exist; where ``exchange`` is set, the queue is
    made if need be and bound to it by ``routing_key``. ``prefetch`` messages at most are on their way unacknowledged. ``on``: messages
    are taken while this page is open. Texts are as typed; core.programs.rabbit checks them.
    """

    stored = stored_names.BROKER_SETTINGS
    transport: Literal["stomp", "amqp"] = "stomp"
    address: str = ""
    vhost: str = "/"
    user: str = ""
    queue: str = ""
    exchange: str = ""
    routing_key: str = ""
    prefetch: int = 100
    on: bool = False


class AutoSubmitNotice(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When the page first said to this browser's person that requests for one provider (id: the profile's) go out by themselves. Not part
    of the workspace, and taken back by an import: what another browser's person was told counts for nothing here. ``own``: said by a
    version in which requests made by hand wait for their person; older ones said that they go by themselves too."""

    stored = stored_names.TOLD
    at: float
    own: bool = False


class Preferences(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the person chose. One record, id ``preferences``. ``keep_days``: so many days after their end, batches whose answers were
    exported leave this browser (0: never; core.batches.retention)."""

    stored = stored_names.PREFERENCES
    profile: str = "practice"
    thread: str = ""
    theme: Literal["system", "light", "dark"] = "system"
    practice_speed: float = 1.0
    practice_traps: tuple[str, ...] = ()
    keep_days: int = 0
    notify: bool = False


class RetentionNotice(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The batches that left this browser by themselves since the person last read of it: how many, and the ``names`` and ids of the last
    twenty. One record, id ``last``."""

    stored = stored_names.REMOVED
    at: float = 0.0
    count: int = 0
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
