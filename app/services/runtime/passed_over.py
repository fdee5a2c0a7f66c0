"""Lines and ledgers read on the trail (core.model.trail): what stopped Python before is skipped, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.core.batches.ledger import Ledger, LedgerUnreadable
from app.core.bodies import requests
from app.core.bodies.requests import Preview
from app.core.model import trail
from app.core.results import answers
from app.core.results.answers import Answer
from app.core.results.samples import AnswerFacts, facts_of

if TYPE_CHECKING:
    from app.core.results.answer_parts import AnswerPart

_UNSHOWN: Final = "This line cannot be shown; it is kept as it arrived"


def preview(bytes_id: str, offset: int, line: bytes, custom_id: str = "", length: int = 120) -> Preview:
    """A request's line, which begins at ``offset`` of a byte run, as a list shows it."""
    item = trail.line(bytes_id, offset)
    if trail.suspected(item):
        return Preview(custom_id, text=trail.NOT_READ, size=len(line), fault=trail.NOT_READ)
    with trail.at(item):
        try:
            return requests.preview(line, length)
        except Exception as error:  # the boundary of one line: the list shows the others
            return Preview(custom_id, text=_UNSHOWN, size=len(line), fault=f"{_UNSHOWN} ({type(error).__name__}: {error})")


def answer(endpoint: str, bytes_id: str, offset: int, line: bytes) -> Answer:
    """An answer's line, likewise, in full."""
    item = trail.line(bytes_id, offset)
    if trail.suspected(item):
        return Answer(error_code="unread", error=trail.NOT_READ)
    with trail.at(item):
        try:
            return answers.answer_of(endpoint, line)
        except Exception as error:  # the boundary of one line, likewise
            return Answer(error_code="unread", error=f"{_UNSHOWN} ({type(error).__name__}: {error})")


def parts(bytes_id: str, offset: int, line: bytes) -> tuple[AnswerPart, ...]:
    """What an answer's line is made of, likewise."""
    item = trail.line(bytes_id, offset)
    if trail.suspected(item):
        return ()
    with trail.at(item):
        try:
            from app.core.results.answer_parts import parts_of  # few lines are opened

            return parts_of(line)
        except Exception:  # the boundary of one line, likewise: what it says in short is shown
            return ()


def facts(endpoint: str, bytes_id: str, offset: int, line: bytes) -> AnswerFacts:
    """What an answer's line says for a file, likewise."""
    item = trail.line(bytes_id, offset)
    if trail.suspected(item):
        return AnswerFacts(error=trail.NOT_READ)
    trail.begin(item)  # all answers of a file go through here, and none within another item
    try:
        return facts_of(endpoint, line)
    except Exception as error:  # the boundary of one line, likewise
        return AnswerFacts(error=f"{_UNSHOWN} ({type(error).__name__}: {error})")
    finally:
        trail.end()


def ledger(bytes_id: str, data: bytes) -> Ledger:
    """A stored ledger. Raises LedgerUnreadable, also for one that stopped Python before."""
    item = trail.run(bytes_id)
    if trail.suspected(item):
        raise LedgerUnreadable(trail.NOT_READ)
    with trail.at(item):
        return Ledger.from_bytes(data)
