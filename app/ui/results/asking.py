"""What is typed and chosen in the dialogs of a further turn and of a next step, where both ask for the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from msgspec.structs import replace

from app.core.model.sendings import FollowForm, FollowUp
from app.core.results.following import MessageNames
from app.core.results.following_form import form_faults
from app.ui.base.actions_base import Event
from app.ui.results.dialogs import FollowDialog, StepDialog

_MODEL: Final = 300
"""Characters of a model's name at most."""


def changed(follow: FollowUp, field: str, event: Event) -> FollowUp:
    """With one thing of it as it is typed, chosen or ticked now."""
    match field:
        case "message":
            return replace(follow, message=event.text)
        case "system":
            return replace(follow, system=event.text)
        case "schema":
            return replace(follow, schema=event.text)
        case "form":
            return replace(follow, form=next((one for one in get_args(FollowForm) if one == event.text), ""))
        case "alone":
            return replace(follow, alone=event.value is True)
        case "model":
            return replace(follow, model=event.text.strip()[:_MODEL])
        case _:
            return follow


def check(dialog: FollowDialog | StepDialog, columns: Sequence[str]) -> None:
    """See what is wrong with it, over the columns of a table."""
    names, follow = MessageNames(columns), dialog.follow
    dialog.wrong = tuple(names.faults(follow.message))
    dialog.wrong_system, dialog.wrong_form = tuple(names.system_faults(follow)), tuple(form_faults(follow))
