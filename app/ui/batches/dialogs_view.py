"""The questions before a batch is cancelled or deleted."""

from __future__ import annotations

from simple_html import p

from app.core.base import text
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node
from app.ui.base.parts import act
from app.ui.base.picking import ForgetPicked
from app.ui.base.state import State
from app.ui.batches.actions import CancelBatch, ForgetBatch
from app.ui.batches.dialogs import CancelDialog, ForgetDialog, ForgetSeveralDialog


def cancel(state: State, one: CancelDialog) -> Node:
    live = any(batch.id == one.batch and batch.live for batch in state.batches.all)
    return dialog(
        "cancel",
        "Cancel this batch?",
        p(
            {},
            "No further requests are sent. Requests in progress are waited for, kept and billed; the rest returns to the queue and is free."
            if live
            else "Answers that the provider has by then are kept and billed. Cancelling may take ten minutes. What is unanswered is free.",
        ),
        act("Keep running", CloseDialog(), "quiet", data_autofocus=True),
        act("Cancel the batch", CancelBatch(one.batch), "danger"),
    )


def forget(one: ForgetDialog) -> Node:
    return dialog(
        "forget",
        "Delete this batch from this browser?",
        p(
            {},
            "Its requests, its answers, your annotations and their files are deleted here. This can't be undone: download what you need "
            "first. Requests that were returned to the queue stay there. The provider keeps what it has; what was billed stays billed.",
        ),
        act("Keep", CloseDialog(), "quiet", data_autofocus=True),
        act("Delete the batch", ForgetBatch(one.batch), "danger"),
    )


def forget_several(one: ForgetSeveralDialog) -> Node:
    gone, left = len(one.batches), one.of - len(one.batches)
    return dialog(
        "forget-several",
        f"Delete {text.count(gone, 'batch')} from this browser?",
        [
            p(
                {},
                "Their requests, their answers, your annotations and their files are deleted here. This can't be undone: download what "
                "you need first. Requests that were returned to the queue stay there. The provider keeps what it has; what was billed "
                "stays billed.",
            ),
            p({}, f"{text.count(left, 'batch')} {'has' if left == 1 else 'have'} not ended and {'stays' if left == 1 else 'stay'}.")
            if left
            else NOTHING,
        ],
        act("Keep", CloseDialog(), "quiet", data_autofocus=True),
        act(f"Delete {text.count(gone, 'batch')}", ForgetPicked(), "danger", disabled=not gone),
    )
