"""How long a batch takes: its states so far, its pace, when it is usually done, and whether it hangs."""

from __future__ import annotations

from app.core.base import text
from app.core.batches import durations, pipeline
from app.core.batches.durations import Alarm, Estimate
from app.core.model.batches import Batch
from app.ui.base.markup import NOTHING, Node, join
from app.ui.base.parts import act, note, state_word
from app.ui.base.state import State
from app.ui.batches.actions import TryNow

_MEANS = {
    "validating": "The provider has not finished checking the file. None of it has run, and nothing is billed.",
    "in_progress": "The provider is busy. What is answered within the completion window is billed; the rest expires, is not "
    "billed, and can be sent again.",
    "finalizing": "The requests have run, and the provider is assembling the answers. They are billed, and they are not lost.",
    "cancelling": "The provider is finishing what it had started. Answers it completes are billed and kept.",
}
_UNCLEAR = "The provider does not say clearly whether its requests have run. Answers are billed."
"""In place of what the state means, where the provider's status is no known one, or its counts and files say more than the status does."""


def how_long(batch: Batch, now: float) -> dict[str, str]:
    """For each state that the batch was in, how long; the present one counts on. An ending has no length."""
    return {
        span.state: text.span(span.seconds) + (" so far" if span.present else "")
        for span in durations.spans(batch.timeline, now)
        if span.state not in pipeline.FINAL and (span.seconds >= 0.5 or span.present)
    }


def expectation(state: State, batch: Batch) -> Node:
    """Pace, and when it is usually done; nothing where nothing is known."""
    pace, left = durations.pace(batch, state.now), durations.at_this_pace(batch, state.now)
    words = [f"{_a_minute(pace)} a minute" if pace > 0 else NOTHING, f"at this pace the rest takes {text.span(left)}" if left else NOTHING]
    found = durations.estimate(batch, state.batches.histories.get(batch.lane.key), state.now)
    return join([*words, usually(found) if found else NOTHING])


def _a_minute(pace: float) -> str:
    return text.count(round(pace), "request") if pace >= 1 else "less than 1 request"


def usually(found: Estimate) -> str:
    """``usually done within 2 h to 5 h, judged by 7 batches``."""
    fewest, most = text.span(found.fewest), text.span(found.most)
    within = most if fewest == most else f"{fewest} to {most}"
    return f"usually done within {within}, judged by {text.count(found.batches, 'batch')}"


def alarm_of(state: State, batch: Batch) -> Alarm | None:
    """Whether the batch hangs."""
    return durations.alarm(batch, state.batches.histories.get(batch.lane.key), state.now)


def alarm_note(state: State, batch: Batch) -> Node:
    """That it hangs, what that means and what can be done. It is no error."""
    found = alarm_of(state, batch)
    if found is None:
        return NOTHING
    usual = (
        f"The longest of {text.count(found.batches, 'batch')} with this endpoint and model took {text.span(found.usual)}."
        if found.batches
        else "That is longer than such batches are known to take."
    )
    return note(
        "",
        f"{state_word(found.state).capitalize()} for {text.span(found.seconds)}: longer than usual.",
        f"{usual} {_means(batch, found.state)} "
        + (
            "All you can do is wait."
            if found.state == "cancelling"
            else "Wait, or cancel the batch: what is answered by then is kept and billed."
        ),
        act("Ask the provider now", TryNow(batch.id), "small"),
    )


def _means(batch: Batch, state: str) -> str:
    said = batch.remote.status if batch.remote else ""
    if state == "validating" and (said != "validating" or pipeline.ran(batch)):
        return _UNCLEAR
    return _MEANS[state]
