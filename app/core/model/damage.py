"""Stored records that cannot be read: what each is, what that means for money and data, and those that were set aside.

Nothing that is damaged is used, and none of it is discarded: it is left where it is, can be handed out as a file, and can be set aside
into a record of its own, from where it can be put back as it was.
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.base.patterns import pattern
from app.core.json import jsonread
from app.core.model import keys, stored_names
from app.core.model.problem import Problem
from app.core.model.records import Record

OWNER: Final = stored_names.QUARANTINED.name
"""The owner of the settings in which damaged records are kept aside. They belong to one browser: no export and no import touches them."""
_NAME = pattern(r'"name"\s*:\s*"((?:[^"\\]|\\.){1,60})')
_REMOTE = pattern(r'"id"\s*:\s*"(batch_[\w-]{1,80})"')


class DamagedRecord(msgspec.Struct, frozen=True):
    """A record that cannot be used. ``name`` is how people know it, ``means`` what its damage means for money and data, ``why`` what is
    wrong with it in technical words. ``key`` names it in the page."""

    table: str
    id: str
    noun: str
    name: str
    means: str
    why: str

    @property
    def key(self) -> str:
        return f"{self.table}/{self.id}"


class Quarantined(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A damaged record that was set aside at ``at`` (unix seconds), in full: with it the record can be put back as it was. ``by_hand``: the
    person did it; else something had to be written in its place."""

    stored = stored_names.QUARANTINED
    at: float
    table: str
    row: str
    rev: int = 1
    doc: str = ""
    owner: str = ""
    state: str = ""
    order: float = 0.0
    why: str = ""
    by_hand: bool = False

    @property
    def index(self) -> tuple[str, str, float]:
        return OWNER, "", self.at


def file_of(table: str, id: str, rev: int, doc: str, owner: str, state: str, order: float, why: str) -> bytes:
    """A damaged record as a file: JSON that holds everything that is stored of it, its text as it is."""
    whole = {"table": table, "id": id, "rev": rev, "owner": owner, "state": state, "order": order, "why": why, "doc": doc}
    return jsonread.indented(msgspec.json.encode(whole))


def sealed(id: str, profile: str) -> DamagedRecord:
    """What is to be said of something sealed that the browser cannot open. ``id`` is its name (the Keys port), ``profile`` what the
    provider is called of which it may be the key."""
    noun, means = _said("vault", id, "")
    kind, _, rest = id.partition(":")
    where, *account = rest.split("|")
    name = {"webhook": rest, "broker": f"{account[-1]} at {where}" if account else where}.get(kind, profile)
    return DamagedRecord("vault", id, noun, name, means, "the browser cannot open what it sealed")


def damaged(table: str, id: str, owner: str, doc: str, why: str) -> DamagedRecord:
    """What is to be said of a record that cannot be used. ``doc`` is its text, whatever that is."""
    noun, means = _said(table, id, owner)
    found = _NAME.search(doc[:20_000]) if table in ("threads", "batches", "settings") else None
    name = found[1] if found else id
    if table == "batches" and (remote := _REMOTE.search(doc[:200_000])):
        means += f" The provider knows it as {remote[1]}."
    return DamagedRecord(table, id, noun, name, means, " ".join(why.split())[:300])


_KEPT: Final = "Its text is kept as it is."
_SETTINGS: Final[dict[str, tuple[str, str]]] = {
    "profile": (
        "provider",
        "Its address is not known, so nothing is sent to it: requests for it wait, and its batches are not polled (they continue there "
        "and are billed). Setting it aside removes its API key from this browser, which may have been entered for another address.",
    ),
    "preferences": (
        "your preferences",
        "The defaults are used, with the practice provider chosen. Nothing is sent or billed because of this.",
    ),
    "automatic": (
        "when requests are submitted automatically",
        "Until it is set aside no request of this provider is submitted automatically, so nothing is billed that you did not submit.",
    ),
    "programs": (
        "the choices about programs",
        "Which provider their requests go to is not known: until it is set aside no new message is accepted, and none is lost.",
    ),
    "limits": (
        "limits of a provider",
        "The table's limits are used; a batch that is too large for the account is refused there and waits.",
    ),
    "brokersettings": ("RabbitMQ's settings", "No message is consumed from RabbitMQ or sent to it. None is lost: all wait in queues."),
    "intake": ("counts of what programs handed in", "Only figures and the list of refused messages are not shown."),
    "history": ("how long batches took", "Estimates are less exact. No request is touched."),
    "modellist": ("a list of models", "It is requested again at the next test of the key."),
    "import": ("the note of an import", "That import can no longer be undone. What was imported is here."),
    "watched": ("the watched folder", "No file is read there and none is written until the folder is chosen again under Integrations."),
    "dropped": (
        "a file of the watched folder",
        "How far it was read is not known: it waits, or is read again; requests that are here already are not added twice.",
    ),
    "door": ("this browser's name at the local server", "A new name is created; messages held for the old one wait at the server."),
    "bound": ("note of a batch at the provider", "That batch shows whether it is bound to it. Nothing is lost."),
    "editing": (
        "note that a request is being edited",
        "Its group may be submitted automatically while another tab edits one of its requests.",
    ),
    "told": ("what you were told", "You are told again that requests are submitted automatically, before the first one does."),
    "rescue": (
        "the rescue of a batch",
        "It is not carried out: the batch continues at the provider, and none of it is cancelled or sent again because of this.",
    ),
    "removed": ("the note of what left", "Which batches were removed automatically is not shown."),
    "spent": ("what deleted batches cost", "Budgets of that provider count only the batches that are here, until the month ends."),
    "hold": ("a lock", "It is ignored. Nothing is lost."),
    "marks": ("marks of exports", "Merging with another copy of this workspace may import things twice."),
}
_TABLES: Final[dict[str, tuple[str, str]]] = {
    "threads": ("prompt", f"It is not shown, and no request can be created from it. Nothing was sent or billed because of this. {_KEPT}"),
    "batches": (
        "batch",
        "It is not shown and not polled. If it is at the provider it continues there, and what it answers is billed; it can be imported "
        "again under Batches, At the provider. Its requests and answers stay stored. {_KEPT}",
    ),
    "practice": (
        "what the practice provider remembers",
        "It is simulated: none of it was ever billed. Practice batches may end as unknown.",
    ),
    "events": ("page of the log", f"What it says is not shown. No batch and no request is touched. {_KEPT}"),
    "handed": (
        "message of a program",
        "Its result is not delivered, and its program is told so when it asks. Its request, and the answer (billed), are in a batch.",
    ),
    "news": ("note for the local server", "The server may not be told the status of one message. The message itself is not affected."),
    "vault": ("sealed API key", "It cannot be opened, so nothing is sent with it. Enter the key again."),
    "bytes": ("stored content", "It is treated as missing, and the page says so where it is needed."),
}
_SEALED: Final[dict[str, tuple[str, str]]] = {
    "webhook": (
        "secret of a webhook",
        "It cannot be opened, so results go to this receiver without a signature, and it may refuse them; they are kept here. Enter its "
        "secret again under Integrations, or make a new one and give it to the receiver.",
    ),
    "broker": (
        "password of RabbitMQ",
        "It cannot be opened, so no message is consumed from this broker and no result sent to it; none is lost. Enter the password again "
        "in the settings, under RabbitMQ.",
    ),
}
"""By the first word of the name under which it is sealed; all others are API keys."""
_WAITING: Final = (
    "requests in the queue",
    f"They are not shown, not sent and not billed. {_KEPT} Add the requests again if you need them now; set this aside first, so that "
    "they cannot be sent twice.",
)
_GONE_OUT: Final = (
    "requests of a batch",
    "Their answers are shown beside their ids, without what was asked, and they are not sent again. Their batch continues at the "
    "provider and is billed; its answers are stored as they arrive. {_KEPT} Set aside, it can be put back, and then all is as before.",
)


def noun_of(one: Quarantined) -> str:
    """What a record that was set aside is, for people."""
    return _said(one.table, one.row, one.owner)[0]


def _said(table: str, id: str, owner: str) -> tuple[str, str]:
    """What a record is, and what its damage means."""
    if table == "segments":
        return _GONE_OUT if keys.in_batch(owner) else _WAITING
    if table == "vault":
        return _SEALED.get(id.partition(":")[0], _TABLES[table])
    if table == "settings":
        return _SETTINGS.get(id.partition(":")[0], ("a setting", f"It is not used; the default is. {_KEPT}"))
    return _TABLES.get(table, ("record", _KEPT))


def choices_damaged() -> Problem:
    """The choices about programs cannot be read, so it is not known which provider their requests go to, and who is billed."""
    return Problem(
        code="choices_damaged",
        what="The choices about programs cannot be read, so it is not known which provider their requests go to.",
        means="No new message of a program is accepted; none is lost, and nothing is billed.",
        do="Set the damaged record aside in the settings, under Damaged records, and choose the provider again under Integrations.",
        blame="person",
        retry=True,
    )


def flaw(table: str, value: Record, owner: str, state: str) -> str:
    """Why a record that can be decoded must not be used anyway, as words; nothing where it can. It was found by ``owner`` and
    ``state``: one that says otherwise itself is in the wrong place, and could be sent twice or not at all."""
    own, stands, _order = value.index
    if table == "segments" and own != owner:
        return f"it is found as {owner!r} but says that it belongs to {own!r}"
    if table == "batches" and stands != state:
        return f"it is found as {state!r} but says that it is {stands!r}"
    if table == "handed" and (own, stands) != (owner, state):
        return f"it is found as {state!r} of {owner!r} but says {stands!r} of {own!r}"
    if table == "segments":
        return segment_flaw(value)
    return ""


def segment_flaw(value: Record) -> str:
    """What of a segment's index contradicts itself; what can be seen without going through its lines."""
    ids, ends, gone = getattr(value, "ids", ()), getattr(value, "ends", ()), getattr(value, "gone", ())
    owner = getattr(value, "owner", "")
    if not (keys.in_batch(owner) or keys.names_lane(owner)):
        return f"it belongs to {owner!r}, which is neither a queue group nor a batch"
    if len(ids) != len(ends) or (ends and (min(ends) < 0 or max(ends) != ends[-1])):
        return "its lines contradict each other"
    if gone and not 0 <= min(gone) <= max(gone) < len(ids):
        return "it counts lines as deleted that it does not have"
    counted = (getattr(value, "tokens", ()), getattr(value, "inputs", ()))
    return "" if all(len(one) in (0, len(ids)) for one in counted) else "it counts other lines than it has"
