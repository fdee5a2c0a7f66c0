"""A batch's answers: which are in sight, their files, sending again, and whose they are."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class ShowOutcomes(Action, frozen=True):
    which: str


class ScrollAnswers(Action, frozen=True):
    pass


class OpenAnswer(Action, frozen=True):
    row: int


class StepAnswer(Action, frozen=True):
    by: int


class SendAgain(Action, frozen=True):
    """Put unanswered requests of a batch back into the queue. ``which``: ``all``, ``picked``, ``row:<n>``, or a filter such as
    ``code:<error code>``."""

    id: str
    which: str


class AskRisk(Action, frozen=True):
    """Ask whether requests that were answered, or may have been, shall be sent again on purpose. ``which`` as in :class:`SendAgain`."""

    id: str
    which: str


class SendAnyway(Action, frozen=True):
    """Send them again: the person knows that they may be paid twice."""

    id: str
    which: str


class MatchNames(Action, frozen=True):
    """Take answers under other ids for those of the batch's requests, as core.batches.matching proposes."""

    id: str


class TypeWhose(Action, frozen=True):
    """The custom_id of the request that an unexpected answer is meant for."""


class AssignAnswer(Action, frozen=True):
    """Take the answer of this row for the request whose id was typed."""

    id: str
    row: int


class ReleaseAnswer(Action, frozen=True):
    """No longer take the answer that was matched to this row's request for its answer."""

    id: str
    row: int


class StopSending(Action, frozen=True):
    """What is not back in the queue yet stays where it is."""


class Pick(Action, frozen=True):
    """Choose a row of the open batch, or not."""

    row: int


class PickAll(Action, frozen=True):
    """Choose every row under the filter that can be sent again, or none."""


class ClearPicked(Action, frozen=True):
    pass


class FetchAgain(Action, frozen=True):
    """Fetch the answers of an ended batch that are not here."""

    id: str


class SaveLine(Action, frozen=True):
    """Save the line of an answer as it came, unread."""

    batch: str
    row: int


class Download(Action, frozen=True):
    id: str
    which: str


class CopyText(Action, frozen=True):
    """Copy the text that the open dialog shows under ``what``."""

    what: str
