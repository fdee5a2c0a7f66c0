"""Refusals in the two shapes that programs know: ``{"errors": [{code, title, detail, source?}]}`` as OpenAI Batch Manager has it, and the
provider's own ``{"error": {message, type, param, code}}`` under ``/v1`` and at the practice provider."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from app.core.programs.intake import MessageRefusal

JSON: Final = "application/json"
PROVIDER: Final = ("v1", "practice")
CONTRACT: Final = ("api", "batches", "health")
"""First segments of the paths whose callers read one or the other shape; all others are told in plain text."""


class HttpProblem(Exception):
    """A request that is refused. ``title`` and ``detail`` are for people, ``code`` is for programs."""

    def __init__(self, status: int, code: str, title: str, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.refused = MessageRefusal(code, title, detail, pointer)


def not_found(detail: str) -> HttpProblem:
    """404."""
    return HttpProblem(404, "not_found", "Not found", detail)


def too_large(limit: int, what: str) -> HttpProblem:
    """413, with the limit in it."""
    return HttpProblem(413, "too_large", "Too large", f"{what} is larger than {limit} bytes, the maximum here.")


def storage_failed(error: sqlite3.Error) -> HttpProblem:
    """500 for a database that does not take what should be kept: a full disk, mostly."""
    detail = f"Nothing was kept, because the server cannot write to its database ({error}). Free some space and send it again."
    return HttpProblem(500, "storage_failed", "Not stored", detail)


def answered(status: int, refused: list[MessageRefusal]) -> Response[bytes]:
    """A refusal in the contract's shape."""
    return Response(_contract_body(refused), status_code=status, media_type=JSON)


def _contract_body(refused: list[MessageRefusal]) -> bytes:
    return msgspec.json.encode({"errors": [one.error() for one in refused]})


def provider_error(status: int, message: str, code: str | None = None, param: str | None = None) -> Response[bytes]:
    """A refusal in the provider's shape."""
    return Response(_provider_body(status, message, code, param), status_code=status, media_type=JSON)


def _provider_body(status: int, message: str, code: str | None, param: str | None) -> bytes:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return msgspec.json.encode({"error": {"message": message, "type": kind, "param": param, "code": code}})


def say(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Any error as the caller's part of the server words it: never a traceback, never what comes after it."""
    if isinstance(error, sqlite3.Error):
        error = storage_failed(error)
    if isinstance(error, HttpProblem):
        status, refused = error.status, error.refused
    elif isinstance(error, HTTPException):
        title = "Method not allowed" if error.status_code == 405 else str(error.detail)
        refused = MessageRefusal(_code(error.status_code), title, str(error.detail) or title)
        status = error.status_code
    else:
        status, refused = (
            500,
            MessageRefusal("internal_error", "Internal error", "The server failed to handle this request. Its terminal says why."),
        )
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    kind, body = refusal(request.scope["path"], status, refused)
    return Response(body, status_code=status, media_type=kind, headers=headers)


def refusal(path: str, status: int, refused: MessageRefusal) -> tuple[str, bytes]:
    """Media type and body of a refusal, in the shape that callers of this path read."""
    first = path[1:].partition("/")[0]
    if first in PROVIDER:
        return JSON, _provider_body(status, refused.detail, refused.code, None)
    if first in CONTRACT:
        return JSON, _contract_body([refused])
    return "text/plain; charset=utf-8", f"{refused.detail}\n".encode()


def _code(status: int) -> str:
    return {404: "not_found", 405: "method_not_allowed", 415: "unsupported_media_type"}.get(status, "invalid_request")
