"""Places that results go to, as a message's ``delivery_config`` names them: a struct for each kind, with all that is particular to it.

To add one that an existing transport reaches, write its struct and name it in :data:`Target`. Intake, the outbox, the page's dialog and the
server's document are made from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from app.core.base.patterns import pattern

Transport = Literal["http", "broker", "folder"]
"""What takes results to a target: calls of its address, RabbitMQ, or the watched folder."""

MAX_ADDRESS: Final = 2_048
"""Characters of a webhook's address."""
MAX_LABEL: Final = 63
MAX_HOST: Final = 253
"""Characters of a part of a host's name, and of the whole (RFC 1035)."""
MAX_QUEUE: Final = 255
"""Bytes of a queue's name (AMQP 0-9-1: a short string)."""
_DOTS = pattern("[.\u3002\uff0e\uff61]")  # those that IDNA takes for dots


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="webhook"):
    """The result goes to this address by POST."""

    webhook_url: str

    transport: ClassVar[Transport] = "http"
    label: ClassVar[str] = "Webhook"
    schema: ClassVar[Mapping[str, Any]] = {"format": "webhook", "maxLength": MAX_ADDRESS}
    """What the server's document says of its field beyond the type."""

    @property
    def text(self) -> str:
        """The place as people read it."""
        return self.webhook_url

    @property
    def fault(self) -> str:
        """What is wrong with it, as a sentence; nothing where it could be tried."""
        return address_fault(self.webhook_url)


class RabbitQueue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="rabbitmq"):
    """The result goes to this queue, through the default exchange."""

    rabbitmq_queue: str

    transport: ClassVar[Transport] = "broker"
    label: ClassVar[str] = "RabbitMQ queue"
    schema: ClassVar[Mapping[str, Any]] = {"format": "queue", "minLength": 1, "maxLength": MAX_QUEUE}

    @property
    def text(self) -> str:
        """The queue's name."""
        return self.rabbitmq_queue

    @property
    def fault(self) -> str:
        """What is wrong with the name, as a sentence."""
        size = len(self.rabbitmq_queue.encode(errors="replace"))
        return "" if 0 < size <= MAX_QUEUE else f"A queue's name has 1 to {MAX_QUEUE} bytes; this one has {size}."


Target = Webhook | RabbitQueue
KINDS: Final[dict[str, type[Target]]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Target)}
"""Each kind by the ``type`` that messages name it by, in the order in which they are offered."""


def kind_of(target: Target) -> str:
    """The ``type`` of a target."""
    return str(target.__struct_config__.tag)


def address_fault(url: str) -> str:
    """What is wrong with a webhook's address, as a sentence; nothing where it could be called."""
    if len(url) > MAX_ADDRESS:
        return f"The webhook's address has {len(url)} characters; the maximum is {MAX_ADDRESS}."
    if not url.isprintable() or "\\" in url or any(c.isspace() for c in url):
        return "A webhook's address has no spaces, backslashes or control characters."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "The webhook's address isn't one."
    if parts.scheme not in ("http", "https"):
        return "A webhook's address begins with https:// or http://."
    if not host or port == 0:
        return "The webhook's address names no host and port that could be called."
    if ":" not in host and (len(host) > MAX_HOST or not all(0 < len(label) <= MAX_LABEL for label in _DOTS.split(host.removesuffix(".")))):
        return f"The name in the webhook's address has parts that are empty or above {MAX_LABEL} characters, or is above {MAX_HOST}."
    if "@" in parts.netloc:
        return "A webhook's address must not contain a name or a password: it is kept and shown."
    return ""
