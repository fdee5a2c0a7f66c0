"""The question before a workspace comes in."""

from __future__ import annotations

from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import Node
from app.ui.base.parts import act
from app.ui.base.state import State
from app.ui.workspace.actions import BringWorkspace, StopWorkspace
from app.ui.workspace.dialogs import ImportDialog
from app.ui.workspace.view import summary


def bring(one: ImportDialog, state: State) -> Node:
    busy = bool(state.workspace.doing)
    return dialog(
        "import",
        "Import a workspace",
        summary(one, state),
        act("Cancel", StopWorkspace(), "quiet", disabled=busy and state.workspace.stop is None),
        act("Replace what is here", BringWorkspace("replace"), "danger", disabled=busy),
        act("Merge with what is here", BringWorkspace("merge"), "primary", disabled=busy, data_autofocus=True),
    )
