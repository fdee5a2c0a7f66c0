"""The ways on from where a batch does not get on by itself (core.batches.pipeline.ways): a button for each, and beforehand what each
may cost."""

from __future__ import annotations

from msgspec.structs import replace
from simple_html import code, div, li, p, section, span, ul

from app.core.base import retry, text
from app.core.batches import batchproblems
from app.core.batches.pipeline import FOLLOWED, Way, ways
from app.core.model.batches import Batch
from app.core.openai import accounts
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, command, field, note, problem_note, typed
from app.ui.base.provider_state import KeyState
from app.ui.base.state import State
from app.ui.batches.actions import AskSettle, Settle, TryNow, TypeBatchId
from app.ui.batches.dialogs import SettleDialog

"""``dialog(id, title, body, *buttons)`` is a dialog."""

_HINTS: dict[Way, str] = {
    "claim": "If the key was only renewed. If that is wrong, it may lead to a second batch, and both are billed.",
    "bind": "If you found the batch at the provider. Free; nothing is sent again.",
    "return": "They wait there until you submit them. If the batch exists after all, they are then billed a second time.",
}
_GIVING_UP: dict[str, str] = {
    "downloading": "Its requests count as missing, although they were answered and billed. It can be downloaded later, for free.",
    "reconciling": "The files are kept; answers are not matched to requests. It can be tried again, for free.",
    "creating": "The batch ends here as failed. If it was created, it is billed and not downloaded. Its requests are kept.",
}
_RESENDING = "What is in the queue stays there; the rest is not resent automatically."
_FOLLOWING = "Nightshift stops checking. What the provider answers is billed. You can check again later."


def _label(batch: Batch, way: Way) -> str:
    match way:
        case "claim":
            return "It is the same account"
        case "bind":
            return "Enter the batch’s id"
        case "return":
            return "Return to the queue"
        case "cancel":
            return "Cancel batch"
        case "delete":
            return "Delete"
        case _ if batch.state in FOLLOWED:
            return "Stop following"
        case _:
            return {"downloading": "Continue without this file", "reconciling": "End it without this"}.get(
                batch.state, "Stop looking for it"
            )


def _hint(batch: Batch, way: Way) -> str:
    """What a way does to money and data, in a line."""
    if way != "give_up":
        return _HINTS.get(way, "")
    if batch.state == "reconciling" and batch.resending:
        return _RESENDING
    return _GIVING_UP.get(batch.state, _FOLLOWING)


def _offered(state: State, batch: Batch) -> list[Way]:
    """The ways that are here. Cancelling and deleting are in the batch's head."""
    offered = [way for way in ways(batch, state.now) if way not in ("cancel", "delete")]
    if batch.problem is not None and batch.problem.code == batchproblems.UNKNOWN_STATUS and "give_up" in offered:
        offered.remove("give_up")  # it has a button of its own
    return offered


def _button(batch: Batch, way: Way) -> Node:
    return act(_label(batch, way), AskSettle(batch.id, way), "small")


def buttons(state: State, batch: Batch) -> list[Node]:
    """A button for each way that is offered now."""
    return [_button(batch, way) for way in _offered(state, batch)]


def choices(state: State, batch: Batch) -> Node:
    """All of them, below what went wrong, each with what it does to money and data."""
    offered = _offered(state, batch)
    return (
        section(
            at("card pad stack tight", aria_label="What you can do"),
            [div(at("row wrap choice"), _button(batch, way), span(at("dim grow words"), _hint(batch, way))) for way in offered],
        )
        if offered
        else NOTHING
    )


def looking(state: State, batch: Batch) -> Node:
    """Beside what became of a create: why the look for its batch fails, and when more can be done about it."""
    if not looks_in_vain(batch) or batch.lookup_problem is None:
        return NOTHING
    found, certain = batch.lookup_problem, retry.certain_at(batch.create_began_at, practice=batch.practice)
    means = found.means
    if found.code != accounts.OTHER:
        means = "So it is not known whether the batch exists. It is not created again before that is known: nothing is paid twice."
    do = found.do
    if state.now < certain:
        when = text.clock(certain, offset=state.zone, now=state.now)
        do = f"{do} The call may still create the batch. If it is not found, the requests can be returned to the queue from {when} on."
    shown = replace(found, what=f"Looking for the batch failed, too: {found.what}", means=means, do=do)
    return problem_note(shown, act("Try now", TryNow(batch.id), "small"))


def looks_in_vain(batch: Batch) -> bool:
    """Whether it is not known if a batch was made, and looking for it fails: then the failed look says what happens next."""
    return batch.lookup_problem is not None and batch.state == "creating"


def waits_for_key(batch: Batch) -> bool:
    """Whether the key that is here is not the one that decides about it."""
    problem = batch.lookup_problem or batch.problem
    return problem is not None and problem.code == accounts.OTHER


def settle(state: State, one: SettleDialog) -> Node:
    """What a way does and may cost, and the step itself."""
    batch = next((each for each in state.batches.all if each.id == one.batch), None)
    if batch is None:
        return NOTHING
    profile = state.provider.profiles.get(batch.lane.profile)
    name = profile.name if profile else "the provider"
    back = act("Leave it as it is", CloseDialog(), "quiet", data_autofocus=True)
    go = Settle(batch.id, one.way)
    match one.way:
        case "claim":
            key = state.provider.keys.get(batch.lane.profile, KeyState()).masked
            return dialog(
                "settle",
                "Does this key belong to the account of the batch?",
                [
                    p({}, "From now on the key ", code({}, key), " counts as a key of that account, for all its batches."),
                    p(
                        {},
                        "Confirm this only if you know it, for example because you renewed the key in the same project. If the key belongs "
                        "to another account, a batch that it cannot see is assumed not to exist: it is created again, and both are billed.",
                    ),
                ],
                back,
                command(state, go, "primary", data_once=True),
            )
        case "return":
            return dialog(
                "settle", "Return the requests to the queue?", _returning(batch, name), back, command(state, go, "danger", data_once=True)
            )
        case "bind":
            return _naming(state, batch, one, name)
        case _:
            title, words = _giving_up(batch, name)
            go_on = command(state, go, "danger", words=_label(batch, "give_up"), data_once=True)
            return dialog("settle", title, [p({}, words)], back, go_on)


def _returning(batch: Batch, name: str) -> list[Node]:
    remote = batch.remote
    known: list[Node] = (
        [" with the id ", code({}, remote.id)]
        if remote is not None and remote.id
        else [" that carries the mark ", code({}, batch.id), " in its metadata"]
    )
    answered = remote.completed if remote is not None else 0
    counted = (
        f" When it was last seen, {text.count(answered, 'request')} of {text.number(batch.requests)} were answered." if answered else ""
    )
    return [
        p({}, f"Look at {name} first, in the account of this batch, for a batch", known, "."),
        p(
            {},
            f"If it is there, it continues and its answers are billed: submitted again, the requests are billed a second time.{counted} "
            "Enter its id instead, or cancel it there.",
        ),
        p({}, "The requests wait in the queue until you submit them; nothing is sent automatically."),
    ]


def _naming(state: State, batch: Batch, one: SettleDialog, name: str) -> Node:
    against = one.found.against if one.found is not None else ()
    return dialog(
        "settle",
        "Which batch is it at the provider?",
        [
            p(at("dim"), f"Its id is on {name}’s website, in its list of batches. It is checked before anything is stored."),
            field(
                "settle-id",
                "Id of the batch",
                typed("settle-id", one.typed, TypeBatchId(), data_autofocus=True),
                faults=[one.fault] if one.fault else [],
            ),
            note("bad", "It may be another batch.", ul({}, [li({}, each) for each in against])) if against else NOTHING,
        ],
        act("Leave it as it is", CloseDialog(), "quiet"),
        command(state, Settle(batch.id, "bind"), "danger" if against else "primary", data_once=True),
    )


def _giving_up(batch: Batch, name: str) -> tuple[str, str]:
    match batch.state:
        case "downloading":
            return (
                "Continue without this answer file?",
                "Its requests count as missing here, although they were answered and billed. It can be downloaded again later, for free.",
            )
        case "reconciling" if batch.resending:
            return (
                "End it without sending the rest again?",
                "What is already in the queue stays there. The other unanswered requests can be queued by hand, one by one or all at once.",
            )
        case "reconciling":
            return (
                "End it without its ledger?",
                "The files received are kept and can be downloaded; answers are not matched to requests. It can be tried "
                "again later with “Download the answers again”.",
            )
        case "creating":
            return (
                "Give up this batch?",
                f"Nothing is known about it at {name}. If it was created, its answers are billed and not downloaded. Its requests stay "
                "with it here: they can be queued again from there.",
            )
        case _:
            return (
                "Stop following this batch?",
                f"{name} is no longer polled. If the batch continues there, its answers are billed. Answers that it is known to have are "
                "downloaded, nothing is resent automatically, and “Download the answers again” checks once more.",
            )
