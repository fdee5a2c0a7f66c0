"""Parameters of a prompt, the id of its requests and their metadata: each may hold columns."""

from __future__ import annotations

from typing import Final

from simple_html import datalist, details, div, option, p, section, summary

from app.core.base import text
from app.core.bodies.forms import EndpointForm
from app.core.endpoints.spec import FormField
from app.core.model.templates import PromptContent
from app.core.openai import models
from app.core.templates.writing import unused_fields
from app.ui.base.markup import NOTHING, Node, area, at, join
from app.ui.base.parts import act, few, text_input, tool
from app.ui.base.prompt_state import PromptState
from app.ui.base.state import State
from app.ui.templates.actions import AddPart, RemovePart, TypePrompt
from app.ui.templates.text_view import carets, id_of, labelled, of_place, offered, prompt_line, remarks

_TRUTH: Final = (("", "default"), ("true", "yes"), ("false", "no"))


def parameters(state: State, content: PromptContent, form: EndpointForm) -> Node:
    """The card of the parameters: those that few need are folded away."""
    plain = [one for one in form.fields if not one.advanced]
    more = [one for one in form.fields if one.advanced]
    used = [one for one in more if content.fields.get(one.name)]
    idle = unused_fields(content)
    return section(
        at("card", aria_label="Parameters"),
        div(
            at("pad stack"),
            div(at("strip-fields"), [_parameter(state, content, one) for one in plain]),
            details(
                at(id="prompt-more", open=bool(used)),
                summary({}, f"More parameters{f' ({text.number(len(used))} set)' if used else ''}"),
                div(at("strip-fields pad"), [_parameter(state, content, one) for one in more]),
            )
            if more
            else NOTHING,
            p(at("dim"), join(["Kept, but not sent by this endpoint: ", ", ".join(idle)], "")) if idle else NOTHING,
        ),
    )


def _parameter(state: State, content: PromptContent, one: FormField) -> Node:
    """One parameter. Every one may hold a column."""
    here, value = state.prompt, content.fields.get(one.name, "")
    id, typing = id_of("fields", one.name), TypePrompt("fields", one.name)
    hint = one.help
    more = {"data_value_rev": here.rev, **carets(here, "fields", one.name)}
    match one.kind:
        case "model":
            fitting = [name for name in state.provider.models if models.fits(name, content.endpoint)]
            control: Node = [
                text_input(id, value, typing, list="prompt-models", placeholder="type or choose", **more),
                datalist(at(id="prompt-models"), [option(at(value=name)) for name in fitting]),
            ]
        case "choice" | "boolean":
            words = [name for name, _ in _TRUTH if name] if one.kind == "boolean" else [*one.choices]
            control = [
                text_input(id, value, typing, list=f"{id}-list", placeholder="default", **more),
                datalist(at(id=f"{id}-list"), [option(at(value=name)) for name in words]),
            ]
        case "list" | "json":
            control = area(at("mono", id=id, rows="2", input=typing, spellcheck="false", **more), value)
        case "text":
            control = area(at(id=id, rows="1", input=typing, **more), value)
        case _:
            mode = "numeric" if one.kind == "integer" else "decimal"
            control = text_input(id, value, typing, inputmode=mode, placeholder="default", **more)
    return labelled(here, "fields", one.name, one.label, hint, control)


# --- identity


def id_card(here: PromptState, content: PromptContent) -> Node:
    """The id alone, beside a body that was typed by hand."""
    return section(at("card", aria_label="Identity"), div(at("pad"), _custom_id(here, content)))


def _custom_id(here: PromptState, content: PromptContent) -> Node:
    hint = "Says which answer belongs to which row. Empty: each row's own id."
    return prompt_line(here, "custom_id", "", content.custom_id, "custom_id", hint, placeholder="{{id}}")


def identity(here: PromptState, content: PromptContent, form: EndpointForm) -> Node:
    """The card of what tells requests apart: their ids and their metadata."""
    return section(
        at("card", aria_label="Identity"),
        div(
            at("pad stack"),
            _custom_id(here, content),
            div(
                at("stack tight"),
                few(content.metadata, lambda n, one: _pair(here, n, one.key, one.value), "pairs"),
                div(at("row"), act("Add metadata", AddPart("metadata"), "small")),
            )
            if form.metadata
            else NOTHING,
        ),
    )


def _pair(here: PromptState, n: int, key: str, value: str) -> Node:
    id, found = id_of("metadata", str(n)), of_place(here, "metadata", str(n))
    return div(
        at("stack tight"),
        div(
            at("row"),
            text_input(
                id_of("keys", str(n)),
                key,
                TypePrompt("keys", str(n)),
                data_value_rev=here.rev,
                aria_label=f"Key of metadata {n + 1}",
                placeholder="key",
                **{"class": "input"},
            ),
            text_input(
                id,
                value,
                TypePrompt("metadata", str(n)),
                data_value_rev=here.rev,
                aria_label=f"Value of metadata {n + 1}",
                placeholder="{{column}}, or a text",
                **{"class": "input grow"},
                **carets(here, "metadata", str(n)),
            ),
            tool("close", f"Remove metadata {n + 1}", RemovePart("metadata", n)),
        ),
        offered(here, "metadata", str(n)),
        remarks(id, found),
    )
