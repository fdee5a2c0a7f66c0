"""Texts read as Markdown, and damaged JSON repaired, beside the page: libraries are loaded there, and a text that takes long holds nothing
up."""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.results import markdown, repairing
from app.core.results.markdown import MarkdownDocument
from app.core.results.repairing import Repair
from app.ports.compute import Job, JobKind


class TextsToRead(msgspec.Struct, frozen=True):
    """What is read."""

    texts: tuple[str, ...]


class TextsRead(msgspec.Struct, frozen=True):
    """The documents, one for each text, in their order."""

    documents: tuple[MarkdownDocument, ...]


READ_MARKDOWN: Final = JobKind("results.markdown", TextsToRead, TextsRead)


async def read_markdown(job: Job, asked: TextsToRead) -> TextsRead:
    """Raises LibraryMissing."""
    await job.libraries.load("mistune")
    found: list[MarkdownDocument] = []
    for text in asked.texts:
        found.append(markdown.read(text))
        if job.over():
            await job.rest()
    return TextsRead(tuple(found))


class TextToRepair(msgspec.Struct, frozen=True):
    """Damaged JSON."""

    text: str


REPAIR_JSON: Final = JobKind("results.repair", TextToRepair, Repair)


async def repair_json(job: Job, asked: TextToRepair) -> Repair:
    """Raises LibraryMissing."""
    await job.libraries.load("json_repair")
    return repairing.propose(asked.text)
