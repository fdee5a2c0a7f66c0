"""Desktop notices: the card in the settings, and what a notice says."""

from __future__ import annotations

from simple_html import div, h2, header, p, section

from app.core.base import text
from app.core.model.batches import Batch
from app.ui.activity.actions import SetNotify
from app.ui.base.actions import ForgetStops, ReadAgain
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, batch_title, note, pill
from app.ui.base.state import State

_REFUSED = (
    "The browser does not let this page show notifications, because that was refused once. "
    "To allow it: open the site's settings (the icon next to the address), set notifications to “allow”, then come back here."
)
_MISSING = "There are no desktop notifications here: this browser has none, or it has none for a page that was opened from a file."
_ENDINGS = {"done": "is done", "failed": "failed", "expired": "expired", "cancelled": "was cancelled"}


def card(state: State) -> Node:
    """Whether a notice is shown when a batch ends."""
    on = state.preferences.notify and state.browser.notices == "granted"
    return section(
        at("card", aria_label="Notifications"),
        header({}, h2({}, "Notifications"), pill("good", "on") if on else NOTHING),
        div(
            at("pad stack tight"),
            p(at("dim"), "A desktop notification when a batch ends, also while this tab is in the background. The tab has to stay open."),
            _choice(state, on=on),
        ),
    )


def _choice(state: State, *, on: bool) -> Node:
    if state.browser.notices == "missing":
        return p({}, _MISSING)
    if state.browser.notices == "denied":
        return note("", "Notifications are blocked.", _REFUSED)
    if on:
        return div(at("row"), act("Turn notifications off", SetNotify(on=False), "small"))
    return div(at("row"), act("Turn notifications on", SetNotify(on=True), "small"))


def stops_note(state: State) -> Node:
    """Python died here before: when, at what, and what is skipped since."""
    last = state.browser.stops[-1]
    aside = [one for one in state.browser.stops if one.suspect]
    if last.item.startswith("line:answer:"):
        what = "while it read a line of an answer file: that line is not shown, and can be saved as a file where it belongs"
    elif last.item.startswith("line:"):
        what = "while it read a request: that request is not shown, and stays as it is"
    elif last.item.startswith("record:"):
        what = "while it read a stored record: the record is skipped, and stays as it is"
    elif last.item.startswith("bytes:"):
        what = "while it read the ledger of a batch: that is not read, and the files are kept as they arrived"
    elif last.item.startswith("view:"):
        what = "while it drew a view: that view is not drawn, and everything else works"
    elif last.suspect:
        what = "while it worked on a batch: that batch is paused here. At its provider it continues, and is billed as usual"
    else:
        what = "and the cause is not known. If it stops again, export your data in the settings and report it"
    return note(
        "bad",
        "Nightshift stopped in this browser",
        f"on {text.clock(last.at, offset=state.zone)}, {what}."
        + (f" {text.count(len(aside), 'thing')} skipped in all." if len(aside) > 1 else ""),
        act("Read it again", ReadAgain(), "small") if aside else NOTHING,
        act("Hide this", ForgetStops(), "small quiet"),
    )


def words(batch: Batch, zone: float) -> tuple[str, str]:
    """Title and text of the notice about a batch that has ended."""
    not_answered = batch.requests - batch.tally.answered
    figures = f"{text.number(batch.tally.answered)} of {text.count(batch.requests, 'request')} answered"
    said = f"{figures}, {text.number(not_answered)} not." if not_answered else f"{figures}."
    return f"Batch {_ENDINGS.get(batch.state, 'has ended')}", f"{batch_title(batch, zone)}\n{said}"
