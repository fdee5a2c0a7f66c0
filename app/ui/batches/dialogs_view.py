"""The questions before a batch is cancelled or deleted."""

from __future__ import annotations

from simple_html import p

from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import Node
from app.ui.base.parts import act
from app.ui.base.state import State
from app.ui.batches.actions import CancelBatch, ForgetBatch
from app.ui.batches.dialogs import CancelDialog, ForgetDialog


def cancel(state: State, one: CancelDialog) -> Node:
    live = any(batch.id == one.batch and batch.live for batch in state.batches.all)
    return dialog(
        "cancel",
        "Cancel this batch?",
        p(
            {},
            "Nothing more is asked. What is on its way is waited for, kept and billed; the rest goes back to the queue and costs nothing."
            if live
            else "What the provider has answered by then is kept and billed. It may take ten minutes. What was not answered costs nothing.",
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
            "Its requests, its answers, what you said of them and their files are deleted here. This can't be undone. "
            "Download first what you need. "
            "Requests of it that were put back into the queue stay there. The provider keeps what it has; what was billed stays billed.",
        ),
        act("Keep", CloseDialog(), "quiet", data_autofocus=True),
        act("Delete the batch", ForgetBatch(one.batch), "danger"),
    )
