"""Multipart forms whose file goes to a disk as it arrives, so that 200 MB need no memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header  # type: ignore[import-untyped]

from app.practice.ask import MAX_UPLOAD, Upload
from app.practice.disk import Disk

MAX_FIELD = 64 * 1024
"""Bytes in a form field that is no file."""


class BadForm(Exception):
    """The body is no readable form; the message is a sentence."""


class FileSink(Protocol):
    """Where a form's file goes: the practice provider's disk, or that of the SDK's batches."""

    @property
    def disk(self) -> Disk: ...
    def reserve(self) -> str:
        """An id for a new file."""
        ...


async def read_form(request: Request[Any, Any, Any], files: FileSink) -> tuple[dict[str, str], Upload | None]:
    """The fields of a form and its file, which is on the disk then. Raises BadForm.

    Of a file above the provider's limit only the limit is kept, but all is read, so that the refusal reaches the sender.
    """
    try:
        _, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get("boundary")
        if not boundary:
            raise BadForm("The form has no boundary in its Content-Type.")
        parser = PushMultipartParser(boundary)
    except (MultipartError, ValueError) as error:
        raise BadForm(f"The form's Content-Type cannot be read: {error}") from error
    fields: dict[str, str] = {}
    upload: Upload | None = None
    events = _events(request, parser)
    try:
        async for event in events:
            if not isinstance(event, MultipartSegment):
                continue
            if event.filename is not None and upload is None:
                id = files.reserve()
                try:
                    await files.disk.put(id, _content(events, MAX_UPLOAD))
                except BaseException:  # the sender has gone, or the form is broken: half a file is of no use
                    await files.disk.drop(id)
                    raise
                upload = Upload(id, event.filename, event.bytes_received)
            else:
                value = b"".join([chunk async for chunk in _content(events, MAX_FIELD)])
                fields[event.name or ""] = value.decode("utf-8", "replace")
    except BaseException as error:  # broken, or the sender disconnected after its file came: the file would never be read
        if upload:
            await files.disk.drop(upload.id)
        if isinstance(error, MultipartError):
            raise BadForm(f"The form cannot be read: {error}") from error
        raise
    return fields, upload


async def _events(
    request: Request[Any, Any, Any], parser: PushMultipartParser
) -> AsyncIterator[MultipartSegment | bytes | bytearray | None]:
    async for chunk in request.stream():
        if chunk:
            for event in parser.parse(chunk):
                yield event
    parser.close()


async def _content(events: AsyncIterator[MultipartSegment | bytes | bytearray | None], limit: int) -> AsyncIterator[bytes]:
    """The pieces of the current part, cut off at ``limit`` bytes; reads the part to its end."""
    left = limit
    async for event in events:
        if event is None:
            return
        if isinstance(event, bytes | bytearray) and left > 0:
            yield bytes(event[:left])
            left -= len(event)
