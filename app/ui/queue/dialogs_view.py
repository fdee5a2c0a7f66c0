"""The dialog with one queued request."""

from __future__ import annotations

from simple_html import div, p, pre, span

from app.core.base.ids import without_file
from app.ui.base.dialogs_view import dialog, faults
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import act, command, json_area, said, ties
from app.ui.base.state import State
from app.ui.queue.actions import DeleteRequest, EditRequest, RequestAsThread, SaveRequest, TakeTheirRequest, TidyRequest
from app.ui.queue.dialogs import RequestDialog


def request(state: State, one: RequestDialog) -> Node:
    return dialog(
        "request",
        "Queued request",
        [
            p(at("dim"), span(at("mono"), without_file(one.id)), " · ", one.endpoint),
            div(
                at("field", data_bad=bool(one.fault)),
                json_area(
                    "request-text",
                    one.text,
                    one.rev,
                    20,
                    EditRequest(),
                    aria_label="Body of the request",
                    **ties("request-text", faults(one.fault)),
                ),
                said("request-text", faults(one.fault)),
            ),
            div(
                at("stack tight"),
                p({}, "In the other tab:"),
                pre(at("code"), long(one.theirs, "request")),
                span({}, act("Take theirs", TakeTheirRequest(), "small")),
            )
            if one.theirs
            else NOTHING,
        ],
        act("Format", TidyRequest(), "quiet"),
        command(state, RequestAsThread(), "quiet"),
        act("Delete", DeleteRequest(one.lane, one.id), "quiet danger"),
        command(state, SaveRequest(), "primary"),
    )
