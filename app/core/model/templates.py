"""Templates: prompts over a table, and their versions. How they are read and made into requests: core.templates."""

from __future__ import annotations

import msgspec

from app.core.model import stored_names
from app.core.model.lanes import CHAT, Endpoint
from app.core.model.records import Record
from app.core.model.threads import Image, Role


class PromptFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file in a message. May hold placeholders; a row for which ``source`` is blank has no file."""

    source: str
    """An https address (responses only), a ``data:`` URL, or the id of a file at the provider (``file-…``)."""
    name: str = ""
    """The file's name, which a provider wants beside its bytes."""


class PromptMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message whose text, image addresses and files may hold placeholders."""

    id: str
    role: Role
    text: str = ""
    images: tuple[Image, ...] = ()
    files: tuple[PromptFile, ...] = ()


class PromptPair(msgspec.Struct, frozen=True, omit_defaults=True):
    """One pair of a request's metadata; the value may hold placeholders. A row for which it is blank does not have the pair."""

    key: str
    value: str = ""


class PromptContent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is asked for each row. Texts are kept as typed, so that a half-typed value is never lost."""

    endpoint: Endpoint = CHAT
    fields: dict[str, str] = {}
    """Parameters by the name of their form field (core.bodies.forms), as typed; they may hold placeholders. Blank: not sent."""
    messages: tuple[PromptMessage, ...] = ()
    inputs: tuple[str, ...] = ()
    """What endpoints without messages are asked: the inputs of embeddings and moderations, else the prompt alone."""
    rows_per_request: int = 1
    """Rows that share a request, for endpoints that take many inputs (embeddings, moderations)."""
    metadata: tuple[PromptPair, ...] = ()
    custom_id: str = ""
    """Blank: the id that the row has in its dataset."""
    schema_on: bool = False
    schema_name: str = "answer"
    schema_text: str = ""
    schema_strict: bool = True
    raw: str | None = None
    """The JSON body typed by hand, with placeholders; when set, it is sent instead of what the form says."""


class Template(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A prompt over a table, as it is being written."""

    stored = stored_names.TEMPLATE
    name: str = ""
    dataset: str = ""
    """Id of the dataset whose columns it uses; empty: none is chosen yet."""
    content: PromptContent = PromptContent()
    created: float = 0.0
    updated: float = 0.0
    deleted: float = 0.0
    """When it was deleted; 0: it was not. A deleted template is kept so that this can be undone."""


class TemplateVersion(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A template as it was sent. It never changes but for its name, so answers name it by its id forever."""

    stored = stored_names.TEMPLATE_VERSION
    template: str
    """Id of the template."""
    number: int
    """Counts from 1 within its template."""
    content: PromptContent
    digest: str
    """Says whether two contents are equal (core.templates.versions.digest)."""
    name: str = ""
    """What a person calls it."""
    created: float = 0.0
