"""The dialog in which a person has a batch rescued: when, how what is left is sent, and what that costs."""

from __future__ import annotations

from typing import Final

from simple_html import div, p

from app.core.base import text
from app.core.prices.rates import about
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog, faults
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, chosen, command, field, typed
from app.ui.base.sending_ways import MEANS, WAYS
from app.ui.base.state import State
from app.ui.batches.dialogs import RescueDialog
from app.ui.batches.rescue_actions import ChooseRescue, SetRescue, TypeRescue

_WHEN: Final = (("now", "Now"), ("hours", "If it is not done after so many hours"), ("clock", "If it is not done by a time"))


def rescue(state: State, one: RescueDialog) -> Node:
    """The dialog."""
    return dialog(
        "rescue",
        "Rescue this batch",
        div(
            at("stack"),
            p(
                {},
                "It is cancelled at the provider, and every answer received is kept. Once the batch has ended there, what was not "
                "answered is sent another way. Requests in progress at that moment may still be answered: they are billed once, "
                "kept, and not sent again. So nothing is paid twice.",
            ),
            field("rescue-when", "When", chosen("rescue-when", one.when, _WHEN, ChooseRescue("when"), data_autofocus=True)),
            _time(one),
            field(
                "rescue-way",
                "Send what is left",
                chosen("rescue-way", one.way, _ways(state, one), ChooseRescue("way")),
                hint=MEANS[one.way],
            ),
            _basis(state, one),
        ),
        act("Let it run", CloseDialog(), "quiet"),
        command(state, SetRescue(), "primary"),
    )


def _time(one: RescueDialog) -> Node:
    match one.when:
        case "hours":
            control = typed("rescue-hours", one.hours, TypeRescue("hours"), inputmode="decimal")
            return field("rescue-hours", "Hours from now", control, faults=faults(one.fault) if one.fault else [])
        case "clock":
            control = typed("rescue-clock", one.clock, TypeRescue("clock"))
            return field("rescue-clock", "Time, as 18:00", control, faults=faults(one.fault) if one.fault else [])
        case _:
            return NOTHING


def _ways(state: State, one: RescueDialog) -> list[tuple[str, str]]:
    """Each with its price."""
    found: list[tuple[str, str]] = []
    for offer in one.prices.offers if one.prices is not None else ():
        price = (
            "nothing is billed" if _practice(state, one) or offer.way == "queue" else about(offer.cost) if offer.cost is not None else ""
        )
        found.append((offer.way, f"{WAYS[offer.way]}: {price or 'no price is known'}"))
    return found


def _practice(state: State, one: RescueDialog) -> bool:
    return any(batch.id == one.batch and batch.practice for batch in state.batches.all)


def _basis(state: State, one: RescueDialog) -> Node:
    """Of what the prices are made."""
    known = one.prices
    if known is None:
        return NOTHING
    batch = next((batch for batch in state.batches.all if batch.id == one.batch), None)
    total = f" of {text.number(batch.requests)}" if batch is not None else ""
    out = f"{text.number(known.output_tokens)} out ({'assumed' if known.assumed else 'as earlier answers had'})"
    words = (
        f"{text.count(known.left, 'request')}{total} are left by the provider’s count, with about {text.number(known.input_tokens)} tokens"
    )
    return p(at("dim"), f"{words} in and {out} each. A budget holds for them as for every batch.")
