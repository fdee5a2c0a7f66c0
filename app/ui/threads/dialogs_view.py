"""The dialogs over the composer."""

from __future__ import annotations

from simple_html import div, input_, label, p, span

from app.core.base import text
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog, faults
from app.ui.base.markup import Node, area, at
from app.ui.base.parts import act, command, field, icon, keys_of, said, ties, typed
from app.ui.base.state import State
from app.ui.threads.actions import AddImageAddress, AddImageFile, ApplyPaste, TypeImageAddress, TypePaste
from app.ui.threads.dialogs import AddressDialog, Paste
from app.ui.threads.view import MAX_IMAGE_BYTES


def paste(state: State, one: Paste) -> Node:
    return dialog(
        "paste",
        "Import from text",
        [
            p(at("dim"), "A list of messages, a request body, a batch line, or text with “User:” and “Assistant:”."),
            div(
                at("field", data_bad=bool(one.fault)),
                area(
                    at(
                        "mono",
                        id="paste-text",
                        rows="14",
                        input=TypePaste(),
                        aria_label="Conversation as text",
                        data_autofocus=True,
                        spellcheck="false",
                        **ties("paste-text", faults(one.fault)),
                    ),
                    one.text,
                ),
                said("paste-text", faults(one.fault)),
            ),
        ],
        act("Cancel", CloseDialog(), "quiet"),
        command(state, ApplyPaste(), "primary"),
    )


def address(state: State, one: AddressDialog) -> Node:
    limit = text.size(MAX_IMAGE_BYTES)
    return dialog(
        "address",
        "Add an image",
        [
            field(
                "image-address",
                "Address of the image",
                typed(
                    "image-address",
                    one.text,
                    TypeImageAddress(),
                    placeholder="https://…",
                    inputmode="url",
                    data_autofocus=True,
                    data_key=keys_of(AddImageAddress()),
                ),
                hint="The provider fetches it when it runs the batch; this page does not.",
                faults=faults(one.fault),
            ),
            div(
                at("row wrap"),
                label(
                    at("btn"),
                    icon("image"),
                    "Choose a file",
                    input_(
                        at(
                            type="file",
                            accept="image/png,image/jpeg,image/webp,image/gif",
                            change=AddImageFile(one.message),
                            data_max_bytes=str(MAX_IMAGE_BYTES),
                            data_read="dataurl",
                            aria_label="Image file",
                        )
                    ),
                ),
                span(at("dim"), f"It becomes part of the request; {limit} at most."),
            ),
        ],
        act("Cancel", CloseDialog(), "quiet"),
        command(state, AddImageAddress(), "primary"),
    )
