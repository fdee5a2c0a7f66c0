"""The calls of the batch API, without I/O: a builder makes a :class:`~app.core.openai.wire.Request`, its reader turns the response into a
struct (:mod:`app.core.openai.replies`).

Of headers a call has only Authorization and Content-Type, which the provider's preflight allows, and ``Range`` with one range, which is
CORS-safelisted and so needs none. Sources: the OpenAI API reference and batch guide; the Fetch standard (CORS-safelisted request-header).
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from app.core.base.retry import CREATE_TIMEOUT
from app.core.model.batches import Batch
from app.core.model.lanes import Endpoint
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai import kinds, shapes
from app.core.openai.problems import Refused, from_response, not_deleted
from app.core.openai.recognition import metadata
from app.core.openai.replies import BatchPage, FilePage, RemoteFile, decoded, file_of, items_of, list_of, next_page, object_of
from app.core.openai.wire import Blob, FilePart, Request, Response

LIST_BATCHES: Final = 100  # the most that one page may hold (API reference)
LIST_FILES: Final = 1_000  # a page may hold 10,000; ours is among the newest

_SLOWEST_UPLOAD: Final = 25_000  # bytes a second
ANSWER_SILENCE: Final = 600.0
"""Seconds without a byte after which an answer counts as lost. Models that reason say nothing for minutes; OpenAI's SDKs wait as long."""
_STREAM_SILENCE: Final = 120.0  # seconds without a byte after which a download counts as broken


# --- addresses -------------------------------------------------------------------------------------------------------------------


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
    return file_of(object_of("upload", response, profile, key), response.body)


def list_files(profile: Profile, key: str, *, purpose: str = "", after: str = "", limit: int = LIST_FILES) -> Request:
    """``GET /files``, newest first. ``purpose`` empty: all."""
    return _get(profile, key, "files", purpose=purpose, limit=limit, order="desc", after=after)


def read_files(response: Response, profile: Profile, key: str = "") -> FilePage:
    listing = list_of("list", response, profile, key)
    files = tuple(file_of(item, raw) for item, raw in items_of(listing.items) if shapes.file_id(item))
    return FilePage(files, next_page(listing, [file.id for file in files]), listing.partial)


def get_file(profile: Profile, key: str, file_id: str) -> Request:
    """``GET /files/{id}``: its size and until when it is kept. A page cannot read the content's length from the answer that brings it."""
    return _get(profile, key, "files", file_id)


def read_file(response: Response, profile: Profile, key: str = "") -> RemoteFile:
    return file_of(object_of("download", response, profile, key), response.body)


def delete_file(profile: Profile, key: str, file_id: str) -> Request:
    """``DELETE /files/{id}``. There is no way back."""
    return Request(method="DELETE", url=_url(profile, "files", file_id), headers=_headers(key))


def read_deleted(response: Response, profile: Profile, key: str = "") -> None:
    """A file that is not there (404) is as good as deleted. Raises Refused."""
    if response.status != 404 and not 200 <= response.status < 300:
        raise Refused(from_response("delete", response, profile, key))
    found = decoded(response.body)
    if isinstance(found, dict) and found.get("deleted") is False:
        raise Refused(not_deleted(profile))


def file_content(profile: Profile, key: str, file_id: str, start: int = 0) -> Request:
    """``GET /files/{id}/content``: raw JSONL, to be streamed, from byte ``start`` on. Anything but status 200, or 206 where a start was
    asked for, is for ``problems.from_response("download", …)``."""
    headers = {**_headers(key), **({"Range": f"bytes={start}-"} if start else {})}
    return Request(method="GET", url=_url(profile, "files", file_id, "content"), headers=headers, timeout=_STREAM_SILENCE)


# --- batches ---------------------------------------------------------------------------------------------------------------------


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
    return shapes.batch(object_of("create", response, profile, key), response.body)


def list_batches(profile: Profile, key: str, *, after: str = "", limit: int = LIST_BATCHES) -> Request:
    """``GET /batches``, newest first."""
    return _get(profile, key, "batches", limit=limit, after=after)


def read_batches(response: Response, profile: Profile, key: str = "") -> BatchPage:
    listing = list_of("list", response, profile, key)
    batches = tuple(shapes.batch(item, raw) for item, raw in items_of(listing.items) if shapes.batch_id(item))
    return BatchPage(batches, next_page(listing, [batch.id for batch in batches]), listing.partial)


def get_batch(profile: Profile, key: str, batch_id: str) -> Request:
    return _get(profile, key, "batches", batch_id)


def read_batch(response: Response, profile: Profile, key: str = "") -> Remote:
    return shapes.batch(object_of("poll", response, profile, key), response.body)


def cancel_batch(profile: Profile, key: str, batch_id: str) -> Request:
    """``POST /batches/{id}/cancel``. A cancelled batch keeps what it has answered, and bills it."""
    return Request(method="POST", url=_url(profile, "batches", batch_id, "cancel"), headers=_headers(key))


def read_cancelled(response: Response, profile: Profile, key: str = "") -> Remote:
    return shapes.batch(object_of("cancel", response, profile, key), response.body)


# --- synchronous answers ---------------------------------------------------------------------------------------------------------


def ask(profile: Profile, key: str, endpoint: Endpoint, body: bytes) -> Request:
    """``POST`` of a request's body to the endpoint itself, answered at once and at the synchronous price. To be streamed, also where the
    answer comes in one piece: it is handed over as it arrives."""
    path = kinds.canonical(endpoint).removeprefix("/v1/").strip("/").split("/")
    return Request(method="POST", url=_url(profile, *path), headers=_headers(key, json=True), body=body, timeout=ANSWER_SILENCE, live=True)


# --- models ----------------------------------------------------------------------------------------------------------------------


def list_models(profile: Profile, key: str) -> Request:
    """``GET /models``. Also the way to test a key: it costs nothing."""
    return _get(profile, key, "models")


def read_models(response: Response, profile: Profile, key: str = "") -> tuple[str, ...]:
    """The models' ids, sorted, each once."""
    items = [item for item, _raw in list_of("models", response, profile, key).items]
    names = (
        item if isinstance(item, str) else shapes.text(item, "id", "name", "model") if isinstance(item, dict) else "" for item in items
    )
    return tuple(sorted({name for name in names if name}))
