"""Tries: rows of a dataset that were answered at once, to see what a prompt does before a batch is sent."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.problem import Problem
from app.core.model.records import Record

TryState = Literal["asked", "answered", "failed", "stopped"]
"""``asked``: it is on its way, or the page went before its answer came, so that it may have been answered; it is never sent again by
itself. ``stopped``: by the person."""


class TriedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request of a row. What was asked and what came are byte runs beside it (``keys.try_asked_id``, ``keys.try_answer_id``)."""

    id: str
    row: int
    """Id of the row in its dataset."""
    number: int = 0
    """The row's number in its file."""
    position: int = 0
    """Where the row stood, from 0, in the version of the dataset that ``table`` numbers."""
    table: int = 0
    state: TryState = "asked"
    prompt: str = ""
    """Digest of what was asked (core.templates.versions.digest): of the variant, before tags were added."""
    version: str = ""
    """Id of the version of the template, where there is one."""
    profile: str = ""
    """Id of the provider's profile."""
    practice: bool = False
    """It was asked of the practice provider: the answer is simulated, and nothing is billed."""
    endpoint: str = ""
    model: str = ""
    tag: str = ""
    """Which variant it is (core.templates.variants)."""
    sample: int = 0
    """Which sample of the row, from 1; 0: the only one."""
    asked: float = 0.0
    """Unix seconds; also ``ended``."""
    ended: float = 0.0
    answer: bool = False
    """There is an answer, or a part of one."""
    input: int = 0
    """Tokens, as the provider counted them; 0 where it did not say. ``cached`` are among ``input``, ``reasoning`` among ``output``."""
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    cost: int | None = None
    """10^-12 dollars, at the synchronous price; None: not known."""
    problem: Problem | None = None
    """Why there is no answer, or no whole one."""
    cleared: float = 0.0
    """When the person cleared it away; 0: it is shown."""


class DatasetTries(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The tries of a dataset; its id is the dataset's."""

    stored = stored_names.TRIES
    rows: tuple[TriedRow, ...] = ()
    """Oldest first."""
