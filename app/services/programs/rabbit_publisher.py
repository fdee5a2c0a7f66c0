"""Results that go to RabbitMQ: a portion is published, and what the broker says of each is one try at its delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from app.core.model import quoting
from app.core.programs.message import DeliveryAttempt, ProgramMessage
from app.ports import Clock
from app.services.runtime.isolation import bisected

if TYPE_CHECKING:
    from app.core.programs.protocol import TryOutcome
    from app.core.programs.rabbit import OutgoingResult
    from app.services.programs.rabbit import Brokers

_OUTCOMES: Final[dict[str, TryOutcome]] = {
    "delivered": "success",
    "not_found": "queue_not_found",
    "denied": "authorization_error",
    "unverified": "unverified",
    "unknown": "connection_error",
}
_CODES: Final[dict[str, tuple[TryOutcome, str]]] = {
    "no_password": ("not_configured", "There is no password for the broker in this tab: enter it in the settings."),
    "bad_login": ("authorization_error", "The broker does not accept user, password or virtual host."),
}
"""What the port says of a connection that it could not make (core.programs.rabbit)."""
_NONE: Final = "RabbitMQ is not set up in this page: see Integrations."


class Publisher:
    """Raises the store's errors."""

    def __init__(self, brokers: Brokers | None, clock: Clock) -> None:
        self._brokers, self._clock = brokers, clock

    async def publish(self, queued: Sequence[ProgramMessage], bodies: Mapping[str, bytes]) -> dict[str, DeliveryAttempt]:
        """One try for each of these, by custom_id. ``bodies`` holds what is sent, by custom_id. One that cannot be published holds up no
        other: its try says why. A portion that is tried in parts may reach the broker twice, with the same idempotency key."""
        began = self._clock.now()
        access = await self._brokers.access() if self._brokers is not None else None
        if self._brokers is None or access is None:
            return {one.id: DeliveryAttempt(began, one.where, "not_configured", error=_NONE, by_hand=one.by_hand) for one in queued}
        port = self._brokers.port
        found: dict[str, DeliveryAttempt] = {}

        def tried(one: ProgramMessage, outcome: TryOutcome, error: str) -> None:
            found[one.id] = DeliveryAttempt(began, one.where, outcome, 0, error, self._clock.now() - began, "broker", one.by_hand)

        async def publish(some: Sequence[ProgramMessage]) -> None:
            sent = await port.publish(access, [_outgoing(one, bodies[one.id]) for one in some])
            for one, each in zip(some, sent, strict=True):
                tried(one, *_CODES.get(each.detail, (_OUTCOMES[each.outcome], each.detail[:300])))

        def put(one: ProgramMessage, error: Exception) -> None:
            tried(one, "other", f"It could not be published ({quoting.quote(f'{type(error).__name__}: {error}')}).")

        await bisected(queued, publish, put)
        return found


def _outgoing(one: ProgramMessage, body: bytes) -> OutgoingResult:
    from app.core.programs.rabbit import OutgoingResult

    queue = one.target.text if one.target is not None else ""
    return OutgoingResult(one.key, body, queue, "" if queue else one.reply_to, one.correlation_id, {"custom_id": one.id})
