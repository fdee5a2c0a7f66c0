"""What is shown of a batch: a row of its list, a group of requests that ended alike, one request in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.core.batches.ledger import DAMAGED_LINE, Ledger
from app.core.bodies import requests
from app.core.json import jsonread
from app.core.openai import conformance
from app.core.openai.outcomes import Outcome
from app.core.results.answers import Answer

if TYPE_CHECKING:
    from app.core.openai.schema_faults import SchemaFault
    from app.core.results.answer_parts import AnswerPart

_WHY: dict[Outcome, str] = {
    Outcome.MISSING: "in none of the provider's files",
    Outcome.UNFOUND: "may have been answered; not found in the provider's files",
    Outcome.EXPIRED: "not run before the batch ended",
    Outcome.CANCELLED: "not run before the batch was cancelled",
    Outcome.UNREAD: "not read",
}
"""Why there is no line for a request."""


class AnswerRow(msgspec.Struct, frozen=True):
    """One request in the list of a batch. ``outcome`` is a word: answered, failed, expired, cancelled, missing, unread. ``resent``: it was
    sent again; ``can_go``: it can be, by hand."""

    row: int
    id: str
    outcome: str
    asked: str
    answered: str
    tokens: int = 0
    resent: bool = False
    can_go: bool = False


class Group(msgspec.Struct, frozen=True):
    """The requests of a batch that ended in the same way: outcome (a word), error code, how many, and how many of them went again."""

    outcome: str
    code: str
    count: int
    resent: int

    @property
    def risky(self) -> bool:
        """Whether these were answered, or may have been: sent again they may be paid twice."""
        return self.outcome in ("unfound", "flawed") or self.code == DAMAGED_LINE


class Opened(msgspec.Struct, frozen=True):
    """One request in full, beside what came back. ``line`` is the answer's line as it arrived; empty where there is none."""

    batch: str
    row: int
    id: str
    outcome: str
    code: str
    asked: tuple[tuple[str, str], ...]
    body: str
    answer: Answer | None
    line: str
    previous_batches: tuple[str, ...] = ()
    """The batches in which the request was before."""
    resent: bool = False
    """It was sent again from this batch."""
    unread: bool = False
    """Whether the answer's line is skipped because reading it stopped Python."""
    others: tuple[str, ...] = ()
    """Other answers to it that differ, as they arrived."""
    risky: bool = False
    """Whether it can be sent again on purpose only: it was answered, or may have been."""
    can_go: bool = False
    """Whether it can be sent again, if it is nowhere any more (``resent``) or was not yet."""
    open_ids: tuple[str, ...] = ()
    """Of an answer under an id that the batch does not have: the first requests that it may be meant for."""
    parts: tuple[AnswerPart, ...] = ()
    """What the answer is made of; none where it is no answer, or of a shape that is not known."""
    faults: tuple[SchemaFault, ...] = ()
    """Where it does not follow the schema that was asked for."""
    matched: str = ""
    """The id that its answer has in the provider's files, where the person said that it is this request's."""


class AnswerExample(msgspec.Struct, frozen=True):
    """What was asked last in a request, and what should be said: the answer, or the person's correction of it."""

    question: str
    answer: str
    corrected: bool = False


def why(ledger: Ledger, row: int) -> str:
    """Why there is no answer to show for a row."""
    code = ledger.code_of(row)
    if code == DAMAGED_LINE:
        return "answered and billed, but its line is damaged; the line is kept and shown"
    return _WHY.get(ledger.outcome_of(row), code)


def schema_faults(request: bytes | None, answer: Answer | None) -> tuple[SchemaFault, ...]:
    """Where an answer does not follow the schema that its request's line asks for."""
    if request is None or answer is None or not answer.text or answer.tools or conformance.MARK not in request:
        return ()
    try:
        schema = conformance.schema_of(jsonread.value(requests.decode(request).body))
    except (requests.LineFault, jsonread.Unreadable):
        return ()
    if schema is None:
        return ()
    from app.core.openai.schema_faults import faults  # few answers ignore their schema

    return faults(answer.text, schema)
