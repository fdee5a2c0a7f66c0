"""The messages between the page and a worker that carries out a job: JSON text, one job at a time.

Files go beside a :class:`StartJob`, the result's bytes beside a :class:`JobDone`: as handles of the browser, or as buffers that are
transferred (static/js/compute.mjs).
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.json import jsonread

MOST_FAULTS: Final = 1_000
"""Items at fault that are told one by one; all are counted."""


class StartJob(msgspec.Struct, frozen=True, tag="start"):
    """Page to worker: carry out the job of this name."""

    name: str
    arguments: msgspec.Raw


class CancelJob(msgspec.Struct, frozen=True, tag="cancel"):
    """Page to worker: end the job at its next rest. A worker that does not answer soon is ended itself."""


class JobMoved(msgspec.Struct, frozen=True, tag="moved"):
    """Worker to page: how far the job is, in units of its own."""

    done: int
    total: int


class ItemFault(msgspec.Struct, frozen=True):
    """One item that the job skipped: its name or number, and a sentence about what is wrong with it."""

    item: str
    says: str


class JobDone(msgspec.Struct, frozen=True, tag="done"):
    """Worker to page: the job has ended well. ``faulty`` counts the items at fault, of which ``faults`` has the first."""

    value: msgspec.Raw
    faults: tuple[ItemFault, ...] = ()
    faulty: int = 0


class JobError(msgspec.Struct, frozen=True, tag="failed"):
    """Worker to page: the job has ended without a result. ``name`` is the exception's, ``given`` what it was made of; ``trace`` is for
    developers."""

    name: str
    given: tuple[str | int, ...] = ()
    trace: str = ""


ToWorker = StartJob | CancelJob
Ended = JobDone | JobError
ToPage = JobMoved | JobDone | JobError

_TO_WORKER: Final = jsonread.Decoder[ToWorker](ToWorker, depth=jsonread.OWN_DEPTH)
_TO_PAGE: Final = jsonread.Decoder[ToPage](ToPage, depth=jsonread.OWN_DEPTH)


def raw(value: object) -> msgspec.Raw:
    """A struct, or anything else that msgspec encodes, as part of a message."""
    return msgspec.Raw(msgspec.json.encode(value))


def text(message: ToWorker | ToPage) -> str:
    """A message as it crosses."""
    return msgspec.json.encode(message).decode()


def to_worker(text: str) -> ToWorker:
    """What a worker hears. Raises Unreadable."""
    return _TO_WORKER.decode(text)


def to_page(text: str) -> ToPage:
    """What the page hears. Raises Unreadable."""
    return _TO_PAGE.decode(text)
