"""What the batch API replies: listings and single objects, taken out of whatever they are wrapped in.

Rule: a reply that is not what was asked for raises :class:`~app.core.openai.problems.Refused`; a single field that is missing or of another
type has its default, and unknown fields are kept in ``raw``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai import shapes
from app.core.openai.problems import Call, Refused, from_response, unexpected
from app.core.openai.wire import Response

PENDING: Final = frozenset(
    {"pending", "running", "processing", "queued", "importing", "in_progress", "validating", "notrunning", "uploading"}
)
"""Statuses of a file, in small letters, that say: not yet, but soon."""


UNUSABLE: Final = frozenset({"error", "errored", "failed", "failure", "rejected", "invalid", "deleted", "deleting", "expired", "cancelled"})
"""Statuses of a file, in small letters, with which no batch can be made of it."""


class RemoteFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file at the provider. ``size`` in bytes, times in unix seconds; 0 where it does not say. ``status`` in small letters, and what is
    ``said`` of it; both may be empty."""

    id: str
    filename: str = ""
    size: int = 0
    purpose: str = ""
    created_at: float = 0.0
    expires_at: float = 0.0
    status: str = ""
    said: str = ""
    raw: str = ""


class FilePage(msgspec.Struct, frozen=True):
    """One page of a listing. ``after`` is what to ask the next page with; empty at the end. ``partial``: it is not the end, and there is no
    way to ask for the next."""

    files: tuple[RemoteFile, ...] = ()
    after: str = ""
    partial: bool = False


class BatchPage(msgspec.Struct, frozen=True):
    """One page of a listing, newest first; as for :class:`FilePage`."""

    batches: tuple[Remote, ...] = ()
    after: str = ""
    partial: bool = False


class _Envelope(msgspec.Struct):
    data: list[msgspec.Raw]
    has_more: Any = None
    last_id: Any = None
    total: Any = None


class _Listing(msgspec.Struct):
    """A listing of any form: each item with its own JSON text, and whether more follow. ``partial``: it does not say, but counts more."""

    items: list[tuple[Any, bytes]]
    more: bool = False
    last_id: str = ""
    partial: bool = False


_envelope_of: Final = jsonread.Decoder[_Envelope](_Envelope)


def decoded(body: bytes) -> Any:
    """The body's JSON value; None if it is none."""
    try:
        return jsonread.value(body)
    except jsonread.Unreadable:
        return None


def _refused(call: Call, response: Response, profile: Profile, key: str) -> Refused:
    """The refusal that an answer is. For one that came with success and is of a foreign form it says which."""
    problem = from_response(call, response, profile, key)
    if 200 <= response.status < 300 and (words := shapes.strange(decoded(response.body))):
        problem = msgspec.structs.replace(problem, what=unexpected(call, profile, words))
    return Refused(problem)


def object_of(call: Call, response: Response, profile: Profile, key: str) -> dict[str, Any]:
    """The object of a good answer, out of its envelope; it must have an id. Raises Refused."""
    if not 200 <= response.status < 300:
        raise Refused(from_response(call, response, profile, key))
    found = shapes.opened(decoded(response.body))
    if found is None:
        raise _refused(call, response, profile, key)
    return found


def list_of(call: Call, response: Response, profile: Profile, key: str) -> _Listing:
    if not 200 <= response.status < 300:
        raise Refused(from_response(call, response, profile, key))
    try:
        envelope = _envelope_of.decode(response.body)
        items = [(jsonread.value(raw), bytes(raw)) for raw in envelope.data]
        last = envelope.last_id if isinstance(envelope.last_id, str) else ""
        return _Listing(items, envelope.has_more is True, last, envelope.has_more is None and _counts_more(envelope.total, len(items)))
    except jsonread.Unreadable:
        pass
    value = decoded(response.body)
    found = shapes.listed(value)
    if found is None:
        raise _refused(call, response, profile, key)
    around = value if isinstance(value, dict) else {}
    more = around.get("has_more", around.get("hasMore"))
    last = shapes.ident(around, "last_id", "lastId")
    partial = more is None and _counts_more(around.get("total"), len(found))
    return _Listing([(one, msgspec.json.encode(one)) for one in found], more in (True, "true"), last, partial)


def _counts_more(total: Any, here: int) -> bool:
    """Whether a listing says that it has more items than it brings."""
    return isinstance(total, int) and not isinstance(total, bool) and total > here


def items_of(items: list[tuple[Any, bytes]]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The items of a listing that are objects with an id, each out of its envelope."""
    for item, raw in items:
        found = shapes.opened(item) if isinstance(item, dict) else None
        if found is not None:
            yield found, raw


def next_page(listing: _Listing, ids: list[str]) -> str:
    if not listing.more or not ids:
        return ""
    return listing.last_id or ids[-1]


def file_of(found: dict[str, Any], raw: bytes) -> RemoteFile:
    return RemoteFile(
        id=shapes.file_id(found),
        filename=shapes.text(found, "filename", "file_name", "fileName", "name"),
        size=shapes.whole(found, "bytes", "size_bytes", "size", "file_size"),
        purpose=shapes.text(found, "purpose"),
        created_at=shapes.moment(found, "created_at", "createdAt", "created"),
        expires_at=shapes.moment(found, "expires_at", "expiresAt"),
        status=shapes.text(found, "status", "state").strip().lower()[: shapes.STATUS_CHARACTERS],
        said=shapes.text(found, "status_details", "statusDetails", "error", "message"),
        raw=raw.decode("utf-8", "replace"),
    )
