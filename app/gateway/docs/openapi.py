"""The OpenAPI 3.1 document of what programs call, made from the very structs that the answers are made of; ``/api/openapi``.

What only the page calls (settings, session, relays) is not in it, nor ``/v1``: that is the provider's own document.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
from litestar import HttpMethod, Request, Response, get, route
from litestar.handlers import HTTPRouteHandler

from app.core.programs.intake import MAX_ID, Message
from app.core.programs.protocol import PROTOCOL
from app.core.programs.targets import KINDS
from app.gateway.docs.reference import rendered
from app.gateway.docs.status import Health, Maintenance
from app.gateway.http import bodies
from app.gateway.http.errors import JSON
from app.gateway.http.routing import Access, judged, rule
from app.gateway.mailbox.intake import Summary
from app.gateway.mailbox.messages import STATES
from app.gateway.mailbox.requests import MAX_PAGE, MAX_WAIT, Answered, Listed, Redelivered, Removed

Schema = dict[str, Any]

OPENAPI_PATH: Final = "/api/openapi"
VIEWER_PATH: Final = "/api/swaggerui"
_STRUCTS: Final = (Message, Answered, Listed, Redelivered, Removed, Summary, Health, Maintenance)
_EXAMPLE: Final = {
    "custom_id": "order-1041",
    "url": "/v1/responses",
    "method": "POST",
    "body": {"model": "gpt-4o-mini", "input": "Say hello."},
    "delivery_config": {"type": "webhook", "webhook_url": "https://example.com/results"},
}


class Source(msgspec.Struct, frozen=True):
    """Where in the message the fault is: a JSON pointer."""

    pointer: str


class Error(msgspec.Struct, frozen=True):
    """``code`` is stable and for programs; ``title`` and ``detail`` are for people."""

    code: str
    title: str
    detail: str
    source: Source | msgspec.UnsetType = msgspec.UNSET


class Errors(msgspec.Struct, frozen=True):
    """What every refusal looks like."""

    errors: list[Error]


@cache
def document() -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(described())


def described() -> Schema:
    """The document."""
    _, components = msgspec.json.schema_components((*_STRUCTS, Errors), ref_template="#/components/schemas/{name}")
    _narrow(components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nightshift",
            "version": str(PROTOCOL),
            "description": "Hand requests in, read their answers. The page that is open in a browser does the work; what is handed "
            "in while none is open waits. Routes and shapes are those of OpenAI Batch Manager; what goes beyond them says so.",
        },
        "paths": _paths(),
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "NIGHTSHIFT_TOKEN, if the server has one."}},
        },
        "security": [{}, {"token": []}],
    }


def _narrow(components: dict[str, Any]) -> None:
    """What ``core.programs.intake`` looks at beyond the types."""
    message = components["Message"]["properties"]
    message["custom_id"] |= {"minLength": 1, "maxLength": MAX_ID, "pattern": r"\S"}
    message["body"] = {
        "type": "object",
        "required": ["model"],
        "properties": {"model": {"type": "string", "minLength": 1, "pattern": r"\S"}},
        "description": "The request's body, as the endpoint takes it.",
    }
    for target in KINDS.values():
        components[target.__name__]["properties"][target.__struct_fields__[0]] |= target.schema
    components["Message"]["examples"] = [_EXAMPLE]
    anything = {"description": "Any JSON."}
    components["Answered"]["properties"]["answer"] = {"type": ["object", "null"], "description": "The whole output line, as it came."}
    for name in ("Answered", "Shown", "Attempt"):
        components[name]["properties"]["delivery_config"] = {"anyOf": [*message["delivery_config"]["anyOf"], anything][:-1]}
    for name in ("Answered", "Shown"):
        components[name]["properties"]["state"]["enum"] = list(STATES)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(name: str, description: str) -> Schema:
    return {"description": description, "content": {JSON: {"schema": _ref(name)}}}


def _refusals(**more: str) -> Schema:
    """Those of every route, and more: ``_404="why"``."""
    descriptions = {
        "401": "The token is missing or wrong.",
        "403": "A page of another site asks.",
        "421": "A foreign name in the Host header.",
    }
    descriptions |= {name.strip("_"): text for name, text in more.items()}
    answers = {status: _json("Errors", text) for status, text in descriptions.items()}
    answers["421"] = {"description": descriptions["421"], "content": {"text/plain": {"schema": {"type": "string"}}}}
    return answers


def _query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _paths() -> Schema:
    custom_id = {
        "name": "custom_id",
        "in": "path",
        "required": True,
        "description": "Escaped as in any address; it may hold slashes.",
        "schema": {"type": "string", "minLength": 1},
    }
    unknown = "No such request."
    ambiguous = "Several requests from /v1 have this custom_id (ambiguous_custom_id)."
    return {
        "/api/requests": {
            "post": {
                "operationId": "createRequests",
                "summary": "Hand in a request, an array of them, or JSONL",
                "description": "When this is answered, the request is on the disk. Arrays and JSONL are an addition: each message is "
                "taken or refused by itself, and the answer says which.",
                "requestBody": {
                    "required": True,
                    "content": {
                        JSON: {"schema": {"anyOf": [_ref("Message"), {"type": "array", "items": {"type": "object"}}]}, "example": _EXAMPLE},
                        "application/jsonl": {"schema": {"type": "string", "description": "One message a line. No limit in length."}},
                    },
                },
                "responses": {
                    "202": {
                        "description": "Taken. One message: its custom_id; many: what became of them.",
                        "content": {
                            JSON: {
                                "schema": {
                                    "anyOf": [
                                        {"type": "object", "required": ["custom_id"], "properties": {"custom_id": {"type": "string"}}},
                                        _ref("Summary"),
                                    ]
                                }
                            }
                        },
                    },
                    **_refusals(
                        _409="The custom_id is already there (duplicate_custom_id).",
                        _413=f"Above {bodies.MAX_MESSAGE} bytes for a message, or {bodies.MAX_BODY} for a body of JSON.",
                        _415="Neither JSON nor JSONL.",
                        _422="The message has another shape; source.pointer says where.",
                        _500="The disk does not take it.",
                        _503="Intake is paused (maintenance_mode).",
                    ),
                },
            },
            "get": {
                "operationId": "listRequests",
                "summary": "List requests, oldest first (addition)",
                "parameters": [
                    _query("state", "Only those in this state.", {"type": "string", "enum": list(STATES)}),
                    _query("limit", "How many.", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 100}),
                    _query("after", "``next`` of the page before.", {"type": "integer", "minimum": 0, "maximum": 2**53, "default": 0}),
                ],
                "responses": {"200": _json("Listed", "A page of requests."), **_refusals(_422="A wrong parameter.")},
            },
        },
        "/api/requests/{custom_id}": {
            "parameters": [custom_id],
            "get": {
                "operationId": "getRequest",
                "summary": "One request with its answer and its delivery attempts, newest first",
                "parameters": [
                    _query(
                        "wait",
                        "Seconds to wait for the outcome (addition).",
                        {"type": "number", "minimum": 0, "maximum": MAX_WAIT, "default": 0},
                    )
                ],
                "responses": {
                    "200": _json("Answered", "The request."),
                    **_refusals(_404=unknown, _409=ambiguous, _422="A wrong parameter."),
                },
            },
            "delete": {
                "operationId": "removeRequest",
                "summary": "Remove a request, or stop it (addition)",
                "description": "One that no page has taken, or that has ended, is gone. Another is stopped by its page: if its batch "
                "runs already, it is paid for and ends as it ends, and is not delivered.",
                "responses": {
                    "200": _json("Removed", "It is gone."),
                    "202": _json("Removed", "Its page has been asked to stop it."),
                    **_refusals(_404=unknown),
                },
            },
        },
        "/api/requests/{custom_id}/redeliver": {
            "parameters": [custom_id],
            "post": {
                "operationId": "redeliverRequest",
                "summary": "Deliver the result once more",
                "responses": {
                    "202": _json("Redelivered", "Ordered."),
                    **_refusals(
                        _404=unknown, _409=ambiguous, _422="Not ended yet (invalid_batch_state), or nowhere to send (invalid_state)."
                    ),
                },
            },
        },
        "/batches/{batch}/files/{file}/download": {
            "parameters": [
                {"name": "batch", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}},
                {"name": "file", "in": "path", "required": True, "schema": {"type": "string", "enum": ["input", "output", "error"]}},
            ],
            "get": {
                "operationId": "downloadBatchFile",
                "summary": "A batch's file, from the page that has it",
                "responses": {
                    "200": {"description": "The file.", "content": {"application/jsonl": {"schema": {"type": "string"}}}},
                    **_refusals(_404="The page has no such file.", _503="No page is open (no_page)."),
                },
            },
        },
        "/api/maintenance": {
            "get": {
                "operationId": "getMaintenance",
                "summary": "Whether intake is paused (addition)",
                "responses": {"200": _json("Maintenance", "Whether it is."), **_refusals()},
            },
            "put": {
                "operationId": "setMaintenance",
                "summary": "Pause intake, or go on (addition)",
                "requestBody": {"required": True, "content": {JSON: {"schema": _ref("Maintenance")}}},
                "responses": {
                    "200": _json("Maintenance", "As it is now."),
                    **_refusals(_413="Too large.", _415="Not JSON.", _422="Another shape.", _500="The disk does not take it."),
                },
            },
        },
        "/health": {
            "get": {
                "operationId": "health",
                "summary": "Whether the server is up, since when no page takes messages, and how many wait",
                "security": [{}],
                "responses": {"200": _json("Health", "It is up."), **_refusals()},
            },
        },
    }


def document_routes() -> list[HTTPRouteHandler]:
    """The document, and a page that shows it."""

    @get(OPENAPI_PATH, include_in_schema=False, opt=rule(Access.OURS))
    async def openapi() -> Response[bytes]:
        return Response(document(), media_type=JSON)

    @get(VIEWER_PATH, include_in_schema=False, opt=rule(Access.OURS))
    async def viewer() -> Response[bytes]:
        policy, page = rendered(described())
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy})

    @route(
        ["/api/requests", "/api/requests/{custom_id:path}", "/api/maintenance"],
        http_method=[HttpMethod.OPTIONS],
        include_in_schema=False,
        status_code=204,
        opt=rule(Access.TOKEN, free=True),
    )
    async def methods(request: Request[Any, Any, Any]) -> Response[None]:
        path = judged(request).path
        if path.startswith("/api/requests/"):
            path = "/api/requests/{custom_id}" + ("/redeliver" if path.endswith("/redeliver") else "")
        known = [name.upper() for name in described()["paths"][path] if name != "parameters"]
        return Response(None, status_code=204, headers={"Allow": ", ".join(["OPTIONS", *known])})

    return [openapi, viewer, methods]
