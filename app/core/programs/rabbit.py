"""RabbitMQ as values: how to reach a broker, messages received and results published, publish outcomes, and every failure in words.

Sources: RabbitMQ's guides to STOMP, Web STOMP, access control and consumer acknowledgements; AMQP 0-9-1; STOMP 1.2.
"""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from app.core.base import text, urls
from app.core.base.patterns import pattern
from app.core.model.problem import Blame, Problem
from app.core.model.settings import BrokerSettings
from app.core.openai.base_urls import LOCAL_HOSTS

ID: Final = "broker"
"""The one record of :class:`~app.core.model.settings.BrokerSettings`."""
PREFETCH: Final = 1_000  # the most messages that may be unacknowledged: the page holds them in memory until they are stored
RELAY: Final = "the broker of this page's server"
"""Where the relay leads, for people: the page does not know more."""
WEB_STOMP_PORT: Final = 15674  # RabbitMQ, Web STOMP guide: the plugin's default
_NAME: Final = 255  # bytes of a queue's, exchange's or routing key's name (AMQP 0-9-1: short string)
_HOST: Final = pattern(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # as static/js/policy.js takes them
_REPLY: Final = "/reply-queue/"


# --- values ----------------------------------------------------------------------------------------------------------------------


class Access(msgspec.Struct, frozen=True):
    """Everything that a connection needs. The password is in memory only, and is sent to the broker and nowhere else."""

    settings: BrokerSettings
    password: str = ""

    def __repr__(self) -> str:
        """Names the broker and nothing that was given in confidence."""
        return f"Access({host(self.settings)})"


class Arrival(msgspec.Struct, frozen=True):
    """A message that was received and is not acknowledged yet. ``tag`` identifies it within its portion; ``reply_to`` is a queue's
    name, or the STOMP destination that the sender named."""

    tag: int
    body: bytes
    message_id: str = ""
    correlation_id: str = ""
    reply_to: str = ""


class OutgoingResult(msgspec.Struct, frozen=True):
    """A result to be published to ``queue``, which must exist, or else to ``reply_to`` as in :class:`Arrival`. Published again it
    keeps its ``message_id``, so that the receiver can recognise a duplicate. ``headers`` are for the receiver, as text."""

    message_id: str
    body: bytes
    queue: str = ""
    reply_to: str = ""
    correlation_id: str = ""
    headers: dict[str, str] = {}


Outcome = Literal["delivered", "not_found", "denied", "unverified", "unknown"]
"""What became of an outgoing message.

``delivered``: the broker has taken it for a queue that exists. ``not_found``: there is no such queue; nothing was stored. ``denied``: the
user may not write there. ``unverified``: the broker has taken it, but did not say whether the queue exists (Web STOMP of RabbitMQ up to
3.10.8). ``unknown``: no answer, or no connection; it may have arrived, so it goes again with the same message id.
"""


class Sent(msgspec.Struct, frozen=True):
    """The outcome of publishing one message. ``detail`` is for people: the broker's words, or why there was no answer."""

    message_id: str
    outcome: Outcome
    detail: str = ""


ConnectionState = Literal["off", "connecting", "on", "waiting", "stopped"]


class ConnectionStatus(msgspec.Struct, frozen=True):
    """The state of the connection to the broker."""

    state: ConnectionState = "off"
    """``waiting``: it reconnects by itself after ``pause`` seconds; ``stopped``: only a person can fix it."""
    host: str = ""
    trouble: str = ""
    """A code of :func:`explain`; empty while all is well."""
    detail: str = ""
    """What the broker or the browser said."""
    reconnects: int = 0
    """Connections after the first."""
    server: str = ""
    """What the broker calls itself."""
    pause: float = 0.0


# --- addresses -------------------------------------------------------------------------------------------------------------------


def host(settings: BrokerSettings) -> str:
    """Where the broker is, for people: host and port, or the server's relay."""
    if settings.transport == "amqp":
        return RELAY
    if address_fault(settings.address):
        return "the broker"
    return urlsplit(settings.address.strip()).netloc


def origin(settings: BrokerSettings) -> str:
    """Scheme, host and port as the page's policy lists it; nothing for the relay, which is on the page's own origin, or a bad address."""
    if settings.transport == "amqp" or address_fault(settings.address):
        return ""
    return urls.origin(settings.address)


def secret_name(settings: BrokerSettings) -> str:
    """The name under which the password is kept (the Keys port): bound to the broker and user it was entered for, so that no other
    address, an imported one for example, is ever sent it."""
    where = "relay" if settings.transport == "amqp" else origin(settings)
    return f"broker:{where}|{settings.vhost}|{settings.user}"


def faults(settings: BrokerSettings) -> dict[str, str]:
    """What is wrong with the settings, by field, as sentences for people. Empty: they can be used."""
    found: dict[str, str] = {}
    if settings.transport == "stomp" and (fault := address_fault(settings.address)):
        found["address"] = fault
    if not settings.vhost:
        found["vhost"] = "Name the virtual host. RabbitMQ's default is “/”."
    if settings.transport == "stomp" and not settings.user:
        found["user"] = "Enter the user's name."
    if not settings.queue.strip():
        wanted = "the queue that is made for the exchange" if settings.exchange.strip() else "the queue that messages are taken from"
        found["queue"] = f"Name {wanted}."
    for name in ("vhost", "user", "queue", "exchange", "routing_key"):
        if fault := _name_fault(getattr(settings, name)):
            found.setdefault(name, fault)
    if settings.routing_key and not settings.exchange.strip():
        found.setdefault("exchange", "A routing key needs an exchange to be bound to.")
    if not 1 <= settings.prefetch <= PREFETCH:
        found["prefetch"] = f"A whole number from 1 to {text.number(PREFETCH)}."
    return found


def _name_fault(name: str) -> str:
    if len(name.encode("utf-8", "replace")) > _NAME:
        return f"A name has at most {_NAME} bytes."
    return "A name cannot hold a line break or an invisible character." if not name.isprintable() else ""


def address_fault(text: str) -> str:
    """What is wrong with a Web STOMP address, or nothing."""
    try:
        parts = urlsplit(text.strip())
        port_ok = parts.port != 0
    except ValueError:
        return "This is not a web address."
    hostname = (parts.hostname or "").lower()
    if parts.scheme not in ("ws", "wss"):
        return f"The address begins with ws:// or wss://, as in ws://localhost:{WEB_STOMP_PORT}/ws."
    if parts.username is not None or parts.password is not None:
        return "Leave user and password out of the address: enter them in their own fields."
    if not port_ok or _HOST.fullmatch(hostname) is None:
        return "The address needs a host: letters, digits, dots and hyphens, and a port if it is not the usual one."
    if parts.query or parts.fragment:
        return "The address ends with its path; it has no question mark and no #."
    return ""


def in_the_clear(settings: BrokerSettings) -> bool:
    """Whether password and messages leave this machine unencrypted (ws://)."""
    where = origin(settings)
    return where.startswith("ws://") and urlsplit(where).hostname not in LOCAL_HOSTS


# --- names as the transports write them ------------------------------------------------------------------------------------------


def lacks_password(access: Access) -> bool:
    """Whether a password is needed and missing. The relay may know its own (RABBITMQ_URL)."""
    return access.settings.transport == "stomp" and not access.password


def reply_name(address: str) -> str:
    """A ``reply-to`` as it arrived, without what the broker's STOMP plugin puts before a plain queue's name."""
    return address.removeprefix(_REPLY)


# --- failures in words -----------------------------------------------------------------------------------------------------------

_STAY: Final = "Messages stay in the broker's queue and results stay here until the connection works. Nothing is lost, nothing is billed."


class _Words(msgspec.Struct, frozen=True):
    what: str
    do: str
    blame: Blame = "person"
    retry: bool = True


_WORDS: Final[dict[str, _Words]] = {
    "unreachable": _Words(
        "The browser could not connect to {host}. It does not say why.",
        "Check these one after another: host and port of the address; whether the broker runs and its plugin rabbitmq_web_stomp is on; "
        "with wss://, whether the certificate is valid for this host; on a page from the internet, whether the browser may reach devices "
        "on your local network (the permission is next to the address bar).",
    ),
    "relay": _Words(
        "The server of this page could not connect to its broker.",
        "Check that the server still runs, that RABBITMQ_URL names the right broker, and that the broker runs.",
    ),
    "lost": _Words("The connection to {host} was lost.", "Nothing to do: Nightshift reconnects automatically.", "platform"),
    "bad_login": _Words(
        "{host} does not accept user, password or virtual host.",
        "Check all three, then test again. The broker does not say which of them is wrong, and Nightshift does not retry automatically: "
        "some brokers lock a user out after a few tries.",
        retry=False,
    ),
    "no_password": _Words("There is no password for {host} in this tab.", "Enter it in the settings.", retry=False),
    "locked": _Words(
        "The password for {host} is locked: it is under the passphrase of your keys.",
        "Enter the passphrase to continue.",
        retry=False,
    ),
    "policy": _Words(
        "This page may not call {host} yet: a page may call only the hosts that were configured when it was opened.",
        "Reload the page; nothing is lost.",
        "platform",
        retry=False,
    ),
    "bad_address": _Words("The browser does not accept the broker's address.", "Check the address in the settings.", retry=False),
    "missing": _Words(
        "{host} has no such queue or exchange.",
        "Create it on the broker, or correct its name in the settings. Nightshift checks again automatically.",
    ),
    "denied": _Words(
        "{host} does not let this user do that.",
        "Give the user the right: read on the queue that messages come from, write on amq.default for results; for an exchange also "
        "configure and write on the queue, and read on the exchange.",
    ),
    "differs": _Words(
        "The queue exists on {host}, but with other properties than the ones asked for, or another program uses it exclusively.",
        "Name another queue, or remove this one on the broker.",
    ),
    "unsaid": _Words(
        "{host} ended the connection without saying why. RabbitMQ up to 3.10.8 does so when a queue is missing or a right is.",
        "Check that the queue exists and that the user may read from it and write to amq.default.",
    ),
    "unstored": _Words(
        "The messages could not be stored in this browser, so none of them was acknowledged.",
        "See what the page says about storage. Nightshift consumes them again automatically.",
        "platform",
    ),
    "broker": _Words("{host} refused with an error.", "Read the broker's message below; its own log says more.", "provider"),
}


_RELAY_WORDS: Final[dict[str, _Words]] = {
    "bad_login": _Words(
        "{host} does not accept the user, the password or the virtual host of RABBITMQ_URL.",
        "Correct RABBITMQ_URL where the server is started, start it again, and reload this page. The broker does not say which of the "
        "three is wrong, and Nightshift does not retry automatically: some brokers lock a user out after a few tries.",
        retry=False,
    ),
}
"""Where the server logs in and not the page, someone else can fix it."""


def explain(status: ConnectionStatus) -> Problem | None:
    """The status's failure in words; None while there is none."""
    if not status.trouble:
        return None
    words = _WORDS.get(status.trouble, _WORDS["broker"])
    if status.host == RELAY:
        words = _RELAY_WORDS.get(status.trouble, words)
    what = words.what.format(host=status.host or "the broker")
    if what.startswith("the "):  # a host's name keeps its letters, also at the beginning of a sentence
        what = f"T{what[1:]}"
    return Problem(
        code=f"broker_{status.trouble}", what=what, means=_STAY, do=words.do, blame=words.blame, retry=words.retry, detail=status.detail
    )
