"""The question before something goes permanently: what goes, what that means, and the export that would keep it where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simple_html import li, p, ul

from app.core.base import text
from app.core.model import keys
from app.core.threads import editing
from app.ui.base.actions import CloseDialog
from app.ui.base.actions_base import Action
from app.ui.base.dialogs import EndDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, command
from app.ui.base.provider_state import KeyState
from app.ui.base.state import State
from app.ui.datasets.actions import ForgetTables
from app.ui.programs.actions import ForgetBrokerPassword, RemoveSecret
from app.ui.provider.actions import RemoveKey
from app.ui.queue.actions import ForgetRequests
from app.ui.threads.actions import EmptyBin
from app.ui.workspace.actions import ExportWorkspace

_NAMED: Final = 5


def ending(state: State, one: EndDialog) -> Node:
    """Its button is gone when nothing is left that could go: another tab may have had it back, or been faster."""
    if one.kind in ("prompts", "tables", "requests"):
        return _deleted(state, one)
    title, words, said, action = _secret(state, one)
    return dialog(
        "end",
        title if action is not None else "Nothing is left to remove",
        p({}, said if action is not None else "It was removed meanwhile."),
        act("Keep", CloseDialog(), "quiet", data_autofocus=True),
        act(words, action, "danger") if action is not None else NOTHING,
    )


def _deleted(state: State, one: EndDialog) -> Node:
    count, noun, names, more, action = _about(state, one)
    return dialog(
        "end",
        f"Delete {text.count(count, noun)} permanently?" if count else "Nothing is left to delete",
        [
            ul({}, [li(at("clip"), name) for name in names]) if names else NOTHING,
            p({}, f"and {text.number(count - len(names))} more") if names and count > len(names) else NOTHING,
            p({}, f"{more} This frees their space in the browser and can't be undone. An export of the workspace still has them."),
        ]
        if count
        else p({}, "They were restored or deleted meanwhile."),
        act("Keep", CloseDialog(), "quiet", data_autofocus=True),
        command(state, ExportWorkspace(), words="Export the workspace first") if count else NOTHING,
        act("Delete permanently", action, "danger") if count else NOTHING,
    )


def _secret(state: State, one: EndDialog) -> tuple[str, str, str, Action | None]:
    """The question, the words of the button, what it means, and what then is done."""
    if one.kind == "key":
        known, profile = state.provider.keys.get(one.id, KeyState()), state.provider.profiles.get(one.id)
        said = (
            "Nightshift never shows it again, and some providers don't either. Submitted batches continue there; their answers are "
            "downloaded when a key is entered again."
        )
        there = profile is not None and (known.present or known.locked)
        title = f"Remove the API key of {profile.name if profile else one.id}?"
        return title, "Remove the key", said, RemoveKey(one.id) if there else None
    if one.kind == "secret":
        said = "Its webhooks are no longer signed, and a receiver that checks signatures refuses them. A new secret will be different."
        there = one.id in state.programs.secrets or one.id in state.programs.locked
        return f"Forget the secret of {one.id}?", "Forget its secret", said, RemoveSecret(one.id) if there else None
    said = "No messages are consumed before it is entered again; until then they wait at the broker."
    return "Remove RabbitMQ's password?", "Remove the password", said, ForgetBrokerPassword() if state.broker.present else None


def _about(state: State, one: EndDialog) -> tuple[int, str, Sequence[str], str, Action]:
    match one.kind:
        case "prompts":
            prompts = [each for each in state.threads.all if each.deleted]
            more = "Their texts and images are deleted; batches made from them stay."
            return len(prompts), "prompt", [editing.title(each) for each in prompts[:_NAMED]], more, EmptyBin()
        case "tables":
            tables = [each for each in state.data.all or () if each.deleted]
            more = "Their rows, prompts and tries are deleted; batches made from them stay."
            return len(tables), "table", [each.name for each in tables[:_NAMED]], more, ForgetTables()
        case _:
            count = sum(each.deleted for each in state.queue.lanes if each.lane.key == one.id)
            lane = keys.lane_of(one.id)
            more = f"They were queued for {lane.model}. Programs that sent any of them are told that it was cancelled."
            return count, "request", (), more, ForgetRequests(one.id)
