"""What the two skins hand to the brain and get back, and which operation a method and path mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum

import msgspec

from app.core.endpoints.table import ENDPOINTS
from app.practice.bodies import Refusal
from app.practice.traps import Call

MAX_UPLOAD = 209_715_200
"""Bytes in a batch input file: 200 MB (OpenAI batch guide)."""


class Upload(msgspec.Struct, frozen=True):
    """A file of a form, already on the disk under ``id`` (from :meth:`Brain.reserve`). ``size`` in bytes."""

    id: str
    filename: str
    size: int


class Ask(msgspec.Struct, frozen=True):
    """One call. ``path`` begins with ``/v1``; ``key`` is what follows «Bearer» (None: no key)."""

    method: str
    path: str
    key: str | None = None
    query: dict[str, str] = {}
    body: bytes = b""
    fields: dict[str, str] = {}
    upload: Upload | None = None


class Fault(StrEnum):
    """How the exchange breaks instead of ending well; the skin makes it true."""

    BROKEN = "broken"
    """No answer arrives."""
    MIDWAY = "midway"
    """The connection closes when ``body`` has been sent, before the announced end."""
    TIMEOUT = "timeout"
    CORS = "cors"
    """The answer lacks the CORS headers."""


class Reply:
    """What the provider answers: a whole body, or pieces of one. ``size`` is the announced length where it is known."""

    def __init__(
        self,
        status: int,
        body: bytes | AsyncIterator[bytes] = b"",
        type: str = "application/json",
        *,
        size: int | None = None,
        fault: Fault | None = None,
    ) -> None:
        self.status, self.body, self.type, self.fault = status, body, type, fault
        self.size = len(body) if isinstance(body, bytes) else size
        self.request_id = ""

    async def whole(self) -> bytes:
        """The body in one piece."""
        if isinstance(self.body, bytes):
            return self.body
        return b"".join([chunk async for chunk in self.body])


def ok(found: object) -> Reply:
    """A JSON answer."""
    return Reply(200, msgspec.json.encode(found))


def refuse(refusal: Refusal) -> Reply:
    """An error in the provider's envelope."""
    return Reply(refusal.status, msgspec.json.encode(refusal.envelope()))


def not_found(kind: str, id: str) -> Reply:
    """404 for an id that nobody knows."""
    return refuse(Refusal(f"No {kind} found with id '{id}'.", param="id", status=404))


_FIXED = {
    ("POST", "/v1/files"): Call.UPLOAD,
    ("GET", "/v1/files"): Call.FILES,
    ("POST", "/v1/batches"): Call.CREATE,
    ("GET", "/v1/batches"): Call.LIST,
    ("GET", "/v1/models"): Call.MODELS,
    **{("POST", endpoint): Call.ANSWER for endpoint in ENDPOINTS},
}


def route(method: str, path: str) -> tuple[Call, str] | None:
    """The operation and the id in the path, or None for an unknown address."""
    call = _FIXED.get((method, path))
    if call is not None:
        return call, ""
    match [method, *path.strip("/").split("/")]:
        case ["GET", "v1", "files", id] if id:
            return Call.FILE, id
        case ["DELETE", "v1", "files", id] if id:
            return Call.DELETE, id
        case ["GET", "v1", "files", id, "content"]:
            return Call.DOWNLOAD, id
        case ["GET", "v1", "batches", id] if id:
            return Call.POLL, id
        case ["POST", "v1", "batches", id, "cancel"]:
            return Call.CANCEL, id
        case ["GET", "v1", "models", id] if id:
            return Call.MODELS, id
    return None
