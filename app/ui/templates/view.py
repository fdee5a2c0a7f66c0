"""The prompt of a table: what is asked for each row."""

from __future__ import annotations

from typing import Final

from simple_html import aside, datalist, details, div, header, option, p, section, span, summary

from app.core.base import text
from app.core.bodies.forms import FORMS, EndpointForm
from app.core.endpoints.spec import FormField
from app.core.model.templates import PromptContent
from app.core.openai import models
from app.core.templates import editing
from app.core.templates.writing import unused_fields
from app.ui.base.markup import NOTHING, Node, area, at, join
from app.ui.base.parts import act, choice, few, note, segmented, text_input, tool
from app.ui.base.prompt_state import PromptState
from app.ui.base.state import State
from app.ui.templates.actions import (
    AddPart,
    ChooseEndpoint,
    DropPromptRaw,
    InsertColumn,
    RemovePart,
    SavePromptAgain,
    ShowPromptAs,
    TypePrompt,
)
from app.ui.templates.examples_view import examples
from app.ui.templates.message_view import asked
from app.ui.templates.row_view import row
from app.ui.templates.schema_view import structured
from app.ui.templates.text_view import carets, id_of, labelled, of_place, offered, prompt_area, prompt_line, remarks
from app.ui.templates.versions_view import kept

COLUMNS: Final = 24
"""Columns that have a button."""
_TRUTH: Final = (("", "default"), ("true", "yes"), ("false", "no"))


def prompt(state: State) -> Node:
    """The tab of a table on which its prompt is written."""
    here = state.prompt
    if here.template is None or here.dataset != state.route.id:
        return p(at("pad dim", role="status"), "Reading the prompt …")
    content = here.template.content
    form = FORMS.get(content.endpoint)
    return [
        _not_saved(here),
        div(
            at("beside"),
            div(at("stack first"), _raw(here, content) if here.editor == "raw" else _form(state, content, form)),
            aside(at("stack second", aria_label="Row"), _examples(state), row(here)),
            div(
                at("stack third"),
                [
                    _parameters(state, content, form),
                    structured(here, content) if form.schema else NOTHING,
                    _identity(here, content, form),
                ]
                if here.editor == "form" and form is not None
                else _id_card(here, content),
                kept(state),
            ),
        ),
    ]


def _examples(state: State) -> Node:
    one = state.prompt.examples
    return examples(state, one) if one is not None else NOTHING


def _not_saved(here: PromptState) -> Node:
    if here.saving not in ("full", "lost", "conflict"):
        return NOTHING
    again = act("Save again", SavePromptAgain(), "small")
    stays = "What you type is kept in this tab only."
    match here.saving:
        case "full":
            return note("bad", "The browser has no room left.", f"{stays} Free space on the disk, then save again.", again)
        case "lost":
            return note("bad", "The browser's database is not there.", f"{stays} Copy it, then reload the page.", again)
    return note("bad", "Other tabs keep writing this prompt.", f"{stays} Close them, then save again.", again)


def _head(here: PromptState, content: PromptContent, now: float = 0.0) -> Node:
    endpoints = [(one.endpoint, one.title) for one in FORMS.values()]
    return header(
        {},
        segmented("Write as", here.editor, [("form", "Form", ShowPromptAs("form")), ("raw", "Raw JSON", ShowPromptAs("raw"))]),
        div(at("field"), choice("prompt-endpoint", content.endpoint, endpoints, ChooseEndpoint(), aria_label="Endpoint")),
        span(at("dim end"), _saving(here, now)),
    )


def _saving(here: PromptState, now: float) -> Node:
    match here.saving:
        case "saving":
            return "saving …"
        case "saved":
            return span(at(data_saved="yes"), f"saved {text.ago(max(0.0, now - here.saved_at))}")
        case None:
            return f"saved {text.ago(max(0.0, now - here.saved_at))}" if here.saved_at else "Empty draft"
        case _:
            return "not saved"


def _form(state: State, content: PromptContent, form: EndpointForm | None) -> Node:
    here = state.prompt
    return section(
        at("card", aria_label="Prompt"),
        _head(here, content, state.now),
        div(
            at("pad"),
            note(
                "info",
                "The JSON was edited by hand.",
                "It is sent as it stands; changes here have no effect.",
                act("Edit the JSON", ShowPromptAs("raw"), "small"),
                act("Discard JSON edits", DropPromptRaw(), "small"),
            ),
        )
        if content.raw is not None
        else NOTHING,
        p(at("pad dim"), form.about) if form is not None else NOTHING,
        _columns(here),
        asked(state, content, form) if form is not None else div(at("pad"), remarks("prompt-endpoint", of_place(here, "endpoint"))),
    )


def _raw(here: PromptState, content: PromptContent) -> Node:
    return section(
        at("card", aria_label="Raw JSON"),
        _head(here, content),
        div(
            at("pad stack tight"),
            _columns(here),
            prompt_area(here, "raw", "", content.raw or "", "JSON body of the request", spellcheck="false"),
            p(
                at("dim"),
                "This is what the provider gets. In quotes {{column}} is a text, without them any JSON value.",
            ),
            div(at("row wrap"), act("Discard JSON edits", DropPromptRaw(), "quiet")) if content.raw is not None else NOTHING,
        ),
    )


def _columns(here: PromptState) -> Node:
    """A button for each column puts it where the caret stands; of very many the first."""
    more = len(here.columns) - COLUMNS
    return div(
        at("row wrap insert", role="group", aria_label="Insert a column", data_inserts=True),
        span(at("dim"), "Insert"),
        [_column(name) for name in here.columns[:COLUMNS]],
        span(at("dim"), f"and {text.number(more)} more: type {{{{") if more > 0 else NOTHING,
    )


def _column(name: str) -> Node:
    return act(text.shorten(name, 40), InsertColumn(name), "small", title=f"Insert {editing.placeholder(name)}")


# --- parameters


def _parameters(state: State, content: PromptContent, form: EndpointForm) -> Node:
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
            p(at("dim"), join(["Kept and not sent by this endpoint: ", ", ".join(idle)], "")) if idle else NOTHING,
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


def _id_card(here: PromptState, content: PromptContent) -> Node:
    return section(at("card", aria_label="Identity"), div(at("pad"), _custom_id(here, content)))


def _custom_id(here: PromptState, content: PromptContent) -> Node:
    hint = "Which answer belongs to which row. Empty: the id that each row has here."
    return prompt_line(here, "custom_id", "", content.custom_id, "custom_id", hint, placeholder="{{id}}")


def _identity(here: PromptState, content: PromptContent, form: EndpointForm) -> Node:
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
