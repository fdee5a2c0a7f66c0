"""Threads: conversations as a person writes them."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.lanes import CHAT, Endpoint
from app.core.model.records import Record

Role = Literal["system", "developer", "user", "assistant"]


STORED = "stored:"
"""Begins the address of an image that is kept apart from its thread (services.threads.images)."""


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    """An image in a message."""

    url: str
    """An https address, a small file as a ``data:`` URL, or a large one as ``stored:<id>``."""
    name: str = ""
    """The file's name, for people."""
    detail: Literal["auto", "low", "high"] = "auto"
    size: int = 0
    """Its bytes, where it is stored apart."""


class ThreadMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of a thread. Text first, then images: what both endpoints accept."""

    id: str
    role: Role
    text: str = ""
    images: tuple[Image, ...] = ()


class Options(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a thread asks of the model. Numbers are kept as typed (text), so that a half-typed value is never lost; they are
    checked by ``core.bodies.bodies.problems``. An empty text means: not sent."""

    endpoint: Endpoint = CHAT
    model: str = ""
    max_output_tokens: str = ""
    temperature: str = ""
    reasoning_effort: str = ""
    verbosity: str = ""
    schema_on: bool = False
    schema_name: str = "answer"
    schema_text: str = ""
    schema_strict: bool = True


class Thread(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A conversation as a person writes it."""

    stored = stored_names.THREAD
    name: str = ""
    messages: tuple[ThreadMessage, ...] = ()
    options: Options = Options()
    raw: str | None = None
    """The JSON body typed by hand; when set, it is sent instead of the form's."""
    created: float = 0.0
    updated: float = 0.0
    deleted: float = 0.0
    """When it was deleted; 0: it was not. A deleted thread is kept so that this can be undone."""

    @property
    def index(self) -> tuple[str, str, float]:
        return "", "", self.created
