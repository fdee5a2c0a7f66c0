"""The ways on from where a batch does not get on by itself (core.pipeline.ways): a button for each, and beforehand what each may cost."""

from __future__ import annotations

from collections.abc import Callable

from simple_html import code, div, li, p, ul

from app.core import accounts, batchproblems, retry, text
from app.core.pipeline import FOLLOWED, Way, ways
from app.core.records import Batch
from app.ui import actions
from app.ui.dialogs import SettleDialog
from app.ui.markup import NOTHING, Node, at
from app.ui.state import KeyState, State
from app.ui.views.parts import act, field, note, problem_note, typed

Frame = Callable[..., Node]
"""``frame(id, title, body, *buttons)`` is a dialog."""

_HINTS: dict[Way, str] = {
    "claim": "Say that the key entered now belongs to the account that has this batch",
    "bind": "Name the batch at the provider, where you have found it there",
    "return": "Put the requests back into the queue, where they wait until you submit them",
    "give_up": "Go on without what does not come",
}


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
            return {"downloading": "Go on without this file", "reconciling": "End it without this"}.get(batch.state, "Give it up")


def buttons(state: State, batch: Batch) -> list[Node]:
    """A button for each way that is offered now. Cancelling and deleting stand in the batch's head."""
    offered = [way for way in ways(batch, state.now) if way not in ("cancel", "delete")]
    if batch.problem is not None and batch.problem.code == batchproblems.UNKNOWN_STATUS and "give_up" in offered:
        offered.remove("give_up")  # it has a button of its own
    return [act(_label(batch, way), actions.AskSettle(batch.id, way), "small", title=_HINTS.get(way, "")) for way in offered]


def row(state: State, batch: Batch) -> Node:
    """All of them, below what went wrong: four buttons beside a text would leave it no room."""
    offered = buttons(state, batch)
    return div(at("row wrap end", role="group", aria_label="Ways on"), offered) if offered else NOTHING


def looking(state: State, batch: Batch) -> Node:
    """Beside what became of a create: why the look for its batch fails, and when more can be done about it."""
    if batch.looking is None or batch.state != "creating":
        return NOTHING
    certain = retry.certain_at(batch.asked_at, practice=batch.practice)
    later = (
        note(
            "info",
            "The call may still make the batch.",
            f"If it is not found, the requests can go back to the queue from {text.clock(certain, offset=state.zone, now=state.now)} on.",
        )
        if state.now < certain
        else NOTHING
    )
    return [problem_note(batch.looking), later]


def waits_for_key(batch: Batch) -> bool:
    """Whether the key that is here is not the one that decides about it."""
    problem = batch.looking or batch.problem
    return problem is not None and problem.code == accounts.OTHER


def dialog(state: State, one: SettleDialog, frame: Frame) -> Node:
    """What a way does and may cost, and the step itself."""
    batch = next((each for each in state.batches if each.id == one.batch), None)
    if batch is None:
        return NOTHING
    profile = state.profiles.get(batch.lane.profile)
    name = profile.name if profile else "the provider"
    back = act("Leave it as it is", actions.CloseDialog(), "quiet", data_autofocus=True)
    go = actions.Settle(batch.id, one.way)
    busy = "settle" in state.busy
    match one.way:
        case "claim":
            key = state.keys.get(batch.lane.profile, KeyState()).masked
            return frame(
                "settle",
                "Is this key of the account that has the batch?",
                [
                    p({}, "From now on the key ", code({}, key), " counts as one of that account, for all its batches."),
                    p(
                        {},
                        "Say so only where you know it, for example because you renewed the key in the same project. If it is of another "
                        "account, a batch that is not seen with it is taken for not made: it is made once more, and both are billed.",
                    ),
                ],
                back,
                act("It is the same account", go, "primary", busy=busy, data_once=True),
            )
        case "return":
            return frame(
                "settle", "Return the requests to the queue?", _returning(batch, name), back, _step("I checked: return them", go, busy)
            )
        case "bind":
            return _naming(batch, one, name, frame, busy)
        case _:
            title, words = _giving_up(batch, name)
            return frame("settle", title, [p({}, words)], back, _step(_label(batch, "give_up"), go, busy))


def _step(label: str, go: actions.Action, busy: bool) -> Node:
    return act(label, go, "danger", busy=busy, data_once=True)


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
            f"If it is there, it goes on and what it answers is billed: submitted again, the requests are billed a second time.{counted} "
            "Enter its id instead, or cancel it there.",
        ),
        p({}, "The requests wait in the queue until you submit them; nothing is sent by itself."),
    ]


def _naming(batch: Batch, one: SettleDialog, name: str, frame: Frame, busy: bool) -> Node:
    against = one.found.against if one.found is not None else ()
    return frame(
        "settle",
        "Which batch is it at the provider?",
        [
            p(at("dim"), f"Its id stands on {name}’s own page, and in its list of batches. It is looked at before anything is stored."),
            field(
                "settle-id",
                "Id of the batch",
                typed("settle-id", one.typed, actions.TypeBatchId(), data_autofocus=True),
                faults=[one.fault] if one.fault else [],
            ),
            note("bad", "It may be another batch.", ul({}, [li({}, each) for each in against])) if against else NOTHING,
        ],
        act("Leave it as it is", actions.CloseDialog(), "quiet"),
        act(
            "It is this one all the same" if against else "Look at it",
            actions.Settle(batch.id, "bind"),
            "danger" if against else "primary",
            busy=busy,
            disabled=not one.typed.strip(),
            data_once=True,
        ),
    )


def _giving_up(batch: Batch, name: str) -> tuple[str, str]:
    match batch.state:
        case "downloading":
            return (
                "Go on without this answer file?",
                "Its requests count as missing here, although they were answered and billed. It can be fetched again later, for free.",
            )
        case "reconciling" if batch.resending:
            return (
                "End it without sending the rest again?",
                "What is in the queue by now stays there. The rest of what was not answered can be queued by hand, one by one or all.",
            )
        case "reconciling":
            return (
                "End it without its ledger?",
                "The files that came are kept and can be downloaded; which request has which answer is not worked out. It can be tried "
                "again later with “Fetch the answers again”.",
            )
        case "creating":
            return (
                "Give this batch up?",
                f"Nothing is known of it at {name}. If it was made, what it answers is billed and is not fetched. Its requests stay with "
                "it here: they can be queued again from there.",
            )
        case _:
            return (
                "Stop following this batch?",
                f"{name} is asked no more about it. If it goes on there, what it answers is billed. What it is known to have is fetched, "
                "nothing is sent again by itself, and it can be followed again with “Fetch the answers again”.",
            )
