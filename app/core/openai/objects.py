"""Files and batches as the provider shows them (OpenAI API reference, «The file object» and «The batch object»), for those who play one:
the practice provider and the local server's API for the official SDK."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

DAY: Final = 86_400
"""Seconds until a batch expires."""


class Times(Protocol):
    """When a batch reached what it reached, in unix seconds."""

    @property
    def in_progress_at(self) -> float | None: ...

    @property
    def finalizing_at(self) -> float | None: ...

    @property
    def completed_at(self) -> float | None: ...

    @property
    def failed_at(self) -> float | None: ...

    @property
    def cancelling_at(self) -> float | None: ...

    @property
    def cancelled_at(self) -> float | None: ...


class InputError(Protocol):
    """One of a batch's ``errors``: what is wrong with a line of its input file; ``line`` counts from 1."""

    @property
    def code(self) -> str: ...

    @property
    def message(self) -> str: ...

    @property
    def param(self) -> str | None: ...

    @property
    def line(self) -> int | None: ...


def file_object(*, id: str, purpose: str, filename: str, size: int, created_at: float, expires_at: float | None) -> dict[str, Any]:
    """A file that is ready. ``size`` in bytes, times in unix seconds."""
    return {
        "object": "file",
        "id": id,
        "purpose": purpose,
        "filename": filename,
        "bytes": size,
        "created_at": int(created_at),
        "expires_at": _whole(expires_at),
        "status": "processed",
        "status_details": None,
    }


def batch_object(
    *,
    id: str,
    endpoint: str,
    problems: Iterable[InputError],
    input_file_id: str,
    completion_window: str,
    status: str,
    output_file_id: str | None,
    error_file_id: str | None,
    created_at: float,
    times: Times,
    counts: tuple[int, int, int],
    metadata: Mapping[str, str] | None,
    expired_at: float | None = None,
) -> dict[str, Any]:
    """A batch. ``counts`` are its requests: all, completed, failed."""
    data = [{"code": one.code, "message": one.message, "param": one.param, "line": one.line} for one in problems]
    total, completed, failed = counts
    return {
        "id": id,
        "object": "batch",
        "endpoint": endpoint,
        "errors": {"object": "list", "data": data} if data else None,
        "input_file_id": input_file_id,
        "completion_window": completion_window,
        "status": status,
        "output_file_id": output_file_id,
        "error_file_id": error_file_id,
        "created_at": int(created_at),
        "in_progress_at": _whole(times.in_progress_at),
        "expires_at": int(created_at) + DAY,
        "finalizing_at": _whole(times.finalizing_at),
        "completed_at": _whole(times.completed_at),
        "failed_at": _whole(times.failed_at),
        "expired_at": _whole(expired_at),
        "cancelling_at": _whole(times.cancelling_at),
        "cancelled_at": _whole(times.cancelled_at),
        "request_counts": {"total": total, "completed": completed, "failed": failed},
        "metadata": metadata,
    }


def _whole(at: float | None) -> int | None:
    return None if at is None else int(at)
