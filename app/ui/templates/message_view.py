"""What is asked: messages, or the inputs of endpoints that have none."""

from __future__ import annotations

from typing import Final

from simple_html import div, footer, input_, span

from app.core.bodies.forms import EndpointForm
from app.core.model.templates import PromptContent, PromptMessage
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, choice, command, command_tool, few, field, tool
from app.ui.base.prompt_state import PromptState
from app.ui.base.state import State
from app.ui.templates.actions import (
    AddPart,
    AddPromptMessage,
    MovePromptMessage,
    RemovePart,
    RemovePromptMessage,
    SetPromptRole,
    ShareRequest,
    TypePrompt,
)
from app.ui.templates.text_view import carets, id_of, of_place, offered, prompt_area, remarks

ROLES: Final = [("system", "System"), ("developer", "Developer"), ("user", "User"), ("assistant", "Assistant")]
_HINTS: Final = {
    "system": "Instructions for every row.",
    "developer": "Instructions for every row, for newer models.",
    "user": "The question about a row. Type {{ for its columns.",
    "assistant": "An answer given before, as an example.",
}


def asked(state: State, content: PromptContent, form: EndpointForm) -> Node:
    """The messages or inputs of the prompt."""
    if form.asked == "messages":
        return messages(state, content, form)
    return inputs(state.prompt, content, form)


def messages(state: State, content: PromptContent, form: EndpointForm) -> Node:
    found = of_place(state.prompt, "messages")
    return [
        few(content.messages, lambda n, one: _message(state, one, n, form), "messages", "They are kept and sent."),
        footer({}, command(state, AddPromptMessage(), id="add-prompt-message"), remarks("prompt-messages", found)),
    ]


def _message(state: State, one: PromptMessage, n: int, form: EndpointForm) -> Node:
    here, id = state.prompt, one.id
    return div(
        at("msg", id=f"prompt-message-{id}", role="group", aria_label=f"Message {n + 1}"),
        div(at("who"), choice(f"prompt-role-{id}", one.role, ROLES, SetPromptRole(id), aria_label=f"Role of message {n + 1}")),
        div(
            at("content stack tight"),
            prompt_area(
                here,
                "messages",
                id,
                one.text,
                f"Text of message {n + 1}",
                placeholder=_HINTS.get(one.role, ""),
                **carets(here, "messages", id, MovePromptMessage(id, -1), MovePromptMessage(id, 1)),
                data_autofocus="yes" if here.focus == id_of("messages", id) else None,
            ),
            [_part(here, "images", id, at_, image.url, "") for at_, image in enumerate(one.images)],
            [_part(here, "files", id, at_, file.source, file.name) for at_, file in enumerate(one.files)],
        ),
        div(
            at("tools"),
            command_tool(state, "up", MovePromptMessage(id, -1)),
            command_tool(state, "down", MovePromptMessage(id, 1)),
            [tool("image", "Add an image", AddPart("images", id)), tool("link", "Add a file", AddPart("files", id))]
            if form.files
            else NOTHING,
            tool("close", "Delete message", RemovePromptMessage(id)),
        ),
    )


def _part(here: PromptState, kind: str, id: str, n: int, source: str, name: str) -> Node:
    """An image or a file of a message: where it comes from, which may be a column."""
    item = f"{id}:{n}"
    what = "Image" if kind == "images" else "File"
    place = "images" if kind == "images" else "files"
    hint = "An https address or a column that holds one" if kind == "images" else "An https address, a file-… id, or a column"
    found = of_place(here, place, item)
    return div(
        at("stack tight"),
        div(
            at("row"),
            span(at("dim"), what),
            input_(
                at(
                    "input grow",
                    id=id_of(place, item),
                    value=source,
                    data_value_rev=here.rev,
                    input=TypePrompt("images" if kind == "images" else "files", item),
                    placeholder=hint,
                    aria_label=f"Address of {what.lower()} {n + 1}",
                    autocomplete="off",
                    spellcheck="false",
                    **carets(here, place, item),
                )
            ),
            tool("close", f"Remove {what.lower()} {n + 1}", RemovePart("images" if kind == "images" else "files", n, id)),
        ),
        div(
            at("row"),
            span(at("dim"), "Name"),
            input_(
                at(
                    "input grow",
                    id=id_of("filenames", item),
                    value=name,
                    data_value_rev=here.rev,
                    input=TypePrompt("filenames", item),
                    placeholder="report.pdf",
                    aria_label=f"Name of file {n + 1}",
                    autocomplete="off",
                )
            ),
        )
        if kind == "files"
        else NOTHING,
        offered(here, place, item),
        remarks(id_of(place, item), [*found, *(of_place(here, "filenames", item) if kind == "files" else [])]),
    )


def inputs(here: PromptState, content: PromptContent, form: EndpointForm) -> Node:
    """Inputs of embeddings and moderations, or the one prompt of the others."""
    shown = (content.inputs or ("",)) if form.many > 1 else (content.inputs or ("",))[:1]
    word = "Input" if form.many > 1 else "Prompt"
    return [
        few(
            shown,
            lambda n, text: div(
                at("msg", role="group", aria_label=f"{word} {n + 1}"),
                div(at("who"), span(at("label dim"), f"{word} {n + 1}" if len(shown) > 1 else word)),
                div(
                    at("content stack tight"),
                    prompt_area(
                        here, "inputs", str(n), text, f"{word} {n + 1}" if len(shown) > 1 else word, placeholder="{{column}}, or a text"
                    ),
                ),
                div(at("tools"), tool("close", f"Remove input {n + 1}", RemovePart("inputs", n))) if len(shown) > 1 else span({}),
            ),
            "inputs",
        ),
        footer(
            {},
            act("Add input", AddPart("inputs")) if form.many > 1 else NOTHING,
            field(
                "rows-per-request",
                "Rows per request",
                lambda **ties: input_(
                    at(
                        "input short",
                        id="rows-per-request",
                        type="number",
                        min="1",
                        max=str(form.many),
                        value=str(content.rows_per_request),
                        change=ShareRequest(),
                        **ties,
                    )
                ),
                faults=[f"{one.sentence} {one.remedy}" for one in of_place(here, "rows_per_request")],
            )
            if form.many > 1
            else NOTHING,
        )
        if form.many > 1
        else NOTHING,
    ]
