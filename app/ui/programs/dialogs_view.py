"""One message of a program with every try at its delivery, and where its result goes."""

from __future__ import annotations

from simple_html import div

from app.core.base import text
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import choice, command, field, typed
from app.ui.base.state import State
from app.ui.programs.actions import ChooseTargetKind, DeliverAgain, TypeTarget
from app.ui.programs.dialogs import DeliveryDialog


def delivery(state: State, one: DeliveryDialog) -> Node:
    from app.core.programs.message import ResultFile
    from app.core.programs.targets import KINDS
    from app.ui.programs.message_view import one_message

    kinds = [(kind, one.label) for kind, one in KINDS.items()]
    if isinstance(one.one.target, ResultFile):
        kinds = [("folder", "The file in the folder"), *kinds]
    target = (
        NOTHING
        if one.kind == "folder"
        else field(
            "delivery-to",
            "Result goes to",
            typed("delivery-to", one.typed, TypeTarget(), placeholder=one.one.reply_to or "nowhere"),
            faults=[one.fault] if one.fault else [],
        )
    )
    body = [
        one_message(state, one.one),
        div(
            at("row wrap"),
            div(at("field"), choice("delivery-kind", one.kind, kinds, ChooseTargetKind(), aria_label="Kind of target")),
            target,
        ),
    ]
    return dialog("delivery", text.shorten(one.one.id, 60), body, command(state, DeliverAgain("one"), "primary"))
