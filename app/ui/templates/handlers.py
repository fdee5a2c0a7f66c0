"""The prompt of a table, as it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from msgspec.structs import replace

from app.core.base import ids
from app.core.model.templates import PromptContent, PromptFile, PromptPair
from app.core.model.threads import Image, Role
from app.core.templates import writing
from app.core.templates.skeleton import TemplateUnusable
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.templates import completion_handlers, row_handlers, schema_handlers, version_handlers
from app.ui.templates.actions import (
    AddPart,
    AddPromptMessage,
    ChooseEndpoint,
    DropPromptRaw,
    MovePromptMessage,
    RemovePart,
    RemovePromptMessage,
    SavePromptAgain,
    SetPromptRole,
    ShareRequest,
    ShowPromptAs,
    TypePrompt,
)
from app.ui.templates.showing import change, take_away

ROLES: Final = ("system", "developer", "user", "assistant")


def _edit(context: Context, edit: Callable[[PromptContent], PromptContent], *, typed: bool = True) -> None:
    template = context.state.prompt.template
    if template is not None:
        change(context, edit(template.content), typed=typed)


def _remove(context: Context, edit: Callable[[PromptContent], PromptContent], words: str) -> None:
    template = context.state.prompt.template
    if template is not None:
        take_away(context, edit(template.content), words)


def type_text(context: Context, action: TypePrompt, event: Event) -> None:
    completion_handlers.offer(context, action.field, action.item, event.text, event.extra.get("caret"))
    _edit(context, lambda content: writing.written(content, action.field, action.item, event.text))


def choose_endpoint(context: Context, _action: ChooseEndpoint, event: Event) -> None:
    _edit(context, lambda content: replace(content, endpoint=event.text))


def set_role(context: Context, action: SetPromptRole, event: Event) -> None:
    if event.text in ROLES:
        _edit(context, lambda content: writing.message(content, action.id, role=cast(Role, event.text)))


def add_message(context: Context, _action: AddPromptMessage, _event: Event) -> None:
    id = ids.new_id("m", context.services.clock.now(), context.services.random.token(8))
    context.state.prompt.focus = f"prompt-messages-{id}"
    _edit(context, lambda content: writing.message_added(content, id))


def remove_message(context: Context, action: RemovePromptMessage, _event: Event) -> None:
    _remove(context, lambda content: writing.message_removed(content, action.id), "Message deleted.")


def move_message(context: Context, action: MovePromptMessage, _event: Event) -> None:
    _edit(context, lambda content: writing.message_moved(content, action.id, action.by))


_WORDS: Final = {"inputs": "Input removed.", "metadata": "Pair removed.", "images": "Image removed.", "files": "File removed."}


def add_part(context: Context, action: AddPart, _event: Event) -> None:
    def added(content: PromptContent) -> PromptContent:
        match action.kind:
            case "inputs":
                return replace(content, inputs=(*(content.inputs or ("",)), ""))
            case "metadata":
                return replace(content, metadata=(*content.metadata, PromptPair("")))
        for one in content.messages:
            if one.id == action.id:
                more = {"images": (*one.images, Image(""))} if action.kind == "images" else {"files": (*one.files, PromptFile(""))}
                return writing.message(content, action.id, **more)
        return content

    _edit(context, added)


def remove_part(context: Context, action: RemovePart, _event: Event) -> None:
    def removed(content: PromptContent) -> PromptContent:
        match action.kind:
            case "inputs":
                return replace(content, inputs=writing.without(content.inputs, action.at))
            case "metadata":
                return replace(content, metadata=writing.without(content.metadata, action.at))
        for one in content.messages:
            if one.id == action.id:
                return writing.message(content, action.id, **{action.kind: writing.without(getattr(one, action.kind), action.at)})
        return content

    _remove(context, removed, _WORDS[action.kind])


def share_request(context: Context, _action: ShareRequest, event: Event) -> None:
    if event.text.isdecimal() and len(event.text) < 7:
        _edit(context, lambda content: replace(content, rows_per_request=max(1, int(event.text))))


# --- the raw body


def show_as(context: Context, action: ShowPromptAs, _event: Event) -> None:
    """The raw body begins as what the form makes."""
    here = context.state.prompt
    if action.editor == "raw" and here.template is not None and here.template.content.raw is None:
        try:
            raw = writing.raw_of(here.template.content)
        except TemplateUnusable as error:
            context.toast(f"The form is not complete yet. {error}")
            return
        _edit(context, lambda content: replace(content, raw=raw), typed=False)
    here.editor = action.editor


def drop_raw(context: Context, _action: DropPromptRaw, _event: Event) -> None:
    _remove(context, lambda content: replace(content, raw=None), "JSON edits discarded.")
    context.state.prompt.editor = "form"


def save_again(context: Context, _action: SavePromptAgain, _event: Event) -> None:
    if context.state.prompt.template is not None:
        context.services.templates().change(context.state.prompt.template)


HANDLERS: dict[type[Action], Handler] = {
    **completion_handlers.HANDLERS,
    **row_handlers.HANDLERS,
    **schema_handlers.HANDLERS,
    **version_handlers.HANDLERS,
    TypePrompt: type_text,
    ChooseEndpoint: choose_endpoint,
    SetPromptRole: set_role,
    AddPromptMessage: add_message,
    RemovePromptMessage: remove_message,
    MovePromptMessage: move_message,
    AddPart: add_part,
    RemovePart: remove_part,
    ShareRequest: share_request,
    ShowPromptAs: show_as,
    DropPromptRaw: drop_raw,
    SavePromptAgain: save_again,
}
