"""The question before a workspace comes in."""

from __future__ import annotations

from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import Node
from app.ui.base.parts import command
from app.ui.base.state import State
from app.ui.workspace.actions import BringWorkspace, StopWorkspace
from app.ui.workspace.dialogs import ImportDialog
from app.ui.workspace.view import summary


def bring(one: ImportDialog, state: State) -> Node:
    return dialog(
        "import",
        "Import a workspace",
        summary(one, state),
        command(state, StopWorkspace(), "quiet"),
        command(state, BringWorkspace("replace"), "danger"),
        command(state, BringWorkspace("merge"), "primary", data_autofocus=True),
    )
