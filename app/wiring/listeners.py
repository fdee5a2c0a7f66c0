"""What the page hears of the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.queue.auto_submit import Why
from app.services.queue.auto_submit import AutoSubmitted
from app.services.threads.drafts import Saving

if TYPE_CHECKING:
    from app.core.model.templates import Template
    from app.core.programs.rabbit import ConnectionStatus


class Listeners(msgspec.Struct, frozen=True, kw_only=True):
    """One function for each thing that a page can show."""

    failed: Callable[[str, BaseException], None]
    """A task failed, by its name."""
    saving: Callable[[str, Saving], None]
    """How the saving of a thread stands."""
    prompt: Callable[[Template, Saving], None]
    """How the saving of a table's prompt stands, and what it says then."""
    tries: Callable[[str, bool], None]
    """More of a table's tries can be seen; whether one was stored."""
    moved: Callable[[str, str, int, int], None]
    """How far a step of a batch is."""
    batch: Callable[[Batch], None]
    """A batch was stored."""
    rescues: Callable[[], None]
    """A rescue of a batch continued."""
    leading: Callable[[bool], None]
    """This tab took the lead, or lost it."""
    blocker: Callable[[Lane], Why | None]
    """What in this tab stands in the way of a lane's requests."""
    closed: Callable[[AutoSubmitted], None]
    """Requests went out by themselves, or could not."""
    handed_in: Callable[[], None]
    """Programs handed requests in."""
    connection: Callable[[ConnectionStatus], None]
    """How the connection to RabbitMQ stands."""
    programs: Callable[[], None]
    """Something about programs changed."""
    removed: Callable[[], Awaitable[None]]
    """Old batches left this browser."""
