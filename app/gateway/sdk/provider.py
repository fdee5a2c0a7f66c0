"""``/v1``: the calls of the official SDK that a batch script makes, answered by this server and carried out by its page.

``base_url="http://127.0.0.1:8000/v1"`` is all that changes in a script. Any key is taken and discarded (the page has its own), unless
NIGHTSHIFT_TOKEN is set: then the key must be that. Shapes as in the provider's OpenAPI document.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, Literal

import msgspec
from litestar import HttpMethod, Request, Response, delete, get, post, route
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from app.core.base.text import whole_number
from app.core.base.transitions import NoSuchMove
from app.core.endpoints.table import FOR_PROGRAMS
from app.core.json import jsonread
from app.core.programs.protocol import MAX_MODELS
from app.gateway.http import bodies
from app.gateway.http.errors import provider_error
from app.gateway.http.forms import BadForm, read_form
from app.gateway.http.routing import FORM_TYPE, JSON_TYPE, Access, judged, parameters, rule
from app.gateway.mailbox import messages
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.pages import Pages
from app.gateway.sdk import jobs
from app.gateway.sdk.job_worker import Jobs, token
from app.gateway.sdk.jobs import Job, Progress, StoredFile
from app.practice.ask import MAX_UPLOAD, Upload
from app.practice.files import too_large
from app.practice.models import MODELS
from app.practice.objects import page

Asked = Request[Any, Any, Any]
WINDOWS: Final = ("24h",)
MAX_ORDER: Final = 100_000
"""Bytes of the JSON that makes a batch."""
LIFE: Final = (3_600, 2_592_000)
"""Seconds that ``expires_after`` may ask for."""


class OutputExpiry(msgspec.Struct, frozen=True):
    """Taken, and not acted on: results stay until they are deleted."""

    anchor: Literal["created_at"]
    seconds: int


class Order(msgspec.Struct, frozen=True):
    """What ``POST /v1/batches`` takes."""

    input_file_id: str
    endpoint: str
    completion_window: str
    metadata: dict[str, str] | None = None
    output_expires_after: OutputExpiry | None = None


class Refused(Exception):
    """A call that is refused in the provider's shape."""

    def __init__(self, status: int, message: str, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.answer = provider_error(status, message, code, param)


def _no(kind: str, id: str) -> Refused:
    return Refused(404, f"No such {kind}: {id}", None, "id")


def _limit(request: Asked, most: int, default: int) -> int:
    said = str(request.query_params.get("limit", default))
    limit = whole_number(said, 1, most)
    if limit is None:
        raise Refused(400, f"Invalid 'limit': expected a number between 1 and {most}.", "invalid_value", "limit")
    return limit


def _page(request: Asked, items: list[dict[str, Any]], limit: int, kind: str) -> dict[str, Any]:
    after = request.query_params.get("after")
    listed = page(items, str(after) if after else None, limit)
    if listed is None:
        raise _no(kind, str(after))
    return listed


def _expires_at(fields: dict[str, str], now: float) -> float | None:
    said = fields.get("expires_after[seconds]")
    if said is None:
        return None
    seconds = whole_number(said, *LIFE)
    if fields.get("expires_after[anchor]") != "created_at":
        raise Refused(400, "expires_after needs the anchor created_at.", "invalid_value", "expires_after")
    if seconds is None:
        raise Refused(400, f"expires_after is {LIFE[0]} to {LIFE[1]} whole seconds.", "invalid_value", "expires_after")
    return now + seconds


def _file_fault(fields: dict[str, str], upload: Upload | None) -> Refused | None:
    if upload is None:
        return Refused(400, "Missing required parameter: 'file'.", "missing_required_parameter", "file")
    if fields.get("purpose") != "batch":
        return Refused(400, "Only files for batches are accepted here: purpose must be 'batch'.", "invalid_value", "purpose")
    if not upload.filename.lower().endswith(".jsonl"):
        return Refused(400, "Invalid file format for Batch API. Must be .jsonl", None, "file")
    if upload.size > MAX_UPLOAD:
        return Refused(413, str(too_large(upload.size)), "content_size_limit_exceeded")
    return None


def _checked(data: bytes) -> Order:
    try:
        order = jsonread.typed(data, Order)
    except jsonread.Unreadable as error:
        raise Refused(400, f"This is not a valid batch request: {error}", "invalid_request") from error
    if order.endpoint not in FOR_PROGRAMS:
        raise Refused(400, f"Invalid 'endpoint': it must be one of {', '.join(FOR_PROGRAMS)}.", "invalid_value", "endpoint")
    if order.completion_window not in WINDOWS:
        raise Refused(400, "Invalid 'completion_window': it must be '24h'.", "invalid_value", "completion_window")
    metadata = order.metadata or {}
    if len(metadata) > 16 or any(len(key) > 64 or len(value) > 512 for key, value in metadata.items()):
        raise Refused(400, "metadata takes 16 pairs, of 64 and 512 characters.", "invalid_value", "metadata")
    return order


class _Stored:
    """What the routes look up. Raises Refused (404) for what is not stored."""

    def __init__(self, mailbox: Mailbox, pages: Pages) -> None:
        self._mailbox, self._pages = mailbox, pages

    async def models(self) -> list[dict[str, Any]]:
        """The models of the page's provider; where no page has named any, the usual ones and those that messages named."""
        listed = self._pages.models()
        found = listed or [*MODELS, *await self._mailbox.database.read(lambda db: messages.models(db, MAX_MODELS))]
        return [{"id": id, "object": "model", "created": MODELS.get(id, 0), "owned_by": "nightshift"} for id in dict.fromkeys(found)]

    async def file(self, id: str) -> StoredFile:
        now = self._mailbox.clock()
        found = await self._mailbox.database.read(lambda db: jobs.find_file(db, id, now))
        if found is None:
            raise _no("File object", id)
        return found

    async def job(self, id: str) -> tuple[Job, Progress]:
        found = await self._mailbox.database.read(lambda db: jobs.load(db, id))
        if found is None:
            raise _no("Batch object", id)
        return found


def provider_routes(mailbox: Mailbox, work: Jobs, pages: Pages) -> list[HTTPRouteHandler]:
    """The route handlers of the provider's API: files, batches, models, and 404 for the rest."""
    stored = _Stored(mailbox, pages)
    return [*_file_routes(mailbox, work, stored), *_batch_routes(mailbox, work, stored), *_model_routes(stored), _other_routes()]


def _file_routes(mailbox: Mailbox, work: Jobs, stored: _Stored) -> list[HTTPRouteHandler]:
    database = mailbox.database

    @post("/v1/files", include_in_schema=False, status_code=200, opt=rule(Access.TOKEN, FORM_TYPE))
    async def upload(request: Asked) -> Response[bytes]:
        if mailbox.maintenance:
            raise Refused(503, "Intake is paused.", "maintenance_mode")
        try:
            fields, found = await read_form(request, work)
        except BadForm as error:
            raise Refused(400, str(error)) from error
        now = mailbox.clock()
        try:
            fault = _file_fault(fields, found)
            if fault or found is None:
                raise fault or AssertionError
            expires_at = _expires_at(fields, now)
        except Refused:
            if found:
                await work.disk.drop(found.id)
            raise
        size = await asyncio.to_thread(work.disk.sync, found.id)
        file = StoredFile(found.id, now, size, found.filename, "batch", expires_at)
        await database.write(lambda db: jobs.put_file(db, file))
        return bodies.as_json(jobs.file_object(file))

    @get("/v1/files", include_in_schema=False, opt=rule(Access.TOKEN))
    async def list_files(request: Asked) -> Response[bytes]:
        limit, now, purpose = _limit(request, 10_000, 10_000), mailbox.clock(), request.query_params.get("purpose")
        found = [jobs.file_object(file) for file in await database.read(lambda db: jobs.files(db, now)) if purpose in (None, file.purpose)]
        return bodies.as_json(_page(request, found if request.query_params.get("order") == "asc" else found[::-1], limit, "File object"))

    @get("/v1/files/{id:str}", include_in_schema=False, opt=rule(Access.TOKEN))
    async def retrieve_file(request: Asked) -> Response[bytes]:
        return bodies.as_json(jobs.file_object(await stored.file(parameters(request)["id"])))

    @get("/v1/files/{id:str}/content", include_in_schema=False, opt=rule(Access.TOKEN))
    async def content(request: Asked) -> Stream:
        file = await stored.file(parameters(request)["id"])
        return Stream(work.disk.read(file.id), media_type="application/octet-stream", headers={"content-length": str(file.bytes)})

    @delete("/v1/files/{id:str}", include_in_schema=False, status_code=200, opt=rule(Access.TOKEN))
    async def delete_file(request: Asked) -> Response[bytes]:
        file = await stored.file(parameters(request)["id"])
        for id in await database.read(jobs.unfinished):
            job, progress = await stored.job(id)
            if job.input_file_id == file.id and (job.total is None or progress.lines < job.total):
                raise Refused(409, f"The batch {id} is still being made from this file.", "file_in_use", "id")
        await database.write(lambda db: jobs.drop_file(db, file.id))
        await work.disk.drop(file.id)
        return bodies.as_json({"id": file.id, "object": "file", "deleted": True})

    return [upload, list_files, retrieve_file, content, delete_file]


def _batch_routes(mailbox: Mailbox, work: Jobs, stored: _Stored) -> list[HTTPRouteHandler]:
    database = mailbox.database

    @post("/v1/batches", include_in_schema=False, status_code=200, opt=rule(Access.TOKEN, JSON_TYPE))
    async def create(request: Asked) -> Response[bytes]:
        if mailbox.maintenance:
            raise Refused(503, "Intake is paused.", "maintenance_mode")
        order = _checked(await bodies.whole(request, MAX_ORDER))
        file = await stored.file(order.input_file_id)
        if file.purpose != "batch":
            raise Refused(400, "Invalid 'input_file_id': the file's purpose must be 'batch'.", "invalid_value", "input_file_id")
        job = Job(
            id=token("batch_"),
            created_at=mailbox.clock(),
            input_file_id=file.id,
            endpoint=order.endpoint,
            completion_window=order.completion_window,
            metadata=order.metadata,
        )
        await database.write(lambda db: jobs.put(db, job))
        work.look_at(job.id)
        return bodies.as_json(jobs.batch_object(job, Progress()))

    @get("/v1/batches", include_in_schema=False, opt=rule(Access.TOKEN))
    async def list_batches(request: Asked) -> Response[bytes]:
        limit = _limit(request, 100, 20)
        listed = _page(request, [{"id": id} for id in await database.read(jobs.listed)], limit, "Batch object")
        listed["data"] = [jobs.batch_object(*await stored.job(batch["id"])) for batch in listed["data"]]
        return bodies.as_json(listed)

    @get("/v1/batches/{id:str}", include_in_schema=False, opt=rule(Access.TOKEN))
    async def retrieve(request: Asked) -> Response[bytes]:
        return bodies.as_json(jobs.batch_object(*await stored.job(parameters(request)["id"])))

    @post("/v1/batches/{id:str}/cancel", include_in_schema=False, status_code=200, opt=rule(Access.TOKEN))
    async def cancel(request: Asked) -> Response[bytes]:
        id = parameters(request)["id"]
        await stored.job(id)
        now = mailbox.clock()

        def cancelling(job: Job) -> Job:
            return jobs.moved(job, "cancel_asked", cancelling_at=now if job.cancelling_at is None else job.cancelling_at)

        try:
            await database.write(lambda db: jobs.change(db, id, cancelling))
        except NoSuchMove as error:
            raise Refused(409, f"Cannot cancel a batch with status '{error.state}'.", "invalid_state") from error
        work.look_at(id)
        return bodies.as_json(jobs.batch_object(*await stored.job(id)))

    return [create, list_batches, retrieve, cancel]


def _model_routes(stored: _Stored) -> list[HTTPRouteHandler]:
    @get("/v1/models", include_in_schema=False, opt=rule(Access.TOKEN))
    async def list_models() -> Response[bytes]:
        return bodies.as_json({"object": "list", "data": await stored.models()})

    @get("/v1/models/{id:path}", include_in_schema=False, opt=rule(Access.TOKEN, free=True))  # names of models hold slashes
    async def retrieve_model(request: Asked) -> Response[bytes]:
        id = parameters(request)["id"]
        for model in await stored.models():
            if model["id"] == id:
                return bodies.as_json(model)
        raise Refused(404, f"The model '{id}' does not exist, or the page does not know of it.", "model_not_found", "model")

    return [list_models, retrieve_model]


def _other_routes() -> HTTPRouteHandler:
    @route(
        ["/v1", "/v1/{path:path}"],
        http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE, HttpMethod.PATCH],
        include_in_schema=False,
        opt=rule(Access.TOKEN),
    )
    async def others(request: Asked) -> Response[bytes]:
        raise Refused(404, f"Nightshift takes files and batches here, not {request.method} {judged(request).path}.", "unknown_url")

    return others
