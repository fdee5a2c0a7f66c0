"""The question before files are deleted at the provider."""

from __future__ import annotations

from simple_html import p

from app.core.base import text
from app.ui.account.actions import SweepFiles
from app.ui.account.dialogs import SweepDialog
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import Node
from app.ui.base.parts import act, command
from app.ui.base.state import State


def sweep(state: State, one: SweepDialog) -> Node:
    others = f" {text.count(one.elsewhere, 'file')} of them {'belong' if one.elsewhere != 1 else 'belongs'} to batches created elsewhere."
    return dialog(
        "sweep",
        f"Delete {text.count(one.files, 'file')} at {one.provider}?",
        p(
            {},
            f"{text.size(one.size)} are deleted at the provider. This can't be undone.{others if one.elsewhere else ''} "
            "What is stored in this browser stays. Deleting is free.",
        ),
        act("Keep them", CloseDialog(), "quiet", data_autofocus=True),
        command(state, SweepFiles(), "danger"),
    )
