"""The messages between the page and a worker that carries out a job: JSON text, one job at a time.

Files go beside a :class:`StartJob`, the result's bytes beside a :class:`JobDone`: as handles of the browser, or as buffers that are
transferred (static/js/compute.mjs).
"""

from __future__ import annotations

from typing import Final

import msgspec

MOST_FAULTS: Final = 1_000
"""Items at fault that are told one by one; all are counted."""


class StartJob(msgspec.Struct, frozen=True, tag="start"):
    """Page to worker: carry out the job of this name."""

    name: str
    arguments: msgspec.Raw


class ItemFault(msgspec.Struct, frozen=True):
    """One item that the job passed over: its name or number, and a sentence about what is wrong with it."""

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


Ended = JobDone | JobError


def raw(value: object) -> msgspec.Raw:
    """A struct, or anything else that msgspec encodes, as part of a message."""
    return msgspec.Raw(msgspec.json.encode(value))
