"""The batch API without I/O: a builder makes a :class:`~app.core.openai.wire.Request`, its reader turns the answer into a struct.

Readers take what comes (:mod:`app.core.openai.shapes`): a field that is missing, null, empty or of another type has its default, and
unknown
fields are kept in ``raw``. Only an answer that is not what was asked for at all raises :class:`~app.core.openai.problems.Refused`. A
page may send no headers but Authorization, Content-Type and a simple Range. Sources: the OpenAI API reference and batch guide.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from app.core.base.patterns import pattern
from app.core.base.retry import CREATE_TIMEOUT
from app.core.json import jsonread
from app.core.model.batches import Batch
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai import kinds, shapes
from app.core.openai.problems import Call, Refused, from_response, not_deleted, unexpected
from app.core.openai.wire import Blob, FilePart, Request, Response

OUR_ID: Final = "nightshift"  # the metadata key that carries our batch id
METADATA_VALUE: Final = 512  # characters (API reference; keys may have 64, pairs are at most 16)
LIST_BATCHES: Final = 100  # the most that one page may hold (API reference)
LIST_FILES: Final = 1_000  # a page may hold 10,000; ours is among the newest
LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1"})
_HOST: Final = pattern(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")  # as static/js/policy.js takes them

_SLOWEST_UPLOAD: Final = 25_000  # bytes a second
_STREAM_SILENCE: Final = 120.0  # seconds without a byte after which a download counts as broken


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


# --- addresses -------------------------------------------------------------------------------------------------------------------


def check_base_url(text: str) -> str | None:
    """What is wrong with a provider's base address, as a sentence; None if it can be used."""
    text = text.strip()
    if not text:
        return "Enter the provider's base address, for example https://api.openai.com/v1."
    if any(c.isspace() or ord(c) < 32 for c in text) or "\\" in text:
        return "An address has no spaces or backslashes."
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "This is not a valid address."
    if parts.scheme not in ("http", "https"):
        return "The address must begin with https://."
    if not host:
        return "The address names no host."
    if "@" in parts.netloc:
        return "The address must not contain a name or a key: enter the key in its own field."
    if "?" in text or "#" in text:
        return "The address must not contain ? or #."
    if not _HOST.fullmatch(host):
        return "A page's policy can name only hosts of a-z, 0-9, “.” and “-”: write 127.0.0.1 for [::1], and xn--… for other letters."
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        return "Over http:// the key could be read on its way. Use https:// (http:// only for this machine: localhost, 127.0.0.1)."
    return None


def leaves_the_machine(profile: Profile) -> bool:
    """Whether calls to a provider need a network: it is neither the practice provider in the page nor at an address of this machine."""
    if profile.practice:
        return False
    try:
        return (urlsplit(profile.base_url.strip()).hostname or "") not in LOCAL_HOSTS
    except ValueError:
        return True


def origin(base_url: str) -> str:
    """Scheme, host and port of an address, as the page's policy lists it."""
    parts = urlsplit(base_url.strip())
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, default) else "")


def _url(profile: Profile, *path: str, **query: str | int) -> str:
    base = profile.base_url.strip().rstrip("/")
    asked = urlencode({name: value for name, value in query.items() if value not in ("", 0)})
    return "/".join((base, *(quote(part, safe="") for part in path))) + (f"?{asked}" if asked else "")


def _headers(key: str, *, json: bool = False) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **({"Content-Type": "application/json"} if json else {})}


def _get(profile: Profile, key: str, *path: str, **query: str | int) -> Request:
    return Request(method="GET", url=_url(profile, *path, **query), headers=_headers(key))


# --- files -----------------------------------------------------------------------------------------------------------------------


def upload_file(profile: Profile, key: str, filename: str, content: Blob) -> Request:
    """``POST /files``. The name must end in ``.jsonl`` (the provider refuses others); the timeout grows with the size."""
    if not filename.endswith(".jsonl"):
        raise ValueError("the name of an upload must end in .jsonl")
    return Request(
        method="POST",
        url=_url(profile, "files"),
        headers=_headers(key),
        fields=(("purpose", profile.purpose), *_expiry(profile)),
        file=FilePart(name="file", filename=filename, content=content),
        timeout=120.0 + content.size / _SLOWEST_UPLOAD,
    )


def _expiry(profile: Profile) -> tuple[tuple[str, str], ...]:
    """The form fields that say when the upload expires."""
    if not profile.expires_after:
        return ()
    return ("expires_after[anchor]", "created_at"), ("expires_after[seconds]", str(profile.expires_after))


def read_upload(response: Response, profile: Profile, key: str = "") -> RemoteFile:
    return _file(_object("upload", response, profile, key), response.body)


def list_files(profile: Profile, key: str, *, purpose: str = "", after: str = "", limit: int = LIST_FILES) -> Request:
    """``GET /files``, newest first. ``purpose`` empty: all."""
    return _get(profile, key, "files", purpose=purpose, limit=limit, order="desc", after=after)


def read_files(response: Response, profile: Profile, key: str = "") -> FilePage:
    listing = _list("list", response, profile, key)
    files = tuple(_file(item, raw) for item, raw in _opened(listing.items) if shapes.file_id(item))
    return FilePage(files, _after(listing, [file.id for file in files]), listing.partial)


def get_file(profile: Profile, key: str, file_id: str) -> Request:
    """``GET /files/{id}``: its size and until when it is kept. A page cannot read the content's length from the answer that brings it."""
    return _get(profile, key, "files", file_id)


def read_file(response: Response, profile: Profile, key: str = "") -> RemoteFile:
    return _file(_object("download", response, profile, key), response.body)


def delete_file(profile: Profile, key: str, file_id: str) -> Request:
    """``DELETE /files/{id}``. There is no way back."""
    return Request(method="DELETE", url=_url(profile, "files", file_id), headers=_headers(key))


def read_deleted(response: Response, profile: Profile, key: str = "") -> None:
    """A file that is not there (404) is as good as deleted. Raises Refused."""
    if response.status != 404 and not 200 <= response.status < 300:
        raise Refused(from_response("delete", response, profile, key))
    found = _decoded(response.body)
    if isinstance(found, dict) and found.get("deleted") is False:
        raise Refused(not_deleted(profile))


def file_content(profile: Profile, key: str, file_id: str, start: int = 0) -> Request:
    """``GET /files/{id}/content``: raw JSONL, to be streamed, from byte ``start`` on. Anything but status 200, or 206 where a start was
    asked for, is for ``problems.from_response("download", …)``."""
    headers = {**_headers(key), **({"Range": f"bytes={start}-"} if start else {})}
    return Request(method="GET", url=_url(profile, "files", file_id, "content"), headers=headers, timeout=_STREAM_SILENCE)


# --- batches ---------------------------------------------------------------------------------------------------------------------


def metadata(batch: Batch) -> dict[str, str]:
    """What our batches carry, so that they are found again by listing. Within the API's limits."""
    name = batch.name.strip()[:METADATA_VALUE]
    return {OUR_ID: batch.id, **({"name": name} if name else {})}


def create_batch(profile: Profile, key: str, batch: Batch) -> Request:
    """``POST /batches`` from ``batch.input_file_id``, for the lane's endpoint, with our metadata."""
    body: dict[str, Any] = {
        "input_file_id": batch.input_file_id,
        "endpoint": kinds.batch_endpoint(profile, batch.lane.endpoint),
        "completion_window": profile.window,
        "metadata": metadata(batch),
    }
    if profile.expires_after and kinds.kind_of(profile) == "azure":  # its answer files have no expiry otherwise, and count for the quota
        body["output_expires_after"] = {"anchor": "created_at", "seconds": kinds.EXPIRES["azure"][1]}
    url = _url(profile, "batches")
    return Request(method="POST", url=url, headers=_headers(key, json=True), body=msgspec.json.encode(body), timeout=CREATE_TIMEOUT)


def read_created(response: Response, profile: Profile, key: str = "") -> Remote:
    return shapes.batch(_object("create", response, profile, key), response.body)


def list_batches(profile: Profile, key: str, *, after: str = "", limit: int = LIST_BATCHES) -> Request:
    """``GET /batches``, newest first."""
    return _get(profile, key, "batches", limit=limit, after=after)


def read_batches(response: Response, profile: Profile, key: str = "") -> BatchPage:
    listing = _list("list", response, profile, key)
    batches = tuple(shapes.batch(item, raw) for item, raw in _opened(listing.items) if shapes.batch_id(item))
    return BatchPage(batches, _after(listing, [batch.id for batch in batches]), listing.partial)


def get_batch(profile: Profile, key: str, batch_id: str) -> Request:
    return _get(profile, key, "batches", batch_id)


def read_batch(response: Response, profile: Profile, key: str = "") -> Remote:
    return shapes.batch(_object("poll", response, profile, key), response.body)


def cancel_batch(profile: Profile, key: str, batch_id: str) -> Request:
    """``POST /batches/{id}/cancel``. A cancelled batch keeps what it has answered, and bills it."""
    return Request(method="POST", url=_url(profile, "batches", batch_id, "cancel"), headers=_headers(key))


def read_cancelled(response: Response, profile: Profile, key: str = "") -> Remote:
    return shapes.batch(_object("cancel", response, profile, key), response.body)


# --- models ----------------------------------------------------------------------------------------------------------------------


def list_models(profile: Profile, key: str) -> Request:
    """``GET /models``. Also the way to test a key: it costs nothing."""
    return _get(profile, key, "models")


def read_models(response: Response, profile: Profile, key: str = "") -> tuple[str, ...]:
    """The models' ids, sorted, each once."""
    items = [item for item, _raw in _list("models", response, profile, key).items]
    names = (
        item if isinstance(item, str) else shapes.text(item, "id", "name", "model") if isinstance(item, dict) else "" for item in items
    )
    return tuple(sorted({name for name in names if name}))


# --- finding what is ours --------------------------------------------------------------------------------------------------------


def match_file(files: tuple[RemoteFile, ...], batch: Batch) -> RemoteFile | None:
    """Our upload among files, if it is there whole: same name, and the planned size where the provider says one."""
    return next((file for file in files if _is_ours(file, batch)), None)


def _is_ours(file: RemoteFile, batch: Batch) -> bool:
    return file.filename == batch.filename and file.size in (0, batch.size) and file.status not in UNUSABLE


def match_batch(batches: tuple[Remote, ...], batch: Batch) -> Remote | None:
    """Our batch among those of the provider: by our id in its metadata, or by the input file, which no other batch uses. Those that do not
    count any more (``Batch.void``) are not it."""
    void = {one.id for one in batch.void}

    def ours(remote: Remote) -> bool:
        known = remote.metadata.get(OUR_ID) == batch.id or bool(batch.input_file_id and remote.input_file_id == batch.input_file_id)
        return known and remote.id not in void

    found = [remote for remote in batches if ours(remote)]
    return min(found, key=lambda remote: (remote.status in ("failed", "cancelled", "cancelling"), remote.created_at), default=None)


def twins_of(batches: tuple[Remote, ...], batch: Batch, remote_id: str) -> tuple[Remote, ...]:
    """Other batches at the provider that carry our id: the same requests, paid a second time. Those known before do not count."""
    known = {remote_id, *(one.id for one in batch.void)}
    return tuple(one for one in batches if one.metadata.get(OUR_ID) == batch.id and one.id not in known)


def older_than(page: BatchPage | FilePage, when: float) -> bool:
    """Whether ours can't follow: the page is really newest first and ends before ``when`` (unix seconds), with a day's grace for clocks
    that differ. Entries without a time, or in another order (some providers list the oldest first), say nothing."""
    times = [one.created_at for one in (page.batches if isinstance(page, BatchPage) else page.files)]
    newest_first = len(times) > 1 and all(times) and all(later >= earlier for later, earlier in itertools.pairwise(times))
    return newest_first and times[0] > times[-1] and times[-1] < when - 86_400


# --- reading ---------------------------------------------------------------------------------------------------------------------


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


def _decoded(body: bytes) -> Any:
    """The body's JSON value; None if it is none."""
    try:
        return jsonread.value(body)
    except jsonread.Unreadable:
        return None


def _refused(call: Call, response: Response, profile: Profile, key: str) -> Refused:
    """The refusal that an answer is. For one that came with success and is of a foreign form it says which."""
    problem = from_response(call, response, profile, key)
    if 200 <= response.status < 300 and (words := shapes.strange(_decoded(response.body))):
        problem = msgspec.structs.replace(problem, what=unexpected(call, profile, words))
    return Refused(problem)


def _object(call: Call, response: Response, profile: Profile, key: str) -> dict[str, Any]:
    """The object of a good answer, out of its envelope; it must have an id. Raises Refused."""
    if not 200 <= response.status < 300:
        raise Refused(from_response(call, response, profile, key))
    found = shapes.opened(_decoded(response.body))
    if found is None:
        raise _refused(call, response, profile, key)
    return found


def _list(call: Call, response: Response, profile: Profile, key: str) -> _Listing:
    if not 200 <= response.status < 300:
        raise Refused(from_response(call, response, profile, key))
    try:
        envelope = _envelope_of.decode(response.body)
        items = [(jsonread.value(raw), bytes(raw)) for raw in envelope.data]
        last = envelope.last_id if isinstance(envelope.last_id, str) else ""
        return _Listing(items, envelope.has_more is True, last, envelope.has_more is None and _counts_more(envelope.total, len(items)))
    except jsonread.Unreadable:
        pass
    value = _decoded(response.body)
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


def _opened(items: list[tuple[Any, bytes]]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The items of a listing that are objects with an id, each out of its envelope."""
    for item, raw in items:
        found = shapes.opened(item) if isinstance(item, dict) else None
        if found is not None:
            yield found, raw


def _after(listing: _Listing, ids: list[str]) -> str:
    if not listing.more or not ids:
        return ""
    return listing.last_id or ids[-1]


def _file(found: dict[str, Any], raw: bytes) -> RemoteFile:
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
