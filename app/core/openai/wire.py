"""HTTP as values: what the pure code asks for and what came back. Adapters move the bytes.

Bodies are ``bytes``, or a form whose file part carries a :class:`Blob`: something with a size that the platform
can send without copying it through Python (a browser ``Blob``, or plain ``bytes`` in CPython).
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

import msgspec


class Blob(Protocol):
    """Bytes that may live outside Python. ``size`` is in bytes."""

    @property
    def size(self) -> int: ...

    async def read(self) -> bytes:
        """Copy the content into Python. Only for small blobs and for the practice provider."""
        ...


class BytesBlob(msgspec.Struct, frozen=True):
    """A blob that is plain bytes: what CPython uses, and what the page uses for small things."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    async def read(self) -> bytes:
        return self.data


class FilePart(msgspec.Struct, frozen=True):
    """The file in a multipart form."""

    name: str
    filename: str
    content: Any  # a Blob; msgspec cannot check a Protocol
    type: str = "application/jsonl"


class Request(msgspec.Struct, frozen=True):
    """One HTTP request."""

    method: Literal["GET", "POST", "DELETE"]
    url: str
    headers: dict[str, str] = {}
    """Only what a page may send: Authorization, Content-Type, ``Range: bytes=N-``."""
    body: bytes | None = None
    fields: tuple[tuple[str, str], ...] = ()
    """With ``file``: the request is ``multipart/form-data``; then ``body`` is None and the platform sets the boundary."""
    file: FilePart | None = None
    timeout: float = 60.0
    """Seconds for the whole exchange; for a stream: for the wait for the next chunk."""
    follows: tuple[str, ...] | None = None
    """Redirects are followed on the same origin, headers and all, and to these origins, without the key; None: not at all."""
    live: bool = False
    """Of a stream each piece is handed over as it arrives, however small it is."""

    def __repr__(self) -> str:
        """Names the call and nothing that was given in confidence: no header, no body."""
        return f"Request({self.method} {self.url})"


class Response(msgspec.Struct, frozen=True):
    """A whole answer. ``headers`` are lower-cased; a page sees only those that CORS exposes (X-Request-ID)."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""


NetworkKind = Literal["offline", "blocked", "policy", "unreachable", "broken", "timeout", "redirected"]


class NetworkError(Exception):
    """The exchange did not complete, so nobody knows whether the request took effect.

    ``kind`` says how far the platform could tell: ``offline`` (the machine says so), ``blocked`` (the host answers but
    refuses this page: CORS), ``policy`` (the page's own content security policy does not list the host yet),
    ``unreachable`` (nobody answers), ``broken`` (it broke off after it began), ``timeout``, ``redirected`` (to where the call may not
    follow; ``detail`` is that origin, or nothing where the platform does not say).
    """

    def __init__(self, kind: NetworkKind, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
