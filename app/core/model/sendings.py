"""Which requests were made of which rows and by which version of a template, or came in which file."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.batches import Foreseen
from app.core.model.records import Record


class SentVariant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the ways in which rows were asked (core.templates.variants)."""

    tag: str
    """Stands behind the ids of its requests: ``<id>-<row id>~<tag>``."""
    version: str = ""
    """Id of the TemplateVersion that it was made of, where that is another one than the prompt's."""


FollowForm = Literal["", "text", "schema"]


class FollowUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is asked next of requests that were answered (core.results.following)."""

    message: str
    """The user message; over rows of a table a template, which may name what was answered."""
    alone: bool = False
    """Ask the message by itself; else it is a further turn of each conversation."""
    model: str = ""
    """Empty: the model that answered."""
    system: str = ""
    """The system message before a message that is asked by itself, a template likewise; "": none. A conversation keeps its own."""
    form: FollowForm = ""
    """Of the answers: as that of the answers before ("" of what is asked by itself: text), ``text``, or JSON that follows ``schema``."""
    schema: str = ""
    """A JSON schema, as typed."""


class QueuedRows(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What was added to the queue in one go. Rows of a table: its id begins the ids of the requests, ``<id>-<row id>``; where the template
    says the ids itself (``named``), ``keys.sent_rows_id`` has them. Requests of a ``file`` (then there is no ``dataset``): their ids are
    made of those in the file (core.programs.folder.own_id, its folder being this id); ``named``: some are cut in them, and
    ``keys.sent_rows_id`` has those whole. What follows answers (``follow``) has ids of core.results.following, and no template:
    ``keys.sent_rows_id`` says which answer each follows."""

    stored = stored_names.QUEUED_ROWS
    dataset: str
    dataset_version: int
    template: str = ""
    template_version: str = ""
    """Id of the TemplateVersion that made the requests."""
    at: float = 0.0
    """Unix seconds."""
    requests: int = 0
    left_out: int = 0
    """Rows at fault, of which no request was made."""
    named: bool = False
    foreseen: Foreseen | None = None
    """What the plan said that they would come to."""
    file: str = ""
    """Name of the file of requests."""
    digest: str = ""
    """SHA-256 of that file, in hexadecimal digits: by it one is known that was added before."""
    variants: tuple[SentVariant, ...] = ()
    """In which ways each row was asked, where there were several."""
    samples: int = 0
    """How often each row was asked in each way; their numbers stand last in the ids, ``…~2``. 0: once."""
    reused: int = 0
    """Requests that were left out because they were answered already, as the person chose."""
    follow: FollowUp | None = None
    """They go on from answers, with this."""
    followed: tuple[str, ...] = ()
    """Ids of the batches that have these answers."""


class QueueingRows(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Rows are being added to the queue, or that broke off: its id is that of the QueuedRows. Stored before the first requests are, gone in
    the commit that puts all of them into the queue."""

    stored = stored_names.QUEUEING_ROWS
    runs: int = 0
    """How many byte runs of requests were stored; each in one commit with this number."""
    at: float = 0.0
    """Unix seconds."""


def segment_id(run: str, n: int) -> str:
    """The id of the n-th segment of requests that were added in one go, from 0."""
    return f"s{run.removeprefix('r')}-{n}"
