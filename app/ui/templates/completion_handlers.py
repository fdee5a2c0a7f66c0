"""Columns put into a prompt: by a button where the caret stood last, or from what is offered while a placeholder is typed."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.templates import completion, editing, writing
from app.core.templates.completion import Completing
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.templates.actions import CloseCompletion, InsertColumn, MoveCompletion, TakeCompletion
from app.ui.templates.showing import change, fill
from app.ui.templates.text_view import id_of


def offer(context: Context, field: str, item: str, text: str, caret: object) -> None:
    """Offer what fits the placeholder that is being typed, if one is."""
    here = context.state.prompt
    here.completing = None
    found = completion.opening(text, caret) if isinstance(caret, int) else None
    if found is not None and (names := completion.choices(found, here.columns)):
        here.completing = Completing(field, item, found, names)


def _put(context: Context, field: str, item: str, text: str, caret: int) -> None:
    """The text that is there now, with the caret in it."""
    here = context.state.prompt
    if here.template is not None:
        change(context, writing.written(here.template.content, field, item, text), typed=False)
        here.caret = (id_of(field, item), caret, here.rev)


def take(context: Context, action: TakeCompletion, _event: Event) -> None:
    here = context.state.prompt
    one, here.completing = here.completing, None
    if one is None or here.template is None:
        return
    at = one.active if action.at < 0 else action.at
    text = writing.text_at(here.template.content, one.field, one.item)
    if at < len(one.choices) and one.opening.stop <= len(text):
        _put(context, one.field, one.item, *completion.completed(text, one.opening, one.choices[at], raw=one.field == "raw"))


def move(context: Context, action: MoveCompletion, _event: Event) -> None:
    one = context.state.prompt.completing
    if one is not None:
        context.state.prompt.completing = replace(one, active=(one.active + action.by) % len(one.choices))


def close(context: Context, _action: CloseCompletion, _event: Event) -> None:
    context.state.prompt.completing = None
    fill(context)


def insert(context: Context, action: InsertColumn, event: Event) -> None:
    """Where the page says that the caret stood, else at the end of the last message."""
    here = context.state.prompt
    if here.template is None or action.column not in here.columns:
        return
    content, into = here.template.content, event.extra.get("into")
    field, item = (into.get("field"), into.get("item", "")) if isinstance(into, dict) else ("", "")
    if not isinstance(field, str) or not isinstance(item, str) or not field:
        if content.raw is not None:
            field, item = "raw", ""
        elif content.messages:
            field, item = "messages", content.messages[-1].id
        else:
            field, item = "inputs", "0"
        text = writing.text_at(content, field, item)
        start = stop = len(text)
    else:
        text = writing.text_at(content, field, item)
        start, stop = _within(event.extra.get("from"), len(text)), _within(event.extra.get("to"), len(text))
    made = editing.placeholder_in_json(text, start, action.column) if field == "raw" else editing.placeholder(action.column)
    _put(context, field, item, text[:start] + made + text[max(start, stop) :], start + len(made))


def _within(at: object, length: int) -> int:
    return max(0, min(at, length)) if isinstance(at, int) else length


HANDLERS: dict[type[Action], Handler] = {
    InsertColumn: insert,
    MoveCompletion: move,
    TakeCompletion: take,
    CloseCompletion: close,
}
